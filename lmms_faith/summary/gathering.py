"""Reading records one by one into compact arrays."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lmms_faith.conditions import ABSTENTION
from lmms_faith.judges import judgeable, observable
from lmms_faith.record import Record
from lmms_faith.summary.cells import Cell, CellKey, Gathered, Items
from lmms_faith.summary.columns import FLAGS, REALS, WHOLE, Judged, numbers
from lmms_faith.summary.letters import known_letters, probabilities

BATCH: Final = 1_000
"""Records held at a time."""
UNNAMED: Final = "unnamed"
"""The model of records that name none."""
ARITIES: Final = ("2", "3", "4+", "free")
NOTHING: Final = ""
"""Label of a record that has no answer to compare, or whose reasoning was not its own."""
NOT_OBSERVABLE: Final = "not_observable"
"""Label of a completion without a thought in it where the model was left to think."""
_STAGE = re.compile(r"[A-Za-z]+(?:[-_][A-Za-z]+)*")


def gather(judged: Iterable[Judged]) -> Gathered:
    """All records as arrays; about 130 bytes a record stay in memory, whatever their texts.

    Raises:
        ValueError: The same model, benchmark, condition and item twice; the message names them.
    """
    gatherer = _Gatherer()
    left = iter(judged)
    while batch := list(islice(left, BATCH)):
        gatherer.add(batch)
    return gatherer.gathered()


def arity_of(record: Record) -> str:
    """How many options an item has, the abstention option not counted.

    Returns:
        One of ``ARITIES``.
    """
    count = len(record.options) - (record.options[-1:] == (ABSTENTION,))
    return "free" if not record.options else "4+" if count > 3 else str(max(2, count))


def label_of(one: Judged) -> str:
    """What became of judging a record.

    Returns:
        ``decided_by_STAGE``, ``ends_on_none``, ``undecided``, ``unjudged``; ``not_observable`` without a thought; empty
        where there is nothing to judge for another reason.
    """
    if not judgeable(one.record):
        return NOTHING if observable(one.record) else NOT_OBSERVABLE
    opinion = one.opinion
    if opinion is None or opinion.outcome == "unjudged":
        return "unjudged"
    if opinion.outcome in ("decided", "differs"):
        return f"decided_by_{_stage(opinion.by or '')}"
    return "ends_on_none" if opinion.outcome == "none" else "undecided"


def _stage(judge: str) -> str:
    """A judge's name without version and arguments, fit for the name of a metric."""
    found = _STAGE.match(judge)
    return found.group().replace("-", "_").casefold() if found else "judge"


class _Interned:
    """Texts as whole numbers, in the order met."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, text: str) -> int:
        return self.places.setdefault(text, len(self.places))

    def texts(self) -> tuple[str, ...]:
        return tuple(self.places)


class _Benchmark:
    """A benchmark's items while they are met."""

    def __init__(self) -> None:
        self.ids, self.categories, self.clusters = _Interned(), _Interned(), _Interned()
        self.codes: list[tuple[int, int, int]] = []

    def place(self, record: Record) -> int:
        place = self.ids.place(record.item_id)
        if place == len(self.codes):
            category = -1 if record.category is None else self.categories.place(record.category)
            self.codes.append((category, ARITIES.index(arity_of(record)), self.clusters.place(record.cluster)))
        return place

    def items(self) -> Items:
        codes = np.array(self.codes, dtype=np.int32).reshape(-1, 3)
        return Items(
            ids=self.ids.texts(),
            categories=self.categories.texts(),
            arities=ARITIES,
            category=codes[:, 0].copy(),
            arity=codes[:, 1].copy(),
            cluster=codes[:, 2].copy(),
        )


