"""Which verdict speaks of which record: the one with the same key, on the same completion."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, replace
from itertools import islice

import numpy as np

from lmms_faith.judges import Judge
from lmms_faith.record import Key, Opinion, Record, Verdict
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.gathering import BATCH

_OPINION = tuple(field.name for field in fields(Opinion) if field.name != "note")


class Verdicts:
    """Verdicts by what they are found by, in about 200 bytes each; of two on the same completion the later counts.

    Attributes:
        judge: Id of the judge whose verdicts these are; None without any.

    Raises:
        ValueError: Verdicts of several judges, of whom none was chosen, or none of the judge that was.
    """

    def __init__(self, verdicts: Iterable[Verdict], *, judge: str | None = None) -> None:
        self._opinions: dict[bytes, Opinion] = {}
        self._interned: dict[Opinion, Opinion] = {}
        keys = array("Q")
        judges: dict[str, None] = {}
        for verdict in verdicts:
            judges[verdict.judge] = None
            if judge is None or verdict.judge == judge:
                said = {name: getattr(verdict, name) for name in _OPINION}
                opinion = Opinion(**{**said, "by": verdict.by or verdict.judge})
                self._opinions[_exact(verdict)] = self._interned.setdefault(opinion, opinion)
                keys.append(_hash(verdict.key))
        self.judge = _only(judges, judge)
        self._keys = np.unique(np.frombuffer(keys, dtype=np.uint64)) if keys else np.zeros(0, dtype=np.uint64)

    def of(self, record: Record) -> tuple[Opinion | None, bool]:
        """What is said of a record, and whether there is a verdict on another completion of it alone, a stale one."""
        opinion = self._opinions.get(_exact(record))
        if opinion is not None or not self._keys.size:
            return opinion, False
        wanted = np.uint64(_hash(record.key))
        at = int(np.searchsorted(self._keys, wanted))
        return None, at < self._keys.size and bool(self._keys[at] == wanted)


def match(judged: Iterable[Judged], verdicts: Verdicts) -> Iterator[Judged]:
    """The same records, each with what a judge says of this very completion."""
    for one in judged:
        opinion, stale = verdicts.of(one.record)
        yield replace(one, opinion=opinion, stale=stale)


def judged_now(judged: Iterable[Judged], judge: Judge) -> Iterator[Judged]:
    """The same records with the opinion of a judge that is asked now, batch by batch."""
    left = iter(judged)
    while batch := list(islice(left, BATCH)):
        opinions = judge.judge([one.record for one in batch])
        for one, opinion in zip(batch, opinions, strict=True):
            yield replace(one, opinion=replace(opinion, by=opinion.by or judge.id))


def _only(judges: Collection[str], wanted: str | None) -> str | None:
    names = ", ".join(map(repr, judges)) or "none"
    if wanted is not None and wanted not in judges:
        raise ValueError(f"there is no verdict of judge {wanted!r}; these judges left some: {names}")
    if wanted is None and len(judges) > 1:
        raise ValueError(f"the verdicts are of {len(judges)} judges: {names}; choose one of them")
    return wanted or next(iter(judges), None)


def _exact(about: Record | Verdict) -> bytes:
    """What a verdict is found by, in sixteen bytes."""
    return _digest((*about.key, about.fingerprint), 16)


def _hash(key: Key) -> int:
    return int.from_bytes(_digest(key, 8), "big")


def _digest(parts: Collection[str | None], size: int) -> bytes:
    text = "\0".join("\1" if part is None else part for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()
