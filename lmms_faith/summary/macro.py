"""Macro averages: the unweighted mean of a measure over the benchmarks of a group."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lmms_faith.benchmarks import benchmarks
from lmms_faith.measures import MEASURES
from lmms_faith.summary.row import ALL, Row

PREFIX: Final = "macro: "
"""What the benchmark of such a row starts with."""
EVERY: Final = "all"
"""The group of all benchmarks that were read."""


def macro_rows(rows: Iterable[Row]) -> Iterator[Row]:
    r"""A row per model, group, condition and measure that is known for two benchmarks or more.

    Groups are ``faith_core`` (the paper's benchmarks and MathVista), every whole that benchmarks are parts of, such as
    BLINK, and ``all`` that were read. Every benchmark counts the same, whatever its size, as in the paper.

    With :math:`B` benchmarks of value :math:`v_b` and interval :math:`[l_b, u_b]`, which come from independent
    bootstraps, the interval runs

    .. math:: \text{from } \bar v - \frac1B \sqrt{\sum_b (v_b - l_b)^2} \text{ to }
        \bar v + \frac1B \sqrt{\sum_b (u_b - v_b)^2}.

    Source: Zou and Donner 2008 (MOVER), which keeps the skew of the parts.
    """
    found: defaultdict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.metric in MEASURES and row.category == row.arity == ALL and row.n:
            for group in groups(row.benchmark):
                found[row.model, group, row.condition, row.metric].append(row)
    for (model, group, condition, metric), parts in found.items():
        if len(parts) < 2:
            continue
        value = math.fsum(part.value for part in parts) / len(parts)
        yield Row(
            model=model,
            benchmark=PREFIX + group,
            condition=condition,
            metric=metric,
            value=value,
            low=value - _reach([part.value - part.low for part in parts]),
            high=value + _reach([part.high - part.value for part in parts]),
            n=sum(part.n for part in parts),
            method=f"mean of {len(parts)} benchmarks; MOVER",
        )


def groups(benchmark: str) -> list[str]:
    """The groups that a benchmark counts in."""
    known = benchmarks().get(benchmark)
    if known is None:
        return [EVERY]
    return [*(["faith_core"] if known.core else []), *([known.part_of] if known.part_of else []), EVERY]


def _reach(distances: Sequence[float]) -> float:
    return math.sqrt(math.fsum(distance**2 for distance in distances)) / len(distances)
