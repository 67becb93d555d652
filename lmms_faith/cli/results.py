"""Commands that read finished logs: table, extract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmms_faith.cli.reading import Extractions, JudgeId, VerdictsFile, read
from lmms_faith.cli.shared import Concurrency, Format, Formats, JudgeUrl, Results, Timeout, fail, with_model

if TYPE_CHECKING:
    from lmms_faith.chat import Ask, Progress
    from lmms_faith.record import Record
    from lmms_faith.summary import Judged


def table(
    results: Results,
    format: Formats = Format.table,
    verdicts: VerdictsFile = None,
    judge: JudgeId = None,
    extractions: Extractions = None,
) -> None:
    """Print condition x measures from finished logs, and each benchmark's own score under base.

    Intervals come from resampling images 10,000 times. A line below names the drops that so few items can't show.
    """
    from rich.console import Console

    from lmms_faith.report.official import official_lines, scored
    from lmms_faith.report.table import METRICS, legend, markdown, rich_table, tables, warnings
    from lmms_faith.summary import PREFIX, gather, tidy

    official: list[Record] = []

    def noted(judged: Iterator[Judged]) -> Iterator[Judged]:
        for one in judged:
            if scored(one.record):
                official.append(one.record)
            yield one

    try:
        reading = read(results, verdicts=verdicts, judge=judge, extractions=extractions)
        rows = tidy(gather(noted(reading.judged)), by=(), metrics=METRICS)
    except (FileNotFoundError, ValueError) as error:
        fail(str(error))
    for title, lines in tables(rows):
        if format is Format.markdown:
            typer.echo(markdown(title, lines))
        else:
            Console(width=None if Console().is_terminal else 160).print(rich_table(title, lines), crop=False)
    for line in (*legend(rows), *warnings(rows), *official_lines(official)):
        typer.echo(line)
    if extractions is not None:
        asked = [row for row in rows if row.metric == "extracted" and row.n and not row.benchmark.startswith(PREFIX)]
        answers, copied = sum(row.n for row in asked), sum(round(row.value * row.n) for row in asked)
        typer.echo(f"Answers: {answers - copied} by rule, {copied} by extraction")


def extract(
    results: Results,
    judge_url: JudgeUrl,
    model: Annotated[str, typer.Option(help="Model that reads, as the API names it.")],
    out: Annotated[Path | None, typer.Option(help="File to add to; RESULTS/extractions.jsonl if left out.")] = None,
    concurrency: Concurrency = 8,
    timeout: Timeout = 60.0,
) -> None:
    """Have a language model copy the answers out of the completions in which the rules read none.

    It sees neither gold nor the claim, and what it copies is kept only where it stands in the completion and reads as
    an answer. The logs stay as they are; `lmms-faith table RESULTS --extractions FILE` applies the file. What it holds
    is never asked again, so that a run that was stopped goes on. The key, where the API wants one, is read from
    OPENAI_API_KEY.
    """
    from datetime import datetime, timezone

    from lmms_faith import extraction
    from lmms_faith.report.logs import read_records

    file = out or results / "extractions.jsonl"

    async def work(ask: Ask, progress: Progress) -> extraction.Tally:
        return await extraction.extract(
            read_records(results),
            ask=ask,
            model=model,
            out=file,
            today=datetime.now(timezone.utc).date(),
            concurrency=concurrency,
            progress=progress,
        )

    tally = with_model("completions", work, judge_url=judge_url, model=model, timeout=timeout, file=file)
    typer.echo(f"{file}: {tally.by_rule} answered by rule, {tally.remainder} remain")
    unreached = f", {tally.unreached} without a reply" if tally.unreached else ""
    typer.echo(
        f"  of these {tally.extracted} extracted, {tally.none} without an answer, {tally.refused} refused{unreached}"
    )
