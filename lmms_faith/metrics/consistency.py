"""Agreement between the option a thought ends on and the option that is answered."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lmms_faith.metrics.accuracy import _paired, known_mean

QUADRANTS = ("consistent_correct", "consistent_wrong", "inconsistent_correct", "inconsistent_wrong")


def consistency(conclusion: ArrayLike, prediction: ArrayLike) -> float:
    r"""Share of items whose answer is the option that the thought ends on: mean of :math:`[j_i = p_i]`.

    Args:
        conclusion: Shape (n,); option index that the thought ends on, nan where undecided.
        prediction: Shape (n,); answered option index, nan without an answer.

    Returns:
        In [0, 1], over items where both are known; nan without any.

    Source: arXiv 2602.12506, faithfulness.

    >>> consistency([0, 1, float("nan")], [0, 2, 1])
    0.5
    """
    concluded, predicted = _paired(conclusion, prediction)
    known = ~(np.isnan(concluded) | np.isnan(predicted))
    return known_mean((concluded == predicted)[known])


def quadrants(conclusion: ArrayLike, prediction: ArrayLike, answer: ArrayLike) -> dict[str, float]:
    """Shares of the four combinations of consistent or not and correct or not; they sum to 1 over the known items.

    Args:
        conclusion, prediction: As in ``consistency``.
        answer: Shape (n,); gold option index.

    >>> quadrants([0, 1], [0, 2], [0, 2])["inconsistent_correct"]
    0.5
    """
    concluded, predicted = _paired(conclusion, prediction)
    _, gold = _paired(prediction, answer)
    known = ~(np.isnan(concluded) | np.isnan(predicted))
    agree, right = (concluded == predicted)[known], (predicted == gold)[known]
    parts = (agree & right, agree & ~right, ~agree & right, ~agree & ~right)
    return {name: known_mean(part) for name, part in zip(QUADRANTS, parts)}


def consistent_acc(conclusion: ArrayLike, prediction: ArrayLike, answer: ArrayLike) -> float:
    """Share of items both correct and consistent, over those where conclusion and answer are known; in [0, 1].

    >>> consistent_acc([0, 1], [0, 2], [0, 2])
    0.5
    """
    return quadrants(conclusion, prediction, answer)["consistent_correct"]
