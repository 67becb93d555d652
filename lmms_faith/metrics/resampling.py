"""Resamples of clusters of items, as weights: how often each item was drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lmms_faith.metrics.weighting import Floats, Number, aligned

Ints = NDArray[np.intp]
Measure = Callable[..., Number]
"""``measure(*columns, weights=None)``: a float for no weights or shape (n,), an array (r,) for shape (r, n)."""

_BLOCK = 2_000_000
"""Weights that are held at a time: 16 MB of floats."""

_KEPT = 20_000_000
"""Draws that are kept for the next measure on as many clusters: 20 MB, four times."""

_FEW_KINDS, _MANY_KINDS = 20, 256
"""Kinds of clusters that are always drawn together, and kinds of items above which clusters are not compared."""


def draws(clusters: ArrayLike, *, resamples: int = 10_000, seed: int = 0) -> Iterator[Floats]:
    """Weights of the items under each resample, in blocks: how often each item's cluster was drawn.

    A resample draws as many clusters as there are, with replacement, each with all its items. The draws depend on
    clusters and seed alone, so that two measures on the same items see the same resamples.

    Args:
        clusters: Shape (n,); each item's cluster, under any label (the image).
        resamples: How many resamples in all.
        seed: Seed of NumPy's default generator.

    Yields:
        Arrays of shape (r, n), ``resamples`` rows in all.

    >>> [block.tolist() for block in draws(["a", "a", "b"], resamples=2, seed=0)]
    [[[0.0, 0.0, 2.0], [1.0, 1.0, 1.0]]]
    """
    of, count = numbered(clusters)
    yield from _spread(of, count, resamples, seed)


def replicates(
    measure: Measure, columns: Sequence[ArrayLike], clusters: ArrayLike, *, resamples: int = 10_000, seed: int = 0
) -> Floats:
    """The measure under each resample of ``draws``, shape (resamples,): the same resamples for every measure.

    >>> from lmms_faith.metrics import acc
    >>> replicates(acc, ([1, 0, 1],), ["a", "a", "b"], resamples=2, seed=0).round(3)
    array([1.   , 0.667])
    """
    taken = aligned(*columns)
    return under(measure, taken, draws(labels(clusters, len(taken[0])), resamples=resamples, seed=seed))


def resampled(measure: Measure, columns: Sequence[Floats], of: Ints, *, resamples: int, seed: int) -> Floats:
    """The measure under as many resamples, shape (resamples,), like items and like clusters put together where quicker.

    A measure sees the items through their weights only, so like items may share one weight; where it does not (bins of
    equally many items, say), nothing is put together. Clusters that hold the same items are drawn together, by one
    multinomial draw over the kinds of clusters: the same distribution as in ``replicates``, not the same numbers.

    Args:
        measure: A function of the weights contract.
        columns: Shape (n,) each, nan unknown.
        of: Shape (n,); each item's cluster, numbered from 0 without gaps.
        resamples, seed: As in ``draws``.
    """
    count = int(of.max()) + 1
    places, kind = _kinds(columns)
    distinct = [column[places] for column in columns]
    if not _alike(measure, columns, distinct, kind, seed):
        return under(measure, columns, _spread(of, count, resamples, seed))
    few = _FEW_KINDS + count // 32
    if count == len(of) and len(places) <= few:
        return under(measure, distinct, _multinomial(np.bincount(kind), resamples, seed))
    if len(places) <= _MANY_KINDS:
        table = np.bincount(of * len(places) + kind, minlength=count * len(places)).reshape(count, -1)
        rows, many = np.unique(table, axis=0, return_counts=True)
        if len(rows) <= few:
            return under(measure, distinct, _products(_multinomial(many, resamples, seed), rows))
        if table.size <= len(of):
            return under(measure, distinct, _products(_counts(count, count, resamples, seed), table))
    return under(measure, columns, _spread(of, count, resamples, seed))


def under(measure: Measure, columns: Sequence[Floats], blocks: Iterable[Floats]) -> Floats:
    """The measure under blocks of weights of shape (r, n), one after the other."""
    return np.concatenate([np.atleast_1d(measure(*columns, weights=block)) for block in blocks])


def labels(clusters: ArrayLike, n: int) -> NDArray[np.generic]:
    """Clusters as an array of shape (n,).

    Raises:
        ValueError: Another shape.
    """
    array = np.asarray(clusters)
    if array.shape != (n,):
        raise ValueError(f"clusters have shape {array.shape}, the columns ({n},); give the cluster of every item")
    return array


def numbered(clusters: ArrayLike) -> tuple[Ints, int]:
    """Each item's cluster as a number from 0, with how many clusters there are.

    >>> numbered(["b", "a", "b"])
    (array([1, 0, 1]), 2)
    """
    distinct, of = np.unique(np.asarray(clusters), return_inverse=True)
    return of, len(distinct)


def _kinds(columns: Sequence[Floats]) -> tuple[Ints, Ints]:
    """Place of one item of each kind, and each item's kind; items are of a kind where all columns are alike."""
    places = kind = np.zeros(len(columns[0]), dtype=np.intp)
    for column in columns:
        values, code = np.unique(column, return_inverse=True)
        _, places, kind = np.unique(kind * len(values) + code, return_index=True, return_inverse=True)
    return places, kind


