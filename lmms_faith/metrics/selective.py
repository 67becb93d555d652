"""Whether confidence tells right answers from wrong ones: risk by coverage, and ranking."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import digamma

from lmms_faith.metrics.accuracy import among
from lmms_faith.metrics.weighting import Floats, Number, aligned, chunks, many, ratio, weighting

_ARRAYS = 8
"""Temporary arrays as large as the weights that the sums over ties need at a time."""


def risk_coverage(
    confidence: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None
) -> tuple[Floats, Floats]:
    """Share of errors among the most confident items, for every share of items that a threshold can let through.

    Items of one confidence pass together, so there is a point per distinct confidence, the highest first.

    Args:
        confidence: Shape (n,); any number that is higher for surer answers, nan unknown.
        correct: Shape (n,); 1 right, 0 not, nan unknown. Items with an unknown are left out.
        weights: None or (n,); see ``weighted_mean``.

    Returns:
        Coverage in (0, 1] and risk in [0, 1], both of shape (g,) for g distinct confidences.

    Raises:
        ValueError: Weights of shape (r, n); a curve is drawn for one weighting at a time.

    Source: Geifman and El-Yaniv 2017, arXiv 1705.08500.

    >>> [part.tolist() for part in risk_coverage([0.9, 0.8, 0.8, 0.7], [1, 1, 0, 0])]
    [[0.25, 0.75, 1.0], [0.0, 0.3333333333333333, 0.5]]
    """
    if many(weights):
        raise ValueError(f"weights have shape {np.asarray(weights).shape}; a curve takes one weighting, shape (n,)")
    sure, right = aligned(confidence, correct)
    curve = _over_ties(_curve, -sure, 1 - right, weights)
    return curve[0, 0], curve[0, 1]


def aurc(confidence: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Area under the risk-coverage curve: the mean, over k = 1..n, of the share of errors among the k surest answers.

    .. math:: \frac1n \sum_{k=1}^n \frac1k \sum_{i \le k} (1 - c_{(i)})

    Tied items stand in no order, so each tie counts with the mean over all its orders. That has a closed form: with
    :math:`A` items and :math:`E` errors before a tie of :math:`m` items and :math:`e` errors, the tie adds
    :math:`E h + (e / m)(m - A h)`, where :math:`h = \psi(A + m + 1) - \psi(A + 1)` is a difference of digammas. A
    weight stands for that many copies of its item; the form holds for weights that are no whole numbers, too.

    Args:
        confidence, correct: As in ``risk_coverage``.
        weights: None, (n,) or (r, n).

    Returns:
        In [0, 1], lower is better; nan without items. It is bounded from below by the number of errors: see ``eaurc``.

    Source: Geifman, Uziel and El-Yaniv 2019, arXiv 1805.08206.

    >>> round(aurc([0.9, 0.8, 0.7], [1, 0, 1]), 4)  # (0 + 1/2 + 1/3) / 3
    0.2778
    >>> aurc([0.5, 0.5], [1, 0])  # either order: (0 + 1/2) / 2 and (1 + 1/2) / 2
    0.5
    """
    sure, right = aligned(confidence, correct)
    return _number(_over_ties(_area, -sure, 1 - right, weights), weights)


