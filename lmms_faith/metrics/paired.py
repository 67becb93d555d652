"""The same items under two conditions, or by two models: what changed, and whether chance would do as much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

from lmms_faith.metrics.bootstrap import Bounds, bootstrap_mean
from lmms_faith.metrics.resampling import labels, numbered
from lmms_faith.metrics.weighting import Floats, aligned

_NAN = float("nan")
_BLOCK = 8_000_000
"""Signs that are held at a time, 64 MB of floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A mean of paired differences.

    Attributes:
        value: The mean; nan where no item is known on all sides.
        low, high, method: Its interval, see ``bootstrap_interval``.
        p: Two-sided p-value of ``sign_flip``.
        n: Items that are known on all sides.
        left_out: Items that are known on some sides only.
        clusters: Clusters that hold the ``n`` items.
    """

    value: float
    low: float
    high: float
    method: str
    p: float
    n: int
    left_out: int
    clusters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class McNemar:
    """An exact McNemar test.

    Attributes:
        right_to_wrong, wrong_to_right: Items whose correctness changed.
        p: Two-sided p-value; nan without a pair, 1 where nothing changed.
        n: Items that are known on both sides.
        left_out: Items that are known on one side only.
    """

    right_to_wrong: int
    wrong_to_right: int
    p: float
    n: int
    left_out: int


def mcnemar(base: ArrayLike, condition: ArrayLike) -> McNemar:
    r"""Exact McNemar test of equal accuracy: is a change for the worse as likely as one for the better?

    .. math:: p = P(|X - m/2| \ge |b - m/2|), \quad X \sim \mathrm{Binomial}(m, 1/2)

    with b the items that became wrong and m all items that changed. It takes items for independent; where several
    share an image, read the p of ``paired_difference``.

    Args:
        base, condition: Shape (n,); 1 right, 0 wrong, nan unknown, of the same items.

    Raises:
        ValueError: Values other than 0, 1 and nan.

    Source: McNemar 1947; exact form as in SciPy's ``binomtest``.

    >>> mcnemar([1, 1, 1, 1, 0], [0, 0, 0, 1, float("nan")])
    McNemar(right_to_wrong=3, wrong_to_right=0, p=0.25, n=4, left_out=1)
    """
    columns = aligned(base, condition)
    for name, column in zip(("base", "condition"), columns):
        odd = column[~np.isin(column, (0.0, 1.0)) & ~np.isnan(column)]
        if odd.size:
            raise ValueError(
                f"{name} holds {odd[0]}; McNemar takes 1 (right), 0 (wrong) and nan, see paired_difference"
            )
    (before, after), _, left_out = _pairs(columns)
    worse, better = int((before > after).sum()), int((before < after).sum())
    p = _NAN if not before.size else float(binomtest(worse, worse + better).pvalue) if worse + better else 1.0
    return McNemar(right_to_wrong=worse, wrong_to_right=better, p=p, n=before.size, left_out=left_out)


def holm(p: ArrayLike) -> Floats:
    r"""Holm's adjusted p-values: :math:`\tilde p_{(i)} = \max_{j \le i} \min(1, (m - j + 1)\, p_{(j)})`.

    Rejecting where the adjusted value is at most alpha keeps the chance of any false alarm among the m comparisons at
    alpha, whatever their dependence.

    Args:
        p: Shape (m,), in [0, 1]; nan is no comparison and stays nan.

    Raises:
        ValueError: A value outside [0, 1].

    Source: Holm 1979.

    >>> holm([0.01, 0.04, float("nan"), 0.03])
    array([0.03, 0.06,  nan, 0.06])
    """
    (raw,) = aligned(p)
    known = np.flatnonzero(~np.isnan(raw))
    if known.size and not (raw[known].min() >= 0 and raw[known].max() <= 1):
        raise ValueError(f"p-values range from {raw[known].min()} to {raw[known].max()}; they lie in [0, 1]")
    ranked = known[np.argsort(raw[known], kind="stable")]
    adjusted = np.full(raw.shape, _NAN)
    adjusted[ranked] = np.minimum(1.0, np.maximum.accumulate(raw[ranked] * np.arange(known.size, 0, -1)))
    return adjusted


def paired_difference(
    base: ArrayLike,
    condition: ArrayLike,
    clusters: ArrayLike,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    bounds: Bounds | None = None,
) -> Paired:
    """Mean of base - condition over the items known on both sides, positive where the condition is lower, as a drop is.

    Args:
        base, condition: Shape (n,); any measure of an item, nan unknown, of the same items in the same order.
        clusters: Shape (n,); each item's cluster, under any label (the image).
        resamples, seed, level: As in ``bootstrap_interval``.
        bounds: Range of the difference: (-1, 1) for correctness.

    >>> base, condition = [1, 1, 1, 0, 1] * 8, [0, 1, 0, 0, float("nan")] * 8
    >>> found = paired_difference(base, condition, range(40), bounds=(-1, 1))
    >>> found.value, found.n, found.left_out, found.p < 0.01
    (0.5, 32, 8, True)
    """
    (before, after), kept, left_out = _pairs(aligned(base, condition))
    return _tested(before - after, labels(clusters, kept.size)[kept], left_out, resamples, seed, level, bounds)


def difference_in_differences(
    base_a: ArrayLike,
    condition_a: ArrayLike,
    base_b: ArrayLike,
    condition_b: ArrayLike,
    clusters: ArrayLike,
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
    bounds: Bounds | None = None,
) -> Paired:
    r"""Is B more fragile than A? Mean of :math:`(b^B_i - c^B_i) - (b^A_i - c^A_i)`, positive where B loses more.

    Args:
        base_a, condition_a: Shape (n,); one model, as in ``paired_difference``.
        base_b, condition_b: Shape (n,); the other model on the same items in the same order.
        clusters: Shape (n,); each item's cluster, under any label (the image).
        resamples, seed, level: As in ``bootstrap_interval``.
        bounds: Range of the difference: (-2, 2) for correctness.

    >>> found = difference_in_differences([1] * 20, [1] * 20, [1] * 20, [0, 1] * 10, range(20), bounds=(-2, 2))
    >>> found.value, found.p < 0.01
    (0.5, True)
    """
    (ba, ca, bb, cb), kept, left_out = _pairs(aligned(base_a, condition_a, base_b, condition_b))
    return _tested((bb - cb) - (ba - ca), labels(clusters, kept.size)[kept], left_out, resamples, seed, level, bounds)


def sign_flip(differences: ArrayLike, clusters: ArrayLike, *, resamples: int = 10_000, seed: int = 0) -> float:
    r"""Two-sided p-value of the sum of paired differences, the signs of whole clusters flipped at random.

    .. math:: p = P(|\textstyle\sum_k S_k D_k| \ge |\sum_k D_k|), \quad S_k = \pm 1

    with :math:`D_k` the sum over cluster k. It asks how often as large a sum turns up where, image by image, the two
    sides could as well have been swapped. All flips are counted where there are no more than ``resamples``; otherwise
    that many are drawn and p is (1 + hits) / (1 + resamples).

    Args:
        differences: Shape (n,), nan left out.
        clusters: Shape (n,); each item's cluster, under any label.

    Returns:
        In (0, 1]; nan without a known difference.

    Source: Fisher 1935, randomisation test of paired data.

    >>> sign_flip([1, 1, 1, 1, 0], [1, 2, 3, 4, 5])  # two of the 16 flips of the four that count
    0.125
    """
    (array,) = aligned(differences)
    known = ~np.isnan(array)
    if not known.any():
        return _NAN
    of, count = numbered(labels(clusters, known.size)[known])
    sums = np.bincount(of, weights=array[known], minlength=count)
    sizes, many = np.unique(np.abs(sums[sums != 0]), return_counts=True)
    reached = abs(float(sums.sum())) * (1 - 1e-12)
    if 2 ** min(64, int(many.sum())) <= resamples:
        signs = np.array(list(np.ndindex(*[2] * int(many.sum()))), dtype=np.float64).reshape(2 ** int(many.sum()), -1)
        return float((np.abs((2 * signs - 1) @ np.repeat(sizes, many)) >= reached).mean())
    hits = sum(int((np.abs(found) >= reached).sum()) for found in _flipped(sizes, many, resamples, seed))
    return (1 + hits) / (1 + resamples)


def _flipped(sizes: Floats, many: NDArray[np.intp], resamples: int, seed: int) -> Iterator[Floats]:
    """Sums with random signs, in blocks; clusters with sums of the same size are flipped together."""
    random = np.random.default_rng(seed)
    if sizes.size <= 20 + many.sum() // 32:
        yield (2 * random.binomial(many, 0.5, size=(resamples, sizes.size)) - many) @ sizes
        return
    each = np.repeat(sizes, many)
    step = max(1, _BLOCK // each.size)
    for start in range(0, resamples, step):
        shape = min(step, resamples - start), each.size
        yield 2.0 * (random.integers(0, 2, size=shape, dtype=np.uint8).astype(np.float64) @ each) - each.sum()


def _pairs(columns: tuple[Floats, ...]) -> tuple[Floats, NDArray[np.bool_], int]:
    """The items known in all columns, which those are, and how many are known in some only."""
    table = np.stack(columns)
    known = ~np.isnan(table)
    kept = np.asarray(known.all(axis=0))
    return table[:, kept], kept, int((known.any(axis=0) & ~kept).sum())


def _tested(
    differences: Floats,
    clusters: NDArray[np.generic],
    left_out: int,
    resamples: int,
    seed: int,
    level: float,
    bounds: Bounds | None,
) -> Paired:
    found = bootstrap_mean(differences, clusters, resamples=resamples, seed=seed, level=level, bounds=bounds)
    return Paired(
        value=float(differences.mean()) if differences.size else _NAN,
        low=found.low,
        high=found.high,
        method=found.method,
        p=sign_flip(differences, clusters, resamples=resamples, seed=seed),
        n=differences.size,
        left_out=left_out,
        clusters=np.unique(clusters).size,
    )
