"""Records, with what a judge says of them, as columns of numbers; the unknown is nan."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lmms_faith.conditions import ABSTENTION
from lmms_faith.equality import as_number, canonical
from lmms_faith.judges import agrees, judgeable
from lmms_faith.record import Opinion, Record
from lmms_faith.summary.letters import known_letters, letter_columns, picked, probabilities
from lmms_faith.summary.thoughts import thought_code, thought_words

Floats = NDArray[np.float64]

FLAGS: Final = (
    "correct",
    "answered",
    "extracted",
    "misled",
    "agree",
    "judgeable",
    "forced",
    "bounded",
    "loose",
    "abstained",
    "truncated",
    "failed",
)
"""Columns of 0 and 1."""
WHOLE: Final = ("prediction", "thought_length")
"""Columns of whole numbers, 0 or more and below 2**31."""
REALS: Final = (
    "letter_entropy",
    "normalised_entropy",
    "p_correct",
    "p_correct_measured",
    "p_target",
    "p_gold_value",
    "p_claimed_value",
    "margin",
    "max_p",
    "confidence",
    "off_letter_mass",
    "brier_multi",
    "template",
)
"""Columns of any numbers."""
COLUMNS: Final = (*FLAGS, *WHOLE, *REALS)
"""What one record gives by itself. ``js_shift`` takes two records; see ``frame``."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A record with what is known of it from elsewhere.

    Attributes:
        record: The record, with an extracted answer already applied.
        opinion: What a judge says of it, with the judge's id as ``by``; None where it was not judged.
        extracted: Whether its answer was extracted; None where extractions were not asked for.
        stale: Whether there is a verdict, on another completion of the same item; it counts as none.
    """

    record: Record
    opinion: Opinion | None = None
    extracted: bool | None = None
    stale: bool = False


def numbers(judged: Sequence[Judged]) -> dict[str, Floats]:
    """Every column of ``COLUMNS``, shape (n,) each, in the order of the records.

    The one place where a record becomes numbers: the tidy table and the scores that the host logs both come from here.
    """
    found = {name: np.full(len(judged), math.nan) for name in COLUMNS}
    for place, one in enumerate(judged):
        for name, value in _answer(one).items():
            if value is not None:
                found[name][place] = value
    by_size: defaultdict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(judged):
        if letters := known_letters(one.record):
            by_size[len(letters)].append(place)
    for places in by_size.values():
        for name, values in _letters([judged[place].record for place in places]).items():
            found[name][places] = values
    return found


def _answer(one: Judged) -> Mapping[str, float | None]:
    """All that does not come from letters."""
    record = one.record
    ran = record.status != "failed"
    can_judge = judgeable(record)
    values = record.value_logprobs
    offered = record.options[-1:] == (ABSTENTION,)
    return {
        "correct": record.correct,
        "answered": record.status == "answered" if ran else None,
        "extracted": one.extracted if record.said is not None else None,
        "misled": record.misled,
        "agree": agrees(record, one.opinion) if can_judge and one.opinion is not None else None,
        "judgeable": can_judge if ran else None,
        "forced": record.letter_source == "forced" if record.letter_logprobs else None,
        "bounded": record.letter_bounds is not None if record.letter_logprobs else None,
        "loose": known_letters(record) is None if record.letter_logprobs else None,
        "abstained": record.prediction == len(record.options) - 1 if ran and offered else None,
        "truncated": record.status == "truncated" if ran else None,
        "failed": not ran,
        "prediction": _code(record),
        "thought_length": thought_words(record) if ran else None,
        "p_gold_value": math.exp(values[0]) if values else None,
        "p_claimed_value": math.exp(values[1]) if values and len(values) > 1 else None,
        "template": thought_code(record) if ran else None,
    }


def _letters(records: Sequence[Record]) -> dict[str, Floats]:
    """All that comes from letters, of records with equally many of them."""
    logprobs = np.array([record.letter_logprobs for record in records], dtype=np.float64)
    q = probabilities(logprobs)
    indices = {"p_correct": "answer", "p_target": "target", "confidence": "prediction"}
    named = {
        column: np.array([_nan(getattr(record, field)) for record in records]) for column, field in indices.items()
    }
    found = {column: picked(q, index) for column, index in named.items()}
    bounded = [_gold_bounded(record) for record in records]
    found["p_correct_measured"] = np.where(bounded, math.nan, found["p_correct"])
    squares = (q**2).sum(axis=1) + 1 - 2 * found["p_correct"]
    return {**letter_columns(logprobs), **found, "brier_multi": squares}


def _gold_bounded(record: Record) -> bool:
    return record.letter_bounds is not None and record.answer is not None and record.letter_bounds[record.answer]


def _nan(value: float | None) -> float:
    return math.nan if value is None else value


def _code(record: Record) -> int | None:
    """A number that two answers to one item share where they are the same answer: the option's index, or a checksum.

    What hits gold or the claimed value is that value, under the item's own equality, however it was written. Two other
    values share a checksum, and so hide a flip, once in 2**24.
    """
    if record.said is None or record.kind == "choice":
        return record.prediction
    said = {"gold": record.gold, "claimed": record.claimed}.get(record.hit or "other") or record.said
    number = as_number(said)
    return crc32((canonical(said) if number is None else str(number.normalize() + 0)).encode()) % 2**24
