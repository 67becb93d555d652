"""The command `lmms-faith`: thin, each command imports what it needs when it runs."""

from __future__ import annotations

import typer

from lmms_faith.cli import claims, examining, judging, listing, results, running, scoring, simulation, summary

app = typer.Typer(
    help="Does this vision-language model look, or does it read?",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(context_settings=running.PASS_ON)(running.run)
app.command()(running.demo)
app.command()(results.table)
app.command()(summary.summary)
app.command()(summary.explain)
app.command()(summary.compare)
app.command()(results.extract)
app.command()(judging.judge)
app.command()(scoring.score)
app.command()(simulation.simulate)
app.command()(listing.conditions)
app.command()(listing.benchmarks)
app.command()(listing.tasks)
app.command()(examining.doctor)

_claims = typer.Typer(help="Claims worded by a language model instead of by templates.", no_args_is_help=True)
_claims.command("write")(claims.write_claims)
_claims.command("coverage")(claims.claims_coverage)
_claims.command("check")(claims.check_claims)
app.add_typer(_claims, name="claims")


def main() -> None:
    """Entry point of the console script."""
    app(prog_name="lmms-faith")
