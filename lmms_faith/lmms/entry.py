"""The host's entry point, called in this process."""

from __future__ import annotations

import functools
import gc
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lmms_faith.lmms.expense import Expense
from lmms_faith.lmms.paths import task_dir
from lmms_faith.lmms.suites import task_index

STAGES = ("imports", "loading the model", "the backend", "the host")
"""Where a run's time goes; the host's is building requests, scoring and logs."""

_HOST = "lmms_eval.__main__"


@dataclass(slots=True)
class Called:
    """What came of a call.

    Attributes:
        failures: What ended it, where anything did.
        code: The host's exit code; None where it did not exit.
        records: Records of ours that were written; none on other ranks than the first.
        reasons: Of them those of failed requests, by why.
        clock: Seconds by stage.
    """

    failures: list[Exception] = field(default_factory=list)
    code: Any = None
    records: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    clock: Expense = field(default_factory=Expense)

    def count(self, samples: dict[str, list[dict[str, Any]]] | None) -> None:
        """Take in the samples of a run, by task."""
        records = [sample["faith"] for found in (samples or {}).values() for sample in found if "faith" in sample]
        self.records += len(records)
        self.reasons.update(str(one["error"]) for one in records if one["status"] == "failed")


def call_host(arguments: Sequence[str], *, ours_alone: bool) -> Called:
    """Call ``lmms-eval``, which would log any exception and go on to exit 0.

    Args:
        arguments: As the host takes them.
        ours_alone: Whether the host's index of its own tasks is left out.
    """
    called = Called()
    with called.clock.on("imports"), _uncollected():
        import lmms_eval.__main__ as host
        from lmms_eval import models
    evaluate, manager, get_model = host.cli_evaluate_single, host.TaskManager, models.get_model

    @functools.wraps(evaluate)
    def watched(args: Any) -> Any:
        try:
            results, samples = evaluate(args)
        except Exception as error:
            called.failures.append(error)
            raise SystemExit(1) from error  # the host swallows exceptions, and prints pages of them
        called.count(samples)
        return results, samples

    class OursAlone(manager):  # type: ignore[misc, valid-type]
        def __init__(self, verbosity: str, include_path: str | None = None, **options: Any) -> None:
            paths = [str(task_dir()), *([include_path] if include_path else [])]
            super().__init__(verbosity, include_path=paths, include_defaults=False, **options)

        def _get_task_and_group(self, folder: str) -> Any:
            return task_index() if folder == str(task_dir()) else super()._get_task_and_group(folder)

    argv = sys.argv
    try:
        sys.argv = ["lmms-eval", *arguments]
        host.cli_evaluate_single = watched
        models.get_model = lambda *name, **options: _Timed(get_model(*name, **options), called.clock)
        if ours_alone:
            host.TaskManager = OursAlone
        with called.clock.on("the host"):
            host.cli_evaluate()
    except SystemExit as stop:
        called.code = stop.code
    finally:
        sys.argv, host.cli_evaluate_single, host.TaskManager, models.get_model = argv, evaluate, manager, get_model
    return called


@contextmanager
def _uncollected() -> Iterator[None]:
    """What is imported within is left out of garbage collection, which else takes a third of the imports' time.

    At exit it would be collected once more. Later calls in one process import nothing, and freeze nothing.
    """
    if _HOST in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


class _Timed:
    """Stands for a model's class where the host makes the model, and times that and what the model answers."""

    def __init__(self, model: Any, clock: Expense) -> None:
        self._model, self._clock = model, clock

    def create_from_arg_string(self, *arguments: Any, **options: Any) -> Any:
        """The model, as its class makes it."""
        with self._clock.on("loading the model"):
            made = self._model.create_from_arg_string(*arguments, **options)
        answer = made.generate_until

        @functools.wraps(answer)
        def timed(requests: Any) -> Any:
            with self._clock.on("the backend"):
                return answer(requests)

        made.generate_until = timed
        return made
