"""Cluster bootstrap: how far a measure would move with another sample of images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, t

from lmms_faith.metrics.interval import Interval, wilson_bounds
from lmms_faith.metrics.resampling import Measure, labels, numbered, resampled, under
from lmms_faith.metrics.weighting import Floats, Number, aligned, as_number, ratio, weighted_sums

Bounds = tuple[float, float]
Ends = Literal["percentile", "widened"]

FEW_CLUSTERS = 10
"""Below this many clusters there is too little to resample."""

FEW_EVENTS = 5.0
"""Below this many independent items on the rarer side of a share, its resamples are too skewed."""

_NAN = float("nan")


def ratio_of_sums(numerator: ArrayLike, denominator: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Ratio of two sums, :math:`\sum_i w_i a_i / \sum_i w_i b_i`: a mean over the subset that ``b`` marks with 1.

    Args:
        numerator, denominator: Shape (n,), without nan; 0 for an item that does not count.
        weights: None, shape (n,) or (r, n).

    Returns:
        A float or shape (r,); nan where the denominator's sum is 0.

    >>> ratio_of_sums([1, 0, 0], [1, 1, 0])
    0.5
    """
    top, bottom = weighted_sums(np.stack(aligned(numerator, denominator)), weights)
    return as_number(ratio(top, bottom))


def bootstrap_mean(
    values: ArrayLike,
    clusters: ArrayLike,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    bounds: Bounds | None = None,
) -> Interval:
    """Interval of the mean of the values that are known: ``bootstrap_interval``, the fast way.

    Serves every measure that is a mean of per-item values: a share, a share among a subset (nan outside of it), a
    paired drop (differences, nan where one side is missing).

    >>> low, high = bootstrap_mean([1, 0, 1, 1] * 10, range(40), bounds=(0, 1))
    >>> round(low, 2), round(high, 2)
    (0.6, 0.88)
    """
    array = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(array)
    return bootstrap_interval(
        ratio_of_sums,
        (np.where(known, array, 0.0), known),
        clusters,
        resamples=resamples,
        seed=seed,
        level=level,
        bounds=bounds,
        known=known,
        additive=True,
    )


def bootstrap_interval(
    measure: Measure,
    columns: Sequence[ArrayLike],
    clusters: ArrayLike,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    bounds: Bounds | None = None,
    known: ArrayLike | None = None,
    additive: bool = False,
    ends: Ends = "percentile",
) -> Interval:
    """Interval of a measure from resampling clusters of items; docs/inference.md says what is done when.

    Args:
        measure: A function of the weights contract. It is called with columns whose like items may be put together.
        columns: What it is called with; shape (n,) each, nan unknown.
        clusters: Shape (n,); each item's cluster, under any label (the image).
        resamples: How many resamples.
        seed: The same seed gives the same interval.
        level: Confidence level in (0, 1).
        bounds: Range of the measure: (0, 1) for a share, (-1, 1) for a drop; None where it has none.
        known: Shape (n,); which items the measure uses, where that is not "any column is known". The others are left
            out before anything is drawn, so that a cluster without a known item is no evidence.
        additive: The measure depends on the columns' weighted sums alone, as ``ratio_of_sums`` does, so that each
            cluster may be replaced by its sums. Such columns have no nan.
        ends: ``percentile`` of the resamples, or ``widened`` for a measure that is biased and whose resamples add to
            the bias, as sums of distances such as ECE do; see ``interval_of``.

    Returns:
        Method ``cluster bootstrap, RESAMPLES`` or what took its place: ``clopper-pearson on clusters`` where nothing
        varies, ``wilson on clusters`` or ``jackknife t`` below 10 clusters, ``wilson on effective n`` for a share with
        fewer than 5 independent items on one side. nan for fewer than two clusters.

    Raises:
        ValueError: Columns and clusters of different lengths.

    >>> columns = [1, 0, 1, 1] * 10, [1] * 40
    >>> low, high = bootstrap_interval(ratio_of_sums, columns, range(40), bounds=(0, 1), additive=True)
    >>> round(low, 2), round(high, 2)
    (0.6, 0.88)
    """
    taken = aligned(*columns)
    kept = _any_known(taken) if known is None else np.asarray(known, dtype=bool)
    taken = tuple(column[kept] for column in taken)
    of, count = numbered(labels(clusters, len(kept))[kept])
    value = cast(float, measure(*taken)) if count > 1 else _NAN
    if not math.isfinite(value):
        return Interval(_NAN, _NAN, f"cluster bootstrap, {resamples}")
    if additive:
        sums = [np.bincount(of, weights=column, minlength=count) for column in taken]
        taken, of = tuple(np.asarray(column, dtype=np.float64) for column in sums), np.arange(count)
    if count < FEW_CLUSTERS and not _closed(bounds):
        left = under(measure, taken, [1.0 - np.eye(count)[:, of]])
        return _jackknife(value, left, level=level, bounds=bounds)
    found = resampled(measure, taken, of, resamples=resamples, seed=seed)
    return interval_of(value, found, count, level=level, bounds=bounds, ends=ends)


