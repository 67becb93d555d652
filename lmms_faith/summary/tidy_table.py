"""From records and verdicts to one tidy table; the one place that knows both records and metrics."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lmms_faith.measures import MEASURES, Measure
from lmms_faith.metrics.bootstrap import bootstrap_interval
from lmms_faith.record import Key, Record, Verdict
from lmms_faith.summary.cells import Codes, Gathered
from lmms_faith.summary.columns import Floats, Judged
from lmms_faith.summary.counts import COUNTS, STAGE, count_rows, hidden
from lmms_faith.summary.frame import Frame, across, applies, columns, frames, papers, sides
from lmms_faith.summary.gathering import gather
from lmms_faith.summary.intervals import HELD, Mean, closed, intervals
from lmms_faith.summary.macro import macro_rows
from lmms_faith.summary.matching import Verdicts, match
from lmms_faith.summary.row import HIDDEN, PAPER, Row
from lmms_faith.summary.significance import SIGNIFICANCE, significance_rows
from lmms_faith.summary.slices import BY, Slice, slices

RANKED: Final = 2_000
"""Resamples at most of a number that is no mean, such as an AUROC, which has to be sorted anew under each."""


def summarise(
    records: Iterable[Record],
    verdicts: Iterable[Verdict],
    *,
    extracted: Collection[Key] | None = None,
    resamples: int = 10_000,
    seed: int = 0,
    by: Collection[str] = BY,
    metrics: Collection[str] | None = None,
) -> list[Row]:
    """The tidy table of records and of what one judge says of them; see ``tidy``.

    Args:
        records: The records, read one at a time; of each only numbers are kept.
        verdicts: What a judge says of them. One on another completion than the record's counts as none.
        extracted: Keys of the answers that were extracted, where the rules read none; None where none was asked for.
        resamples, seed, by, metrics: See ``tidy``.

    Raises:
        ValueError: The same model, benchmark, condition and item twice; verdicts of several judges.
    """
    read = (Judged(record, extracted=None if extracted is None else record.key in extracted) for record in records)
    return tidy(
        gather(match(read, Verdicts(verdicts))),
        resamples=resamples,
        seed=seed,
        by=by,
        metrics=metrics,
    )


def tidy(
    gathered: Gathered,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    by: Collection[str] = BY,
    metrics: Collection[str] | None = None,
) -> list[Row]:
    """The tidy table: models and benchmarks in the order met, then slices, conditions as tabulated, and measures.

    Every measure of the registry has a row per condition that it applies to, nan and n = 0 where nothing is known. Rows
    over all items are followed by those per category and per number of options; those that rest on no item are left
    out. Counts and p-values come over all items alone, macro averages at the end.

    Args:
        gathered: What was read.
        resamples: How many resamples of the images an interval is made from; at most 2,000 for numbers that are no
            means.
        seed: The same seed gives the same intervals.
        by: What to part a benchmark by: ``category``, ``arity``, both or nothing.
        metrics: Names of the measures, counts and p-values wanted; all of them where left out.

    Raises:
        ValueError: An unknown measure, or an unknown way to part a benchmark.
    """
    wanted = _wanted(metrics)
    rows: list[Row] = []
    for model, benchmark in dict.fromkeys(key[:2] for key in gathered.cells):
        task = _Task(gathered, model, benchmark, wanted, resamples, seed)
        everything, *parts = slices(gathered.items[benchmark], by)
        over_all = list(_rows(task, everything))
        rows += over_all
        for part in parts:
            # Where all items are of one category there is nothing to work out anew.
            found = over_all if part.inside.all() else _rows(task, part)
            rows += [replace(row, category=part.category, arity=part.arity) for row in found if row.n]
        beside = (*significance_rows(gathered, model, benchmark), *count_rows(gathered, model, benchmark))
        rows += [row for row in beside if metrics is None or row.metric in metrics]
    return [*rows, *macro_rows(rows)]


@dataclass(frozen=True, slots=True)
class _Task:
    """What a model made of a benchmark, and how it is to be measured."""

    gathered: Gathered
    model: str
    benchmark: str
    measures: Sequence[Measure]
    resamples: int
    seed: int

    @property
    def frames(self) -> list[Frame]:
        """One per condition, in order."""
        return frames(self.gathered, self.model, self.benchmark)

    def clusters(self, places: Codes) -> Codes:
        """The images of some items."""
        return self.gathered.items[self.benchmark].cluster[places]


def _rows(task: _Task, part: Slice) -> Iterator[Row]:
    """All measures over a part of the items; the means among them wait for each other, to share resamples."""
    asked = [of.now.places[part.inside[of.now.places]] for of in task.frames]
    every = np.unique(task.clusters(np.concatenate(asked)))
    waiting: list[tuple[Row, Mean | None]] = []
    held = 0
    for row, mean in _measured(task, part):
        waiting.append((row, mean))
        held += 0 if mean is None else mean.values.size
        if held > HELD:
            yield from _with_intervals(waiting, every, task)
            waiting, held = [], 0
    yield from _with_intervals(waiting, every, task)


def _with_intervals(waiting: Sequence[tuple[Row, Mean | None]], every: Codes, task: _Task) -> Iterator[Row]:
    means = [mean for _, mean in waiting if mean is not None]
    found = iter(intervals(means, every, resamples=task.resamples, seed=task.seed))
    for row, mean in waiting:
        if mean is not None:
            one = next(found)
            row = replace(row, low=one.low, high=one.high, method="; ".join(filter(None, (row.method, one.method))))
        yield row


def _measured(task: _Task, part: Slice) -> Iterator[tuple[Row, Mean | None]]:
    """Each number without its interval where that is still to be found, with what it is the mean of."""
    for of in task.frames:
        inside = part.inside[of.now.places]
        for measure in task.measures:
            if applies(measure, of.now.condition):
                taken = tuple(values[inside] for values in columns(of, measure))
                if "base" in sides(measure) and of.base is not None and not of.compared:
                    yield _beside_itself(task, measure, taken, of), None
                else:
                    row, mean = _number(task, measure, taken, of.now.places[inside], of.now.condition)
                    yield replace(row, method=HIDDEN) if hidden(task.gathered, measure, of) else row, mean
    paper = papers(task.frames)
    for measure in task.measures:
        if measure.scope == "conditions" and len(paper) > 1:
            places = paper[0].now.places[part.inside[paper[0].now.places]]
            taken = across(paper, measure, places)
            row, mean = _number(task, measure, taken, places, PAPER)
            yield replace(row, method="; ".join(filter(None, (f"over {len(paper)} conditions", row.method)))), mean


def _number(
    task: _Task, measure: Measure, taken: tuple[Floats, ...], places: Codes, condition: str
) -> tuple[Row, Mean | None]:
    values = measure.items(*taken)
    known = ~np.isnan(values)
    row = _plain(task, measure, taken, condition, n=int(known.sum()))
    if not row.n:
        return row, None
    clusters, bounds = task.clusters(places), (measure.low, measure.high)
    if measure.mean:
        return row, Mean(values, clusters, bounds)
    found = bootstrap_interval(
        measure.function,
        taken,
        clusters,
        resamples=min(task.resamples, RANKED),
        seed=task.seed,
        bounds=closed(bounds),
        known=known,
        ends="widened" if measure.biased else "percentile",
    )
    return replace(row, low=found.low, high=found.high, method=found.method), None


def _beside_itself(task: _Task, measure: Measure, taken: tuple[Floats, ...], of: Frame) -> Row:
    """A baseline's row of a measure that compares with the baseline: what it is by definition, so without interval."""
    n = int((~np.isnan(measure.items(*taken))).sum())
    return replace(_plain(task, measure, taken, of.now.condition, n=n), method="its own baseline")


def _plain(task: _Task, measure: Measure, taken: tuple[Floats, ...], condition: str, *, n: int) -> Row:
    return Row(
        model=task.model,
        benchmark=task.benchmark,
        condition=condition,
        metric=measure.name,
        value=float(measure.function(*taken)) if n else math.nan,
        n=n,
    )


def _wanted(metrics: Collection[str] | None) -> list[Measure]:
    known = (*MEASURES, *SIGNIFICANCE, *COUNTS)
    unknown = sorted(name for name in metrics or () if name not in known and not name.startswith(STAGE))
    if unknown:
        raise ValueError(f"unknown metric {unknown[0]!r}; choose from: {', '.join(known)}")
    return [measure for name, measure in MEASURES.items() if metrics is None or name in metrics]