def eaurc(confidence: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """AURC less that of the best order of the same answers, all right ones first; in [0, 1], 0 is the best order.

    Source: Geifman, Uziel and El-Yaniv 2019, arXiv 1805.08206.

    >>> round(eaurc([0.9, 0.8, 0.7], [1, 0, 1]), 4)  # .2778 - (0 + 0 + 1/3) / 3
    0.1667
    """
    sure, right = aligned(confidence, correct)
    return _number(_over_ties(_excess, -sure, 1 - right, weights), weights)


def auroc(score: ArrayLike, label: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Chance that an item of label 1 has a higher score than one of label 0, ties counted as half.

    .. math:: \frac{\sum_{i: y_i = 1} \sum_{j: y_j = 0} w_i w_j ([s_i > s_j] + \tfrac12 [s_i = s_j])}
        {\sum_{i: y_i = 1} w_i \sum_{j: y_j = 0} w_j}

    Args:
        score: Shape (n,); nan unknown.
        label: Shape (n,); 1 or 0, nan unknown. Items with an unknown are left out.
        weights: None, (n,) or (r, n). All weightings share one sort.

    Returns:
        In [0, 1], 0.5 is chance; nan where either label has no weight.

    Source: Hanley and McNeil 1982; the Mann-Whitney statistic over the number of pairs.

    >>> auroc([0.9, 0.8, 0.8, 0.1], [1, 1, 0, 0])  # 3.5 of 4 pairs
    0.875
    """
    points, positive = aligned(score, label)
    return _number(_over_ties(_ranking, points, positive, weights), weights)


def auroc_staying(
    score: ArrayLike, baseline: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None
) -> Number:
    """AUROC of a score under the baseline for staying right under a condition, among items right under the baseline.

    Args:
        score: Shape (n,); known before the condition, such as ``p_correct`` under the baseline.
        baseline: Shape (n,); 1 right under the baseline.
        correct: Shape (n,); 1 right under the condition.
        weights: None, (n,) or (r, n).

    >>> auroc_staying([0.9, 0.6, 0.5, 0.1], [1, 1, 1, 0], [1, 0, 0, 1])
    1.0
    """
    return auroc(among(baseline, score), correct, weights=weights)


def _curve(sizes: Floats, errors: Floats) -> Floats:
    passed = np.cumsum(sizes, axis=1)
    return np.stack([ratio(passed, passed[:, -1:]), ratio(np.cumsum(errors, axis=1), passed)], axis=1)


def _area(sizes: Floats, errors: Floats) -> Floats:
    passed = np.cumsum(sizes, axis=1)
    before, failed = passed - sizes, np.cumsum(errors, axis=1) - errors
    steps = np.diff(_harmonic(passed), axis=1, prepend=0.0)
    share = np.divide(errors, sizes, out=np.zeros_like(errors), where=sizes > 0)
    return ratio((failed * steps + share * (sizes - before * steps)).sum(axis=1), sizes.sum(axis=1))


def _harmonic(counts: Floats) -> Floats:
    """Harmonic numbers, extended to counts that are not whole."""
    whole = counts.astype(np.intp)
    if not np.array_equal(whole, counts):
        return np.asarray(digamma(counts + 1) - digamma(1))
    # A table is some five times faster, and bootstrap weights are whole.
    return np.append(0.0, np.cumsum(1 / np.arange(1, whole.max(initial=0) + 1)))[whole]


def _excess(sizes: Floats, errors: Floats) -> Floats:
    wrong = errors.sum(axis=1, keepdims=True)
    right = sizes.sum(axis=1, keepdims=True) - wrong
    best = _area(np.hstack([right, wrong]), np.hstack([np.zeros_like(wrong), wrong]))
    return np.asarray(np.maximum(_area(sizes, errors) - best, 0.0))


def _ranking(sizes: Floats, ones: Floats) -> Floats:
    zeros = sizes - ones
    below = np.cumsum(zeros, axis=1) - zeros / 2
    return ratio((ones * below).sum(axis=1), ones.sum(axis=1) * zeros.sum(axis=1))


def _over_ties(
    statistic: Callable[[Floats, Floats], Floats], score: Floats, mark: Floats, weights: ArrayLike | None
) -> Floats:
    """A statistic of the weight of each group of tied items, in rising order of score, and of the marked part of it.

    Args:
        statistic: From two arrays of shape (rows, ties) to one of shape (rows, ...).
        score: Shape (n,); what is sorted by, once for all weightings.
        mark: Shape (n,); 1 or 0. Items with an unknown score or mark are left out.
        weights: None, (n,) or (r, n).

    Returns:
        Shape (r, ...), one row for weights of a single weighting.
    """
    rows = weighting(weights, score.size)
    kept = np.flatnonzero(~(np.isnan(score) | np.isnan(mark)))
    order = kept[np.argsort(score[kept], kind="stable")]
    starts = np.flatnonzero(np.append(True, score[order][1:] != score[order][:-1])[: order.size])

    def by_tie(part: Floats) -> Floats:
        return part if starts.size == order.size else np.add.reduceat(part, starts, axis=1)

    def of(chunk: Floats) -> Floats:
        sorted_ = chunk[:, order]
        return statistic(by_tie(sorted_), by_tie(sorted_ * mark[order]))

    return np.concatenate([of(chunk) for chunk in chunks(rows, _ARRAYS)])


def _number(found: Floats, weights: ArrayLike | None) -> Number:
    return found if many(weights) else float(found[0])
