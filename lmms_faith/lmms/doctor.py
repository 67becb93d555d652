"""What a model can and can't do for these tasks, found by trying it on one drawn image."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal
from unittest.mock import patch

from lmms_eval.models import get_model

from lmms_faith.benchmarks.spec import Row
from lmms_faith.chat import EndpointUnusable
from lmms_faith.item import LETTERS, Item
from lmms_faith.lmms.measurable import Ability, counted, measures_without, stand_ins, started, unstarted
from lmms_faith.lmms.store import VARIABLE, Store
from lmms_faith.lmms.task import FaithTask, PrefillUnsupported
from lmms_faith.measures import MEASURES
from lmms_faith.metrics import off_letter_mass
from lmms_faith.record import Record

BENCHMARK = "shapes"
_MAX_NEW_TOKENS = 256
_CUT_AT = 2
Level = Literal["yes", "part", "no"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One ability of a model's.

    Attributes:
        ability: Which.
        level: Whether it is there.
        word: What was found, in a word or two that any run on the model would give.
        seen: What this run saw.
        follows: What can be measured, or can't.
    """

    ability: Ability
    level: Level
    word: str
    seen: str
    follows: str


@dataclass(frozen=True, slots=True)
class _Trial:
    """What came of one request: a record with a completion and the end of its prompt, or the reason for none."""

    record: Record | None
    tail: str = ""
    reason: str = ""


def examine(model: str, model_args: str) -> tuple[Finding, ...]:
    """Load a model as the host would and try it, with half a dozen requests.

    Args:
        model: As for ``lmms-eval --model``.
        model_args: As for ``lmms-eval --model_args``.

    Returns:
        A finding per ability, in a fixed order.
    """
    with TemporaryDirectory() as folder, patch.dict(os.environ, {VARIABLE: folder}):
        lm = get_model(model).create_from_arg_string(model_args)
        base = _tried(lm, "base")
        if base.record is None:
            return (_nothing(base),)
        return (
            _picture(base.record, [_tried(lm, name) for name in ("swapped_image", "blank_image")]),
            _answer(base.record),
            _end(_tried(lm, "base", max_new_tokens=_CUT_AT)),
            _prefill(_tried(lm, "wrong_think")),
            _thought(base.record),
            _letters(base.record, _likeliest(lm)),
            _values(_tried(lm, "base", free_form=True)),
            _resume(Path(folder)),
        )


def scope(findings: Sequence[Finding]) -> tuple[str, str]:
    """How many of the conditions a model can be asked under, and how many of the measures it is given, in words."""
    levels = {finding.ability: finding.level for finding in findings}
    if levels["picture"] == "no":
        return "none", "none"
    whole = len(started()) + len(unstarted())
    more = f" and {len(stand_ins())} stand-ins" if stand_ins() else ""
    conditions = f"all {whole}" if levels["prefill"] == "yes" else f"{len(unstarted())} of {whole}{more}"
    unknown = measures_without([ability for ability, level in levels.items() if level == "no"])
    known = len(MEASURES) - len(unknown)
    return conditions, f"{known} of {len(MEASURES)}" if unknown else f"all {known}"


def next_tasks(findings: Sequence[Finding]) -> str | None:
    """The tasks to run first with a model that was examined; None where nothing can be asked."""
    levels = {finding.ability: finding.level for finding in findings}
    if levels["picture"] == "no":
        return None
    return f"faith_{BENCHMARK}" if levels["prefill"] == "yes" else f"faith_{BENCHMARK}_closed"


def _tried(lm: Any, condition: str, *, free_form: bool = False, max_new_tokens: int = _MAX_NEW_TOKENS) -> _Trial:
    """The first item under a condition; a server that can't be reached any more ends the examination."""
    try:
        return _asked(lm, condition, free_form, max_new_tokens)
    except EndpointUnusable:
        raise
    except PrefillUnsupported:
        return _Trial(None, reason=getattr(lm, "no_prefill", "") or "it closes a started turn and answers anew")
    # Whatever a model raises when it is asked is what the user came here to learn.
    except Exception as error:
        return _Trial(None, reason=str(error) or type(error).__name__)


def _asked(lm: Any, condition: str, free_form: bool, max_new_tokens: int) -> _Trial:
    task = FaithTask(
        {"task": f"faith_{BENCHMARK}_{condition}", "faith": {"benchmark": BENCHMARK, "condition": condition}}
    )
    if free_form:
        task.benchmark = replace(task.benchmark, to_item=_without_options(task.benchmark.to_item))
    task.config.generation_kwargs["max_new_tokens"] = max_new_tokens
    task.build_all_requests(limit=1)
    lm.task_dict[task.config.task] = task.dataset
    doc = task.task_docs[0]
    output = lm.generate_until(task.instances)[0]
    task.instances[0].resps.append(getattr(output, "text", output))
    task.apply_filters()
    item = task.item(doc)
    record = task.record(item, task.instances[0].resps[0], task.evidence(item.id))
    if record.error is not None:
        return _Trial(None, reason=record.error)
    return _Trial(record, tail=lm.rendered(task.doc_to_messages(doc))[-70:] if hasattr(lm, "rendered") else "")


def _without_options(to_item: Any) -> Any:
    """The same questions with gold as a value to be written."""

    def free(row: Row) -> Item:
        item: Item = to_item(row)
        return replace(item, options=(), answer=None, kind="text", value=item.gold)

    return free


