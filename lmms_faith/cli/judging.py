"""The command that judges finished logs: judge."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer

from lmms_faith.cli.shared import Concurrency, Results, Timeout, fail

if TYPE_CHECKING:
    from rich.progress import Progress

    from lmms_faith.judges import Agreement, Judge
    from lmms_faith.judges.question import PromptName
    from lmms_faith.judging import Judging

UNJUDGED, STOPPED = 3, 130
"""Exit codes: some records could not be judged; stopped by Ctrl-C."""
_BATCH_PER_REQUEST = 32


class Kind(str, Enum):
    """Who judges."""

    cascade = "cascade"
    rule = "rule"
    letter_force = "letter-force"
    llm = "llm"
    panel = "panel"


class Prompt(str, Enum):
    """What a model is asked."""

    blind_1 = "blind-1"
    agree_1 = "agree-1"


class Vote(str, Enum):
    """How a panel decides."""

    majority = "majority"
    strict = "strict"


def judge(
    results: Results,
    kind: Annotated[
        Kind,
        typer.Option(
            "--judge",
            help="One judge; the cascade of rule, letter-force and the models given; or a panel of rule and models.",
        ),
    ] = Kind.cascade,
    judge_url: Annotated[
        list[str] | None, typer.Option(help="An OpenAI-compatible API; one for all models, or one for each.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Model that judges, as the API names it; several for a panel.")
    ] = None,
    prompt: Annotated[
        list[Prompt] | None, typer.Option(help="One for all models, or one for each; blind-1 if left out.")
    ] = None,
    vote: Annotated[Vote, typer.Option(help="How a panel decides.")] = Vote.majority,
    out: Annotated[Path | None, typer.Option(help="File to add to; RESULTS/verdicts.jsonl if left out.")] = None,
    cache: Annotated[
        Path | None, typer.Option(help="File of the models' replies; judge-replies.sqlite beside --out if left out.")
    ] = None,
    max_requests: Annotated[int | None, typer.Option(help="Requests to each model at most.", min=0)] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Tokens to and from each model at most.", min=0)] = None,
    concurrency: Concurrency = 8,
    timeout: Timeout = 60.0,
) -> None:
    """Judge on which answer each thought ends, and append the verdicts to a file.

    The logs stay as they are. What the file holds is never judged again, so that a run that was stopped goes on with
    the same command. The key, where an API wants one, is read from OPENAI_API_KEY.

    Exit code 0 where every record has a verdict, 3 where some could not be judged (the same command asks again), 130
    where it was stopped, 1 where it failed, 2 where the arguments are wrong.
    """
    from rich.console import Console
    from rich.progress import Progress

    from lmms_faith.chat import EndpointUnusable
    from lmms_faith.judges import Budget, llm_judge
    from lmms_faith.judging import judge_records
    from lmms_faith.report.logs import log_files, read_records

    file = out or results / "verdicts.jsonl"
    bar = Progress(console=Console(stderr=True))
    try:
        total = sum(map(_lines, log_files(results)))
        records = bar.add_task("records", total=total)
        models = [
            llm_judge(
                url,
                name,
                prompt=question,
                budget=Budget(requests=max_requests, tokens=max_tokens),
                cache=cache or file.with_name("judge-replies.sqlite"),
                concurrency=concurrency,
                timeout=timeout,
                progress=_asking(bar, name),
            )
            for url, name, question in _models(judge_url or [], model or [], prompt or [Prompt.blind_1])
        ]
        chosen = _judge(kind, models, vote)
        with bar:
            done = judge_records(
                read_records(results),
                chosen,
                out=file,
                batch=_BATCH_PER_REQUEST * concurrency,
                progress=lambda count: bar.update(records, completed=count),
            )
    except (EndpointUnusable, ImportError, OSError, ValueError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        _stop(f"stopped; what is done so far is in {file}, and the same command goes on")
    _report(done, chosen, file)
    if done.tally.unjudged:
        raise typer.Exit(UNJUDGED)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _asking(bar: Progress, model: str) -> Callable[[int, int], None]:
    """A line of the bar for what a model is asked about at the moment, from its first question on."""
    line = bar.add_task(f"  asking {model}", total=None, visible=False)
    return lambda done, total: bar.update(line, completed=done, total=total, visible=True)


def _models(urls: list[str], models: list[str], prompts: list[Prompt]) -> list[tuple[str, str, PromptName]]:
    """URL, model and prompt of each model; what is given once holds for all."""
    if not models:
        if urls:
            raise ValueError("--judge-url is given and no --model; name the model that judges")
        return []
    for option, values in (("--judge-url", urls), ("--prompt", prompts)):
        if len(values) not in (1, len(models)):
            raise ValueError(
                f"{option} is given {len(values)} times for {len(models)} models; give one, or one for each"
            )
    repeats = len(models)
    named = [prompt.value for prompt in prompts]
    return list(zip(urls * repeats, models, cast("list[PromptName]", named * repeats)))


def _judge(kind: Kind, models: Sequence[Judge], vote: Vote) -> Judge:
    from lmms_faith.judges import LetterForceJudge, Panel, RuleJudge, default_judge

    if kind in (Kind.rule, Kind.letter_force) and models:
        raise ValueError(f"--judge {kind.value} asks no model; leave --model out, or choose cascade, llm or panel")
    if kind is Kind.llm and len(models) != 1:
        raise ValueError(f"--judge llm asks one model, {len(models)} are given; give --judge-url and one --model")
    if kind is Kind.panel:
        if not models:
            raise ValueError("--judge panel seats the rule judge and models; give --judge-url and --model")
        return Panel((RuleJudge(), *models), mode=vote.value)
    if kind is Kind.cascade:
        return default_judge(*models)
    return models[0] if models else RuleJudge() if kind is Kind.rule else LetterForceJudge()


def _report(done: Judging, chosen: Judge, file: Path) -> None:
    from lmms_faith.judges import Cascade
    from lmms_faith.summary import NO_THOUGHT

    tally = done.tally
    typer.echo(f"{file}: {tally.total - tally.unjudged} verdicts of {chosen.id}, {done.kept} from before")
    for stage in [one.id for one in chosen.stages] if isinstance(chosen, Cascade) else [chosen.id]:
        count = tally.decided.get(stage, 0)
        typer.echo(f"  {count} ({_share(count, tally.total)}) decided by {stage}")
    others = {
        "end on none": tally.none,
        "abstained": tally.abstained,
        NO_THOUGHT: tally.not_observable,
        "failed requests": tally.failed,
        "unjudged": tally.unjudged,
    }
    for what, count in others.items():
        typer.echo(f"  {count} ({_share(count, tally.total)}) {what}")
    if done.agreement is not None:
        _report_agreement(done.agreement)


def _report_agreement(found: Agreement) -> None:
    typer.echo(f"Agreement on whether thought and answer agree, {found.n} records that two judges or more rated:")
    for name, number in (("raw", found.raw), ("Fleiss' kappa", found.fleiss), ("Gwet's AC2", found.ac2)):
        typer.echo(f"  {name} {_number(number)}")
    for (one, other), kappa in found.pairs.items():
        typer.echo(f"  Cohen's kappa {_number(kappa)} of {one} and {other}")
    for name, count in zip(found.judges, found.rated):
        typer.echo(f"  {count} rated by {name}")


def _share(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else "–"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _stop(reason: str) -> NoReturn:
    typer.secho(f"lmms-faith: {reason}", err=True, fg=typer.colors.RED)
    raise typer.Exit(STOPPED)
