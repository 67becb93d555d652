"""The command `lmms-faith`: thin, each command imports what it needs when it runs."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(
    help="Does this vision-language model look, or does it read?",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


class Format(str, Enum):
    """How a table is printed."""

    table = "table"
    markdown = "markdown"


Results = Annotated[Path, typer.Argument(help="Folder that lmms-eval wrote results to.", exists=True, file_okay=False)]
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
def table(results: Results, format: Formats = Format.table) -> None:
    """Print condition x measures from finished logs."""
    from rich.console import Console

    from lmms_faith.judges import RuleJudge, verdicts
    from lmms_faith.report.logs import read_records
    from lmms_faith.report.table import markdown, rich_table, tables
    from lmms_faith.summary import summarise

    try:
        records = list(read_records(results))
        rows = summarise(records, verdicts(records, RuleJudge()))
    except (FileNotFoundError, ValueError) as error:
        _fail(str(error))
    for title, lines in tables(rows):
        if format is Format.markdown:
            typer.echo(markdown(title, lines))
        else:
            Console(width=None if Console().is_terminal else 160).print(rich_table(title, lines))


@app.command()
def conditions() -> None:
    """Print every condition with the exact text that a model is shown, as Markdown."""
    from lmms_faith.report.conditions_page import conditions_page

    typer.echo(conditions_page(), nl=False)


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


def _fail(reason: str) -> NoReturn:
    typer.secho(f"lmms-faith: {reason}", err=True, fg=typer.colors.RED)
    raise typer.Exit(1)
