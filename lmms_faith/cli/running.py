"""Commands that put a model to work: run, demo."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from lmms_faith.cli.results import table
from lmms_faith.cli.shared import run_host

WRONG_CLAIMS = ("base", "wrong_think", "wrong_think_but", "wrong_caption", "wrong_caption_disclaimer")


class Behaviour(str, Enum):
    """What a tiny model was taught, so that the instrument can be tried on it; see docs/known-answers.md."""

    looker = "looker"
    reader = "reader"
    stubborn = "stubborn"


PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def run(context: typer.Context) -> None:
    """Run lmms-eval on faith tasks: same arguments, no 10 s task index, a true exit code.

    Example: lmms-faith run --model faith_hf --model_args pretrained=MODEL --tasks faith_shapes --batch_size 8

    A run that was stopped or killed goes on where it was by the same command; --fresh starts anew.

    Exit code 0 where results were written, 1 where the run failed, 130 where it was stopped by Ctrl-C.
    """
    if not context.args or {"-h", "--help"} & set(context.args):
        typer.echo(context.get_help())
        typer.echo("All arguments go to lmms-eval; see `lmms-eval --help`.")
        raise typer.Exit
    output = run_host(context.args)
    if os.environ.get("RANK", "0") == "0":
        typer.echo(f"Results are in {output}. Show them with: lmms-faith table {output}")


def demo(
    output: Annotated[Path, typer.Option(help="Where to put the logs.")] = Path("faith-results/demo"),
    limit: Annotated[int | None, typer.Option(help="Use only the first items.", min=1)] = None,
    batch_size: Annotated[int, typer.Option("--batch_size", help="Requests per forward pass.", min=1)] = 50,
    behaviour: Annotated[
        Behaviour | None, typer.Option(help="Use the model with this known behaviour, under base and the wrong claims.")
    ] = None,
) -> None:
    """Run every condition of `shapes` on the tiny model that ships with the package, and print the table."""
    from lmms_faith.demo import MODEL, PLANTED_MODELS

    model = PLANTED_MODELS[behaviour.value] if behaviour else MODEL
    tasks = ",".join(f"faith_shapes_{name}" for name in WRONG_CLAIMS) if behaviour else "faith_shapes"
    arguments = ["--model", "faith_hf", "--model_args", f"pretrained={model},dtype=float32", "--tasks", tasks]
    arguments += ["--gen_kwargs", "max_new_tokens=96", "--batch_size", str(batch_size), "--output_path", str(output)]
    arguments += ["--verbosity", "WARNING", *(["--limit", str(limit)] if limit else [])]
    run_host(arguments)
    table(output)
    typer.echo(f"Logs: {output}")
