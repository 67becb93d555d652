"""Answers as compact arrays: what is known of a benchmark's items, and what a model made of them under a condition."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lmms_faith.summary.columns import FLAGS, REALS, WHOLE, Floats

Codes = NDArray[np.int32]
CellKey = tuple[str, str, str]
"""Model, benchmark and condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A benchmark's items, shared by all models and conditions; an item's position here is its place.

    Attributes:
        ids: The item's id, by place.
        categories: Names of the categories; ``category`` counts into it, -1 for none.
        category, arity, cluster: Shape (items,); codes. ``arity`` counts into ``arities``.
        arities: ``2``, ``3``, ``4+`` or ``free``.
    """

    ids: tuple[str, ...]
    categories: tuple[str, ...]
    arities: tuple[str, ...]
    category: Codes
    arity: Codes
    cluster: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one model answered to one benchmark under one condition, an entry per item in the order of places.

    Attributes:
        places: Shape (n,), rising; which items.
        flags, whole: Shape (n, columns), int8 and int32; -1 unknown.
        reals: Shape (n, columns), float64; nan unknown.
        letters: Shape (n, k), float32; the letters' probabilities, nan beyond an item's letters and where unknown.
        judgement: Shape (n,); what became of judging each, as a code into the labels of ``Gathered``.
        stale: Shape (n,); whether the verdict is about another completion.
    """

    model: str
    benchmark: str
    condition: str
    places: Codes
    flags: NDArray[np.int8]
    whole: Codes
    reals: Floats
    letters: NDArray[np.float32]
    judgement: NDArray[np.int16]
    stale: NDArray[np.bool_]

    def column(self, name: str) -> Floats:
        """One of ``columns.COLUMNS``, shape (n,), nan unknown.

        Raises:
            ValueError: No such column.
        """
        if name in REALS:
            return self.reals[:, REALS.index(name)]
        for names, matrix in ((FLAGS, self.flags), (WHOLE, self.whole)):
            if name in names:
                values = matrix[:, names.index(name)]
                return np.where(values < 0, math.nan, values)
        raise ValueError(f"unknown column {name!r}; choose one of: {', '.join((*FLAGS, *WHOLE, *REALS))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that was read.

    Attributes:
        cells: By model, benchmark and condition, in the order met.
        items: By benchmark.
        labels: What ``Cell.judgement`` counts into: ``decided_by_STAGE``, ``ends_on_none``, ``undecided``,
            ``unjudged``, ``not_observable`` and an empty text where there is nothing to judge.
        seeds: Seeds of the records, sorted.
        versions: By name of a package or table, the versions that the records were made with, sorted.
    """

    cells: Mapping[CellKey, Cell]
    items: Mapping[str, Items]
    labels: tuple[str, ...]
    seeds: tuple[int, ...]
    versions: Mapping[str, tuple[str, ...]]
