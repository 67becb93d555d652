"""Letters' probabilities of a simulated answer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lmms_faith.simulation.fates import CLAIMED, GOLD

SURE = 0.9
"""Probability of the letter that a thought ends on, right behind it, where only the letters tell."""


def by_role(role: int, options: int, *, confidence: float, runner_up: float) -> list[float]:
    """Probabilities by role, which sum to one: of the answered one, the runner-up and the rest in equal parts.

    >>> [round(p, 3) for p in by_role(2, 4, confidence=0.6, runner_up=0.5)]
    [0.2, 0.1, 0.6, 0.1]
    """
    second = CLAIMED if role == GOLD else GOLD
    beside = 1 - confidence
    found = [(1 - runner_up) * beside / (options - 2)] * options
    found[role], found[second] = confidence, runner_up * beside
    return found


def logprobs(probabilities: Sequence[float], *, off: float) -> tuple[float, ...]:
    """Log-probabilities over the whole vocabulary where ``off`` of it is on no letter."""
    return tuple(math.log(p * (1 - off)) for p in probabilities)
