"""Agreement between judges, with and without correction for chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lmms_faith.metrics.weighting import Floats, Number, aligned, as_number, ratio, weighted_sums


def raw_agreement(ratings: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Share of pairs of judges that agree on an item, mean over items with two ratings or more.

    .. math:: p_a = \frac{1}{n'} \sum_{i: r_i \ge 2} \sum_q \frac{r_{iq} (r_{iq} - 1)}{r_i (r_i - 1)}

    with :math:`r_{iq}` the judges that gave item i code q, and :math:`r_i` those that judged it.

    Args:
        ratings: Shape (items, judges); codes, nan where a judge gave none.
        weights: Of the items: None, (n,) or (r, n).

    Returns:
        In [0, 1], a float or shape (r,); nan where no item has two ratings.

    >>> raw_agreement([[1, 1], [1, 2], [2, 2], [2, float("nan")]])
    0.6666666666666666
    """
    counts, _ = _counted(ratings)
    return as_number(_observed(counts, np.eye(counts.shape[1]), weights))


def cohen_kappa(a: ArrayLike, b: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Cohen's kappa of two judges: :math:`(p_o - p_e) / (1 - p_e)`, :math:`p_e = \sum_q p^a_q p^b_q`.

    Args:
        a, b: Shape (n,); each judge's codes, nan where it gave none; items with one code are left out.
        weights: Of the items: None, (n,) or (r, n).

    Returns:
        At most 1, 0 at chance; a float or shape (r,); nan where both judges give one and the same code throughout, for
        then chance agrees fully, too.

    Source: Cohen 1960.

    >>> round(cohen_kappa([1, 1, 0, 0], [1, 0, 0, 0]), 3)  # 3/4 agree, 1/2 by chance
    0.5
    """
    first, second = aligned(a, b)
    both = ~(np.isnan(first) | np.isnan(second))
    codes = np.unique(np.concatenate([first[both], second[both]]))
    given = [(column == codes[:, None]).astype(np.float64) for column in (first, second)]
    sums = weighted_sums(np.concatenate([[both, both & (first == second)], given[0] * both, given[1] * both]), weights)
    total, agreed = sums[0], ratio(sums[1], sums[0])
    shares = ratio(sums[2:], total)
    chance = (shares[: codes.size] * shares[codes.size :]).sum(axis=0)
    return as_number(_corrected(agreed, chance))


def fleiss_kappa(ratings: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Fleiss' kappa of any number of judges: :math:`(p_a - p_e) / (1 - p_e)`, :math:`p_e = \sum_q \pi_q^2`.

    :math:`p_a` as in ``raw_agreement``, :math:`\pi_q` the mean over rated items of the share of its judges that gave
    code q. Where all judges rated all items it is Fleiss' own; missing ratings are taken as Gwet does.

    Args:
        ratings: Shape (items, judges); codes, nan where a judge gave none.
        weights: Of the items: None, (n,) or (r, n).

    Returns:
        At most 1, 0 at chance; a float or shape (r,); nan where one code is given throughout. It collapses where
        nearly all ratings are the same code: read it beside ``raw_agreement`` and ``gwet_ac2``.

    Source: Fleiss 1971; Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, chapter 2.

    >>> round(fleiss_kappa([[1, 1], [1, 2], [2, 2]]), 3)  # 2/3 agree, 1/2 by chance
    0.333
    """
    counts, _ = _counted(ratings)
    chance = (_prevalence(counts, weights) ** 2).sum(axis=0)
    return as_number(_corrected(_observed(counts, np.eye(counts.shape[1]), weights), chance))


def gwet_ac2(
    ratings: ArrayLike,
    *,
    categories: int | None = None,
    credit: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Number:
    r"""Gwet's AC2 of any number of judges, AC1 with the default credit, which counts equal codes only.

    .. math:: \frac{p_a - p_e}{1 - p_e}, \quad p_e = \frac{T}{q (q - 1)} \sum_k \pi_k (1 - \pi_k), \quad
        p_a = \frac{1}{n'} \sum_{i: r_i \ge 2} \sum_k \frac{r_{ik} (r^*_{ik} - 1)}{r_i (r_i - 1)}

    with :math:`r^*_{ik} = \sum_l c_{kl} r_{il}`, T the sum of all credits c and q the number of categories. It stays
    high where judges agree and one code is nearly always given, which is where kappa collapses.

    Args:
        ratings: Shape (items, judges); codes, nan where a judge gave none.
        categories: How many codes a judge can choose from; None counts those that occur, 2 at least.
        credit: Shape (q, q), what codes k and l count as agreement, 1 on the diagonal, for codes 0 to q - 1; None is
            the identity.
        weights: Of the items: None, (n,) or (r, n).

    Returns:
        At most 1, 0 at chance; a float or shape (r,).

    Raises:
        ValueError: More codes than categories, or codes that credit has no row for.

    Source: Gwet 2008 (AC1); Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, chapter 4 (AC2).

    >>> round(gwet_ac2([[1, 1], [1, 2], [2, 2]]), 3)  # 2/3 agree, 1/2 by chance
    0.333
    """
    counts, codes = _counted(ratings)
    table = np.eye(len(codes)) if credit is None else np.asarray(credit, dtype=np.float64)
    if credit is not None:
        if table.ndim != 2 or table.shape[0] != table.shape[1] or not np.isin(codes, np.arange(len(table))).all():
            raise ValueError(
                f"credit has shape {table.shape} and codes are {codes.tolist()}; number them from 0 to q - 1"
            )
        spread = np.zeros((len(counts), len(table)))
        spread[:, codes.astype(np.intp)] = counts
        counts = spread
    q = max(2, counts.shape[1]) if categories is None else categories
    if q < max(2, counts.shape[1]):
        raise ValueError(f"categories is {q}, but {counts.shape[1]} occur; it is how many a judge can choose from")
    share = _prevalence(counts, weights)
    chance = (q if credit is None else table.sum()) / (q * (q - 1)) * (share * (1 - share)).sum(axis=0)
    return as_number(_corrected(_observed(counts, table, weights), chance))


def _counted(ratings: ArrayLike) -> tuple[Floats, Floats]:
    """How many judges gave each item each code, shape (items, codes), and the codes that occur."""
    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"ratings have shape {table.shape}; give a row per item and a column per judge")
    codes = np.unique(table[~np.isnan(table)])
    return (table[:, :, None] == codes).sum(axis=1).astype(np.float64), codes


def _observed(counts: Floats, credit: Floats, weights: ArrayLike | None) -> Floats:
    """Mean over items with two ratings or more of the credit that pairs of judges earn."""
    judges = counts.sum(axis=1)
    pairs = np.where(judges >= 2, judges * (judges - 1), 0.0)
    agreed = ratio((counts * (counts @ credit.T - 1)).sum(axis=1), pairs)
    top, bottom = weighted_sums(np.stack([np.where(pairs > 0, agreed, 0.0), pairs > 0]), weights)
    return ratio(top, bottom)


def _prevalence(counts: Floats, weights: ArrayLike | None) -> NDArray[np.float64]:
    """Share of each code, the mean over rated items of the share of judges; shape (codes,) or (codes, r)."""
    judges = counts.sum(axis=1)
    shares = np.divide(counts.T, judges, out=np.zeros(counts.T.shape), where=judges > 0)
    sums = weighted_sums(np.concatenate([shares, [judges > 0]]), weights)
    return ratio(sums[:-1], sums[-1])


def _corrected(agreed: Floats, chance: Floats) -> Floats:
    """What is left of agreement beyond chance, nan where chance agrees fully."""
    return ratio(agreed - chance, 1 - chance)
