"""How many items were paired and judged, and by whom, as rows beside the measures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from lmms_faith.measures import Measure
from lmms_faith.summary.cells import Gathered
from lmms_faith.summary.frame import Frame, frames, unpaired
from lmms_faith.summary.gathering import NOT_OBSERVABLE, NOTHING
from lmms_faith.summary.row import Row

METHOD: Final = "count"
STAGE: Final = "decided_by_"
"""What the name of a stage's count starts with."""
COUNTS: Final = ("unpaired", NOT_OBSERVABLE, "ends_on_none", "undecided", "unjudged", "stale")
"""Names of the other rows."""
ALWAYS: Final = ("ends_on_none", "undecided", "unjudged")
"""Labels that have a row whether or not any record has them."""


def count_rows(gathered: Gathered, model: str, benchmark: str) -> Iterator[Row]:
    """Counts per condition; ``value`` is the count and ``n`` what it is out of.

    ``unpaired`` counts the items asked under the condition or its baseline, but not under both, out of all of them.
    ``not_observable`` counts the completions without a thought in them where the model was left to think, out of all.
    The others are out of the records in which there are reasoning and an answer to compare: ``decided_by_STAGE``,
    ``ends_on_none``, ``undecided`` (the judge can't tell) and ``unjudged`` (it was not asked, or could not be) add up
    to them. ``stale`` counts those among the unjudged whose verdict is about another completion of the same item.
    """
    stages = [label for label in gathered.labels if label.startswith(STAGE)]
    for of in frames(gathered, model, benchmark):
        asked, counts = label_counts(gathered, of)
        if of.compared and of.base is not None:
            alone = sum(map(len, unpaired(of)))
            either = len(np.union1d(of.now.places, of.base.places))
            yield _row(of, "unpaired", alone, either)
        yield _row(of, NOT_OBSERVABLE, *without_thought(gathered, of))
        for label in (*stages, *ALWAYS):
            yield _row(of, label, counts.get(label, 0), asked)
        yield _row(of, "stale", counts["stale"], asked)


def without_thought(gathered: Gathered, of: Frame) -> tuple[int, int]:
    """How many completions of a condition are not observable, and how many completions there are."""
    hidden = np.array(gathered.labels)[of.now.judgement] == NOT_OBSERVABLE
    return int(hidden.sum()), int((of.now.column("failed") == 0).sum())


def hidden(gathered: Gathered, measure: Measure, of: Frame) -> bool:
    """Whether a measure of agreement has nothing to go by, since no completion has a thought in it."""
    if "agree" not in measure.columns:
        return False
    silent, completions = without_thought(gathered, of)
    return 0 < silent == completions


def label_counts(gathered: Gathered, of: Frame) -> tuple[int, dict[str, int]]:
    """How many records of a condition could be judged, and how many of these have each label, or a stale verdict."""
    labels = np.array(gathered.labels)[of.now.judgement]
    could = ~np.isin(labels, (NOTHING, NOT_OBSERVABLE))
    names, counts = np.unique(labels[could], return_counts=True)
    found = dict(zip(names.tolist(), counts.tolist()))
    return int(could.sum()), found | {"stale": int((of.now.stale & could).sum())}


def _row(of: Frame, metric: str, count: int, out_of: int) -> Row:
    now = of.now
    return Row(
        model=now.model,
        benchmark=now.benchmark,
        condition=now.condition,
        metric=metric,
        value=float(count),
        n=out_of,
        method=METHOD,
    )
