"""From one number of the tidy table back to its items: what each adds, and why the others are left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lmms_faith.measures import MEASURES, Measure
from lmms_faith.metrics.paired import mcnemar
from lmms_faith.summary.cells import Codes, Gathered
from lmms_faith.summary.columns import Floats
from lmms_faith.summary.counts import COUNTS, STAGE
from lmms_faith.summary.frame import Frame, across, applies, columns, frames, papers, sides, unpaired
from lmms_faith.summary.gathering import NOT_OBSERVABLE, NOTHING
from lmms_faith.summary.macro import PREFIX, groups
from lmms_faith.summary.reasons import LABELS, reason
from lmms_faith.summary.row import ALL, PAPER
from lmms_faith.summary.significance import SIGNIFICANCE
from lmms_faith.summary.slices import Slice, named


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One item of a number.

    Attributes:
        item_id: The item.
        adds: What it adds to the mean or the count; for a number that is no mean, 1 where it counts.
        values: Its values of the trace's columns; nan unknown.
    """

    item_id: str
    adds: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A number with the items that it comes from.

    Attributes:
        metric: Its name.
        value: The number, worked out from the items listed and from nothing else.
        mean: Whether it is the mean of what the items add.
        columns: Names of the columns it is made from; those of the conditions for a measure over several.
        shares: The items that count, in the order met.
        left_out: Ids of the items of the slice that don't, each with the reason.
    """

    metric: str
    value: float
    mean: bool
    columns: tuple[str, ...]
    shares: tuple[Share, ...]
    left_out: tuple[tuple[str, str], ...]


def trace(
    gathered: Gathered,
    *,
    model: str,
    benchmark: str,
    condition: str,
    metric: str,
    category: str = ALL,
    arity: str = ALL,
) -> Trace:
    """The items behind one number of ``tidy``, named as in its row.

    Raises:
        ValueError: There is no such number; the message says what there is.
    """
    there = frames(gathered, model, benchmark)
    if not there:
        if benchmark.startswith(PREFIX):
            parts = sorted({key[1] for key in gathered.cells if benchmark.removeprefix(PREFIX) in groups(key[1])})
            raise ValueError(
                f"{benchmark!r} is a mean over benchmarks; explain one of them: {', '.join(parts) or 'none'}"
            )
        known = ", ".join(sorted({f"{key[1]} of {key[0]}" for key in gathered.cells}))
        raise ValueError(f"there are no records of benchmark {benchmark!r} and model {model!r}; there are: {known}")
    part = named(gathered.items[benchmark], category=category, arity=arity)
    measure = MEASURES.get(metric)
    if measure is not None and measure.scope == "conditions":
        return _over_conditions(gathered, there, measure, part, condition)
    of = _frame(there, condition)
    if measure is not None:
        if not applies(measure, condition):
            raise ValueError(f"{metric} is for hedged conditions; {condition!r} is the hedged version of none")
        return _measure(gathered, of, measure, part)
    if metric in SIGNIFICANCE:
        return _test(gathered, of, metric, part)
    if metric in COUNTS or metric.startswith(STAGE):
        return _count(gathered, of, metric, part)
    raise ValueError(f"unknown metric {metric!r}; choose from: {', '.join((*MEASURES, *SIGNIFICANCE, *COUNTS))}")


def _frame(there: Sequence[Frame], condition: str) -> Frame:
    for of in there:
        if of.now.condition == condition:
            return of
    known = ", ".join(of.now.condition for of in there)
    raise ValueError(f"there are no records under condition {condition!r}; there are some under: {known}")


def _measure(gathered: Gathered, of: Frame, measure: Measure, part: Slice) -> Trace:
    inside = part.inside[of.now.places]
    places = of.now.places[inside]
    taken = tuple(values[inside] for values in columns(of, measure))
    adds = measure.items(*taken)
    out = {
        int(places[at]): reason(gathered, of, measure, int(places[at]), [float(values[at]) for values in taken])
        for at in np.flatnonzero(np.isnan(adds))
    }
    for side in sorted(sides(measure)):
        cell = {"base": of.base, "plain": of.plain}[side]
        if cell is not None:
            alone = np.setdiff1d(cell.places[part.inside[cell.places]], of.now.places)
            out |= dict.fromkeys(alone.tolist(), f"unpaired: not asked under {of.now.condition}")
    return _traced(gathered, of.now.benchmark, measure, measure.columns, taken, places, out)


def _over_conditions(
    gathered: Gathered, there: Sequence[Frame], measure: Measure, part: Slice, condition: str
) -> Trace:
    paper = papers(there)
    if condition != PAPER or len(paper) < 2:
        known = ", ".join(of.now.condition for of in paper) or "none"
        raise ValueError(
            f"{measure.name} is one number over the paper's conditions, condition {PAPER!r}; it takes two or more of "
            f"them, there are: {known}"
        )
    names = tuple(of.now.condition for of in paper)
    places = paper[0].now.places[part.inside[paper[0].now.places]]
    taken = across(paper, measure, places)
    out = {
        int(places[at]): ", ".join(f"unknown under {name}" for name, one in zip(names, taken) if np.isnan(one[at]))
        for at in np.flatnonzero(np.isnan(measure.items(*taken)))
    }
    return _traced(gathered, paper[0].now.benchmark, measure, names, taken, places, out)


def _test(gathered: Gathered, of: Frame, metric: str, part: Slice) -> Trace:
    """A p-value's pairs, as those of the drop that it is about."""
    drop = _measure(gathered, of, MEASURES["acc_drop"], part)
    if not of.compared:
        raise ValueError(f"{metric} compares with a baseline; {of.now.condition!r} has none but itself")
    if metric != "mcnemar_p":
        raise ValueError(
            f"{metric} is worked out from other numbers; explain mcnemar_p and acc_drop, which it rests on"
        )
    base, now = zip(*(share.values for share in drop.shares)) if drop.shares else ((), ())
    return replace(drop, metric=metric, value=mcnemar(base, now).p, mean=False)


