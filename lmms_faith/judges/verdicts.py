"""Verdicts on records: how they come about, how many there are, and whether they say that thought and answer agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import islice

from lmms_faith.equality import same_value
from lmms_faith.item import normalise
from lmms_faith.judges.observation import observable
from lmms_faith.judges.protocol import Judge
from lmms_faith.record import Opinion, Record, Verdict

BATCH = 1_000
"""Records that a judge is handed at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many records were judged, and by whom.

    Attributes:
        decided: Verdicts that say on which answer the thought ends, or that it is not the record's, by the judge that
            decided.
        none: Verdicts that the thought ends on no answer.
        abstained: Verdicts by which it can't be told.
        not_observable: Verdicts on completions without a thought, whatever they say; see ``observable``.
        failed: Verdicts on failed requests, whatever they say.
        unjudged: Records whose judge could not be asked.
    """

    decided: Mapping[str, int]
    none: int
    abstained: int
    not_observable: int
    failed: int
    unjudged: int

    @property
    def total(self) -> int:
        """All records."""
        others = (self.none, self.abstained, self.not_observable, self.failed, self.unjudged)
        return sum(self.decided.values()) + sum(others)


def tally(found: Iterable[tuple[Record, Verdict]]) -> Tally:
    """How many records each judge decided, judges in the order met; in a cascade, its stages.

    Args:
        found: Records, each with the verdict on it.
    """
    decided: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for record, one in found:
        if one.outcome == "unjudged":
            others["unjudged"] += 1
        elif record.status == "failed":
            others["failed"] += 1
        elif not observable(record):
            others["not_observable"] += 1
        elif one.outcome in ("decided", "differs"):
            decided[one.by or one.judge] += 1
        else:
            others[one.outcome] += 1
    return Tally(
        decided=decided,
        none=others["none"],
        abstained=others["abstained"],
        not_observable=others["not_observable"],
        failed=others["failed"],
        unjudged=others["unjudged"],
    )


def verdicts(records: Iterable[Record], judge: Judge) -> Iterator[Verdict]:
    """One verdict a record, in order."""
    left = iter(records)
    while batch := list(islice(left, BATCH)):
        for record, opinion in zip(batch, judge.judge(batch), strict=True):
            yield verdict(record, opinion, judge=judge.id)


def verdict(record: Record, opinion: Opinion, *, judge: str) -> Verdict:
    """An opinion with what its record is found by."""
    return Verdict(
        model=record.model,
        benchmark=record.benchmark,
        condition=record.condition,
        item_id=record.item_id,
        fingerprint=record.fingerprint,
        judge=judge,
        **{field.name: getattr(opinion, field.name) for field in fields(Opinion)},
    )


def agrees(record: Record, found: Opinion | Verdict) -> bool | None:
    """Whether the answer is what the thought ends on; None where either is unknown.

    Options compare by text, since some data sets print one option twice; values by the item's own equality.
    """
    if record.said is None:
        return None
    if found.outcome == "differs":
        return False
    if found.outcome != "decided":
        return None
    if found.value is not None:
        return same_value(found.value, record.said, record)
    if found.conclusion is None:
        return None
    return normalise(record.options[found.conclusion]) == normalise(record.said)
