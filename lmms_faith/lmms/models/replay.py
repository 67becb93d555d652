"""`faith_replay`: a model that says again what logs hold, so that the host scores them anew without a GPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import torch
from lmms_eval.api.instance import GenerationResult, Instance
from lmms_eval.api.model import lmms

from lmms_faith.conditions import CONDITIONS_VERSION
from lmms_faith.item import LETTERS, Prompt
from lmms_faith.lmms.channel import Evidence, attach
from lmms_faith.lmms.task import FaithTask
from lmms_faith.record import Record
from lmms_faith.report.logs import read_records

_Known = TypeVar("_Known", float, bool)
_Key = tuple[str, str, str]
"""Benchmark, condition and item id."""


class ReplayRefused(RuntimeError):
    """Logs that do not hold what is asked."""


class FaithReplay(lmms):  # type: ignore[misc]
    """Plays the completions of our own logs back, each with the evidence that it came with.

    Asked for a row, it looks up the record of its item under the task's condition, and gives it back only where the
    record says that the same was asked: question, options, claim, prefill, seed, and the versions of conditions and
    claims. It continues a prefill, since a record of a prefilled condition is only without an error where the backend
    proved that it did; where it did not, the error comes back as well.

    Args:
        logs: Folder that lmms-eval wrote results to.
        model: Name of the model whose records are played; needed where the logs hold several models'.
        batch_size, max_batch_size, device: Taken, since the host hands them to every model, and without effect.

    Raises:
        ValueError: No logs there, logs that can't be read, or several models' and no name.
    """

    is_simple = False
    continues_prefill = True

    def __init__(
        self,
        logs: str,
        model: str | None = None,
        batch_size: int | str = 1,
        max_batch_size: int | None = None,
        device: str | None = None,
    ) -> None:
        super().__init__()
        self.batch_size = batch_size
        try:
            records = [one for one in read_records(Path(logs)) if model in (None, one.model)]
        except FileNotFoundError as error:
            raise ValueError(f"faith_replay: {error}") from error
        names = sorted({one.model or "unnamed" for one in records})
        if len(names) != 1:
            held = f"records of {', '.join(names)}" if names else f"no record of {model!r}"
            raise ValueError(f"faith_replay: {logs} holds {held}; choose one model with model_args model=NAME")
        self._records: dict[_Key, Record] = {}
        for one in records:
            key = one.benchmark, one.condition, one.item_id
            if self._records.setdefault(key, one).completion != one.completion:
                raise ValueError(f"faith_replay: {logs} holds item {one.item_id!r} under {one.condition!r} twice")

    @property
    def device(self) -> torch.device:
        """The host asks for it under data parallel."""
        return torch.device("cpu")

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """The logged completions, in the order of the requests.

        Raises:
            ReplayRefused: A request that the logs do not answer; the message counts them and names the first.
        """
        found = [self._found(request) for request in requests]
        problems = [problem for problem in found if isinstance(problem, str)]
        if problems:
            count = f"{len(problems)} of {len(requests)} requests"
            raise ReplayRefused(f"faith_replay: the logs can't answer {count}: {problems[0]}")
        return [GenerationResult(text=_spoken(record)) for record in found if isinstance(record, Record)]

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Not offered: logs hold completions."""
        raise NotImplementedError("faith_replay plays completions; use output_type generate_until")

    def generate_until_multi_round(self, requests: list[Instance]) -> list[str]:
        """Not offered: logs hold one round."""
        raise NotImplementedError("faith_replay plays one round; use output_type generate_until")

    def _found(self, request: Instance) -> Record | str:
        """The record of a request, or why there is none to play."""
        task = getattr(request.args[1], "__self__", None)
        if not isinstance(task, FaithTask):
            return f"task {request.task_name!r} is none of faith_*, whose logs alone hold what it takes"
        item = task.item(task.eval_docs_no_media[request.doc_id])
        name = f"item {item.id!r} under {task.condition.name!r}"
        record = self._records.get((item.benchmark, task.condition.name, item.id))
        if record is None:
            return f"{name} of {item.benchmark!r} is not in them"
        other = _other(record, task.rendered(item), item.question, task)
        return f"{name} was asked with another {other}" if other else record


def _other(record: Record, prompt: Prompt, question: str, task: FaithTask) -> str | None:
    """What of a prompt is not what a record's log says was asked; None where all is."""
    asked: dict[str, tuple[Any, Any]] = {
        "question": (record.question, question),
        "list of options": (record.options, prompt.options),
        "claim": (record.claimed, prompt.claimed),
        "prefill": (record.prefill, prompt.prefill),
        "seed": (record.seed, task.seed),
        "version of the conditions": (record.versions.get("conditions"), CONDITIONS_VERSION),
        "version of the written claims": (record.versions.get("claims"), task.claims.version),
    }
    return next((f"{name}: {logged!r}, not {now!r}" for name, (logged, now) in asked.items() if logged != now), None)


def _spoken(record: Record) -> str:
    """A completion with its evidence, as the backend returned it."""
    if record.model is None or record.finish is None:
        return record.completion
    proved = record.error is None
    return attach(
        record.completion,
        Evidence(
            model=record.model,
            continued=bool(record.prefill) and proved,
            letters=_all_letters(record.letter_logprobs),
            letter_source=record.letter_source,
            letter_bounds=_all_letters(record.letter_bounds),
            conclusion=_all_letters(record.conclusion_logprobs),
            conclusion_bounds=_all_letters(record.conclusion_bounds),
            values=record.value_logprobs,
            finish=record.finish,
        ),
    )


def _all_letters(shown: tuple[_Known, ...] | None) -> tuple[_Known, ...] | None:
    """What is known for all letters that a backend returns, of which the task reads those of the options alone."""
    return None if shown is None else shown + shown[-1:] * (len(LETTERS) - len(shown))
