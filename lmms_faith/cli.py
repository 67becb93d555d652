"""The command `lmms-faith`: thin, each command imports what it needs when it runs."""

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

app = typer.Typer(
    help="Does this vision-language model look, or does it read?",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
claims = typer.Typer(help="Claims worded by a language model instead of by templates.", no_args_is_help=True)
app.add_typer(claims, name="claims")
_Done = TypeVar("_Done")
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


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


@app.command(context_settings=_PASS_ON)
def run(context: typer.Context) -> None:
    """Run lmms-eval on faith tasks: same arguments, no 10 s task index, a true exit code.

    Example: lmms-faith run --model faith_hf --model_args pretrained=MODEL --tasks faith_shapes --batch_size 8

    Exit code 0 where results were written, 1 where the run failed.
    """
    if not context.args or {"-h", "--help"} & set(context.args):
        typer.echo(context.get_help())
        typer.echo("All arguments go to lmms-eval; see `lmms-eval --help`.")
        raise typer.Exit
    output = _run(context.args)
    if os.environ.get("RANK", "0") == "0":
        typer.echo(f"Results are in {output}. Show them with: lmms-faith table {output}")


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Where to put the logs.")] = Path("faith-results/demo"),
    limit: Annotated[int | None, typer.Option(help="Use only the first items.", min=1)] = None,
    batch_size: Annotated[int, typer.Option("--batch_size", help="Requests per forward pass.", min=1)] = 50,
) -> None:
    """Run every condition of `shapes` on the tiny model that ships with the package, and print the table."""
    from lmms_faith.demo import MODEL

    arguments = ["--model", "faith_hf", "--model_args", f"pretrained={MODEL},dtype=float32", "--tasks", "faith_shapes"]
    arguments += ["--gen_kwargs", "max_new_tokens=96", "--batch_size", str(batch_size), "--output_path", str(output)]
    arguments += ["--verbosity", "WARNING", *(["--limit", str(limit)] if limit else [])]
    _run(arguments)
    table(output)
    typer.echo(f"Logs: {output}")


@app.command()
def table(
    results: Results,
    format: Formats = Format.table,
    extractions: Annotated[Path | None, typer.Option(help="File of `lmms-faith extract`, to be applied.")] = None,
) -> None:
    """Print condition x measures from finished logs, and each benchmark's own score under base."""
    from rich.console import Console

    from lmms_faith.extraction import apply, extracted, read_extractions
    from lmms_faith.judges import RuleJudge, verdicts
    from lmms_faith.report.logs import read_records
    from lmms_faith.report.official import official_lines
    from lmms_faith.report.table import markdown, rich_table, tables
    from lmms_faith.summary import summarise

    try:
        records = list(read_records(results))
        found = read_extractions(extractions) if extractions else {}
        asked = extracted(records, found) if extractions else None
        records = list(apply(records, found))
        rows = summarise(records, verdicts(records, RuleJudge()), extracted=asked)
    except (FileNotFoundError, ValueError) as error:
        _fail(str(error))
    for title, lines in tables(rows):
        if format is Format.markdown:
            typer.echo(markdown(title, lines))
        else:
            Console(width=None if Console().is_terminal else 160).print(rich_table(title, lines))
    for line in official_lines(records):
        typer.echo(line)
    if asked is not None:
        answered = sum(record.status == "answered" for record in records)
        typer.echo(f"Answers: {answered - len(asked)} by rule, {len(asked)} by extraction")


@app.command()
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

    tally = _with_model("completions", work, judge_url=judge_url, model=model, timeout=timeout, file=file)
    typer.echo(f"{file}: {tally.by_rule} answered by rule, {tally.remainder} remain")
    unreached = f", {tally.unreached} without a reply" if tally.unreached else ""
    typer.echo(
        f"  of these {tally.extracted} extracted, {tally.none} without an answer, {tally.refused} refused{unreached}"
    )


@app.command()
def conditions() -> None:
    """Print every condition with the exact text that a model is shown, as Markdown."""
    from lmms_faith.report.conditions_page import conditions_page

    typer.echo(conditions_page(), nl=False)


