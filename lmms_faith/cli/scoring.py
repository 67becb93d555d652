"""The command that scores results of other tools: score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmms_faith.cli.results import table
from lmms_faith.cli.shared import Seed, fail

if TYPE_CHECKING:
    from lmms_faith.item import Item
    from lmms_faith.recording import Generation
    from lmms_faith.rescoring.reading import Reading

DEFAULT_OUTPUT = Path("faith-results/scored")


class LogFormat(str, Enum):
    """Which tool wrote the files."""

    auto = "auto"
    lmms_eval = "lmms-eval"
    vlmevalkit = "vlmevalkit"
    inspect = "inspect"
    jsonl = "jsonl"


def score(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with files.", exists=True)],
    benchmark: Annotated[
        str | None, typer.Option(help="The benchmark, of ours or not, where the files do not say it.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="The model's name, in place of what the files say.")] = None,
    condition: Annotated[
        str, typer.Option(help="What was done to the items, of ours or not, where the files do not say it.")
    ] = "base",
    format: Annotated[
        LogFormat, typer.Option("--format", help="The files' format; auto tells it by their content.")
    ] = LogFormat.auto,
    seed: Seed = 0,
    data: Annotated[
        bool, typer.Option("--data", help="Read the benchmark's data for lmms-eval logs that lack its rows.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Where to put the logs that are made.")] = DEFAULT_OUTPUT,
) -> None:
    """Score results that another tool wrote, without a model: lmms-eval, VLMEvalKit, inspect, plain JSONL.

    Every row becomes a record, or is counted with the reason why not. The records are written as logs, which table,
    judge and the other commands read like those of a run, and their table is printed.
    """
    from datetime import datetime

    from lmms_faith.rescoring.answer import Given
    from lmms_faith.rescoring.reading import read
    from lmms_faith.rescoring.storing import write

    given = Given(benchmark=benchmark, condition=condition, model=model, seed=seed)
    known = None if format is LogFormat.auto else format.value
    try:
        reading = read(paths, given, format=known, unpack=_unpacked, items=cache(_items) if data else None)
        for line in _account(reading):
            typer.echo(line)
        if not reading.records:
            fail("no row makes a record; see the reasons above")
        write(reading.records, out, stamp=datetime.now().strftime("%Y%m%d_%H%M%S"))
    except (ImportError, OSError, ValueError) as error:
        fail(str(error))
    table(out)
    typer.echo(f"Logs: {out}")


def _account(reading: Reading) -> list[str]:
    """What became of every row."""
    total = sum(reading.files.values())
    lines = [f"{len(reading.records)} of {total} rows of {len(reading.files)} files make records"]
    for reason, count in Counter(one.reason for one in reading.refused).most_common():
        first = next(one for one in reading.refused if one.reason == reason)
        detail = f": {first.detail}" if first.detail else ""
        lines.append(f"  {count} left out: {reason} (the first: {first.place}{detail})")
    lines += [f"  {count} without {note}" for note, count in reading.notes.most_common()]
    lines += [f"  left alone: {reason}" for reason in reading.left_alone.values()]
    return lines


def _unpacked(text: str) -> Generation:
    """A completion of the host's log: the evidence that a backend of ours may have hung on it, or why it failed."""
    from lmms_faith.lmms.channel import detach, generation

    return generation(*detach(text))


def _items(name: str) -> Mapping[int, Item]:
    try:
        from lmms_faith.lmms.items import items_by_row
    except ImportError as error:
        fail(f"reading a benchmark needs datasets: pip install 'lmms-faith[lmms]' ({error})")
    return items_by_row(name)
