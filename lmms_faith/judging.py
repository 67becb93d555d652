"""Verdicts on finished logs, in a file that is only appended to."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from lmms_faith import sidecar
from lmms_faith.judges.panel import Agreement, Panel, agreement, rating
from lmms_faith.judges.protocol import Judge
from lmms_faith.judges.verdicts import BATCH, Tally, tally, verdict
from lmms_faith.record import Key, Opinion, Record, Verdict, from_json, to_json

Verdicts = Mapping[tuple[Key, str], Verdict]
"""By the record's key and fingerprint."""

_Ask = Callable[[Sequence[Record]], list[Opinion]]
_START = '{"model": '


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What became of some records.

    Attributes:
        tally: Of all verdicts, whether from this run or an earlier one.
        kept: Verdicts that were in the file before, and were not asked for again.
        agreement: Between the judges of a panel; None for any other judge.
    """

    tally: Tally
    kept: int
    agreement: Agreement | None


def judge_records(
    records: Iterable[Record],
    judge: Judge,
    *,
    out: Path,
    batch: int = BATCH,
    progress: Callable[[int], None] = lambda done: None,
) -> Judging:
    """Judge records, and append the verdicts to a file as they come.

    What the file holds of this judge, on the same completion of the same record, is neither rewritten nor asked for
    again, so that a stopped run goes on. Records that could not be judged are counted, not written, and so are asked
    about again. Of a panel the judges' own verdicts are kept as well, under their own ids; what one of them said in an
    earlier run counts.

    Args:
        records: The records, read as they are needed.
        judge: Who judges.
        out: The file; made where it is missing. Verdicts of other judges in it stay.
        batch: Records that are judged between one write and the next.
        progress: Told how many records are done.

    Raises:
        ValueError: The file holds something that is no verdict.
    """
    panel = judge if isinstance(judge, Panel) else None
    judges = panel.judges if panel else ()
    sidecar.prepare(out, start=_START)
    known = _known(out, {judge.id, *(one.id for one in judges)})
    ratings: list[list[float]] = []
    with out.open("ab") as file:
        written = _Written(file, known)

        def held() -> Iterator[tuple[Record, Verdict]]:
            done, left = 0, iter(records)
            while some := list(islice(left, batch)):
                ask: _Ask = judge.judge
                if panel is not None:
                    said = [written.opinions(one.id, one.judge, some) for one in judges]
                    of = {_place(record): each for record, *each in zip(some, *said)}
                    ratings.extend([rating(record, one) for one in of[_place(record)]] for record in some)
                    ask = _voting(panel, of)
                for record, opinion in zip(some, written.opinions(judge.id, ask, some)):
                    yield record, verdict(record, opinion, judge=judge.id)
                done += len(some)
                progress(done)

        counted = tally(held())
    return Judging(
        tally=counted,
        kept=written.kept[judge.id],
        agreement=agreement(ratings, [one.id for one in judges]) if judges else None,
    )


def read_verdicts(path: Path, judge: str | None = None) -> Verdicts:
    """One judge's verdicts in a file. A last line that was cut off, or is being written, is left out.

    Args:
        path: The file.
        judge: The judge's id, or the start of it where no other judge's id starts so; None takes the only one.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line that is no verdict; several judges of whom none is named, or none who is meant; two verdicts
            of the judge on one completion that differ.
    """
    found: dict[tuple[Key, str], Verdict] = {}
    for number, one in _chosen(path, judge):
        if found.setdefault((one.key, one.fingerprint), one) != one:
            raise ValueError(
                f"{path}, line {number}: {one.judge!r} said otherwise of item {one.item_id!r} under "
                f"{one.condition!r} before; delete one of the lines"
            )
    return found


def each_verdict(path: Path, judge: str | None = None) -> Iterator[Verdict]:
    """The same verdicts, one at a time: for files of which not all is to be in memory. Two that differ both come."""
    return (one for _, one in _chosen(path, judge))


def _chosen(path: Path, judge: str | None) -> Iterator[tuple[int, Verdict]]:
    """One judge's verdicts with their lines' numbers."""
    if not path.is_file():
        raise FileNotFoundError(f"no verdicts file {path}; write one with `lmms-faith judge RESULTS --out {path}`")
    ids = sorted({str(data["judge"]) for _, data in _lines(path) if isinstance(data, dict) and "judge" in data})
    meant = _meant(judge, ids, path) if ids or judge is not None else ""
    return ((number, one) for number, one in _read(path) if one.judge == meant)


def _meant(judge: str | None, ids: Sequence[str], path: Path) -> str:
    """The judge's id that is meant."""
    found = [one for one in ids if one == judge] or [one for one in ids if one.startswith(judge or "")]
    if len(found) == 1:
        return found[0]
    asked = "several judges" if judge is None else f"{len(found) or 'no'} judges whose id starts with {judge!r}"
    raise ValueError(f"{path} holds verdicts of {asked}; name one of: {'; '.join(found or ids) or 'nobody'}")


