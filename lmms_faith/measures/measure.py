"""One number of the tidy table, with what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lmms_faith.metrics.weighting import Floats, Number, aligned

Better = Literal["higher", "lower"]
Scope = Literal["condition", "conditions"]


def itself(column: ArrayLike) -> Floats:
    """What each item adds to the mean of a column: its own value.

    >>> itself([1, float("nan")])
    array([ 1., nan])
    """
    return aligned(column)[0]


def together(*columns: ArrayLike) -> Floats:
    """1 where all columns are known, nan elsewhere: which items count toward a number that is no mean.

    >>> together([1, 0, float("nan")], [0.5, 0.5, 0.5])
    array([ 1.,  1., nan])
    """
    return np.where(np.isnan(np.stack(aligned(*columns))).any(axis=0), np.nan, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    r"""A row of the registry.

    Attributes:
        name: As in the tidy table.
        title: The name in words.
        unit: Of its value: ``share``, ``probability``, ``difference``, ``score``, ``nats`` or ``words``.
        low, high: The range that the value is in, ends included; infinite where it has no bound.
        better: Which way a model gains; None where neither way is better as such.
        formula: In LaTeX, without dollar signs, in the notation of docs/metrics.md.
        says: What can be read from it; one sentence or two.
        does_not_say: What can't.
        source: Where it is from.
        columns: Names of the columns that ``function`` and ``items`` take, in their order; see ``COLUMNS``. In front
            of a name, ``base.`` stands for the same item under the condition's baseline, ``plain.`` under the condition
            that makes the same claim without a hedge.
        function: From the columns, and ``weights``, to the number; see the weights of ``metrics.weighted_mean``.
        items: From the columns to what each item adds, shape (n,); nan where the item does not count. How many count is
            the ``n`` of the tidy table.
        mean: Whether the number is the mean of ``items``.
        scope: ``condition`` for a number per condition; ``conditions`` for one over all conditions together, whose one
            column comes once per condition.
        biased: Where small samples, and once more their resamples, put it: too ``high``, as where it sums absolute or
            squared distances, or too ``low``, as where it is a variance; None where on average they do neither.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    better: Better | None
    formula: str
    says: str
    does_not_say: str
    source: str
    columns: tuple[str, ...]
    function: Callable[..., Number]
    items: Callable[..., Floats] = itself
    mean: bool = True
    scope: Scope = "condition"
    biased: Literal["high", "low"] | None = None
