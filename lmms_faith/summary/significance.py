"""Whether each condition's accuracy differs from its baseline's by more than chance, as rows beside the measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from lmms_faith.metrics.paired import McNemar, holm, mcnemar
from lmms_faith.metrics.power import design_effect, detectable_drop
from lmms_faith.summary.cells import Codes, Gathered
from lmms_faith.summary.columns import Floats
from lmms_faith.summary.frame import Frame, column, frames
from lmms_faith.summary.row import Row

SIGNIFICANCE: Final = ("mcnemar_p", "holm_p", "detectable_drop")
"""Names of the rows."""
POWER: Final = 0.8
"""Chance of finding the drop that counts as detectable, at a two-sided level of 5 %."""


def significance_rows(gathered: Gathered, model: str, benchmark: str) -> Iterator[Row]:
    """Three rows per condition that has a baseline other than itself, over the items known under both.

    ``mcnemar_p`` is the p-value of the exact McNemar test, ``holm_p`` the same after Holm's adjustment for all
    conditions of this model and benchmark, and ``detectable_drop`` the smallest drop that so many items would show with
    a power of 0.8, given how many answers changed and how far items of one image go together.
    """
    with_base = (of for of in frames(gathered, model, benchmark) if of.compared)
    pairs = [(of, column(of, "base.correct"), column(of, "correct")) for of in with_base]
    tests = [mcnemar(base, now) for _, base, now in pairs]
    compared = sum(test.n > 0 for test in tests)
    for (of, base, now), test, adjusted in zip(pairs, tests, holm([test.p for test in tests])):
        lost = f"exact McNemar: {test.right_to_wrong} lost, {test.wrong_to_right} gained"
        yield _row(of, "mcnemar_p", test, test.p, lost)
        yield _row(of, "holm_p", test, float(adjusted), f"Holm over {compared} conditions")
        if test.n:
            effect = _effect(base - now, gathered.items[benchmark].cluster[of.now.places])
            changed = (test.right_to_wrong + test.wrong_to_right) / test.n
            smallest = detectable_drop(test.n, discordance=changed, power=POWER, design_effect=effect)
            how = f"exact McNemar, power {POWER:g}; {changed:.1%} changed, design effect {effect:.2f}"
            yield _row(of, "detectable_drop", test, smallest, how)


def _effect(differences: Floats, clusters: Codes) -> float:
    """The design effect, 1 where it can't be told; less than 1 is put down to chance."""
    found = design_effect(differences, clusters)
    return 1.0 if np.isnan(found) else max(1.0, found)


def _row(of: Frame, metric: str, test: McNemar, value: float, method: str) -> Row:
    now = of.now
    return Row(
        model=now.model,
        benchmark=now.benchmark,
        condition=now.condition,
        metric=metric,
        value=value,
        n=test.n,
        method=method,
    )
