"""The host's own command line, run in this process with our tasks alone and an exit that tells the truth."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from loguru import logger

from lmms_faith.lmms.entry import STAGES, Called, call_host
from lmms_faith.lmms.store import VARIABLE, Store, clear
from lmms_faith.lmms.suites import tasks_of

DEFAULT_OUTPUT = "faith-results"
STORE = "answers"
"""Folder under the output folder in which a run keeps its answers, where no other is given."""

_UNKNOWN_TASK = "Tasks not found"
"""How the host says so."""


class RunEnded(RuntimeError):
    """A run that ended otherwise than with all its records; ``code`` is the exit code that says how."""

    code = 1


class RunFailed(RunEnded):
    """The host ended without complete results; it would have exited 0."""


class RunRefused(RunEnded):
    """The command itself is wrong, and nothing was begun."""

    code = 2


class RunIncomplete(RunEnded):
    """Results are written, but some requests failed."""

    code = 3


class RunStopped(RunEnded):
    """Ctrl-C, or a signal that asks to end; the message says what is kept and how to go on."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


def run(arguments: Sequence[str], *, suite: str | None = None, fresh: bool = False) -> Path:
    """Run ``lmms-eval`` with the given arguments.

    Backends with a store keep their answers under the output folder, unless told where; so the same command goes on
    where it was stopped. Sample logs are always written, since everything of ours is made from them. Where all tasks
    are ours the host's index of its 1,985 own tasks is left out.

    Args:
        arguments: As the host takes them.
        suite: Names of suites, with commas between them, whose tasks are asked for besides those of ``--tasks``.
        fresh: Whether the answers kept by earlier runs are taken away.

    Returns:
        The output folder.

    Raises:
        RunFailed: Something went wrong, whatever the host says of it; the message is the cause.
        RunRefused: No such flag, suite or task, or no task at all.
        RunIncomplete: Results are written, but some requests failed.
        RunStopped: The user, or whoever may end the process, stopped it.
    """
    given = _completed(arguments, suite)
    output = Path(_value(given, "--output_path") or DEFAULT_OUTPUT)
    before = _results(output)
    store = _store(given) or output / STORE
    if fresh:
        clear(store)
    asked = (_value(given, "--tasks") or "").split(",")
    signals: list[int] = []
    try:
        with _keeping_in(store), _ending_on_sigterm(signals):
            called = call_host(given, ours_alone=all(name.startswith("faith_") for name in asked))
    except KeyboardInterrupt as stop:
        kept, same = Store(store).kept, "the same command without --fresh" if fresh else "the same command"
        goes_on = f"{kept} answers are kept in {store}, and {same} goes on from there"
        said = goes_on if kept else "no answer was kept; the same command starts anew"
        raise RunStopped(said, code=128 + (signals or [signal.SIGINT])[0]) from stop
    written = _results(output) - before
    first = os.environ.get("RANK", "0") == "0"
    _check(called, written=bool(written) or asked[0].startswith("list") or not first)
    if first:
        _report(called, output)
    return output


def _completed(arguments: Sequence[str], suite: str | None) -> list[str]:
    """The arguments with a suite's tasks and what is always given.

    Raises:
        RunRefused: No such suite, no task, or a limit that the host would get wrong.
    """
    given = list(arguments)
    if suite is not None:
        tasks = _value(given, "--tasks")
        try:
            named = tasks_of(suite.split(","), tasks.split(",") if tasks else ())
        except ValueError as error:
            raise RunRefused(str(error)) from error
        given += ["--tasks", ",".join(named)]  # the host takes the last one given
    if _value(given, "--tasks") is None and _value(given, "--config") is None:
        raise RunRefused("no task; give --suite mini, or --tasks with names that `lmms-faith tasks` lists")
    limit = _value(given, "--limit")
    if limit is not None and not limit.lstrip("-").isdigit():
        raise RunRefused(
            f"--limit {limit}: the host takes a share of the first task for all others; give a whole number"
        )
    if _value(given, "--output_path") is None:
        given += ["--output_path", DEFAULT_OUTPUT]
    return given if "--log_samples" in given else [*given, "--log_samples"]


def _results(output: Path) -> set[tuple[Path, int]]:
    """Results files and when they were written; two runs in one second share a name."""
    return {(path, path.stat().st_mtime_ns) for path in output.rglob("*_results.json")}


def _check(called: Called, *, written: bool) -> None:
    """Raise where a call failed, whatever the host says of it."""
    if called.failures:
        reason = _reason(called.failures[0])
        kind = RunRefused if _UNKNOWN_TASK in reason else RunFailed
        raise kind(reason) from called.failures[0]
    if called.code:
        ended = RunRefused if called.code == RunRefused.code else RunFailed
        raise ended(f"lmms-eval exits with {called.code}; see its message above")
    if not written:
        raise RunFailed("no new results file; see the log above")


def _report(called: Called, output: Path) -> None:
    """Say where the time went, and whether all requests were answered."""
    spent = called.clock.seconds
    parts = ", ".join(f"{spent[stage]:.1f} s in {stage}" for stage in STAGES if stage in spent)
    logger.info(f"lmms-faith run: {sum(spent.values()):.1f} s, of which {parts}")
    failed = sum(called.reasons.values())
    if failed:
        [(reason, count)] = called.reasons.most_common(1)
        raise RunIncomplete(
            f"{failed} of {called.records} requests failed and are not scored, most often ({count}) with {reason!r}; "
            f"results are in {output} without them, and the same command asks them again"
        )


@contextmanager
def _ending_on_sigterm(signals: list[int]) -> Iterator[None]:
    """SIGTERM ends what is within as Ctrl-C does, and is noted; batch systems send it before they kill."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        signals.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


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
    """What the host would take for a flag's value: the last one given."""
    found = None
    for place, argument in enumerate(arguments):
        if argument == flag and place + 1 < len(arguments):
            found = arguments[place + 1]
        if argument.startswith(f"{flag}="):
            found = argument.split("=", 1)[1]
    return found


def _reason(error: BaseException) -> str:
    """The innermost cause that says something; the host's retries wrap theirs in a RetryError."""
    attempt = getattr(error, "last_attempt", None)
    cause = attempt.exception() if attempt is not None else None
    if cause is not None:
        return _reason(cause)
    return f"{type(error).__name__}: {error}"