class _Rows:
    """A cell's answers while they are met, as blocks of rows."""

    def __init__(self) -> None:
        self.seen = bytearray()
        self.blocks: list[tuple[NDArray[np.generic], ...]] = []

    def mark(self, place: int) -> bool:
        """Note a place; whether it was noted before."""
        if place >= len(self.seen):
            self.seen.extend(bytes(place + 1 - len(self.seen) + len(self.seen) // 8))
        before, self.seen[place] = self.seen[place], 1
        return bool(before)

    def cell(self, key: CellKey) -> Cell:
        width = max(block[4].shape[1] for block in self.blocks)
        letters = np.concatenate([_widened(block[4], width) for block in self.blocks])
        parts = [np.concatenate([block[i] for block in self.blocks]) for i in (0, 1, 2, 3, 5, 6)]
        self.blocks.clear()
        order = np.argsort(parts[0], kind="stable")
        places, flags, whole, reals, judgement, stale = (part[order] for part in parts)
        return Cell(
            model=key[0],
            benchmark=key[1],
            condition=key[2],
            places=places,
            flags=flags,
            whole=whole,
            reals=reals,
            letters=letters[order],
            judgement=judgement,
            stale=stale,
        )


class _Gatherer:
    """Everything while it is met."""

    def __init__(self) -> None:
        self.benchmarks: defaultdict[str, _Benchmark] = defaultdict(_Benchmark)
        self.rows: defaultdict[CellKey, _Rows] = defaultdict(_Rows)
        self.labels = _Interned()
        self.seeds: set[int] = set()
        self.versions: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, batch: Sequence[Judged]) -> None:
        by_cell: defaultdict[CellKey, list[int]] = defaultdict(list)
        places = np.zeros(len(batch), dtype=np.int32)
        for at, one in enumerate(batch):
            record = one.record
            key = record.model or UNNAMED, record.benchmark, record.condition
            places[at] = self.benchmarks[record.benchmark].place(record)
            if self.rows[key].mark(int(places[at])):
                raise ValueError(
                    f"record of item {record.item_id!r} under {record.condition!r} of {record.model!r} comes twice; "
                    "read one run at a time"
                )
            by_cell[key].append(at)
            self._note(one)
        found = numbers(batch)
        flags, whole = (_filled([found[name] for name in names]) for names in (FLAGS, WHOLE))
        reals = np.stack([found[name] for name in REALS], axis=1)
        letters = _letters([known_letters(one.record) for one in batch])
        judgement = np.array([self.labels.place(label_of(one)) for one in batch], dtype=np.int16)
        stale = np.array([one.stale for one in batch], dtype=np.bool_)
        whole_batch = places, flags.astype(np.int8), whole.astype(np.int32), reals, letters, judgement, stale
        for key, at_ in by_cell.items():
            self.rows[key].blocks.append(tuple(part[at_] for part in whole_batch))

    def _note(self, one: Judged) -> None:
        self.seeds.add(one.record.seed)
        for name, version in one.record.versions.items():
            self.versions[name].add(version)

    def gathered(self) -> Gathered:
        cells = {key: self.rows[key].cell(key) for key in list(self.rows)}
        return Gathered(
            cells=cells,
            items={name: benchmark.items() for name, benchmark in self.benchmarks.items()},
            labels=self.labels.texts(),
            seeds=tuple(sorted(self.seeds)),
            versions={name: tuple(sorted(found)) for name, found in sorted(self.versions.items())},
        )


def _filled(columns: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Columns side by side, -1 for the unknown."""
    return np.nan_to_num(np.stack(columns, axis=1), nan=-1.0)


def _letters(logprobs: Sequence[Sequence[float] | None]) -> NDArray[np.float32]:
    """Letters' probabilities, one row a record, nan where there are none."""
    out = np.full((len(logprobs), max((len(row) for row in logprobs if row), default=1)), np.nan, dtype=np.float32)
    by_size: defaultdict[int, list[int]] = defaultdict(list)
    for at, row in enumerate(logprobs):
        if row:
            by_size[len(row)].append(at)
    for size, places in by_size.items():
        out[places, :size] = probabilities(np.array([logprobs[at] for at in places], dtype=np.float64))
    return out


def _widened(rows: NDArray[np.generic], width: int) -> NDArray[np.generic]:
    return np.pad(rows, ((0, 0), (0, width - rows.shape[1])), constant_values=np.nan)