class _Written:
    """What judges said so far, in memory and on disk."""

    def __init__(self, file: BinaryIO, known: Mapping[str, dict[bytes, Opinion]]) -> None:
        self._file, self._known = file, known
        self.kept: Counter[str] = Counter()

    def opinions(self, judge: str, ask: _Ask, records: Sequence[Record]) -> list[Opinion]:
        """One judge's opinion of every record; asks for those that are not known yet, and writes them down."""
        known = self._known[judge]
        places = [_place(record) for record in records]
        asked = {place: record for place, record in zip(places, records) if place not in known}
        self.kept[judge] += sum(place in known for place in places)
        fresh = dict(zip(asked, ask(list(asked.values())) if asked else [], strict=True))
        new = {place: opinion for place, opinion in fresh.items() if opinion.outcome != "unjudged"}
        lines = [json.dumps(to_json(verdict(asked[place], opinion, judge=judge))) for place, opinion in new.items()]
        if lines:
            sidecar.append(self._file, "".join(f"{line}\n" for line in lines))
        known.update(new)
        return [known.get(place) or fresh[place] for place in places]


def _voting(panel: Panel, said: Mapping[bytes, Sequence[Opinion]]) -> _Ask:
    """The panel's vote on records of which its judges' opinions are known."""
    return lambda records: [panel.vote(record, said[_place(record)]) for record in records]


def _known(path: Path, ids: set[str]) -> dict[str, dict[bytes, Opinion]]:
    """What some judges said in a file, equal opinions as one object: there may be millions."""
    found: dict[str, dict[bytes, Opinion]] = {judge: {} for judge in ids}
    one_each: dict[Opinion, Opinion] = {}
    for _, one in _read(path):
        if one.judge in ids:
            opinion = Opinion(**{field.name: getattr(one, field.name) for field in fields(Opinion)})
            found[one.judge].setdefault(_place(one), one_each.setdefault(opinion, opinion))
    return found


def _read(path: Path) -> Iterator[tuple[int, Verdict]]:
    """Every verdict of a file with its line's number."""
    for number, data in _lines(path):
        try:
            one = from_json(Verdict, data)
        except ValueError as error:
            raise _no_verdict(path, number, error) from error
        yield number, one


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Every line of a file as JSON with its number, but for a last one of ours that is not whole."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                data = json.loads(line)
            except ValueError as error:
                if not line.endswith(b"\n") and (line.startswith(_START.encode()) or _START.encode().startswith(line)):
                    return
                raise _no_verdict(path, number, error) from error
            yield number, data


def _no_verdict(path: Path, number: int, error: ValueError) -> ValueError:
    return ValueError(f"{path}, line {number}: no verdict ({error}); repair or delete the line")


def _place(about: Record | Verdict) -> bytes:
    """What a verdict is found by, in sixteen bytes."""
    return hashlib.blake2b(json.dumps([about.key, about.fingerprint]).encode(), digest_size=16).digest()
