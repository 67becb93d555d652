"""One number of the tidy table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

ALL: Final = "all"
"""Stands for every category, or every number of options, in a row over all of them."""
PAPER: Final = "paper"
"""Stands for all conditions of the paper in a row over several of them."""

HIDDEN: Final = "not observable"
"""Method of a measure of agreement where no completion has a thought in it, so that there is nothing to agree with."""
NO_THOUGHT: Final = f"{HIDDEN}: no thought in <think> tags"
"""What is said of a completion without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of the tidy table, with what it rests on.

    Attributes:
        model: Name of the model; ``unnamed`` where the records have none.
        benchmark: Name of the benchmark; ``macro: GROUP`` for a mean over the benchmarks of a group.
        category: The benchmark's own category; ``all`` for a row over all items, with or without one.
        arity: Number of options, an abstention option not counted: ``2``, ``3``, ``4+``, ``free`` or ``all``.
        condition: Name of the condition; ``paper`` for a measure over all conditions of the paper.
        metric: Name of the measure, of a count or of a p-value.
        value: The number; nan where nothing is known.
        low, high: Ends of its 95 % interval; nan where it has none.
        n: Items that the number rests on.
        method: How the interval was found, what kind of number it is, or that it is ``HIDDEN``; empty where there is
            nothing to say.
    """

    model: str
    benchmark: str
    condition: str
    metric: str
    value: float
    n: int
    category: str = ALL
    arity: str = ALL
    low: float = math.nan
    high: float = math.nan
    method: str = ""
