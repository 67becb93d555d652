"""Whether a record has a thought in it that a judge could read."""

from __future__ import annotations

from lmms_faith.conditions import CONDITIONS
from lmms_faith.parsing.tags import CLOSE
from lmms_faith.record import Record


def judgeable(record: Record) -> bool:
    """Whether there are reasoning and an answer to compare; reasoning that was all given, as by Stop-Think, is none."""
    return record.said is not None and _has_thought(record) and CLOSE not in record.prefill


def observable(record: Record) -> bool:
    """Whether a completion has a thought in it, or need not have one: where it was given and closed, where none was
    wanted, and where the request failed, so that there is no completion.

    A model that keeps its thoughts to itself has none; nor has one that reasons outside of the tags, or not at all.
    """
    row = CONDITIONS.get(record.condition)
    wanted = record.status != "failed" and (row is None or row.thinks) and CLOSE not in record.prefill
    return not wanted or _has_thought(record)


def _has_thought(record: Record) -> bool:
    return bool((record.think or "").strip())
