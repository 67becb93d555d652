"""Two models on the same items: who does better under each condition, and who falls further from its baseline."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lmms_faith.measures import MEASURES, Measure
from lmms_faith.measures.measure import itself
from lmms_faith.metrics.paired import Paired, difference_in_differences, holm, paired_difference
from lmms_faith.summary.cells import Codes, Gathered
from lmms_faith.summary.columns import Floats
from lmms_faith.summary.counts import hidden
from lmms_faith.summary.frame import Frame, column, frames, sides
from lmms_faith.summary.intervals import closed
from lmms_faith.summary.row import HIDDEN, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """Two models under one condition, paired by item.

    Attributes:
        benchmark, condition, metric: What was measured.
        a, b: The measure of each, over the items of which it is known for both; nan without any.
        hidden_a, hidden_b: Whether the measure of each is not observable, since no completion has a thought in it.
        difference: b - a, with its interval and p-value.
        falls: Fall of b from its baseline less that of a, above 0 where b falls further; None for a baseline, and where
            either model has no records under it.
        holm: The p-value of ``falls`` after Holm's adjustment for all conditions of the benchmark; nan without one.
    """

    benchmark: str
    condition: str
    metric: str
    a: float
    b: float
    difference: Paired
    falls: Paired | None
    holm: float = math.nan
    hidden_a: bool = False
    hidden_b: bool = False


def models(gathered: Gathered) -> tuple[str, ...]:
    """Names of the models that were read, in the order met."""
    return tuple(dict.fromkeys(key[0] for key in gathered.cells))


def compared() -> list[str]:
    """Names of the measures by which models can be compared: the means of one column of each item."""
    return [name for name, measure in MEASURES.items() if _can_compare(measure)]


def compare(
    a: Gathered,
    b: Gathered,
    *,
    model_a: str,
    model_b: str,
    metric: str = "acc",
    resamples: int = 10_000,
    seed: int = 0,
) -> list[Contrast]:
    """A contrast for every benchmark and condition that both models have records of.

    Items pair by id. Those that only one model was asked, or of which the measure is known for one alone, are left out
    and counted.

    Args:
        a, b: What was read; the same twice where both models are in there.
        model_a, model_b: Names of the models.
        metric: One of ``compared()``.
        resamples, seed: As in ``metrics.paired.paired_difference``.

    Raises:
        ValueError: A metric by which models can't be compared, or two models without a condition in common.
    """
    if metric not in compared():
        raise ValueError(f"models can't be compared item by item by {metric!r}; choose from: {', '.join(compared())}")
    found: list[Contrast] = []
    for benchmark in dict.fromkeys(key[1] for key in a.cells if key[0] == model_a):
        of_b = {of.now.condition: of for of in frames(b, model_b, benchmark)}
        both = [of for of in frames(a, model_a, benchmark) if of.now.condition in of_b]
        found += _adjusted(
            [_contrast(a, b, of, of_b[of.now.condition], MEASURES[metric], resamples, seed) for of in both]
        )
    if not found:
        raise ValueError(
            f"{model_a!r} and {model_b!r} have no benchmark and condition in common: one has {_asked(a, model_a)}; the "
            f"other {_asked(b, model_b)}"
        )
    return found


def contrast_rows(contrasts: list[Contrast], *, model_a: str, model_b: str) -> Iterator[Row]:
    """Contrasts as rows of a tidy table, their model named ``B - A``."""
    for one in contrasts:
        parts = [(f"{one.metric}_difference", one.difference, math.nan)]
        parts += [(f"{one.metric}_drop_difference", one.falls, one.holm)] if one.falls is not None else []
        for metric, paired, adjusted in parts:
            row = Row(
                model=f"{model_b} - {model_a}",
                benchmark=one.benchmark,
                condition=one.condition,
                metric=metric,
                value=paired.value,
                low=paired.low,
                high=paired.high,
                n=paired.n,
                method=HIDDEN if one.hidden_a or one.hidden_b else f"{paired.method}; {paired.left_out} items left out",
            )
            bare = replace(row, low=math.nan, high=math.nan)
            yield row
            yield replace(bare, metric=f"{metric}_p", value=paired.p, method="sign flips of images")
            if not math.isnan(adjusted):
                yield replace(bare, metric=f"{metric}_holm_p", value=adjusted, method="Holm over conditions")


def _contrast(
    a: Gathered, b: Gathered, of_a: Frame, of_b: Frame, measure: Measure, resamples: int, seed: int
) -> Contrast:
    items_a, items_b = a.items[of_a.now.benchmark], b.items[of_b.now.benchmark]
    in_b = {items_b.ids[place]: place for place in of_b.now.places.tolist()}
    both = [(place, in_b[one]) for place in of_a.now.places.tolist() if (one := items_a.ids[place]) in in_b]
    alone = len(of_a.now.places) + len(of_b.now.places) - 2 * len(both)
    places_a, places_b = np.array(both, dtype=np.int32).reshape(-1, 2).T
    (name,) = measure.columns
    now_a, base_a = (_of(of_a, side + name, places_a, len(items_a.ids)) for side in ("", "base."))
    now_b, base_b = (_of(of_b, side + name, places_b, len(items_b.ids)) for side in ("", "base."))
    clusters, width = items_a.cluster[places_a], measure.high - measure.low
    known = ~np.isnan(now_a + now_b)
    difference = paired_difference(
        now_b, now_a, clusters, resamples=resamples, seed=seed, bounds=closed((-width, width))
    )
    falls = None
    if of_a.compared and of_b.compared:
        falls = difference_in_differences(
            base_a,
            now_a,
            base_b,
            now_b,
            clusters,
            resamples=resamples,
            seed=seed,
            bounds=closed((-2 * width, 2 * width)),
        )
        falls = replace(falls, left_out=falls.left_out + alone)
    return Contrast(
        benchmark=of_a.now.benchmark,
        condition=of_a.now.condition,
        metric=measure.name,
        a=float(now_a[known].mean()) if known.any() else math.nan,
        b=float(now_b[known].mean()) if known.any() else math.nan,
        difference=replace(difference, left_out=difference.left_out + alone),
        falls=falls,
        hidden_a=hidden(a, measure, of_a),
        hidden_b=hidden(b, measure, of_b),
    )


def _of(of: Frame, name: str, places: Codes, count: int) -> Floats:
    """A column of a condition, of the items at some places out of so many."""
    every = np.full(count, math.nan)
    every[of.now.places] = column(of, name)
    return every[places]


def _adjusted(found: list[Contrast]) -> list[Contrast]:
    """One benchmark's contrasts with their adjusted p-values."""
    tested = [one for one in found if one.falls is not None]
    by_condition = dict(
        zip((one.condition for one in tested), holm([one.falls.p for one in tested if one.falls is not None]))
    )
    return [replace(one, holm=float(by_condition.get(one.condition, math.nan))) for one in found]


def _can_compare(measure: Measure) -> bool:
    return measure.items is itself and measure.scope == "condition" and not sides(measure)


def _asked(gathered: Gathered, model: str) -> str:
    return ", ".join(f"{key[1]} under {key[2]}" for key in gathered.cells if key[0] == model) or "no records"
