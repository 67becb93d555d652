"""What was known and what was found again, as a table."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from lmms_faith.measures import MEASURES
from lmms_faith.simulation.coverage import Recovered, faults, pooled, shortfalls
from lmms_faith.simulation.questions import VALUES

HEADINGS: Final = ("measure", "under", "truth", "mean estimate", "off by", "coverage, %")
FIRST: Final = "wrong_caption"
"""The condition that is shown of a measure where only one is."""


def lines(found: Sequence[Recovered]) -> list[list[str]]:
    """A header and a line per number. ``off by`` is the mean estimate less the truth, in standard deviations of one."""
    return [list(HEADINGS), *(_line(one) for one in found)]


def one_each(found: Sequence[Recovered]) -> list[Recovered]:
    """One number of each measure, as the registry orders them: under ``FIRST``, of items with options, if it can be."""
    chosen: dict[str, Recovered] = {}
    for one in sorted(found, key=lambda one: (one.benchmark == VALUES, one.condition != FIRST)):
        chosen.setdefault(one.metric, one)
    return [chosen[name] for name in MEASURES if name in chosen]


def footer(found: Sequence[Recovered]) -> Iterator[str]:
    """What is to be said of all numbers together, and every fault."""
    plain = [one for one in found if not one.biased and not one.fixed]
    if plain:
        held = [100 * one.coverage for one in plain]
        yield (
            f"{len(plain)} numbers, {plain[0].replicates} replicates: the intervals hold the truth in "
            f"{100 * pooled(found):.1f} % of the cases, number by number in {min(held):.1f} to {max(held):.1f} %."
        )
    if biased := sum(one.biased for one in found):
        yield f"Numbers marked * ({biased}) are known to be biased in small samples: left out."
    yield from (f"Too biased for its interval: {said}" for said in shortfalls(found))
    yield from (f"Fault: {said}" for said in faults(found))


def _line(one: Recovered) -> list[str]:
    benchmark = f" ({VALUES})" if one.benchmark == VALUES else ""
    return [
        f"{one.metric}{'*' if one.biased else ''}",
        f"{one.condition}{benchmark}",
        _number(one.truth),
        _number(one.mean),
        "" if math.isnan(one.bias) else f"{one.bias:+.2f}",
        f"{100 * one.coverage:.1f}",
    ]


def _number(value: float) -> str:
    small = 0 < abs(value) < 0.001
    return f"{value:.1e}" if small else f"{value:.4f}"
