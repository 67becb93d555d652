"""Why an item does not count toward a measure, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from lmms_faith.measures import Measure
from lmms_faith.summary.cells import Cell, Gathered
from lmms_faith.summary.columns import FLAGS
from lmms_faith.summary.frame import Frame, baseline_of, plain_of, side_of
from lmms_faith.summary.gathering import NOT_OBSERVABLE, NOTHING
from lmms_faith.summary.row import NO_THOUGHT

LABELS: Final = {
    NOTHING: "no reasoning or no answer to compare",
    NOT_OBSERVABLE: NO_THOUGHT,
    "ends_on_none": "its reasoning ends on no answer",
    "unjudged": "unjudged",
}
"""Why a record of some label is not judged."""
_UNKNOWN: Final = {
    "misled": "nothing wrong is claimed",
    "p_target": "nothing wrong is claimed",
    "p_gold_value": "no value probabilities",
    "p_claimed_value": "no value probabilities",
    "abstained": "abstaining is no option",
    "thought_length": "no thought of its own",
    "template": "no thought of its own",
}
_OF_ANSWERS: Final = ("prediction", "confidence", "extracted")


def reason(gathered: Gathered, of: Frame, measure: Measure, place: int, values: Sequence[float]) -> str:
    """Why an item that was asked under a condition does not count toward a measure.

    Args:
        gathered: What was read.
        of: The condition.
        measure: The measure.
        place: The item.
        values: Its values of the measure's columns.
    """
    for name, value in zip(measure.columns, values):
        if not math.isnan(value):
            continue
        side, own = side_of(name), name.rpartition(".")[2]
        if not side:
            return _unknown(gathered, of.now, place, own)
        cell = {"base": of.base, "plain": of.plain}[side]
        if cell is None:
            wanted = {"base": baseline_of, "plain": plain_of}[side](of.now.condition)
            return f"nothing was read under {wanted}" if wanted else "this condition has no baseline"
        if place not in cell.places:
            return f"unpaired: not asked under {cell.condition}"
        if own == "js_shift":
            return "no letter probabilities on both sides"
        return f"{_unknown(gathered, cell, place, own)} under {cell.condition}"
    flags = [(name, value) for name, value in zip(measure.columns, values) if name.rpartition(".")[2] in FLAGS]
    return "it does not count where " + ", ".join(f"{name} is {value:g}" for name, value in flags)


def _unknown(gathered: Gathered, cell: Cell, place: int, column: str) -> str:
    at = int(np.searchsorted(cell.places, place))

    def is_(flag: str) -> bool:
        return bool(cell.column(flag)[at] == 1)

    if is_("failed"):
        return "the request failed"
    if column == "agree":
        label = gathered.labels[cell.judgement[at]]
        return "its verdict is on another completion" if cell.stale[at] else LABELS.get(label, "undecided")
    if column in _OF_ANSWERS and not is_("answered"):
        return "truncated" if is_("truncated") else "no answer"
    if column == "extracted":
        return "extraction was not asked for"
    if column == "p_correct_measured" and not math.isnan(cell.column("p_correct")[at]):
        return "gold's letter is only bounded"
    letterless = "its letters are bounded too loosely" if is_("loose") else "no letter probabilities"
    if column == "p_target" and not math.isnan(cell.column("misled")[at]):
        return letterless
    return _UNKNOWN.get(column, letterless)
