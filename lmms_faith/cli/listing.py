"""Commands that list what there is: conditions, benchmarks, tasks."""

from __future__ import annotations

from typing import Annotated

import typer

from lmms_faith.cli.shared import fail


def conditions() -> None:
    """Print every condition with the exact text that a model is shown, as Markdown."""
    from lmms_faith.report.conditions_page import conditions_page

    typer.echo(conditions_page(), nl=False)


def benchmarks() -> None:
    """List the benchmarks: name, items, options, licence, and where the data come from."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from lmms_faith.benchmarks import benchmarks as found
    from lmms_faith.report.benchmarks_page import options_of

    listing = Table(
        "name", "benchmark", "items", "options", "licence", "data", box=box.SIMPLE_HEAD, header_style="bold"
    )
    for one in found().values():
        where = "shipped" if one.dataset_path == "parquet" else "local folder" if one.by_hand else one.dataset_path
        items = f"{one.rows:,}" if one.rows else "–"
        listing.add_row(one.name, one.title, items, options_of(one), one.licence, where)
    Console(width=None if Console().is_terminal else 160).print(listing)


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
            fail(f"{len(drifted)} task files differ from the table, such as {drifted[0]}; run lmms-faith tasks --write")
        return
    for file in sorted(task_dir().rglob("*.yaml")):
        typer.echo(file.stem)
