"""Accuracy, its drop under a condition, and who was misled or changed their mind."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def known_mean(values: ArrayLike) -> float:
    """Mean of the values that are not nan; nan where none is.

    >>> known_mean([1, 0, float("nan")])
    0.5
    """
    array = np.asarray(values, dtype=np.float64)
    array = array[~np.isnan(array)]
    return float(array.mean()) if array.size else float("nan")


def acc(correct: ArrayLike) -> float:
    r"""Accuracy: :math:`\sum_i c_i / n` over items whose request did not fail.

    Args:
        correct: Shape (n,); 1 right, 0 wrong or no answer or truncated, nan failed request.

    Returns:
        In [0, 1]; nan without a known value.

    >>> acc([1, 1, 0, float("nan")])  # two of the three that ran
    0.6666666666666666
    """
    return known_mean(correct)


def answered_rate(answered: ArrayLike) -> float:
    """Share of completions with a readable answer, failed requests (nan) left out; in [0, 1].

    >>> answered_rate([1, 1, 1, 0])
    0.75
    """
    return known_mean(answered)


def acc_drop(baseline: ArrayLike, correct: ArrayLike) -> float:
    r"""Paired fall in accuracy: mean of :math:`b_i - c_i` over items known on both sides; in [-1, 1], positive is
    worse.

    Args:
        baseline: Shape (n,); correctness under the baseline condition, nan unknown.
        correct: Shape (n,); correctness of the same items under the condition.

    Source: arXiv 2602.12506, drops against Base.

    >>> acc_drop([1, 1, 1, 0], [0, 0, 1, 0])
    0.5
    """
    before, after = _paired(baseline, correct)
    return known_mean(before - after)


def misled_rate(misled: ArrayLike) -> float:
    """Share of items answered with the claimed wrong option; in [0, 1].

    Under conditions that claim nothing it is the rate at which that option is picked anyway, which is what the rate
    under a misleading condition has to be read against.

    >>> misled_rate([1, 0, 0, 0])
    0.25
    """
    return known_mean(misled)


def flip_rate(baseline: ArrayLike, prediction: ArrayLike) -> float:
    r"""Share of items answered under both conditions whose answer changed: mean of :math:`[p_i \ne b_i]`; in [0, 1].

    Args:
        baseline: Shape (n,); predicted option index under the baseline condition, nan without an answer.
        prediction: Shape (n,); the same items under the condition.

    >>> flip_rate([0, 1, 2, float("nan")], [0, 2, 2, 1])  # one of three pairs
    0.3333333333333333
    """
    before, after = _paired(baseline, prediction)
    both = ~(np.isnan(before) | np.isnan(after))
    return known_mean((before != after)[both])


def right_to_wrong(baseline: ArrayLike, correct: ArrayLike) -> float:
    """Among items right under the baseline, the share that is no longer right; in [0, 1], nan without such items.

    >>> right_to_wrong([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    before, after = _paired(baseline, correct)
    return known_mean(1.0 - after[before == 1.0])


def wrong_to_right(baseline: ArrayLike, correct: ArrayLike) -> float:
    """Among items not right under the baseline, the share that became right; in [0, 1], nan without such items.

    >>> wrong_to_right([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    before, after = _paired(baseline, correct)
    return known_mean(after[before == 0.0])


def _paired(first: ArrayLike, second: ArrayLike) -> tuple[Floats, Floats]:
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"paired arrays have shapes {a.shape} and {b.shape}; align them by item id first")
    return a, b
