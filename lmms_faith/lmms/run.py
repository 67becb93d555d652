"""The host's own command line, run in this process with our tasks alone and an exit that tells the truth."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lmms_faith.lmms.paths import task_dir
from lmms_faith.lmms.store import VARIABLE, Store, clear

DEFAULT_OUTPUT = "faith-results"
STORE = "answers"
"""Folder under the output folder in which a run keeps its answers, where no other is given."""


class RunFailed(RuntimeError):
    """The host ended without complete results; it would have exited 0."""


class RunStopped(RuntimeError):
    """Ctrl-C; the message says what is kept and how to go on."""


def run(arguments: Sequence[str]) -> Path:
    """Run ``lmms-eval`` with the given arguments, and ``--fresh``, which takes away the answers kept by earlier runs.

    Backends with a store keep their answers under the output folder, unless told where; so the same command goes on
    where it was stopped. Sample logs are always written, since everything of ours is made from them. Where all tasks
    are ours the host's index of its 1,985 own tasks is left out.

    Returns:
        The output folder.

    Raises:
        RunFailed: Something went wrong, whatever the host says of it; the message is the cause.
        RunStopped: The user stopped it.
    """
    given = [argument for argument in arguments if argument != "--fresh"]
    output = _value(given, "--output_path")
    if output is None:
        output = DEFAULT_OUTPUT
        given += ["--output_path", output]
    if "--log_samples" not in given:
        given.append("--log_samples")
    limit = _value(given, "--limit")
    if limit is not None and not limit.lstrip("-").isdigit():
        raise RunFailed(
            f"--limit {limit}: the host takes a share of the first task for all others; give a whole number"
        )
    asked = (_value(given, "--tasks") or "").split(",")
    before = set(Path(output).rglob("*_results.json"))
    store = _store(given) or Path(output) / STORE
    if "--fresh" in arguments:
        clear(store)
    try:
        with _keeping_in(store):
            _call(given, ours_alone=all(name.startswith("faith_") for name in asked))
    except KeyboardInterrupt as stop:
        kept = Store(store).kept
        goes_on = f"{kept} answers are kept in {store}, and the same command goes on from there"
        raise RunStopped(goes_on if kept else "no answer was kept; the same command starts anew") from stop
    is_listing = asked[0].startswith("list")
    if (
        not is_listing
        and int(os.environ.get("RANK", 0)) == 0
        and not set(Path(output).rglob("*_results.json")) - before
    ):
        raise RunFailed(f"no new results file under {output}; see the log above")
    return Path(output)


def _call(arguments: list[str], *, ours_alone: bool) -> None:
    """Call the host's entry point, which would log any exception and go on to exit 0."""
    import lmms_eval.__main__ as host

    failures: list[Exception] = []
    evaluate, manager = host.cli_evaluate_single, host.TaskManager

    @functools.wraps(evaluate)
    def watched(args: Any) -> Any:
        try:
            return evaluate(args)
        except Exception as error:
            failures.append(error)
            raise SystemExit(1) from error  # the host swallows exceptions, and prints pages of them

    def faith_manager(verbosity: str, include_path: str | None = None, **options: Any) -> Any:
        paths = [str(task_dir()), *([include_path] if include_path else [])]
        return manager(verbosity, include_path=paths, include_defaults=False, **options)

    argv = sys.argv
    try:
        sys.argv = ["lmms-eval", *arguments]
        host.cli_evaluate_single = watched
        if ours_alone:
            host.TaskManager = faith_manager
        host.cli_evaluate()
    except SystemExit as stop:
        if failures:
            raise RunFailed(_reason(failures[0])) from failures[0]
        if stop.code:
            raise RunFailed(f"lmms-eval exits with {stop.code}; see its message above") from stop
    finally:
        sys.argv, host.cli_evaluate_single, host.TaskManager = argv, evaluate, manager


def _store(arguments: Sequence[str]) -> Path | None:
    """The folder that the user gave, with the model's arguments or by the variable."""
    given = dict(part.partition("=")[::2] for part in (_value(arguments, "--model_args") or "").split(","))
    named = given.get("store") or os.environ.get(VARIABLE)
    return Path(named) if named else None


@contextmanager
def _keeping_in(store: Path) -> Iterator[None]:
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(store)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _value(arguments: Sequence[str], flag: str) -> str | None:
    for place, argument in enumerate(arguments):
        if argument == flag and place + 1 < len(arguments):
            return arguments[place + 1]
        if argument.startswith(f"{flag}="):
            return argument.split("=", 1)[1]
    return None


def _reason(error: BaseException) -> str:
    """The innermost cause that says something; the host's retries wrap theirs in a RetryError."""
    attempt = getattr(error, "last_attempt", None)
    cause = attempt.exception() if attempt is not None else None
    if cause is not None:
        return _reason(cause)
    return f"{type(error).__name__}: {error}"
