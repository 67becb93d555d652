"""Whether a confidence is worth what it says: calibration error, proper scores."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from lmms_faith.metrics.weighting import Floats, Number, aligned, as_number, ratio, weighted_mean, weighted_sums

BINS = 15
"""Bins of the calibration error, as in arXiv 1706.04599."""

Part = Literal["reliability", "resolution", "uncertainty", "remainder"]
PARTS: tuple[Part, ...] = get_args(Part)
_ROUNDING = 1e-9


def ece(confidence: ArrayLike, correct: ArrayLike, *, bins: int = BINS, weights: ArrayLike | None = None) -> Number:
    r"""Expected calibration error: the bins' distance between accuracy and mean confidence, weighted by their size.

    .. math:: \sum_b \frac{n_b}{n} \left| \bar c_b - \bar q_b \right|

    The bins :math:`(b-1)/B < q \le b/B` are of equal width; a confidence of 0 falls into the first.

    Args:
        confidence: Shape (n,); probability in [0, 1] that the model gives to its own answer, nan unknown.
        correct: Shape (n,); 1 right, 0 not, nan unknown. Items with an unknown are left out.
        bins: How many.
        weights: None, (n,) or (r, n); see ``weighted_mean``.

    Returns:
        In [0, 1]; nan without items. It can't be negative, so that small samples have it above 0 even where the model
        is calibrated.

    Raises:
        ValueError: A confidence outside [0, 1], or no bins.

    Source: Guo et al. 2017, arXiv 1706.04599; Naeini, Cooper and Hauskrecht 2015.

    >>> round(ece([0.9, 0.9, 0.6, 0.6], [1, 1, 1, 0], bins=5), 4)  # half of .1 and half of .1
    0.1
    """
    sure, right = _known(confidence, correct)
    return _expected(sure, right, equal_width(sure, bins), bins, weights)


def adaptive_ece(
    confidence: ArrayLike, correct: ArrayLike, *, bins: int = BINS, weights: ArrayLike | None = None
) -> Number:
    r"""Expected calibration error over bins that hold equally many items rather than equally much of [0, 1].

    The bins are fixed on the sample as it is, without weights, so that all weightings share them. Items of one
    confidence share a bin, which makes bins unequal where confidences are tied.

    Args:
        confidence, correct, bins, weights: As in ``ece``.

    Source: Mukhoti et al. 2020, arXiv 2002.09437 (AdaECE); Nguyen and O'Connor 2015.

    >>> round(adaptive_ece([0.9, 0.8, 0.7, 0.6], [1, 1, 1, 0], bins=2), 4)  # half of .15 and half of .15
    0.15
    """
    sure, right = _known(confidence, correct)
    return _expected(sure, right, equal_mass(sure, bins), bins, weights)


def mce(confidence: ArrayLike, correct: ArrayLike, *, bins: int = BINS, weights: ArrayLike | None = None) -> Number:
    r"""Maximum calibration error: :math:`\max_b | \bar c_b - \bar q_b |` over the bins of ``ece`` that hold items.

    Returns:
        In [0, 1]. One item alone in a bin can set it, so it grows as samples shrink.

    Source: Guo et al. 2017, arXiv 1706.04599; Naeini, Cooper and Hauskrecht 2015.

    >>> round(mce([0.9, 0.9, 0.6, 0.6], [1, 1, 0, 0], bins=5), 4)
    0.6
    """
    sure, right = _known(confidence, correct)
    excess, sizes = _sums([sure - right, np.ones_like(sure)], equal_width(sure, bins), bins, weights)
    return as_number(np.fmax.reduce(np.abs(ratio(excess, sizes)), axis=0))


def brier(confidence: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Brier score of the confidence: mean of :math:`(q_i - c_i)^2`, in [0, 1]; lower is better.

    Source: Brier 1950.

    >>> round(brier([0.9, 0.6], [1, 0]), 4)  # (.01 + .36) / 2
    0.185
    """
    return weighted_mean(squared_gaps(confidence, correct), weights)


