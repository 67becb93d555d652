"""95 % intervals for shares and for means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest, norm

_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval with the way it was found; unpacks as ``low, high``.

    Attributes:
        low, high: Its ends, in the unit of the measure; nan where the data say nothing.
        method: How it was found, as the tables print it.

    >>> low, high = Interval(0.2, 0.4, "wilson")
    >>> low, high
    (0.2, 0.4)
    """

    low: float
    high: float
    method: str

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.high))


def wilson_interval(hits: ArrayLike, *, level: float = 0.95) -> Interval:
    """Wilson score interval of a share of independent items.

    Args:
        hits: Shape (n,); 0 or 1, nan unknown and left out.
        level: Confidence level in (0, 1).

    Returns:
        Low and high end in [0, 1]; nan without a known value. Method ``wilson``.

    Source: Wilson 1927, as in SciPy's ``binomtest``.

    >>> low, high = wilson_interval([1, 0])
    >>> round(low, 3), round(high, 3)
    (0.095, 0.905)
    """
    array = np.asarray(hits, dtype=np.float64)
    array = array[~np.isnan(array)]
    if not array.size:
        return Interval(_NAN, _NAN, "wilson")
    found = binomtest(int(array.sum()), array.size).proportion_ci(confidence_level=level, method="wilson")
    return Interval(float(found.low), float(found.high), "wilson")


def wilson_bounds(share: float, n: float, *, level: float = 0.95) -> tuple[float, float]:
    r"""Ends of the Wilson score interval of a share of ``n`` trials, where neither has to be a whole number.

    .. math:: \frac{p + z^2/2n \pm z \sqrt{p (1-p) / n + z^2 / 4 n^2}}{1 + z^2 / n}

    Args:
        share: In [0, 1].
        n: Number of independent trials that the share is worth, above 0.
        level: Confidence level in (0, 1).

    >>> low, high = wilson_bounds(0.5, 2)
    >>> round(low, 3), round(high, 3)
    (0.095, 0.905)
    """
    z2 = float(norm.ppf((1 + level) / 2)) ** 2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def mean_interval(values: ArrayLike, *, level: float = 0.95) -> Interval:
    r"""Normal interval of a mean of independent items: :math:`\bar x \pm z\, s / \sqrt n`, nan left out.

    Returns:
        nan for fewer than two values. Method ``normal``.

    It serves paired drops as well, whose values are the items' differences.

    >>> low, high = mean_interval([0.0, 1.0, 0.0, 1.0])
    >>> round(low, 3), round(high, 3)
    (-0.066, 1.066)
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[~np.isnan(array)]
    if array.size < 2:
        return Interval(_NAN, _NAN, "normal")
    half = float(norm.ppf((1 + level) / 2) * array.std(ddof=1) / np.sqrt(array.size))
    return Interval(float(array.mean()) - half, float(array.mean()) + half, "normal")
