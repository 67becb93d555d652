"""What becomes of simulated items: answers, thoughts and endings, drawn in known shares and alike within an image."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lmms_faith.simulation.parameters import Claim, Parameters, claim_of

Fates = Mapping[str, NDArray[np.generic]]
"""Columns of shape (n,): those of ITEM, and ``CONDITION.PART`` for those of ANSWER."""

GOLD: Final = 0
CLAIMED: Final = 1
"""Roles of an item's options; from 2 on they are the other wrong options in the order shown."""

ITEM: Final = ("level", "base", "plain", "hedged")
"""The level's number, and the role of the answer where nothing, a wrong answer and a hedged one is claimed."""
ANSWER: Final = ("ending", "unsure", "unread", "conclusion", "told", "template", "words", "off")
"""How the completion ends, the role that the thought ends on, how that can be told, and the rest; 0 and 1 for flags."""

ANSWERED, UNANSWERED, TRUNCATED, FAILED = 0, 1, 2, 3
"""Values of ``ending``."""
WORDS, LETTERS, NEVER = 0, 1, 2
"""Values of ``told``: by the thought's words, by the letters right behind it, not at all."""


def draw(parameters: Parameters, conditions: Sequence[str], random: np.random.Generator) -> Fates:
    """Fates of all items, image by image.

    An item has the fate of its image with chance ``sqrt(correlation)``, so that two items of an image have the same one
    with chance ``correlation``, which then is the intra-class correlation of everything that is made of fates.
    """
    own = dict(_drawn(parameters, conditions, parameters.items, random))
    shared = dict(_drawn(parameters, conditions, parameters.images, random))
    image = np.repeat(np.arange(parameters.images), parameters.each)
    follows = random.random(parameters.items) < math.sqrt(parameters.correlation)
    return {name: np.where(follows, shared[name][image], own[name]) for name in own}


def answer_role(fates: Fates, condition: str) -> NDArray[np.generic]:
    """Role of what is answered under a condition, whether or not the completion comes to say it."""
    return fates[claim_of(condition)]


def _drawn(
    of: Parameters, conditions: Sequence[str], n: int, random: np.random.Generator
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    level = random.choice(len(of.levels), size=n, p=[one.share for one in of.levels])
    wrong = random.integers(CLAIMED, of.options, size=n)
    accuracy = np.array([one.accuracy for one in of.levels])[level]
    base = np.where(random.random(n) < accuracy, GOLD, wrong)
    plain, hedged = _moved(of, level, base, random)
    answers: dict[Claim, NDArray[np.intp]] = {"base": base, "plain": plain, "hedged": hedged}
    yield "level", level
    yield from answers.items()
    for condition in conditions:
        for part, values in _answered(of, answers[claim_of(condition)], random):
            yield f"{condition}.{part}", values


def _moved(
    of: Parameters, level: NDArray[np.intp], base: NDArray[np.intp], random: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Roles answered where something wrong is claimed, and where that is hedged."""
    n = len(level)
    adopts = np.array([one.adopts for one in of.levels])[level]
    chance = random.random(n)
    other = random.integers(CLAIMED + 1, of.options, size=n)
    moved = np.searchsorted([of.confused, of.confused + of.found], chance, side="right")
    adopted = (moved == 2) & (chance < of.confused + of.found + adopts)
    plain = np.select([moved == 0, moved == 1, adopted], [other, np.full(n, GOLD), np.full(n, CLAIMED)], base)
    back = ((moved == 0) | adopted) & (random.random(n) < of.returns)
    return plain, np.where(back, base, plain)


def _answered(
    of: Parameters, role: NDArray[np.intp], random: np.random.Generator
) -> Iterator[tuple[str, NDArray[np.generic]]]:
    n = len(role)
    ending = random.choice(3, size=n, p=[of.answered, of.unanswered, of.truncated])
    yield "ending", np.where(random.random(n) < of.failed, FAILED, ending)
    yield "unsure", random.random(n) < of.unsure
    yield "unread", random.random(n) < of.unread
    share = np.where(role == CLAIMED, of.inconsistent_misled, of.inconsistent)
    step = random.integers(1, of.options, size=n)
    yield "conclusion", np.where(random.random(n) < share, (role + step) % of.options, role)
    yield "told", random.choice(3, size=n, p=[1 - of.by_letters - of.open, of.by_letters, of.open])
    template = random.random(n) < of.template
    yield "template", template
    yield "words", np.where(template, of.words, of.words + random.integers(-10, 11, size=n))
    yield "off", random.uniform(0, 2 * of.off_letters, size=n)
