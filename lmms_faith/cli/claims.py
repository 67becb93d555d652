"""Commands about claims that a language model words: write, coverage, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmms_faith.cli.shared import Concurrency, JudgeUrl, Named, Seed, Timeout, fail, read_benchmark, with_model

if TYPE_CHECKING:
    from lmms_faith.chat import Ask, Progress


def write_claims(
    benchmark: Named,
    judge_url: JudgeUrl,
    model: Annotated[str, typer.Option(help="Model that writes, as the API names it.")],
    limit: Annotated[int | None, typer.Option(help="Use only the first items.", min=1)] = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="File to add to; faith-claims/BENCHMARK.jsonl if left out.")] = None,
    concurrency: Concurrency = 8,
    timeout: Timeout = 60.0,
) -> None:
    """Have a language model word a wrong and a correct claim of every item, once.

    Each sentence is checked before it is kept; what the file holds is never asked for again, so that a run that was
    stopped goes on. The key, where the API wants one, is read from OPENAI_API_KEY.
    """
    from datetime import datetime, timezone

    from lmms_faith import authoring

    file = out or Path("faith-claims") / f"{benchmark}.jsonl"
    items = read_benchmark(benchmark, limit)

    async def work(ask: Ask, progress: Progress) -> authoring.Tally:
        return await authoring.write_claims(
            items,
            ask=ask,
            model=model,
            seed=seed,
            out=file,
            today=datetime.now(timezone.utc).date(),
            concurrency=concurrency,
            progress=progress,
        )

    tally = with_model("claims", work, judge_url=judge_url, model=model, timeout=timeout, file=file)
    typer.echo(f"{file}: {tally.written} written, {tally.kept} kept, {tally.left_out} refused")
    for reason, count in tally.reasons.items():
        typer.echo(f"  {count} refused: the sentence {reason}")


def claims_coverage(
    benchmark: Named,
    file: Annotated[Path | None, typer.Option("--claims", help="File of written claims.")] = None,
    seed: Seed = 0,
) -> None:
    """Print which share of a benchmark's items gets which wording of its claims."""
    from rich.console import Console
    from rich.table import Table

    from lmms_faith.conditions.coverage import coverage
    from lmms_faith.conditions.overrides import NO_CLAIMS, read_claims

    try:
        written = read_claims(file) if file else NO_CLAIMS
    except (OSError, ValueError) as error:
        fail(str(error))
    items = read_benchmark(benchmark, None)
    shown = Table("template", "wrong claims", "correct claims", title=f"{benchmark}, {len(items)} items")
    for name, counts in coverage(items, written, seed=seed).items():
        shown.add_row(name, *(f"{count} ({count / len(items):.1%})" for count in counts))
    Console(width=None if Console().is_terminal else 120).print(shown)


def check_claims(
    file: Annotated[Path, typer.Argument(help="File of written claims.")],
    benchmark: Annotated[
        str | None, typer.Option(help="Check against this benchmark's items, too; their data has to be at hand.")
    ] = None,
) -> None:
    """Check a file of written claims, line by line; exit code 1 where one is at fault."""
    from lmms_faith.conditions.overrides import faults

    items = {(item.benchmark, item.id): item for item in read_benchmark(benchmark, None)} if benchmark else None
    try:
        found = list(faults(file, items))
    except OSError as error:
        fail(str(error))
    for number, fault in found:
        typer.echo(f"{file}:{number}: {fault}")
    if found:
        fail(f"{len(found)} faults in {file}")
    typer.echo(f"{file}: every claim can be used")
