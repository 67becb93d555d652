"""Commands that make numbers of finished logs: summary, explain, compare."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmms_faith.cli.reading import Extractions, JudgeId, VerdictsFile, read
from lmms_faith.cli.shared import Results, fail

if TYPE_CHECKING:
    from rich.console import Console

    from lmms_faith.record import Record
    from lmms_faith.summary import Gathered, Judged

_SHOWN_BY_PART = ("acc", "acc_drop", "misled_rate", "consistency")
"""Measures that are printed of a category, where none was chosen; the file has them all."""


class By(str, Enum):
    """What a benchmark is parted by."""

    category = "category"
    arity = "arity"


Resamples = Annotated[int, typer.Option(help="Resamples of the images, for intervals.", min=100)]
BootstrapSeed = Annotated[int, typer.Option("--seed", help="Seed of the resamples.")]
Model = Annotated[str | None, typer.Option(help="Name of the model, where there are several.")]
Out = Annotated[Path | None, typer.Option(help="File to write, .parquet or .csv.")]


def summary(
    results: Results,
    verdicts: VerdictsFile = None,
    judge: JudgeId = None,
    extractions: Extractions = None,
    out: Out = None,
    by: Annotated[list[By] | None, typer.Option(help="Part benchmarks by category, by number of options.")] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Only these measures, counts or p-values.")] = None,
    resamples: Resamples = 10_000,
    seed: BootstrapSeed = 0,
) -> None:
    """Every measure of finished logs with its interval, as one tidy table: printed, and written with --out.

    The file has one line per model, benchmark, category, number of options, condition and metric, and says inside what
    it was made from. Logs are read one record at a time.

    Example: lmms-faith summary results --by category --out summary.parquet
    """
    from lmms_faith.report.logs import model_arguments
    from lmms_faith.report.matrix import matrices
    from lmms_faith.report.table import rich_table
    from lmms_faith.report.tidy_file import metadata, write_rows
    from lmms_faith.summary import ALL, gather, tidy

    parts = tuple(dict.fromkeys(one.value for one in by or ()))
    try:
        reading = read(results, verdicts=verdicts, judge=judge, extractions=extractions)
        gathered = gather(reading.judged)
        rows = tidy(gathered, resamples=resamples, seed=seed, by=parts, metrics=metric or None)
        if out is not None:
            runs = model_arguments(results)
            write_rows(out, rows, metadata(gathered, judge=reading.judge, resamples=resamples, seed=seed, runs=runs))
    except (ImportError, OSError, ValueError) as error:
        fail(str(error))
    shown = [row for row in rows if metric or row.category == row.arity == ALL or row.metric in _SHOWN_BY_PART]
    console = _console()
    for title, lines in matrices(shown, width=console.width):
        console.print(rich_table(title, lines))
    if out is not None:
        typer.echo(f"{out}: {len(rows)} rows")


def explain(
    results: Results,
    metric: Annotated[str, typer.Option(help="Name of the measure, count or p-value.")],
    benchmark: Annotated[str, typer.Option(help="Name of the benchmark.")],
    condition: Annotated[str, typer.Option(help="Name of the condition; `paper` for a measure over the paper's.")],
    model: Model = None,
    category: Annotated[str, typer.Option(help="A category alone.")] = "all",
    arity: Annotated[str, typer.Option(help="A number of options alone: 2, 3, 4+ or free.")] = "all",
    items: Annotated[int | None, typer.Option(help="Show at most so many items; all if left out.", min=0)] = None,
    item: Annotated[str | None, typer.Option(help="Show one item in full.")] = None,
    verdicts: VerdictsFile = None,
    judge: JudgeId = None,
    extractions: Extractions = None,
) -> None:
    """List the items behind a number, with what each adds to it, and those left out, with the reason.

    The number is worked out anew from the items listed, and is the table's.

    Example: lmms-faith explain results --metric misled_rate --benchmark shapes --condition wrong_caption
    """
    from lmms_faith.report.explanation import item_view, trace_lines
    from lmms_faith.summary import PREFIX, gather, trace

    kept: list[Judged] = []
    seen: dict[str, None] = {}

    def noted(judged: Iterator[Judged]) -> Iterator[Judged]:
        for one in judged:
            if one.record.item_id == item and one.record.condition == condition:
                kept.append(one)
            yield one

    def wanted(record: Record) -> bool:
        seen[record.benchmark] = None
        return record.benchmark == benchmark or benchmark.startswith(PREFIX)

    try:
        every = read(results, verdicts=verdicts, judge=judge, extractions=extractions, keep=wanted)
        gathered = gather(noted(every.judged))
        if not gathered.cells:
            raise ValueError(f"there are no records of benchmark {benchmark!r}; there are some of: {', '.join(seen)}")
        name = _model(gathered, model, "--model")
        found = trace(
            gathered,
            model=name,
            benchmark=benchmark,
            condition=condition,
            metric=metric,
            category=category,
            arity=arity,
        )
    except (ImportError, OSError, ValueError) as error:
        fail(str(error))
    console = _console()
    if item is None:
        for line in trace_lines(found, items=items):
            console.print(line, markup=False, highlight=False)
        return
    whole = [one for one in kept if (one.record.model or "unnamed") == name]
    if not whole:
        fail(f"item {item!r} was not asked under {condition!r}")
    console.print(item_view(whole[0]))
    adds = [f"adds {share.adds:g}" for share in found.shares if share.item_id == item]
    left = [f"left out: {why}" for one, why in found.left_out if one == item]
    console.print(f"{metric}: {(adds or left or ['not in this slice'])[0]}", markup=False, highlight=False)


def compare(
    results_a: Results,
    results_b: Results,
    model_a: Annotated[str | None, typer.Option(help="Name of the first model, where there are several.")] = None,
    model_b: Annotated[str | None, typer.Option(help="Name of the second model, where there are several.")] = None,
    metric: Annotated[str, typer.Option(help="Measure to compare by.")] = "acc",
    verdicts_a: Annotated[Path | None, typer.Option(help="Verdicts on the first results.")] = None,
    verdicts_b: Annotated[Path | None, typer.Option(help="Verdicts on the second results.")] = None,
    judge: JudgeId = None,
    out: Out = None,
    resamples: Resamples = 10_000,
    seed: BootstrapSeed = 0,
) -> None:
    """Compare two models on the same items: who is better under each condition, and who falls further by it.

    Items pair by id. Prints B - A with its interval, and the difference of the falls from the baseline (above 0: B
    falls further) with interval, p-value (random flips of sign, image by image) and Holm's adjustment for all
    conditions.

    Example: lmms-faith compare results/base results/tuned --metric acc
    """
    from lmms_faith.report.contrast import contrast_tables
    from lmms_faith.report.table import rich_table
    from lmms_faith.report.tidy_file import metadata, write_rows
    from lmms_faith.summary import compare as contrasts
    from lmms_faith.summary import contrast_rows, gather

    try:
        reading_a = read(results_a, verdicts=verdicts_a, judge=judge)
        reading_b = read(results_b, verdicts=verdicts_b, judge=judge)
        a, b = gather(reading_a.judged), gather(reading_b.judged)
        name_a, name_b = _model(a, model_a, "--model-a"), _model(b, model_b, "--model-b")
        found = contrasts(a, b, model_a=name_a, model_b=name_b, metric=metric, resamples=resamples, seed=seed)
        if out is not None:
            about = {
                side: metadata(gathered, judge=reading.judge, resamples=resamples, seed=seed)
                for side, gathered, reading in (("a", a, reading_a), ("b", b, reading_b))
            }
            write_rows(out, contrast_rows(found, model_a=name_a, model_b=name_b), about)
    except (ImportError, OSError, ValueError) as error:
        fail(str(error))
    console = _console()
    typer.echo(f"A: {name_a}\nB: {name_b}")
    for title, lines in contrast_tables(found):
        console.print(rich_table(title, lines))


def _model(gathered: Gathered, wanted: str | None, option: str) -> str:
    """The model that is meant."""
    from lmms_faith.summary import models

    there = models(gathered)
    if wanted in there or (wanted is None and len(there) == 1):
        return wanted or there[0]
    asked = f"there is no model {wanted!r}" if wanted else f"the results are of {len(there)} models"
    raise ValueError(f"{asked}; choose with {option}: {', '.join(there)}")


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if Console().is_terminal else 180)
