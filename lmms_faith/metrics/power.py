"""What a benchmark of a given size can show: the smallest effect that it would detect."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import binom, norm

from lmms_faith.metrics.resampling import labels, numbered
from lmms_faith.metrics.weighting import aligned

_NAN = float("nan")


def design_effect(values: ArrayLike, clusters: ArrayLike) -> float:
    r"""Variance of the mean of clustered items over that of as many independent items.

    .. math:: \frac{\frac{K}{K-1} \sum_k \big(\sum_{i \in k} (x_i - \bar x)\big)^2}
        {\frac{n}{n-1} \sum_i (x_i - \bar x)^2}

    n items are worth n divided by it. For clusters of m items with intraclass correlation r it is about 1 + (m - 1) r.

    Args:
        values: Shape (n,), nan left out: an item's correctness, or its difference to base.
        clusters: Shape (n,); each item's cluster, under any label (the image).

    Returns:
        0 or more; nan for fewer than two clusters and where all values are the same.

    Source: Kish 1965; variance as the sandwich estimator of statsmodels' OLS.

    >>> design_effect([1, 1, 0, 0], ["a", "a", "b", "b"])
    3.0
    """
    (array,) = aligned(values)
    known = ~np.isnan(array)
    of, count = numbered(labels(clusters, known.size)[known])
    if count < 2:
        return _NAN
    apart = array[known] - array[known].mean()
    alone = of.size / (of.size - 1) * float((apart**2).sum())
    together = count / (count - 1) * float((np.bincount(of, weights=apart) ** 2).sum())
    return together / alone if alone else _NAN


def mcnemar_power(n: float, *, drop: float, discordance: float, alpha: float = 0.05) -> float:
    r"""Chance that an exact McNemar test on n pairs finds a paired drop.

    .. math:: \sum_m P(M = m)\; P(\text{reject} \mid X \sim \mathrm{Binomial}(m, \tfrac12 + \tfrac{d}{2 \psi})), \quad
        M \sim \mathrm{Binomial}(n, \psi)

    Args:
        n: Independent pairs, rounded down.
        drop: The drop d in accuracy, in [-discordance, discordance].
        discordance: Share :math:`\psi` of items whose correctness changes, either way.
        alpha: Two-sided level.

    Raises:
        ValueError: A drop larger than the discordance.

    >>> round(mcnemar_power(200, drop=0.1, discordance=0.2), 2)
    0.88
    """
    if abs(drop) > discordance:
        raise ValueError(f"a drop of {drop} takes a discordance of at least {abs(drop)}, not {discordance}")
    if discordance == 0:
        return 0.0
    pairs = math.floor(n)
    low, high = (int(end) for end in binom.ppf([1e-9, 1 - 1e-9], pairs, discordance))
    changed = np.arange(low, high + 1)
    last = binom.ppf(alpha / 2, changed, 0.5)
    last = np.where(binom.cdf(last, changed, 0.5) > alpha / 2, last - 1, last)
    worse = 0.5 + drop / discordance / 2
    found = binom.cdf(last, changed, worse) + binom.cdf(last, changed, 1 - worse)
    return float((binom.pmf(changed, pairs, discordance) * found).sum())


def detectable_drop(
    n: float, *, discordance: float, alpha: float = 0.05, power: float = 0.8, design_effect: float = 1.0
) -> float:
    """Smallest paired drop that an exact McNemar test on n items finds with the given power.

    Args:
        n: Items known on both sides.
        discordance: Share of items whose correctness changes, either way, in [0, 1].
        alpha: Two-sided level of the test.
        power: Chance of finding it.
        design_effect: See ``design_effect``; the items count as n divided by it.

    Returns:
        In (0, discordance]; nan where even a drop of all that changes would be missed.

    >>> round(detectable_drop(200, discordance=0.2), 3)
    0.091
    """
    _checked(n, alpha, power, design_effect)
    worth = n / design_effect
    return _smallest(
        lambda drop: mcnemar_power(worth, drop=drop, discordance=discordance, alpha=alpha), discordance, power
    )


def items_needed(
    drop: float, *, discordance: float, alpha: float = 0.05, power: float = 0.8, design_effect: float = 1.0
) -> int:
    """Items on which an exact McNemar test finds a paired drop with the given power; see ``detectable_drop``.

    The power of an exact test rises in a saw-tooth, so that slightly fewer items may do.

    >>> items_needed(0.1, discordance=0.2)
    168
    """
    _checked(1, alpha, power, design_effect)
    if drop <= 0:
        raise ValueError(f"drop is {drop}; no number of items shows a drop of 0 or less")

    def short(n: int) -> bool:
        return mcnemar_power(n, drop=drop, discordance=discordance, alpha=alpha) < power

    low, high = 0, 1
    while short(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if short(middle) else (low, middle)
    return math.ceil(high * design_effect)


def detectable_share(
    n: float, *, reference: float, alpha: float = 0.05, power: float = 0.8, design_effect: float = 1.0
) -> float:
    r"""Smallest excess of a share over a fixed reference that n items show, by the normal approximation.

    .. math:: d \sqrt n = z_{1-\alpha/2} \sqrt{r (1 - r)} + z_{power} \sqrt{(r + d)(1 - r - d)}

    Args:
        n: Items.
        reference: The share r it is compared with, in [0, 1): chance, or a rate that is taken as known. For a
            shortfall, give 1 - r.
        alpha, power, design_effect: As in ``detectable_drop``.

    Returns:
        In (0, 1 - reference]; nan where even a share of 1 would be missed.

    >>> round(detectable_share(200, reference=0.25), 3)
    0.088
    """
    _checked(n, alpha, power, design_effect)
    worth = n / design_effect

    def found(excess: float) -> float:
        spread = math.sqrt(max(0.0, (reference + excess) * (1 - reference - excess)))
        return _normal_power(excess, worth, math.sqrt(reference * (1 - reference)), spread, alpha)

    return _smallest(found, 1 - reference, power)


def detectable_difference_of_drops(
    n: float,
    *,
    discordance_a: float,
    discordance_b: float,
    correlation: float = 0.0,
    alpha: float = 0.05,
    power: float = 0.8,
    design_effect: float = 1.0,
) -> float:
    r"""Smallest difference between two models' paired drops that n items show, by the normal approximation.

    .. math:: d = (z_{1-\alpha/2} + z_{power}) \sqrt{(\psi_A + \psi_B - 2 \rho \sqrt{\psi_A \psi_B}) / n}

    Args:
        n: Items known for both models on both sides.
        discordance_a, discordance_b: Share of items whose correctness changes, either way, by model.
        correlation: Of the two models' differences over items, in [-1, 1].
        alpha, power, design_effect: As in ``detectable_drop``.

    Returns:
        0 or more; above discordance_a + discordance_b there is no such difference to find.

    >>> round(detectable_difference_of_drops(1000, discordance_a=0.2, discordance_b=0.2), 3)
    0.056
    """
    _checked(n, alpha, power, design_effect)
    variance = discordance_a + discordance_b - 2 * correlation * math.sqrt(discordance_a * discordance_b)
    return float((norm.ppf(1 - alpha / 2) + norm.ppf(power)) * math.sqrt(max(0.0, variance) * design_effect / n))


def carries(
    n: int, *, drop: float, discordance: float, alpha: float = 0.05, power: float = 0.8, design_effect: float = 1.0
) -> str | None:
    """A sentence of warning where n items can't carry the claim of such a paired drop; None where they can.

    >>> print(carries(100, drop=0.05, discordance=0.2))
    100 items can't carry a drop of 5.0 points: it takes 12.8 points to show with power 0.8, or about 658 items.
    >>> carries(1000, drop=0.05, discordance=0.2) is None
    True
    """
    smallest = detectable_drop(n, discordance=discordance, alpha=alpha, power=power, design_effect=design_effect)
    if abs(drop) >= smallest:
        return None
    text = f"{n:,} items can't carry a drop of {100 * drop:.1f} points: "
    if math.isnan(smallest):
        return f"{text}where {100 * discordance:.1f} % of them change, they show no drop with power {power:g}."
    text += f"it takes {100 * smallest:.1f} points to show with power {power:g}"
    if drop == 0:
        return f"{text}."
    needed = items_needed(abs(drop), discordance=discordance, alpha=alpha, power=power, design_effect=design_effect)
    return f"{text}, or about {needed:,} items."


def _normal_power(effect: float, n: float, null: float, alternative: float, alpha: float) -> float:
    """Chance that a normal test finds the effect on its side, standard deviations of one item given."""
    beyond = effect * math.sqrt(n) - norm.ppf(1 - alpha / 2) * null
    return float(norm.cdf(beyond / alternative)) if alternative else float(beyond >= 0)


def _smallest(found: Callable[[float], float], largest: float, power: float) -> float:
    """The effect in (0, largest] that is found with the given power; nan where the largest is not."""
    if largest <= 0 or found(largest) < power:
        return _NAN
    return cast(float, brentq(lambda effect: found(effect) - power, 0.0, largest, xtol=1e-6))


def _checked(n: float, alpha: float, power: float, design_effect: float) -> None:
    if n <= 0 or design_effect <= 0:
        raise ValueError(f"n is {n} and design_effect {design_effect}; both are above 0")
    if not 0 < alpha < power < 1:
        raise ValueError(f"alpha is {alpha} and power {power}; it takes 0 < alpha < power < 1")
