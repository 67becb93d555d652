"""The parts that each benchmark's own headline is put together from, each a pure function of records under ``base``.

A score is a dictionary of shares between 0 and 1, the headline first. Failed requests are unknown: they are left out,
and counted under ``failed`` where there are any. A group of copies that lacks a known record is left out likewise. A
share of nothing is nan. Records are grouped by keys: ``category``, ``cluster``, ``family``, or the name of an extra.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan

from lmms_faith.record import Record

Scores = dict[str, float]
Part = Callable[[Sequence[Record]], Scores]
Names = tuple["str | Names", ...]
"""Names of groups; the mean over them weighs equally what stands together in one pair of parentheses."""


def headline(*parts: Part) -> Part:
    """The parts' shares in order, and the number of failed requests where there are any."""

    def score(records: Sequence[Record]) -> Scores:
        failed = sum(record.correct is None for record in records)
        shares = [part(records) for part in parts] + ([{"failed": float(failed)}] if failed else [])
        return {name: value for part in shares for name, value in part.items()}

    return score


def share(name: str = "accuracy") -> Part:
    """Share of right answers."""
    return lambda records: {name: _share(records)}


def by(*keys: str, of: Sequence[str] = ()) -> Part:
    """Share of right answers in each group, named by its keys' values.

    Args:
        keys: What records are grouped by.
        of: The groups that there are, where that is known; a value belongs to the one that it starts with.
    """

    def score(records: Sequence[Record]) -> Scores:
        if of:
            return {name: _share([one for one in records if _value(one, keys[0]).startswith(name)]) for name in of}
        return {"/".join(values): _share(group) for values, group in sorted(_groups(records, keys).items())}

    return score


def mean(name: str, key: str, of: Names = ()) -> Part:
    """Mean over groups of the share of right answers in each.

    Args:
        name: Name of the mean.
        key: What records are grouped by.
        of: The groups, nested where a mean of means is meant; those that are found where none are given.
    """

    def score(records: Sequence[Record]) -> Scores:
        shares = by(key)(records)
        return {name: _nested(of, shares) if of else _mean(list(shares.values()))}

    return score


def all_right(name: str, *keys: str, size: int = 1) -> Part:
    """Share of the groups in which every answer is right, among those of at least ``size`` and known throughout."""

    def score(records: Sequence[Record]) -> Scores:
        answers = ([record.correct for record in group] for group in _groups(records, keys).values())
        return {name: _mean([all(group) for group in answers if len(group) >= size and None not in group])}

    return score


accuracy = headline(share())
"""Share of right answers."""
category_mean = headline(mean("category_mean", "category"), share(), by("category"))
"""Mean over categories of the accuracy in each (MMMU, BLINK, MMStar), the micro-average, each category."""
category_accuracy = headline(share(), by("category"))
"""Share of right answers, over all and by category (V*Bench)."""


def _share(records: Sequence[Record]) -> float:
    return _mean([record.correct for record in records if record.correct is not None])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else nan


def _nested(names: str | Names, shares: Scores) -> float:
    return shares.get(names, nan) if isinstance(names, str) else _mean([_nested(name, shares) for name in names])


def _groups(records: Sequence[Record], keys: Sequence[str]) -> dict[tuple[str, ...], list[Record]]:
    groups: dict[tuple[str, ...], list[Record]] = {}
    for record in records:
        groups.setdefault(tuple(_value(record, key) for key in keys), []).append(record)
    return groups


def _value(record: Record, key: str) -> str:
    own = {"category": record.category or "none", "cluster": record.cluster, "family": record.family}
    return own[key] if key in own else record.extras[key]
