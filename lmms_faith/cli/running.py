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


def run(
    context: typer.Context,
    suite: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Groups of tasks by their short names, with commas between them; besides those of --tasks.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Take away the answers kept by earlier runs, and start anew.")
    ] = False,
) -> None:
    """Run lmms-eval on faith tasks: same arguments, no 10 s task index, a true exit code.

    Example: lmms-faith run --model faith_hf --model_args pretrained=MODEL --suite mini --batch_size 8

    All arguments but the options below go to lmms-eval; see `lmms-eval --help`. A suite is

    * `--suite mini`: 100 items of each of the paper's benchmarks, under its six conditions
    * `--suite core`, or `paper`: all items of the same
    * `--suite mini_closed`, `core_closed`: the same for models that continue no prefill
    * `--suite cv_bench_2d`: a benchmark under all conditions; `lmms-faith benchmarks` lists them
    * `--suite base,wrong_caption`: all benchmarks under a condition; `lmms-faith conditions` lists them

    On a terminal a bar for each benchmark and condition shows the accuracy so far. In a log there is a line now and
    then. TQDM_DISABLE=1 turns both off.

    Exit codes:

    * 0: all records are written, and none is of a failed request
    * 1: the run failed, and nothing is written
    * 2: the command is wrong: a flag, a suite, a task
    * 3: results are written, but some requests failed; the same command asks them again
    * 130: stopped by Ctrl-C; the same command goes on
    * 143: stopped by SIGTERM, as batch systems send it before they kill; the same command goes on
    """
    if not (context.args or suite) or {"-h", "--help"} & set(context.args):
        typer.echo(context.get_help())
        raise typer.Exit
    output = run_host(context.args, suite=suite, fresh=fresh)
    if os.environ.get("RANK", "0") == "0":
        typer.echo(f"Results are in {output}. Show them with: lmms-faith table {output}")


def demo(
    output: Annotated[Path, typer.Option(help="Where to put the logs.")] = Path("faith-results/demo"),
    limit: Annotated[int | None, typer.Option(help="Use only the first items.", min=1)] = None,
    batch_size: Annotated[int, typer.Option("--batch_size", help="Requests per forward pass.", min=1)] = 54,
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