def _nothing(base: _Trial) -> Finding:
    return Finding(
        ability="picture",
        level="no",
        word="refused",
        seen=base.reason,
        follows="nothing can be measured, since every benchmark asks about pictures",
    )


def _picture(record: Record, others: list[_Trial]) -> Finding:
    if any(other.record is not None and _differs(record, other.record) for other in others):
        return Finding(
            ability="picture",
            level="yes",
            word="told apart",
            seen="another picture changes the answer or its letters",
            follows="conditions with the item's own picture, a blank one and another's",
        )
    return Finding(
        ability="picture",
        level="part",
        word="taken",
        seen=next((other.reason for other in others if other.reason), "another picture changes nothing in the answer"),
        follows="one item proves little: read blank_image and swapped_image before anything else",
    )


def _differs(one: Record, other: Record) -> bool:
    if one.letter_logprobs is None or other.letter_logprobs is None:
        return one.completion != other.completion
    return max(abs(mine - its) for mine, its in zip(one.letter_logprobs, other.letter_logprobs)) > 1e-3


def _answer(record: Record) -> Finding:
    read, tagged = record.status == "answered", "<answer>" in record.completion
    return Finding(
        ability="answer",
        level="no" if not read else "yes" if tagged else "part",
        word="none read" if not read else "in its tags" if tagged else "in prose",
        seen=f"{record.status}: {record.completion[-60:]!r}",
        follows=counted("answer")
        if read
        else f"no answer is neither right nor misled: allow more than {_MAX_NEW_TOKENS} tokens, or see `extract`",
    )


def _end(cut: _Trial) -> Finding:
    told = cut.record is not None and cut.record.status == "truncated"
    became = cut.reason if cut.record is None else cut.record.status.replace("_", " ")
    return Finding(
        ability="end",
        level="yes" if told else "no",
        word="told" if told else "not told",
        seen=f"a completion cut off after {_CUT_AT} tokens: {became}",
        follows=f"{counted('end')}: cut off and unanswered are counted apart"
        if told
        else "a completion that the token limit cut off counts as one without an answer",
    )


def _prefill(trial: _Trial) -> Finding:
    if trial.record is not None:
        return Finding(
            ability="prefill",
            level="yes",
            word="continued",
            seen=f"the prompt ends in {trial.tail!r}" if trial.tail else "seen by the server's count of tokens alone",
            follows=f"the {len(started())} conditions that start the assistant's turn",
        )
    instead = f"; in their place the thought is quoted in the user turn: {', '.join(stand_ins())}"
    return Finding(
        ability="prefill",
        level="no",
        word="refused",
        seen=trial.reason,
        follows=f"not to be had: {', '.join(started())}{instead if stand_ins() else ''}",
    )


def _thought(record: Record) -> Finding:
    thought, needs = (record.think or "").strip(), counted("thought")
    return Finding(
        ability="thought",
        level="yes" if thought else "no",
        word="shown" if thought else "not shown",
        seen=repr(thought[:80]) if thought else "no <think> in the completion",
        follows=needs if thought else f"not observable: {needs}",
    )


def _likeliest(lm: Any) -> int | None:
    """Of how many of the likeliest tokens the letters are read; None where each is asked for by name."""
    abilities = getattr(lm, "abilities", None)
    if abilities is not None:
        return None if abilities.letter_ids else int(abilities.top)
    asked: Mapping[str, Any] = getattr(lm, "letter_sampling", {})
    return int(asked["logprobs"]) if "logprobs" in asked else None


def _letters(record: Record, likeliest: int | None) -> Finding:
    needs = counted("letters")
    if record.letter_logprobs is None:
        return Finding(
            ability="letters",
            level="no",
            word="none",
            seen="none came with the completion",
            follows=f"unknown: {needs}",
        )
    mass = off_letter_mass(record.letter_logprobs)
    bounds = record.letter_bounds or (False,) * len(record.letter_logprobs)
    shown = ", ".join(
        f"{letter} {'<= ' if bound else ''}{value:.2f}"
        for letter, value, bound in zip(LETTERS, record.letter_logprobs, bounds)
    )
    how = "at the letter that it wrote" if record.letter_source == "generated" else "with the answer forced"
    bounded = likeliest is not None
    return Finding(
        ability="letters",
        level="part" if bounded else "yes",
        word=f"of {likeliest} likeliest" if bounded else "all, exact",
        seen=f"log-probabilities {how}: {shown}; off-letter mass {mass:.3f}",
        follows=f"of items whose letters are known well enough: {needs}" if bounded else needs,
    )


def _values(trial: _Trial) -> Finding:
    record, needs = trial.record, counted("values")
    if record is None or record.value_logprobs is None:
        return Finding(
            ability="values",
            level="no",
            word="none",
            seen=trial.reason or "none came with a free-form answer",
            follows=f"unknown: {needs}; free-form answers are scored all the same",
        )
    shown = ", ".join(f"{value:.2f}" for value in record.value_logprobs)
    return Finding(
        ability="values", level="yes", word="exact", seen=f"log-probabilities of gold and claim: {shown}", follows=needs
    )


def _resume(folder: Path) -> Finding:
    kept = Store(folder).kept
    return Finding(
        ability="resume",
        level="yes" if kept else "no",
        word="kept" if kept else "not kept",
        seen=f"{kept} answers of this examination were kept",
        follows="a run that was stopped goes on by the same command" if kept else "a run that was stopped starts anew",
    )