def _count(gathered: Gathered, of: Frame, metric: str, part: Slice) -> Trace:
    """A count's items, each of which adds 1 where it is counted."""
    ids = gathered.items[of.now.benchmark].ids
    if metric == "unpaired":
        if not of.compared or of.base is None:
            raise ValueError(f"unpaired compares with a baseline; {of.now.condition!r} has none but itself")
        alone = set(np.concatenate(unpaired(of)).tolist())
        counted = {int(at): at in alone for at in np.union1d(of.now.places, of.base.places) if part.inside[at]}
        out: dict[int, str] = {}
    else:
        labels = np.array(gathered.labels)[of.now.judgement]
        hit = of.now.stale if metric == "stale" else labels == metric
        asked = [(int(place), at) for at, place in enumerate(of.now.places) if part.inside[place]]
        out = _uncounted(of, metric, labels, asked)
        counted = {place: bool(hit[at]) for place, at in asked if place not in out}
    shares = tuple(Share(item_id=ids[place], adds=float(yes), values=()) for place, yes in counted.items())
    return Trace(
        metric=metric,
        value=float(sum(share.adds for share in shares)),
        mean=False,
        columns=(),
        shares=shares,
        left_out=tuple((ids[place], why) for place, why in sorted(out.items())),
    )


def _uncounted(of: Frame, metric: str, labels: NDArray[np.str_], asked: Sequence[tuple[int, int]]) -> dict[int, str]:
    """The items that a count of judging is not out of, each with the reason."""
    if metric == NOT_OBSERVABLE:
        failed = of.now.column("failed")
        return {place: "the request failed" for place, at in asked if failed[at] == 1}
    return {place: LABELS[labels[at]] for place, at in asked if labels[at] in (NOTHING, NOT_OBSERVABLE)}


def _traced(
    gathered: Gathered,
    benchmark: str,
    measure: Measure,
    names: tuple[str, ...],
    taken: tuple[Floats, ...],
    places: Codes,
    out: Mapping[int, str],
) -> Trace:
    ids = gathered.items[benchmark].ids
    adds = measure.items(*taken)
    counts = ~np.isnan(adds)
    kept = [values[counts] for values in taken]
    rows = zip(places[counts].tolist(), adds[counts].tolist(), zip(*(values.tolist() for values in kept)))
    return Trace(
        metric=measure.name,
        value=float(measure.function(*kept)) if counts.any() else math.nan,
        mean=measure.mean,
        columns=names,
        shares=tuple(Share(item_id=ids[place], adds=add, values=values) for place, add, values in rows),
        left_out=tuple((ids[place], why) for place, why in sorted(out.items())),
    )
