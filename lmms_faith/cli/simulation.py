"""The command that checks the measures on simulated models of known behaviour: simulate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lmms_faith.cli.shared import Format, Formats, fail

if TYPE_CHECKING:
    from lmms_faith.simulation import Parameters


def simulate(
    items: Annotated[int, typer.Option(help="Items, a multiple of --each.", min=20)] = 300,
    each: Annotated[int, typer.Option(help="Items per image.", min=1)] = 3,
    correlation: Annotated[float, typer.Option(help="How alike the items of an image are.", min=0, max=1)] = 0.3,
    replicates: Annotated[int, typer.Option(help="Samples of items that are drawn.", min=2)] = 200,
    resamples: Annotated[int, typer.Option(help="Resamples of the images, for intervals.", min=100)] = 1_000,
    seed: Annotated[int, typer.Option(help="Seed of the first sample; the others follow.")] = 0,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=NUMBER", help="Another parameter, such as failed=0.1.")
    ] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Only these measures.")] = None,
    condition: Annotated[list[str] | None, typer.Option(help="Only these conditions.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Print every measure under every condition, not under one.")
    ] = False,
    format: Formats = Format.table,
    out: Annotated[Path | None, typer.Option(help="Write one sample as logs into this folder, and stop.")] = None,
) -> None:
    """Check every measure on simulated models whose behaviour is known: do the intervals hold the truth?

    Completions are drawn as text and go through parser, judge and summary like those of a real model. Exit code 1 where
    the coverage of a 95 % interval is another than chance allows. With --out, one sample is written as logs with its
    truths beside it, for the check of another pipeline.

    Example: lmms-faith simulate --items 300 --replicates 200
    """
    from functools import partial

    from rich.console import Console
    from rich.progress import Progress

    from lmms_faith.report.table import markdown, rich_table
    from lmms_faith.simulation import CONDITIONS_SIMULATED, FREE_FORM, default_pipeline, faults, recover
    from lmms_faith.simulation.page import footer, lines, one_each

    try:
        parameters = _parameters(items, each, correlation, set_ or [])
        if out is not None:
            _write(parameters, seed, out)
            return
        with Progress(console=Console(stderr=True)) as bar:
            task = bar.add_task("replicates", total=replicates)
            found = recover(
                parameters,
                replicates=replicates,
                seed=seed,
                conditions=condition or CONDITIONS_SIMULATED,
                free_form=[one for one in FREE_FORM if one in (condition or FREE_FORM)],
                metrics=metric,
                pipeline=partial(default_pipeline, resamples=resamples, metrics=metric),
                progress=lambda done: bar.update(task, completed=done),
            )
    except ValueError as error:
        fail(str(error))
    if not found:
        fail(f"nothing is known of {', '.join(metric or ())}; docs/known-answers.md lists what is")
    title = f"{items} items on {items // each} images, correlation {correlation:g}, seed {seed}"
    table = lines(found if everything else one_each(found))
    if format is Format.markdown:
        typer.echo(markdown(title, table))
    else:
        Console(width=None if Console().is_terminal else 160).print(rich_table(title, table))
    for line in footer(found):
        typer.echo(line)
    raise typer.Exit(1 if faults(found) else 0)


def _parameters(items: int, each: int, correlation: float, changes: list[str]) -> Parameters:
    from dataclasses import fields, replace

    from lmms_faith.simulation import Parameters

    if items % each:
        raise ValueError(f"{items} items do not come in images of {each}; give a multiple of {each}")
    usual = Parameters()
    known = {field.name: getattr(usual, field.name) for field in fields(Parameters) if field.name != "levels"}
    changed: dict[str, float] = {"images": items // each, "each": each, "correlation": correlation}
    for change in changes:
        name, _, number = change.partition("=")
        if name not in known:
            raise ValueError(f"there is no parameter {name!r}; choose from: {', '.join(known)}")
        try:
            changed[name] = type(known[name])(number)
        except ValueError as error:
            raise ValueError(f"{change}: give a number, as in {name}={known[name]}") from error
    return replace(usual, **changed)  # type: ignore[arg-type]


def _write(parameters: Parameters, seed: int, folder: Path) -> None:
    from datetime import datetime, timezone

    from lmms_faith.rescoring import storing
    from lmms_faith.simulation import known, simulate

    stamp = datetime.now(timezone.utc).strftime("%Y%m%d_%H%M%S")
    for path in storing.write(simulate(parameters, seed), folder, stamp=stamp):
        typer.echo(path)
    rows = [
        f"{benchmark},{condition},{name},{value!r}" for (benchmark, condition, name), value in known(parameters).items()
    ]
    truths = folder / "truths.csv"
    truths.write_text("\n".join(["benchmark,condition,metric,truth", *rows]) + "\n", encoding="utf-8")
    typer.echo(truths)
