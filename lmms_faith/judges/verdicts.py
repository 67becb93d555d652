"""Verdicts of one judge on records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lmms_faith.judges.protocol import Judge
from lmms_faith.record import Record, Verdict


def conclude(record: Record, judge: Judge) -> int | None:
    """The option that a record's thought ends on; None without options, a thought or a conclusion."""
    if record.think is None or not record.options:
        return None
    return judge.conclusion(record.think, record.options)


def verdicts(records: Iterable[Record], judge: Judge) -> Iterator[Verdict]:
    """One verdict a record."""
    for record in records:
        yield Verdict(
            model=record.model,
            benchmark=record.benchmark,
            condition=record.condition,
            item_id=record.item_id,
            judge=judge.id,
            conclusion=conclude(record, judge),
        )
