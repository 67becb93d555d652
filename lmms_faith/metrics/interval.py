"""95 % intervals for shares and for means."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest, norm

Interval = tuple[float, float]


def wilson_interval(hits: ArrayLike, *, level: float = 0.95) -> Interval:
    """Wilson score interval of a share.

    Args:
        hits: Shape (n,); 0 or 1, nan unknown and left out.
        level: Confidence level in (0, 1).

    Returns:
        Low and high end in [0, 1]; (nan, nan) without a known value.

    Source: Wilson 1927, as in SciPy's ``binomtest``.

    >>> low, high = wilson_interval([1, 0])
    >>> round(low, 3), round(high, 3)
    (0.095, 0.905)
    """
    array = np.asarray(hits, dtype=np.float64)
    array = array[~np.isnan(array)]
    if not array.size:
        return (float("nan"), float("nan"))
    found = binomtest(int(array.sum()), array.size).proportion_ci(confidence_level=level, method="wilson")
    return (float(found.low), float(found.high))


def mean_interval(values: ArrayLike, *, level: float = 0.95) -> Interval:
    r"""Normal interval of a mean: :math:`\bar x \pm z\, s / \sqrt n`, nan values left out; (nan, nan) below two values.

    Serves paired drops as well, whose values are the items' differences.

    >>> low, high = mean_interval([0.0, 1.0, 0.0, 1.0])
    >>> round(low, 3), round(high, 3)
    (-0.066, 1.066)
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[~np.isnan(array)]
    if array.size < 2:
        return (float("nan"), float("nan"))
    half = float(norm.ppf((1 + level) / 2) * array.std(ddof=1) / np.sqrt(array.size))
    return (float(array.mean()) - half, float(array.mean()) + half)
