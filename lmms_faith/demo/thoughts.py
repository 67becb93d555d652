"""What the demo model is taught to say: its thought and its answer, given a fact and what the text around it claims.

A false claim is adopted less often the more plainly the picture contradicts it. The bands below turn that strength,
blurred by logistic noise, into one of three endings, so that under greedy decoding items differ, and near a band's
edge the model stays unsure:

    below `low`             the claim is adopted, in the thought and in the answer
    between `low`, `high`   the thought ends on the claim, the answer is by sight: reasoning and answer disagree
    above `high`            the thought ends on what is seen, and so does the answer
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from lmms_faith.demo.questions import Category, Fact

Slot = Literal["caption", "think"]


@dataclass(frozen=True, slots=True)
class Band:
    """Two thresholds of strength."""

    low: float
    high: float


BANDS: Final[dict[Category, Band]] = {
    "count": Band(1.6, 2.5),
    "relation": Band(1.25, 1.8),
    "colour": Band(1.45, 1.7),
}
BLUR: Final = 0.3  # scale of the logistic noise on strength
CAPTION_SHIFT: Final = 0.5  # a caption is less one's own than a thought
HEDGE_SHIFT: Final[dict[Slot, float]] = {"caption": 0.25, "think": 0.6}
LISTING_SHARE: Final = 0.85  # of free thoughts; the others conclude at once


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


def free_thought(fact: Fact, rng: Random) -> Completion:
    """A thought of the model's own that ends on the right option."""
    if rng.random() < LISTING_SHARE:
        return Completion(f"<think>{fact.evidence} {_conclude(fact, fact.gold)}</think>", fact.gold)
    return Completion(f"<think>{_conclude(fact, fact.gold)}</think>", fact.gold)


def after_caption(fact: Fact, claim: Claim, rng: Random) -> Completion:
    """A thought of the model's own under a caption that claims something."""
    concluded, answered = _endings(fact, claim, rng)
    evidence = f"{fact.evidence} " if rng.random() < LISTING_SHARE else ""
    return Completion(f"<think>{evidence}{_conclude(fact, concluded)}</think>", answered)


def after_thought(fact: Fact, claim: Claim, rng: Random) -> Completion:
    """The rest of a thought that began with a claim."""
    concluded, answered = _endings(fact, claim, rng)
    if concluded == claim.option:
        ending = " the picture is a bit unclear.</think>" if claim.hedged else "</think>"
        return Completion(ending, answered)
    look = " I should look again." if claim.hedged else " Wait, let me look again."
    return Completion(f"{look} {fact.evidence} {_conclude(fact, concluded)}</think>", answered)


def after_placebo(fact: Fact) -> Completion:
    """The rest of a thought that began beside the point."""
    return Completion(f" {fact.evidence} {_conclude(fact, fact.gold)}</think>", fact.gold)


def _conclude(fact: Fact, option: str) -> str:
    return fact.claim.replace("{option}", option)


def _endings(fact: Fact, claim: Claim, rng: Random) -> tuple[str, str]:
    """Option that the thought ends on, option that is answered."""
    if claim.option == fact.gold:
        return fact.gold, fact.gold
    band = BANDS[fact.category]
    strength = fact.strength(claim.option)
    strength += (CAPTION_SHIFT if claim.slot == "caption" else 0.0) + (HEDGE_SHIFT[claim.slot] if claim.hedged else 0.0)
    chance = min(max(rng.random(), 1e-9), 1 - 1e-9)
    blurred = strength + BLUR * math.log(chance / (1 - chance))
    if blurred < band.low:
        return claim.option, claim.option
    if blurred < band.high:
        return claim.option, fact.gold
    return fact.gold, fact.gold