def interval_of(
    value: float,
    found: Floats,
    count: int,
    *,
    level: float = 0.95,
    bounds: Bounds | None = None,
    ends: Ends = "percentile",
) -> Interval:
    r"""Interval from a measure's replicates; see ``bootstrap_interval``.

    Percentiles are taken at :math:`\Phi(-\sqrt{K/(K-1)}\, t_{K-1,1-\alpha/2})`, a little further out than nominal,
    since resamples of K clusters spread less than samples do.

    A share with few independent items on one side takes the Wilson interval of as many items as give the variance of
    the resamples, :math:`p (1 - p) / s^2`, fewer for few clusters, by :math:`\frac{K-1}{K} (z / t_{K-1})^2`.

    Widened ends reach as far to either side of the value as the farther percentile does, and against the bias b that
    the resamples show, the distance of their mean from the value, by :math:`\sqrt 2\, b` more. A distance is most
    biased where its truth is 0; there a sample's bias is :math:`1 + \sqrt 2` times what its resamples add to it.

    Args:
        value: The measure on all items.
        found: Shape (r,); under each resample, nan where it is not defined, which is left out.
        count: Number of clusters, 2 or more.
        level, bounds, ends: As in ``bootstrap_interval``.

    Source: Hesterberg 2015, "What teachers should know about the bootstrap", expanded percentile interval; Korn and
    Graubard 1998, effective sample size of a share.

    >>> found = interval_of(0.5, np.linspace(0, 1, 1001), 10**9)
    >>> round(found.low, 3), round(found.high, 3), found.method
    (0.025, 0.975, 'cluster bootstrap, 1001')
    """
    finite = found[np.isfinite(found)]
    name = f"cluster bootstrap, {found.size}"
    if not finite.size:
        return Interval(_NAN, _NAN, name)
    if _alike(finite, value):
        return _constant(value, count, level, bounds)
    quantile = float(t.ppf((1 + level) / 2, count - 1))
    if bounds is not None and _closed(bounds):
        if count < FEW_CLUSTERS:
            return _wilson(value, count, level, bounds, "wilson on clusters")
        worth = _effective(value, float(finite.var()), bounds)
        if ends == "percentile" and 0 < worth * _rarer(value, bounds) < FEW_EVENTS:
            worth *= (count - 1) / count * (float(norm.ppf((1 + level) / 2)) / quantile) ** 2
            return _wilson(value, worth, level, bounds, "wilson on effective n")
    tail = float(norm.cdf(-math.sqrt(count / (count - 1)) * quantile))
    low, high = (float(end) for end in np.quantile(finite, [tail, 1 - tail]))
    if ends == "widened":
        half, bias = max(high - value, value - low), math.sqrt(2) * (float(finite.mean()) - value)
        low, high = value - half - max(0.0, bias), value + half - min(0.0, bias)
        name += ", widened for bias"
    return Interval(*_clipped(low, high, bounds), name)


def _jackknife(value: float, left: Floats, *, level: float, bounds: Bounds | None) -> Interval:
    """The value give or take t standard errors, from the measure with each cluster ``left`` out in turn."""
    count = left.size
    if _alike(left, value):
        return _constant(value, count, level, bounds)
    half = float(t.ppf((1 + level) / 2, count - 1) * np.sqrt((count - 1) * left.var()))
    return Interval(*_clipped(value - half, value + half, bounds), "jackknife t")


def _constant(value: float, count: int, level: float, bounds: Bounds | None) -> Interval:
    """Where nothing varies: a share up to p of all clusters, unseen, may lie anywhere within the bounds."""
    if bounds is None:
        return Interval(_NAN, _NAN, "none: nothing varies")
    unseen = 1 - ((1 - level) / 2) ** (1 / count)
    low, high = (value + unseen * (end - value) if end != value else value for end in bounds)
    return Interval(low, high, "clopper-pearson on clusters")


def _wilson(value: float, worth: float, level: float, bounds: Bounds, name: str) -> Interval:
    low, high = bounds
    ends = wilson_bounds((value - low) / (high - low), worth, level=level)
    return Interval(low + (high - low) * ends[0], low + (high - low) * ends[1], name)


def _effective(value: float, variance: float, bounds: Bounds) -> float:
    """How many independent items between the two bounds would give a mean of that variance."""
    return (value - bounds[0]) * (bounds[1] - value) / variance


def _rarer(value: float, bounds: Bounds) -> float:
    """Distance to the nearer bound as a share of their distance, in [0, 1/2]."""
    return min(value - bounds[0], bounds[1] - value) / (bounds[1] - bounds[0])


def _alike(found: Floats, value: float) -> bool:
    return bool(np.ptp(found) <= 1e-9 * max(1.0, abs(value)))


def _closed(bounds: Bounds | None) -> bool:
    return bounds is not None and all(map(math.isfinite, bounds))


def _clipped(low: float, high: float, bounds: Bounds | None) -> tuple[float, float]:
    return (low, high) if bounds is None else (max(low, bounds[0]), min(high, bounds[1]))


def _any_known(columns: Sequence[Floats]) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(np.stack(columns)).all(axis=0))
