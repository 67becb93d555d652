"""One record's numbers under the names that the host aggregates, and the aggregation that leaves the unknown out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from lmms_faith.judges import default_judge
from lmms_faith.measures import MEASURES
from lmms_faith.record import Record
from lmms_faith.summary import Judged, judged_now, numbers

METRICS = {
    "acc": True,
    "answered": True,
    "misled_rate": False,
    "consistency": True,
    "letter_entropy": False,
    "p_correct": True,
    "off_letter_mass": False,
}
"""Name to whether higher is better. None contains another: the host matches group metrics by substring."""

GROUP_METRICS = ("acc", "answered", "misled_rate", "consistency")
"""What groups of benchmarks report as a macro average."""


def scores(record: Record) -> dict[str, float | None]:
    """One record's value of every metric, None where unknown; ``score`` is ``acc``, for the host's ``--baseline``."""
    found = numbers(list(judged_now([Judged(record)], default_judge())))
    values = {name: _known(float(found[MEASURES[name].columns[0]][0])) for name in METRICS}
    return {"score": values["acc"], **values}


def mean_known(values: Iterable[float | None]) -> float | None:
    """Mean of the values that are not None; None, which the host prints as N/A, where none is."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def macro_mean(values: Sequence[float | None], sizes: Sequence[int], weight_by_size: bool) -> float | None:
    """Unweighted mean of the benchmarks' values, in the host's signature for group aggregation; unknown ones left
    out."""
    return mean_known(values)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
