"""Files of any known format read into records, with a count of every row that makes none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from lmms_faith.item import normalise
from lmms_faith.record import Key, Record
from lmms_faith.rescoring import inspect_logs, plain, stock, vlmevalkit
from lmms_faith.rescoring.answer import Answer, Given, Logged, Refused, Told, record_of
from lmms_faith.rescoring.fields import Malformed, Place
from lmms_faith.rescoring.formats import Format, Unknown, detect

TWICE = "its item comes twice under one model, benchmark and condition; the first row counts"

_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError, RecursionError)
_SUFFIXES = (".eval", ".json", ".jsonl", ".tsv", ".xlsx")
_RUN = re.compile(r"\d{8}_\d{6}_samples_(?P<task>.+)")

Reader = Callable[[Path], Iterator[Told]]


@dataclass(slots=True)
class Reading:
    """What came of some files.

    Attributes:
        records: The records, in the order of the files and their rows.
        files: How many rows each file has, in the order read.
        refused: The rows that make no record.
        notes: How often something was lost of a row that makes one.
        left_alone: Files of folders that were not read, with the reason.
    """

    records: list[Record] = field(default_factory=list)
    files: dict[Path, int] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    left_alone: dict[Path, str] = field(default_factory=dict)


def read(
    paths: Sequence[Path],
    given: Given,
    *,
    format: Format | None = None,
    unpack: stock.Unpack = stock.as_logged,
    items: stock.Items | None = None,
) -> Reading:
    """Read files, and the files of folders, into records.

    Of a task that a folder has several runs of, the newest counts, as for ``lmms-faith table``. Files of a folder that
    are of none of the formats are left alone; one that was named is an error.

    Args:
        paths: Files and folders.
        given: What the caller says of logs that do not say it themselves.
        format: The files' format; None tells it by their content.
        unpack, items: See ``stock.read``.

    Raises:
        Malformed: A file that can't be read; the message names file, line and field.
        FileNotFoundError: There is no file to read.
        ImportError: A format that needs a package that is not installed.
    """
    readers: Mapping[Format, Reader] = {
        "lmms-eval": partial(stock.read, given=given, unpack=unpack, items=items),
        "vlmevalkit": partial(vlmevalkit.read, given=given),
        "inspect": partial(inspect_logs.read, given=given),
        "jsonl": partial(plain.read, given=given),
    }
    reading = Reading()
    told: list[Told] = []
    for path, named in _files(paths, reading.left_alone):
        try:
            reader = readers[format or detect(path)]
        except Unknown as unknown:
            if named:
                raise
            reading.left_alone[path] = str(unknown)
            continue
        before = len(told)
        told.extend(_named(path, reader))
        reading.files[path] = len(told) - before
    if not reading.files:
        raise FileNotFoundError(f"no results in {', '.join(map(str, paths))}{_first(reading.left_alone)}")
    _settle(told, reading)
    return reading


def _files(paths: Sequence[Path], left_alone: dict[Path, str]) -> Iterator[tuple[Path, bool]]:
    """Every file, and whether it was named itself."""
    for path in dict.fromkeys(paths):
        if not path.is_dir():
            yield path, True
            continue
        found = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in _SUFFIXES)
        # The host's names start with the date, so in their order the last one of a task is its newest.
        newest = {_task(file): file for file in found}
        for file in found:
            if newest[_task(file)] == file:
                yield file, False
            else:
                left_alone[file] = f"{file}: {newest[_task(file)].name} is a newer run of the task"


def _task(file: Path) -> tuple[Path, str]:
    match = _RUN.fullmatch(file.name)
    return file.parent, file.name if match is None else match["task"]


def _named(path: Path, reader: Reader) -> Iterator[Told]:
    """The rows of a file; whatever a reader did not foresee names the file all the same."""
    last = Place(path, "start")
    try:
        for one in reader(path):
            last = one.place
            yield one
    except (Malformed, ImportError):
        raise
    except _UNFORESEEN as error:
        raise Malformed(f"{path}, after {last.where}: {type(error).__name__}: {error}") from error


def _settle(told: Iterable[Told], reading: Reading) -> None:
    """Make the answers records, once it is known what is claimed of each item anywhere; leave second ones out."""
    told = list(told)
    claimed = _claimed(told)
    seen: set[Key] = set()
    for one in told:
        if isinstance(one, Refused):
            reading.refused.append(one)
            continue
        record = one.record if isinstance(one, Logged) else _recorded(one, claimed)
        if record.key in seen:
            reading.refused.append(Refused(one.place, TWICE, f"item {record.item_id!r}"))
            continue
        seen.add(record.key)
        reading.records.append(record)
        if isinstance(one, Answer):
            reading.notes.update(one.notes)


def _recorded(answer: Answer, claimed: Mapping[tuple[str, str], str]) -> Record:
    try:
        return record_of(answer, claimed_elsewhere=claimed.get(_key(answer)))
    except _UNFORESEEN as error:
        raise Malformed(f"{answer.place}: {type(error).__name__}: {error}") from error


def _claimed(told: Iterable[Told]) -> dict[tuple[str, str], str]:
    """What rows that say so claim of each item, where they agree."""
    found: dict[tuple[str, str], set[str]] = {}
    texts: dict[tuple[str, str], str] = {}
    for one in told:
        if isinstance(one, Answer) and one.claim_known and one.claimed is not None:
            key = _key(one)
            found.setdefault(key, set()).add(normalise(one.claimed))
            texts.setdefault(key, one.claimed)
    return {key: texts[key] for key, claims in found.items() if len(claims) == 1}


def _key(answer: Answer) -> tuple[str, str]:
    return answer.item.benchmark, answer.item.id


def _first(left_alone: Mapping[Path, str]) -> str:
    reasons = list(left_alone.values())
    return f"; {len(reasons)} files were left alone, the first: {reasons[0]}" if reasons else ""
