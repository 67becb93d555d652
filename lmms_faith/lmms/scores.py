"""One record's numbers under the names that the host aggregates, and the aggregation that leaves the unknown out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lmms_faith.judges import RuleJudge, agrees
from lmms_faith.metrics import letter_entropy, off_letter_mass, p_option
from lmms_faith.record import Record

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
    correct = None if record.correct is None else float(record.correct)
    letters = record.letter_logprobs
    return {
        "score": correct,
        "acc": correct,
        "answered": None if record.status == "failed" else float(record.status == "answered"),
        "misled_rate": None if record.misled is None else float(record.misled),
        "consistency": _agrees(record),
        "letter_entropy": None if letters is None else letter_entropy(letters),
        "p_correct": None if letters is None or record.answer is None else p_option(letters, record.answer),
        "off_letter_mass": None if letters is None else off_letter_mass(letters),
    }


def mean_known(values: Iterable[float | None]) -> float | None:
    """Mean of the values that are not None; None, which the host prints as N/A, where none is."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def macro_mean(values: Sequence[float | None], sizes: Sequence[int], weight_by_size: bool) -> float | None:
    """Unweighted mean of the benchmarks' values, in the host's signature for group aggregation; unknown ones left
    out."""
    return mean_known(values)


def _agrees(record: Record) -> float | None:
    (opinion,) = RuleJudge().judge([record])
    agreed = agrees(record, opinion)
    return None if agreed is None else float(agreed)
