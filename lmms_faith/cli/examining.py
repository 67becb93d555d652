"""The command that tries a model: doctor."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lmms_faith.cli.shared import fail

if TYPE_CHECKING:
    from rich.table import Table

    from lmms_faith.lmms.doctor import Finding

LACKING, NOT_THERE = 1, 2
"""Exit codes: something can't be measured; the model can't be loaded or reached."""
_COLOURS = {"yes": "green", "part": "yellow", "no": "red"}


def doctor(
    model: Annotated[str, typer.Option(help="As for lmms-eval --model.")],
    model_args: Annotated[str, typer.Option("--model_args", help="As for lmms-eval --model_args.")] = "",
) -> None:
    """Try a model on one drawn picture, and say what can and what can't be measured with it.

    Example: lmms-faith doctor --model faith_openai --model_args model=NAME,base_url=http://localhost:8000/v1

    Exit code 0 where everything can be measured, 1 where something can't, 2 where the model can't be loaded or reached.
    """
    os.environ.setdefault("TQDM_DISABLE", "1")  # a bar for each single request says nothing
    try:
        from lmms_faith.lmms.doctor import examine
    except ImportError as error:
        fail(f"trying a model needs lmms-eval: pip install 'lmms-faith[lmms,hf]' ({error})", code=NOT_THERE)
    from rich.console import Console

    try:
        findings = examine(model, model_args)
    # Whatever stops a model from loading is what the user came here to learn.
    except Exception as error:
        fail(f"{type(error).__name__}: {error}", code=NOT_THERE)
    console = Console()
    console.print(_table(model, findings))
    for line in _summary(model, model_args, findings):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(0 if all(finding.level == "yes" for finding in findings) else LACKING)


def _table(model: str, findings: Sequence[Finding]) -> Table:
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"What {escape(model)} can do, as tried on one picture", title_justify="left", show_lines=True)
    table.add_column("ability", no_wrap=True)
    table.add_column("found", ratio=5)
    table.add_column("what follows", ratio=4)
    for finding in findings:
        colour = _COLOURS[finding.level]
        found = Text.assemble((f"{finding.level}: {finding.word}", f"bold {colour}"), "\n", (finding.seen, "dim"))
        table.add_row(Text(finding.ability, style="bold"), found, Text(finding.follows))
    return table


def _summary(model: str, model_args: str, findings: Sequence[Finding]) -> list[str]:
    from lmms_faith.lmms.doctor import next_tasks, scope
    from lmms_faith.lmms.plugin import MODELS

    tasks = next_tasks(findings)
    if tasks is None:
        return ["Nothing can be measured with it."]
    conditions, measures = scope(findings)
    lines = [f"Conditions: {conditions}. Measures: {measures}."]
    if f"faith_{model}" in MODELS:
        lines.append(f"More can be measured with --model faith_{model}, or faith_hf.")
    arguments = ["--model_args", _shown(model_args)] if model_args else []
    command = ["lmms-faith", "run", "--model", model, *arguments, "--tasks", tasks, "--limit", "20"]
    return [*lines, f"Next: {shlex.join(command)}"]


def _shown(model_args: str) -> str:
    """The arguments, but for what may be a secret: what is printed here is pasted elsewhere."""
    return "…" if re.search(r"@|(key|token|secret|passw\w*)=", model_args, re.IGNORECASE) else model_args