def brier_decomposition(
    confidence: ArrayLike, correct: ArrayLike, *, bins: int = BINS, weights: ArrayLike | None = None
) -> dict[Part, Number]:
    r"""The Brier score as reliability - resolution + uncertainty + remainder, exactly.

    .. math::
        \sum_b \frac{n_b}{n} (\bar q_b - \bar c_b)^2 - \sum_b \frac{n_b}{n} (\bar c_b - \bar c)^2 + \bar c (1 - \bar c)
        + \frac1n \sum_b \sum_{i \in b} \left[ (q_i - \bar q_b)^2 - 2 (q_i - \bar q_b)(c_i - \bar c_b) \right]

    The first three are Murphy's and add up to the score only where all confidences of a bin are equal. The remainder
    is what differences within bins add (their variance less twice their covariance with the outcome), so that the
    identity holds for any bins; it may be negative.

    Args:
        confidence, correct, bins, weights: As in ``ece``.

    Returns:
        The four by name; each nan without items.

    Source: Murphy 1973; Stephenson, Coelho and Jolliffe 2008 for the terms within bins.

    >>> parts = brier_decomposition([0.9, 0.9, 0.6, 0.6], [1, 1, 1, 0])
    >>> [round(value, 4) for value in parts.values()]  # .01; 2/4 (.25^2 + .25^2); 3/4 1/4; nothing within
    [0.01, 0.0625, 0.1875, 0.0]
    """
    sure, right = _known(confidence, correct)
    index = equal_width(sure, bins)
    sizes, sures, rights = _sums([np.ones_like(sure), sure, right], index, bins, weights)
    total = sizes.sum(axis=0)
    known = ~np.isnan(sure)
    squares, products = weighted_sums(np.where(known, [sure * sure, sure * right], 0.0), weights)
    mean_sure, mean_right, overall = ratio(sures, sizes), ratio(rights, sizes), ratio(rights.sum(axis=0), total)
    variance = squares - np.nansum(sures * mean_sure, axis=0)
    covariance = products - np.nansum(sures * mean_right, axis=0)
    return {
        "reliability": as_number(ratio(np.nansum(sizes * (mean_sure - mean_right) ** 2, axis=0), total)),
        "resolution": as_number(ratio(np.nansum(sizes * (mean_right - overall) ** 2, axis=0), total)),
        "uncertainty": as_number(overall * (1 - overall)),
        "remainder": as_number(ratio(variance - 2 * covariance, total)),
    }


def brier_part(
    confidence: ArrayLike, correct: ArrayLike, part: Part, *, bins: int = BINS, weights: ArrayLike | None = None
) -> Number:
    """One of the four terms of ``brier_decomposition``.

    Raises:
        ValueError: No such term.

    >>> brier_part([0.9, 0.6], [1, 0], "uncertainty")
    0.25
    """
    if part not in PARTS:
        raise ValueError(f"unknown part {part!r} of the Brier score; choose one of: {', '.join(PARTS)}")
    return brier_decomposition(confidence, correct, bins=bins, weights=weights)[part]


