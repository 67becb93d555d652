"""Two models' contrasts as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from lmms_faith.measures import MEASURES
from lmms_faith.metrics.paired import Paired
from lmms_faith.report.table import UNKNOWN, Lines
from lmms_faith.summary import HIDDEN, Contrast

HEADER: Final = (
    "condition",
    "n",
    "left out",
    "A",
    "B",
    "B - A [95 % CI]",
    "p",
    "fall of B - fall of A [95 % CI]",
    "p",
    "Holm p",
)


def contrast_tables(contrasts: Sequence[Contrast]) -> Iterator[tuple[str, Lines]]:
    """A title and lines per benchmark; the first line is the header. Shares in percent and points."""
    for benchmark in dict.fromkeys(one.benchmark for one in contrasts):
        mine = [one for one in contrasts if one.benchmark == benchmark]
        yield f"{benchmark} · {mine[0].metric}", [list(HEADER), *map(_line, mine)]


def _line(one: Contrast) -> list[str]:
    scale = 100 if MEASURES[one.metric].unit == "share" else 1
    digits = 1 if scale == 100 or MEASURES[one.metric].unit == "words" else 3

    def number(value: float, sign: str = "") -> str:
        return UNKNOWN if math.isnan(value) else f"{scale * value:{sign}.{digits}f}"

    def side(value: float, hidden: bool) -> str:
        return HIDDEN if hidden else number(value)

    def interval(paired: Paired | None) -> str:
        if paired is None or math.isnan(paired.value):
            return UNKNOWN
        return f"{number(paired.value, '+')} [{number(paired.low, '+')}, {number(paired.high, '+')}]"

    sides = [side(one.a, one.hidden_a), side(one.b, one.hidden_b), interval(one.difference), _p(one.difference.p)]
    falls = [interval(one.falls), _p(math.nan if one.falls is None else one.falls.p), _p(one.holm)]
    return [one.condition, str(one.difference.n), str(one.difference.left_out), *sides, *falls]


def _p(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:.3g}" if value >= 0.001 else "<0.001"
