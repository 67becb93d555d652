"""Records of a simulated model: completions in text, read by the package's own parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Final

import numpy as np

from lmms_faith.conditions import ABSTENTION, render
from lmms_faith.item import LETTERS, Item, Prompt
from lmms_faith.record import Extraction, Key, Record
from lmms_faith.recording import Generation, recorded
from lmms_faith.rescoring.answer import written_by
from lmms_faith.simulation import fates as fate
from lmms_faith.simulation import wording
from lmms_faith.simulation.fates import Fates, answer_role, draw
from lmms_faith.simulation.letters import SURE, by_role, logprobs
from lmms_faith.simulation.parameters import CONDITIONS_SIMULATED, Parameters, claim_of
from lmms_faith.simulation.questions import answers_by_role, choice_items, value_items

MODEL: Final = "simulated"
FREE_FORM: Final = ("base", "wrong_caption")
"""Conditions under which free-form items are asked."""

_SPAN = re.compile(re.escape(wording.UNREAD).replace(r"\{span\}", "(.+?)"))


def simulate(
    parameters: Parameters,
    seed: int,
    *,
    conditions: Sequence[str] = CONDITIONS_SIMULATED,
    free_form: Sequence[str] = FREE_FORM,
) -> list[Record]:
    """Records of a model that behaves as the parameters say, of two benchmarks that share nothing but them.

    Every completion is text, and what the record says of it is what ``parsing.parse`` read. Answers that no rule reads
    are ``no_answer`` until the ``extractions`` are applied. Under conditions with an abstention option there are no
    letters' probabilities.

    Args:
        parameters: What the model does.
        seed: The same seed gives the same records. The items asked are the same for all seeds.
        conditions: Under which items with options are asked.
        free_form: Under which free-form items are asked; nothing for none.

    Raises:
        ValueError: A condition that can't be simulated; see ``claim_of``.
    """
    found: list[Record] = []
    for kind, names in enumerate((tuple(conditions), tuple(free_form))):
        fates = draw(parameters, names, np.random.default_rng([seed, kind]))
        for condition in names:
            found += _records(parameters, condition, fates, free_form=bool(kind), seed=seed)
    return found


def extractions(records: Iterable[Record]) -> dict[tuple[Key, str], Extraction]:
    """What a model that copies answers out without fault finds where no rule reads one; see ``extraction.apply``."""
    found = {}
    for record in records:
        span = _SPAN.search(record.completion)
        if record.status == "no_answer" and span is not None:
            found[record.key, record.fingerprint] = Extraction(
                model=record.model,
                benchmark=record.benchmark,
                condition=record.condition,
                item_id=record.item_id,
                fingerprint=record.fingerprint,
                outcome="extracted",
                span=span[1],
                judge=MODEL,
                prompt_version=MODEL,
                date="1970-01-01",
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An item under a condition, with its answers by role."""

    item: Item
    prompt: Prompt
    answers: tuple[str, ...]

    def letter(self, text: str) -> str | None:
        """The letter of an option; None for a free-form item."""
        return LETTERS[self.prompt.options.index(text)] if self.prompt.options else None

    def by_option(self, by_role: Sequence[float]) -> list[float]:
        """Numbers by role, in the order of the item's options."""
        return [by_role[self.answers.index(option)] for option in self.item.options]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fate:
    """One record's fate: the level's number, the role of the answer, and what ``fates.ANSWER`` names."""

    level: int
    role: int
    ending: int
    unsure: bool
    unread: bool
    conclusion: int
    told: int
    template: bool
    words: int
    off: float


@lru_cache(maxsize=16)
def _asked(parameters: Parameters, condition: str, free_form: bool) -> tuple[_Asked, ...]:
    found = []
    for item in value_items(parameters) if free_form else choice_items(parameters):
        prompt = render(item, condition)
        answers = answers_by_role(item, str(prompt.claimed), parameters)
        found.append(_Asked(item=item, prompt=prompt, answers=answers))
    return tuple(found)


def _records(of: Parameters, condition: str, fates: Fates, *, free_form: bool, seed: int) -> Iterator[Record]:
    parts = {part: fates[f"{condition}.{part}"].tolist() for part in fate.ANSWER}
    parts |= {"level": fates["level"].tolist(), "role": answer_role(fates, condition).tolist()}
    asked = _asked(of, condition, free_form)
    for one, *values in zip(asked, *parts.values(), strict=True):
        mine = _Fate(**dict(zip(parts, values)))
        yield _record(of, one, mine, Random(f"{seed}:{condition}:{one.item.id}"))


def _record(of: Parameters, asked: _Asked, mine: _Fate, random: Random) -> Record:
    prompt, choice = asked.prompt, asked.item.kind == "choice"
    failed = mine.ending == fate.FAILED
    q = by_role(
        mine.role,
        of.options,
        confidence=of.confidence(of.levels[mine.level], claim_of(prompt.condition)),
        runner_up=of.levels[mine.level].runner_up,
    )
    lettered = choice and len(prompt.options) == of.options
    spoken = choice and mine.told == fate.LETTERS
    written = mine.ending == fate.ANSWERED and not mine.unread
    return recorded(
        asked.item,
        Generation(
            completion="" if failed else _completion(asked, mine, random, spoken=spoken),
            model=MODEL,
            finish=None if failed else "length" if mine.ending == fate.TRUNCATED else "stop",
            error="simulated: no reply" if failed else None,
            letter_logprobs=logprobs(asked.by_option(q), off=mine.off) if lettered else None,
            letter_source=("generated" if written else "forced") if lettered else None,
            conclusion_logprobs=_right_behind(of, asked, mine) if lettered and spoken else None,
            value_logprobs=None if choice else logprobs(q[: fate.CLAIMED + 1], off=mine.off),
        ),
        condition=prompt.condition,
        options=prompt.options,
        claimed=prompt.claimed,
        prefill=prompt.prefill,
        seed=0,
        versions=written_by(MODEL),
    )


def _completion(asked: _Asked, mine: _Fate, random: Random, *, spoken: bool) -> str:
    unsure = mine.unsure and len(asked.prompt.options) > len(asked.item.options)
    this, that = asked.answers[mine.conclusion], asked.answers[mine.conclusion - 1]
    ends = None if mine.ending == fate.TRUNCATED else not (unsure or spoken or mine.told == fate.NEVER)
    inner = wording.thought(random, this, that, words=mine.words, template=mine.template, ends=ends)
    return wording.completion(asked.prompt.prefill, inner, _rest(asked, mine, random, spoken=spoken, unsure=unsure))


def _rest(asked: _Asked, mine: _Fate, random: Random, *, spoken: bool, unsure: bool) -> str | None:
    """What follows the thought; None where the completion was cut off before."""
    if mine.ending == fate.TRUNCATED:
        return None
    if mine.ending == fate.UNANSWERED:
        return wording.UNANSWERED
    text = ABSTENTION if unsure else asked.answers[mine.role]
    letter = asked.letter(text)
    said = wording.UNREAD.format(span=letter or text) if mine.unread else wording.answer(random, text, letter)
    return f"{wording.SPOKEN} {said}" if spoken else said


def _right_behind(of: Parameters, asked: _Asked, mine: _Fate) -> tuple[float, ...]:
    """Letters right behind the thought, where they alone tell what it ends on."""
    q = by_role(mine.conclusion, of.options, confidence=SURE, runner_up=1 / (of.options - 1))
    return logprobs(asked.by_option(q), off=mine.off)
