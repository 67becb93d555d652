"""Each benchmark's own score beside our table, from the same records."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator

from lmms_faith.benchmarks import benchmarks
from lmms_faith.record import Record


def scored(record: Record) -> bool:
    """Whether a benchmark's own score needs a record; the others of a long log need not be kept for it."""
    found = benchmarks().get(record.benchmark)
    return record.condition == "base" and found is not None and found.headline is not None


def official_lines(records: Iterable[Record]) -> Iterator[str]:
    """One line per model and benchmark that has a score of its own: its parts, headline first, in percent.

    Only records under ``base`` count; parts that these records can't give are left out. Records of another tool's
    results may lack what the score goes by, which a line then says. Where benchmarks are parts of a whole, such as
    BLINK's, a further line has the mean of their headlines and says how many of them there were.
    """
    base: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if record.condition == "base":
            base[record.model or "unnamed", record.benchmark].append(record)
    wholes: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for (model, name), mine in base.items():
        found = benchmarks().get(name)
        if found is None or found.headline is None:
            continue
        try:
            scores = found.headline(mine)
        except KeyError as missing:
            yield f"{found.title} · {model}: no official score: the records' extras lack {missing}"
            continue
        if found.part_of:
            wholes[model, found.part_of].append(next(iter(scores.values())))
        shown = [f"{part} {_shown(part, value)}" for part, value in scores.items() if not math.isnan(value)]
        yield f"{found.title} · {model}: official score under base: {', '.join(shown)}"
    for (model, whole), headlines in wholes.items():
        total = sum(one.part_of == whole for one in benchmarks().values())
        mean = _shown("mean", sum(headlines) / len(headlines))
        yield f"{whole} · {model}: official score under base: mean of {len(headlines)} of {total} parts {mean}"


def _shown(part: str, value: float) -> str:
    return f"{value:.0f}" if part == "failed" else f"{100 * value:.1f}"