@app.command()
def benchmarks() -> None:
    """List the benchmarks: name, items, licence, and where the data come from."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from lmms_faith.benchmarks import benchmarks as found

    listing = Table("name", "benchmark", "items", "licence", "data", box=box.SIMPLE_HEAD, header_style="bold")
    for one in found().values():
        where = "shipped" if one.dataset_path == "parquet" else "local folder" if one.by_hand else one.dataset_path
        listing.add_row(one.name, one.title, f"{one.rows:,}" if one.rows else "–", one.licence, where)
    Console(width=None if Console().is_terminal else 160).print(listing)


@app.command()
def tasks(
    path: Annotated[bool, typer.Option("--path", help="Print the folder, for lmms-eval --include_path.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Generate the task files anew.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 where a task file has drifted.")] = False,
) -> None:
    """List the task files, say where they are, generate or check them."""
    from lmms_faith.lmms.paths import source_task_dir, task_dir

    if path:
        typer.echo(task_dir())
        return
    if write or check:
        from lmms_faith.lmms import task_files

        if write:
            task_files.write(source_task_dir())
        drifted = task_files.drift(source_task_dir())
        if drifted:
            _fail(
                f"{len(drifted)} task files differ from the table, such as {drifted[0]}; run lmms-faith tasks --write"
            )
        return
    for file in sorted(task_dir().rglob("*.yaml")):
        typer.echo(file.stem)


@app.command()
def doctor(
    model: Annotated[str, typer.Option(help="As for lmms-eval --model.")],
    model_args: Annotated[str, typer.Option("--model_args", help="As for lmms-eval --model_args.")] = "",
) -> None:
    """Try a model on one image: does it continue a prefill, give letter probabilities, think and answer?

    Exit code 0 only if all three hold.
    """
    from rich.console import Console

    from lmms_faith.lmms.doctor import examine

    console = Console()
    try:
        findings = examine(model, model_args)
    # Whatever stops a model from loading is what the user came here to learn.
    except Exception as error:
        _fail(f"{type(error).__name__}: {error}")
    for finding in findings:
        console.print(f"[bold]{'yes' if finding.holds else 'NO '}[/bold]  {finding.question}")
        console.print(f"     {finding.seen}", style="dim", markup=False, highlight=False)
    raise typer.Exit(0 if all(finding.holds for finding in findings) else 1)


@claims.command("write")
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
    items = _items(benchmark, limit)

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

    tally = _with_model("claims", work, judge_url=judge_url, model=model, timeout=timeout, file=file)
    typer.echo(f"{file}: {tally.written} written, {tally.kept} kept, {tally.left_out} refused")
    for reason, count in tally.reasons.items():
        typer.echo(f"  {count} refused: the sentence {reason}")


@claims.command("coverage")
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
        _fail(str(error))
    items = _items(benchmark, None)
    shown = Table("template", "wrong claims", "correct claims", title=f"{benchmark}, {len(items)} items")
    for name, counts in coverage(items, written, seed=seed).items():
        shown.add_row(name, *(f"{count} ({count / len(items):.1%})" for count in counts))
    Console(width=None if Console().is_terminal else 120).print(shown)


@claims.command("check")
def check_claims(
    file: Annotated[Path, typer.Argument(help="File of written claims.")],
    benchmark: Annotated[
        str | None, typer.Option(help="Check against this benchmark's items, too; their data has to be at hand.")
    ] = None,
) -> None:
    """Check a file of written claims, line by line; exit code 1 where one is at fault."""
    from lmms_faith.conditions.overrides import faults

    items = {(item.benchmark, item.id): item for item in _items(benchmark, None)} if benchmark else None
    try:
        found = list(faults(file, items))
    except OSError as error:
        _fail(str(error))
    for number, fault in found:
        typer.echo(f"{file}:{number}: {fault}")
    if found:
        _fail(f"{len(found)} faults in {file}")
    typer.echo(f"{file}: every claim can be used")


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="lmms-faith")


def _run(arguments: list[str]) -> Path:
    try:
        from lmms_faith.lmms.run import RunFailed, run
    except ImportError as error:
        _fail(f"running needs lmms-eval: pip install 'lmms-faith[lmms,hf]' ({error})")
    try:
        return run(arguments)
    except RunFailed as error:
        _fail(str(error))


def _with_model(
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
        _fail(str(error))
    except KeyboardInterrupt:
        _fail(f"stopped; what is done so far is in {file}, and the same command goes on")


def _items(name: str, limit: int | None) -> list[Item]:
    try:
        from lmms_faith.lmms.items import read_items
    except ImportError as error:
        _fail(f"reading a benchmark needs datasets: pip install 'lmms-faith[lmms]' ({error})")
    try:
        return read_items(name, limit=limit)
    except ValueError as error:
        _fail(str(error))


def _fail(reason: str) -> NoReturn:
    typer.secho(f"lmms-faith: {reason}", err=True, fg=typer.colors.RED)
    raise typer.Exit(1)
