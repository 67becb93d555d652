"""From records and verdicts to one tidy table; the one place that knows both records and metrics."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lmms_faith import metrics
from lmms_faith.conditions import ABSTENTION, CONDITIONS
from lmms_faith.equality import as_number, canonical
from lmms_faith.judges import agrees
from lmms_faith.record import Key, Record, Verdict

Floats = NDArray[np.float64]
Columns = Mapping[str, Floats]
_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number of the tidy table.

    Attributes:
        value: The metric; nan where nothing is known.
        low, high: Ends of its 95 % interval; nan where the metric has none.
        n: Items that the number rests on.
    """

    model: str
    benchmark: str
    condition: str
    metric: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric with the columns it reads: per-item values whose mean it is, and the kind of interval that suits
    them."""

    values: Callable[[Columns, Columns], Floats]
    interval: Callable[[Floats], metrics.Interval]


def _drop(now: Columns, base: Columns) -> Floats:
    return base["correct"] - now["correct"]


def _flip(now: Columns, base: Columns) -> Floats:
    both = ~(np.isnan(now["prediction"]) | np.isnan(base["prediction"]))
    return np.where(both, now["prediction"] != base["prediction"], _NAN)


def _only(column: str, kept: Callable[[Columns, Columns], NDArray[np.bool_]]) -> Callable[[Columns, Columns], Floats]:
    return lambda now, base: np.where(kept(now, base), now[column], _NAN)


def _column(name: str) -> Callable[[Columns, Columns], Floats]:
    return lambda now, base: now[name]


MEASURES: Mapping[str, Measure] = {
    "answered": Measure(_column("answered"), metrics.wilson_interval),
    "extracted": Measure(_column("extracted"), metrics.wilson_interval),
    "acc": Measure(_column("correct"), metrics.wilson_interval),
    "acc_drop": Measure(_drop, metrics.mean_interval),
    "misled_rate": Measure(_column("misled"), metrics.wilson_interval),
    "flip_rate": Measure(_flip, metrics.wilson_interval),
    "right_to_wrong": Measure(
        lambda now, base: np.where(base["correct"] == 1, 1 - now["correct"], _NAN), metrics.wilson_interval
    ),
    "wrong_to_right": Measure(_only("correct", lambda now, base: base["correct"] == 0), metrics.wilson_interval),
    "consistency": Measure(_column("consistent"), metrics.wilson_interval),
    "consistent_acc": Measure(lambda now, base: now["consistent"] * now["correct"], metrics.wilson_interval),
    "letter_entropy": Measure(_column("letter_entropy"), metrics.mean_interval),
    "p_correct": Measure(_column("p_correct"), metrics.mean_interval),
    "p_target": Measure(_column("p_target"), metrics.mean_interval),
    "p_gold_value": Measure(_column("p_gold_value"), metrics.mean_interval),
    "p_claimed_value": Measure(_column("p_claimed_value"), metrics.mean_interval),
    "off_letter_mass": Measure(_column("off_letter_mass"), metrics.mean_interval),
    "forced": Measure(_column("forced"), metrics.wilson_interval),
    "abstained": Measure(_column("abstained"), metrics.wilson_interval),
    "truncated": Measure(_column("truncated"), metrics.wilson_interval),
    "failed": Measure(_column("failed"), metrics.wilson_interval),
}
"""Every number per model, benchmark and condition. Paired ones (drop, flips) compare with the condition's baseline, by
item
id; items missing on either side are left out."""


def summarise(
    records: Iterable[Record], verdicts: Iterable[Verdict], *, extracted: Collection[Key] | None = None
) -> list[Row]:
    """The tidy table: model, benchmark and condition in the order met or tabulated, and every measure.

    Args:
        records: The records.
        verdicts: What a judge says of them.
        extracted: Keys of the answers that were extracted, where the rules read none; None where nothing was.

    Raises:
        ValueError: The same model, benchmark, condition and item twice.
    """
    concluded = {verdict.key: verdict for verdict in verdicts}
    tables: defaultdict[tuple[str, str], dict[str, dict[str, Record]]] = defaultdict(dict)
    for record in records:
        items = tables[record.model or "unnamed", record.benchmark].setdefault(record.condition, {})
        if record.item_id in items:
            raise ValueError(
                f"record of item {record.item_id!r} under {record.condition!r} of {record.model!r} comes twice; "
                "read one run at a time"
            )
        items[record.item_id] = record
    rows: list[Row] = []
    for (model, benchmark), by_condition in tables.items():
        for name in sorted(by_condition, key=_order):
            ids = list(by_condition[name])
            before = by_condition.get(CONDITIONS[name].baseline, {}) if name in CONDITIONS else {}
            now = _columns([by_condition[name].get(item) for item in ids], concluded, extracted)
            base = _columns([before.get(item) for item in ids], concluded, extracted)
            for metric, measure in MEASURES.items():
                values = measure.values(now, base)
                known = values[~np.isnan(values)]
                low, high = measure.interval(known)
                rows.append(
                    Row(
                        model=model,
                        benchmark=benchmark,
                        condition=name,
                        metric=metric,
                        value=float(known.mean()) if known.size else _NAN,
                        low=low,
                        high=high,
                        n=int(known.size),
                    )
                )
    return rows


def _columns(
    records: Sequence[Record | None], concluded: Mapping[Key, Verdict], extracted: Collection[Key] | None
) -> Columns:
    """Records as float columns of the same length, nan for the unknown and for missing records."""
    rows = [{} if record is None else _values(record, concluded, extracted) for record in records]
    return {
        name: np.array([_NAN if (value := row.get(name)) is None else value for row in rows], dtype=np.float64)
        for name in _NAMES
    }


_NAMES = (
    "answered",
    "extracted",
    "correct",
    "misled",
    "prediction",
    "consistent",
    "letter_entropy",
    "p_correct",
    "p_target",
    "p_gold_value",
    "p_claimed_value",
    "off_letter_mass",
    "forced",
    "abstained",
    "truncated",
    "failed",
)


def _values(
    record: Record, concluded: Mapping[Key, Verdict], extracted: Collection[Key] | None
) -> dict[str, float | None]:
    verdict = concluded.get(record.key)
    ran = record.status != "failed"
    letters, values = record.letter_logprobs, record.value_logprobs
    offered = record.options[-1:] == (ABSTENTION,)
    return {
        "answered": float(record.status == "answered") if ran else None,
        "extracted": float(record.key in extracted) if extracted is not None and record.said is not None else None,
        "correct": record.correct,
        "misled": record.misled,
        "prediction": _code(record),
        "consistent": None if verdict is None else agrees(record, verdict),
        "letter_entropy": metrics.letter_entropy(letters) if letters else None,
        "p_correct": metrics.p_option(letters, record.answer) if letters and record.answer is not None else None,
        "p_target": metrics.p_option(letters, record.target) if letters and record.target is not None else None,
        "p_gold_value": math.exp(values[0]) if values else None,
        "p_claimed_value": math.exp(values[1]) if values and len(values) > 1 else None,
        "off_letter_mass": metrics.off_letter_mass(letters) if letters else None,
        "forced": float(record.letter_source == "forced") if letters else None,
        "abstained": float(record.prediction == len(record.options) - 1) if ran and offered else None,
        "truncated": float(record.status == "truncated") if ran else None,
        "failed": float(not ran),
    }


def _code(record: Record) -> float | None:
    """A number that two answers to one item share where they are the same answer: the option's index, or a checksum.

    What hits gold or the claimed value is that value, under the item's own equality, however it was written.
    """
    if record.said is None or record.kind == "choice":
        return record.prediction
    said = {"gold": record.gold, "claimed": record.claimed}.get(record.hit or "other") or record.said
    number = as_number(said)
    return float(crc32((canonical(said) if number is None else str(number.normalize() + 0)).encode()))


def _order(name: str) -> tuple[int, str]:
    names = list(CONDITIONS)
    return (names.index(name) if name in names else len(names), name)
