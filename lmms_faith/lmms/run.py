"""The host's own command line, run in this process with our tasks alone and an exit that tells the truth."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lmms_faith.lmms.paths import task_dir

DEFAULT_OUTPUT = "faith-results"


class RunFailed(RuntimeError):
    """The host ended without complete results; it would have exited 0."""


def run(arguments: Sequence[str]) -> Path:
    """Run ``lmms-eval`` with the given arguments.

    Sample logs are always written, since everything of ours is made from them. Where all tasks are ours the host's
    index of its 1,985 own tasks is left out.

    Returns:
        The output folder.

    Raises:
        RunFailed: Something went wrong, whatever the host says of it; the message is the cause.
    """
    given = list(arguments)
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
    _call(given, ours_alone=all(name.startswith("faith_") for name in asked))
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
