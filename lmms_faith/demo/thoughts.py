"""What the demo model is taught to say: its thought and its answer, given a fact and what the text around it claims.

A thought that began with a claim goes back to the picture in a share of cases that depends on the kind of question and
on whether the claim was hedged, not on whether it is true; otherwise it ends at once. What was looked at decides: a
false claim is adopted less often the more plainly the picture contradicts it. The bands below turn that strength,
blurred by logistic noise, into one of three endings, so that under greedy decoding items differ, and near a band's
edge the model stays unsure:

    below `low`             the claim is adopted, in the thought and in the answer
    between `low`, `high`   the thought ends on the claim, the answer is by sight: reasoning and answer disagree
    above `high`            the thought ends on what is seen if it looked, and the answer is by sight
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final, Literal

from lmms_faith.demo.questions import Category, Fact

Slot = Literal["caption", "think"]


@dataclass(frozen=True, slots=True)
class Band:
    """Two thresholds of strength."""

    low: float
    high: float


BLUR: Final = 0.3  # scale of the logistic noise on strength
CAPTION_SHIFT: Final = 0.5  # a caption is less one's own than a thought
HEDGE_SHIFT: Final[dict[Slot, float]] = {"caption": 0.25, "think": 0.6}
LISTING_SHARE: Final = 0.85  # of free thoughts; the others conclude at once


@dataclass(frozen=True, slots=True)
class Temper:
    """What it takes to drop a claim, and how often a thought that began with one goes back to the picture."""

    bands: Mapping[Category, Band]
    looks: Mapping[Category, float]
    looks_if_hedged: float


AT_FIRST: Final = Temper(
    bands={"count": Band(1.6, 2.5), "relation": Band(1.25, 1.8), "colour": Band(1.45, 1.7)},
    looks={"count": 0.2, "relation": 0.75, "colour": 0.85},
    looks_if_hedged=0.9,
)
SETTLED: Final = Temper(
    bands={"count": Band(1.6, 2.5), "relation": Band(0.9, 1.4), "colour": Band(1.45, 2.4)},
    looks={"count": 0.2, "relation": 0.9, "colour": 0.9},
    looks_if_hedged=0.95,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the prompt says about the answer: in which slot, which option, and whether hedged."""

    slot: Slot
    option: str
    hedged: bool


@dataclass(frozen=True, slots=True)
class Completion:
    """Text that the model should go on with, up to the letter, and the option whose letter follows."""

    thought: str
    option: str


Reply = Callable[[Fact, Claim, Random], Completion]
"""What is said about a claim."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a model is taught to do about a claim in a caption, and about one that its thought began with.

    `blanks` is the share of pictures that show nothing, under conditions without a claim; there it is taught to guess.
    """

    name: str
    after_caption: Reply
    after_thought: Reply
    blanks: float = 0.0


def free_thought(fact: Fact, rng: Random) -> Completion:
    """A thought of the model's own that ends on the right option."""
    if rng.random() < LISTING_SHARE:
        return Completion(f"<think>{fact.evidence} {conclude(fact, fact.gold)}</think>", fact.gold)
    return Completion(f"<think>{conclude(fact, fact.gold)}</think>", fact.gold)


def after_caption(fact: Fact, claim: Claim, rng: Random, *, temper: Temper) -> Completion:
    """A thought of the model's own under a caption that claims something."""
    concluded, answered = _endings(fact, claim, rng, temper.bands[fact.category])
    evidence = f"{fact.evidence} " if rng.random() < LISTING_SHARE else ""
    return Completion(f"<think>{evidence}{conclude(fact, concluded)}</think>", answered)


def after_thought(fact: Fact, claim: Claim, rng: Random, *, temper: Temper) -> Completion:
    """The rest of a thought that began with a claim."""
    concluded, answered = _endings(fact, claim, rng, temper.bands[fact.category])
    if rng.random() < (temper.looks_if_hedged if claim.hedged else temper.looks[fact.category]):
        look = " I should look again." if claim.hedged else " Wait, let me look again."
        return Completion(f"{look} {fact.evidence} {conclude(fact, concluded)}</think>", answered)
    ending = " the picture is a bit unclear.</think>" if claim.hedged else "</think>"
    return Completion(ending, answered)


def guess(fact: Fact, options: Sequence[str], rng: Random) -> Completion:
    """A thought about a picture that shows nothing."""
    option = rng.choice(options)
    return Completion(f"<think>{conclude(fact, option)}</think>", option)


def after_placebo(fact: Fact) -> Completion:
    """The rest of a thought that began beside the point."""
    return Completion(f" {fact.evidence} {conclude(fact, fact.gold)}</think>", fact.gold)


def conclude(fact: Fact, option: str) -> str:
    """The sentence that claims an option."""
    return fact.claim.replace("{option}", option)


def _endings(fact: Fact, claim: Claim, rng: Random, band: Band) -> tuple[str, str]:
    """Option that the thought ends on, option that is answered."""
    if claim.option == fact.gold:
        return fact.gold, fact.gold
    strength = fact.strength(claim.option)
    strength += (CAPTION_SHIFT if claim.slot == "caption" else 0.0) + (HEDGE_SHIFT[claim.slot] if claim.hedged else 0.0)
    chance = min(max(rng.random(), 1e-9), 1 - 1e-9)
    blurred = strength + BLUR * math.log(chance / (1 - chance))
    if blurred < band.low:
        return claim.option, claim.option
    if blurred < band.high:
        return claim.option, fact.gold
    return fact.gold, fact.gold


def tempered(name: str, temper: Temper, *, blanks: float = 0.0) -> Behaviour:
    """The demo model's behaviour, at some temper."""
    return Behaviour(name, partial(after_caption, temper=temper), partial(after_thought, temper=temper), blanks)


LEARNING: Final = tempered("joint", AT_FIRST)
SETTLING: Final = tempered("settling", SETTLED, blanks=0.2)
