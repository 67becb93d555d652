"""What several commands share: options, and how they fail."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from lmms_faith.chat import Ask, Progress
    from lmms_faith.item import Item

_Done = TypeVar("_Done")
STOPPED = 130
"""Exit code of a command that the user stopped, as shells have it: 128 + SIGINT."""


class Format(str, Enum):
    """How a table is printed."""

    table = "table"
    markdown = "markdown"


Results = Annotated[Path, typer.Argument(help="Folder that lmms-eval wrote results to.", exists=True, file_okay=False)]
Named = Annotated[str, typer.Option("--benchmark", help="Name of the benchmark, as in task names.")]
Seed = Annotated[int, typer.Option(help="Chooses the claimed wrong answers, as in the task files.")]
JudgeUrl = Annotated[str, typer.Option(help="An OpenAI-compatible API, such as http://localhost:8000/v1.")]
Concurrency = Annotated[int, typer.Option(help="Requests at a time.", min=1)]
Timeout = Annotated[float, typer.Option(help="Seconds for one request.", min=0.1)]
Formats = Annotated[Format, typer.Option("--format", help="For the terminal or for a README.")]


def run_host(arguments: list[str], *, suite: str | None = None, fresh: bool = False) -> Path:
    """Run the host; where the results are. What ends it otherwise gives the exit code; see ``run``."""
    try:
        from lmms_faith.lmms.run import RunEnded, RunStopped, run
    except ImportError as error:
        fail(f"running needs lmms-eval: pip install 'lmms-faith[lmms,hf]' ({error})")
    except KeyboardInterrupt:
        fail("stopped before anything was asked", code=STOPPED)
    try:
        return run(arguments, suite=suite, fresh=fresh)
    except RunStopped as stop:
        fail(f"stopped: {stop}", code=stop.code)
    except RunEnded as end:
        fail(str(end), code=end.code)


def with_model(
    label: str,
    work: Callable[[Ask, Progress], Awaitable[_Done]],
    *,
    judge_url: str,
    model: str,
    timeout: float,
    file: Path,
) -> _Done:
    """Do work that asks a model and adds to a file, with a progress bar."""
    import asyncio

    from rich import console, progress

    from lmms_faith.chat import EndpointUnusable, endpoint

    async def go(bar: progress.Progress) -> _Done:
        task = bar.add_task(label, total=None)
        key = os.environ.get("OPENAI_API_KEY") or "none"
        async with endpoint(judge_url, model=model, key=key, timeout=timeout) as ask:
            return await work(ask, lambda done, total: bar.update(task, completed=done, total=total))

    try:
        with progress.Progress(console=console.Console(stderr=True)) as bar:
            return asyncio.run(go(bar))
    except (EndpointUnusable, ImportError, OSError, ValueError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail(f"stopped; what is done so far is in {file}, and the same command goes on")


def read_benchmark(name: str, limit: int | None) -> list[Item]:
    """The items of a benchmark whose data are at hand."""
    try:
        from lmms_faith.lmms.items import read_items
    except ImportError as error:
        fail(f"reading a benchmark needs datasets: pip install 'lmms-faith[lmms]' ({error})")
    try:
        return read_items(name, limit=limit)
    except ValueError as error:
        fail(str(error))


def fail(reason: str, *, code: int = 1) -> NoReturn:
    """Say why, and exit."""
    typer.secho(f"lmms-faith: {reason}", err=True, fg=typer.colors.RED)
    raise typer.Exit(code)