def nll(p_correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Negative log-likelihood of gold, in nats: mean of :math:`-\ln q_{i g_i}`.

    Nothing is clipped: a probability of exactly 0 makes it infinite in every weighting that holds the item, since no
    finite number would be the model's.

    Args:
        p_correct: Shape (n,); probability of gold among the letters, nan unknown and left out.
        weights: None, (n,) or (r, n).

    Returns:
        In [0, inf].

    Raises:
        ValueError: A probability outside [0, 1].

    >>> round(nll([0.5, 0.125]), 4)  # (1 + 3) / 2 times ln 2
    1.3863
    """
    losses = surprisals(p_correct)
    never = np.isinf(losses)
    found = weighted_mean(np.where(never, 0.0, losses), weights)
    if not never.any():
        return found
    (struck,) = weighted_sums(never[None], weights)
    return as_number(np.where(struck > 0, np.inf, found))


def overconfidence(confidence: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Mean confidence less accuracy: mean of :math:`q_i - c_i`; in [-1, 1], 0 is best, negative is underconfident.

    >>> round(overconfidence([0.9, 0.8], [1, 0]), 4)
    0.35
    """
    return weighted_mean(gaps(confidence, correct), weights)


def reliability_curve(
    confidence: ArrayLike, correct: ArrayLike, *, bins: int = BINS, weights: ArrayLike | None = None
) -> tuple[Floats, Floats, Floats]:
    """Mean confidence, accuracy and count (or weight) of each of ``ece``'s bins.

    Returns:
        Three arrays of shape (bins,), or (bins, r) for weights of shape (r, n); the first two nan where a bin is empty.

    >>> [part.tolist() for part in reliability_curve([0.75, 0.25, 0.25], [1, 0, 1], bins=2)]
    [[0.25, 0.75], [0.5, 1.0], [2.0, 1.0]]
    """
    sure, right = _known(confidence, correct)
    sizes, sures, rights = _sums([np.ones_like(sure), sure, right], equal_width(sure, bins), bins, weights)
    return ratio(sures, sizes), ratio(rights, sizes), sizes


def gaps(confidence: ArrayLike, correct: ArrayLike) -> Floats:
    """Each item's part of ``overconfidence``, shape (n,): confidence less outcome.

    >>> gaps([0.75, 0.75], [1, 0])
    array([-0.25,  0.75])
    """
    sure, right = _known(confidence, correct)
    return sure - right


def squared_gaps(confidence: ArrayLike, correct: ArrayLike) -> Floats:
    """Each item's part of ``brier``, shape (n,).

    >>> squared_gaps([0.75, 0.75], [1, 0])
    array([0.0625, 0.5625])
    """
    return np.asarray(gaps(confidence, correct) ** 2)


def surprisals(p_correct: ArrayLike) -> Floats:
    """Each item's part of ``nll``, shape (n,), in nats; infinite where the probability is 0.

    >>> surprisals([1.0, 0.0, float("nan")])
    array([ 0., inf, nan])
    """
    (p,) = aligned(p_correct)
    _refuse_outside(p, "p_correct")
    with np.errstate(divide="ignore"):
        return np.asarray(0.0 - np.log(np.clip(p, 0.0, 1.0)))


def equal_width(confidence: Floats, bins: int) -> NDArray[np.intp]:
    """Index of each confidence's bin among ``bins`` of equal width, closed at their upper end.

    >>> equal_width(np.array([0.0, 0.5, 0.51, 1.0]), 2)
    array([0, 0, 1, 1])
    """
    return np.searchsorted(np.linspace(0.0, 1.0, _at_least_one(bins) + 1)[1:-1], confidence, side="left")


def equal_mass(confidence: Floats, bins: int) -> NDArray[np.intp]:
    """Index of each confidence's bin among ``bins`` that hold equally many known ones, but for ties.

    A confidence is put by the middle of its rank, ties by that of all of them, so that it depends on no order, and not
    on how often the whole sample is repeated. What is nan is put into the first.

    >>> equal_mass(np.array([0.9, 0.8, 0.95, 0.7]), 2)
    array([1, 0, 1, 0])
    """
    known = ~np.isnan(confidence)
    middle = 2 * rankdata(confidence[known]).astype(np.float64) - 1  # Of 2n, a whole number also where ranks are tied.
    index = np.zeros(confidence.shape, dtype=np.intp)
    index[known] = middle.astype(np.intp) * _at_least_one(bins) // max(1, 2 * int(known.sum()))
    return index


def _expected(sure: Floats, right: Floats, index: NDArray[np.intp], bins: int, weights: ArrayLike | None) -> Number:
    excess, sizes = _sums([sure - right, np.ones_like(sure)], index, bins, weights)
    return as_number(ratio(np.abs(excess).sum(axis=0), sizes.sum(axis=0)))


def _sums(columns: list[Floats], index: NDArray[np.intp], bins: int, weights: ArrayLike | None) -> Floats:
    """Weighted sums of each column over the items of each bin: shape (columns, bins) or (columns, bins, r)."""
    stack = np.stack(columns)
    known = ~np.isnan(stack).any(axis=0)
    inside = (index == np.arange(bins)[:, None]) & known
    terms = np.where(known, stack, 0.0)[:, None, :] * inside
    found = weighted_sums(terms.reshape(len(columns) * bins, stack.shape[1]), weights)
    return found.reshape(len(columns), bins, *found.shape[1:])


def _known(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats]:
    """Both columns, each nan wherever either is."""
    sure, right = aligned(confidence, correct)
    _refuse_outside(sure, "confidence")
    unknown = np.isnan(sure) | np.isnan(right)
    return np.where(unknown, np.nan, np.clip(sure, 0.0, 1.0)), np.where(unknown, np.nan, right)


def _refuse_outside(values: Floats, name: str) -> None:
    outside = values[(values < -_ROUNDING) | (values > 1 + _ROUNDING)]
    if outside.size:
        raise ValueError(f"{name} {outside[0]} is outside [0, 1]; give probabilities, nan where unknown")


def _at_least_one(bins: int) -> int:
    if bins < 1:
        raise ValueError(f"{bins} bins hold nothing; give 1 or more")
    return bins