def _alike(measure: Measure, columns: Sequence[Floats], distinct: Sequence[Floats], kind: Ints, seed: int) -> bool:
    """Whether the measure of all items is that of their kinds with as much weight, under a few weightings."""
    weights = np.random.default_rng(seed).integers(0, 4, size=(8, len(kind))).astype(np.float64)
    shared = np.stack([np.bincount(kind, weights=row, minlength=len(distinct[0])) for row in weights])
    found = measure(*columns, weights=weights), measure(*distinct, weights=shared)
    return bool(np.allclose(*found, rtol=1e-9, atol=1e-12, equal_nan=True))


def _multinomial(many: Ints, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each kind of cluster is drawn, where there are so ``many`` of each."""
    random = np.random.default_rng(seed)
    for size in _sizes(len(many), resamples):
        yield random.multinomial(many.sum(), many / many.sum(), size=size).astype(np.float64)


def _products(blocks: Iterable[Floats], table: Ints) -> Iterator[Floats]:
    held = table.astype(np.float64)
    return (block @ held for block in blocks)


def _spread(of: Ints, count: int, resamples: int, seed: int) -> Iterator[Floats]:
    """The draws of clusters as weights of their items."""
    alone = count == len(of) and bool((of == np.arange(count)).all())
    for block in _counts(count, len(of), resamples, seed):
        yield block if alone else block[:, of]


def _counts(count: int, width: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each cluster is drawn, shape (r, count), in blocks small enough to be spread over ``width`` items."""
    if count * resamples <= _KEPT:
        kept, start = _kept_counts(count, resamples, seed), 0
        for size in _sizes(max(count, width), resamples):
            yield kept[start : start + size].astype(np.float64)
            start += size
        return
    random = np.random.default_rng(seed)
    for size in _sizes(max(count, width), resamples):
        block = np.empty((size, count))
        for row in block:
            row[:] = _drawn(random, count)
        yield block


@lru_cache(maxsize=4)
def _kept_counts(count: int, resamples: int, seed: int) -> NDArray[np.uint8]:
    """All draws at once, for measures on as many clusters, which is what most measures of a table are."""
    random = np.random.default_rng(seed)
    counts = np.empty((resamples, count), dtype=np.uint8)  # A cluster that is drawn 256 times is not to be met.
    for row in counts:
        row[:] = _drawn(random, count)
    counts.setflags(write=False)
    return counts


def _drawn(random: np.random.Generator, count: int) -> Ints:
    return np.bincount(random.integers(0, count, size=count), minlength=count)


def _sizes(width: int, resamples: int) -> Iterator[int]:
    """Rows of each block, so that a block of that width holds no more than it may."""
    step = max(1, _BLOCK // max(1, width))
    return (min(step, resamples - start) for start in range(0, resamples, step))
