"""Bootstrap intervals of many means over one benchmark's items, all from the same resamples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lmms_faith.metrics.bootstrap import FEW_CLUSTERS, Bounds, bootstrap_mean, interval_of
from lmms_faith.metrics.interval import Interval
from lmms_faith.metrics.resampling import draws
from lmms_faith.metrics.weighting import ratio
from lmms_faith.summary.columns import Floats

HELD: Final = 6_000_000
"""Numbers held at a time, of sums by image and of resamples: 48 MB of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Mean:
    """A mean of per-item values.

    Attributes:
        values: Shape (n,); nan for an item that does not count.
        clusters: Shape (n,); each item's cluster, as a number.
        bounds: Range of the measure; infinite where it has no bound.
    """

    values: Floats
    clusters: NDArray[np.integer]
    bounds: Bounds


def intervals(
    means: Sequence[Mean], every: NDArray[np.integer], *, resamples: int = 10_000, seed: int = 0
) -> list[Interval]:
    """The interval of each mean, by ``metrics.bootstrap.interval_of`` on the resamples that all of them share.

    A resample draws as many images as there are, so that conditions, measures and models are resampled alike. It is
    ``metrics.bootstrap.bootstrap_mean``, number by number, where every image has a known value; where some have none,
    how many known ones a resample holds is left to chance as well.

    Args:
        means: What the intervals are of.
        every: The clusters to draw from, each once, rising.
        resamples, seed: As in ``bootstrap_mean``.

    Returns:
        In the order of the means; nan for fewer than two images with a known value, and where a value is infinite.
    """
    step = max(1, HELD // (2 * max(len(every), resamples)))
    found: list[Interval] = []
    for start in range(0, len(means), step):
        few = means[start : start + step]
        found += _some(few, [_sums(mean, every) for mean in few], len(every), resamples, seed)
    return found


def _some(
    means: Sequence[Mean], sums: Sequence[tuple[Floats, Floats]], count: int, resamples: int, seed: int
) -> list[Interval]:
    many = [int((below > 0).sum()) for _, below in sums]
    drawn = [at for at, mean in enumerate(means) if many[at] >= FEW_CLUSTERS and np.isfinite(sums[at][0]).all()]
    # Shares of one condition have a denominator in common, and complementary ones sums: each is drawn once.
    distinct: dict[bytes, int] = {}
    columns: list[Floats] = []
    for at in drawn:
        for column in sums[at]:
            if distinct.setdefault(column.tobytes(), len(columns)) == len(columns):
                columns.append(column)
    totals = _totals(columns, count, resamples, seed)
    out = {at: _few(means[at], resamples, seed) for at in set(range(len(means))) - set(drawn)}
    for at in drawn:
        above, below = sums[at]
        under = ratio(totals[distinct[above.tobytes()]], totals[distinct[below.tobytes()]])
        out[at] = interval_of(float(above.sum() / below.sum()), under, many[at], bounds=closed(means[at].bounds))
    return [out[at] for at in range(len(means))]


def closed(bounds: Bounds) -> Bounds | None:
    """Bounds that are finite; None where one is not, since an interval can't be held between those."""
    return bounds if all(map(math.isfinite, bounds)) else None


def _totals(columns: Sequence[Floats], count: int, resamples: int, seed: int) -> Floats:
    """Each column's sum under every resample, shape (columns, resamples)."""
    out = np.empty((len(columns), resamples))
    if columns:
        matrix, start = np.stack(columns), 0
        for block in draws(np.arange(count), resamples=resamples, seed=seed):
            out[:, start : start + len(block)] = matrix @ block.T
            start += len(block)
    return out


def _sums(mean: Mean, every: NDArray[np.integer]) -> tuple[Floats, Floats]:
    """Sum of the known values, and their number, by cluster."""
    of = np.searchsorted(every, mean.clusters)
    known = ~np.isnan(mean.values)
    parts = (np.where(known, mean.values, 0.0), known.astype(np.float64))
    above, below = (np.bincount(of, weights=part, minlength=len(every)).astype(np.float64) for part in parts)
    return above, below


def _few(mean: Mean, resamples: int, seed: int) -> Interval:
    """By itself, for means of few images, and nan for those that are infinite."""
    if np.isinf(mean.values).any():
        return Interval(math.nan, math.nan, "")
    return bootstrap_mean(mean.values, mean.clusters, resamples=resamples, seed=seed, bounds=closed(mean.bounds))
