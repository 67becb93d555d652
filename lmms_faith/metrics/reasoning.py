"""How long the thoughts are, and how many follow a template."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lmms_faith.metrics.weighting import Floats, Number, aligned, weighted_mean


def thought_length(lengths: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Mean length of the thoughts, in the unit that the lengths are given in; items without a thought are nan.

    >>> thought_length([120, 80, float("nan")])
    100.0
    """
    return weighted_mean(lengths, weights)


def template_rate(codes: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Share of thoughts that another item's thought repeats, but for what was masked in both; in [0, 1].

    What repeats is told from the sample as it is, without weights: a bootstrap that draws an item twice does not make
    its thought a template.

    Args:
        codes: Shape (n,); a whole number per item that two items share where their masked thoughts are equal, nan
            without a thought. Whole numbers up to 2^53 are told apart.
        weights: None, (n,) or (r, n); see ``weighted_mean``.

    >>> template_rate([7, 7, 3, 5])
    0.5
    """
    return weighted_mean(templates(codes), weights)


def templates(codes: ArrayLike) -> Floats:
    """Each item's part of ``template_rate``, shape (n,): 1 where another item has its code.

    >>> templates([7, 7, 3, float("nan")])
    array([ 1.,  1.,  0., nan])
    """
    (array,) = aligned(codes)
    _, index, counts = np.unique(array, return_inverse=True, return_counts=True)
    return np.where(np.isnan(array), np.nan, counts[index] > 1)
