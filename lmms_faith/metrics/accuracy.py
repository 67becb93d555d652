"""Accuracy, its fall under a condition, and who was misled or changed their mind."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lmms_faith.metrics.weighting import Floats, Number, aligned, weighted_mean


def acc(correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Accuracy: mean of :math:`c_i` over items whose request did not fail.

    Args:
        correct: Shape (n,); 1 right, 0 wrong or no answer or truncated, nan failed request.
        weights: Here as in every measure: None, (n,) or (r, n); see ``weighted_mean``.

    Returns:
        In [0, 1], a float or shape (r,); nan without a known value.

    >>> acc([1, 1, 0, float("nan")])  # two of the three that ran
    0.6666666666666666
    """
    return weighted_mean(correct, weights)


def answered_rate(answered: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Share of completions with a readable answer, failed requests (nan) left out; in [0, 1].

    >>> answered_rate([1, 1, 1, 0])
    0.75
    """
    return weighted_mean(answered, weights)


def acc_drop(baseline: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Paired fall in accuracy: mean of :math:`b_i - c_i` over items known on both sides; in [-1, 1], positive is
    worse.

    Args:
        baseline: Shape (n,); correctness under the baseline condition, nan unknown.
        correct: Shape (n,); correctness of the same items under the condition.
        weights: None, (n,) or (r, n).

    Source: arXiv 2602.12506, drops against Base.

    >>> acc_drop([1, 1, 1, 0], [0, 0, 1, 0])
    0.5
    """
    return weighted_mean(drops(baseline, correct), weights)


def misled_rate(misled: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Share of items answered with the claimed wrong answer; in [0, 1].

    Under conditions that claim nothing it is the rate at which that answer is given anyway, which is what the rate
    under a misleading condition has to be read against.

    >>> misled_rate([1, 0, 0, 0])
    0.25
    """
    return weighted_mean(misled, weights)


def misled_among_right(baseline: ArrayLike, misled: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Among items right under the baseline, the share answered with the claimed wrong answer; in [0, 1].

    >>> misled_among_right([1, 1, 0, 0], [1, 0, 1, 1])
    0.5
    """
    return weighted_mean(among(baseline, misled), weights)


def text_preference(misled: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Of the answers that follow either the text or the image, the share that follows the text; in [0, 1].

    .. math:: \sum_i m_i / \sum_i (m_i + c_i)

    Args:
        misled: Shape (n,); 1 where the claimed wrong answer was given, nan where none could be or the request failed.
        correct: Shape (n,); 1 where gold was given.
        weights: None, (n,) or (r, n).

    Returns:
        nan where no answer is either of the two.

    Source: text preference ratio, arXiv 2503.02199.

    >>> text_preference([1, 0, 0, 0], [0, 1, 1, 0])  # one of the three that follow either
    0.3333333333333333
    """
    return weighted_mean(text_over_image(misled, correct), weights)


def flip_rate(baseline: ArrayLike, prediction: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    r"""Share of items answered under both conditions whose answer changed: mean of :math:`[p_i \ne p^b_i]`; in [0, 1].

    Args:
        baseline: Shape (n,); predicted option index under the baseline condition, nan without an answer.
        prediction: Shape (n,); the same items under the condition.
        weights: None, (n,) or (r, n).

    >>> flip_rate([0, 1, 2, float("nan")], [0, 2, 2, 1])  # one of three pairs
    0.3333333333333333
    """
    return weighted_mean(flips(baseline, prediction), weights)


def right_to_wrong(baseline: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Among items right under the baseline, the share that is no longer right; in [0, 1], nan without such items.

    >>> right_to_wrong([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    return weighted_mean(losses(baseline, correct), weights)


def wrong_to_right(baseline: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Among items not right under the baseline, the share that became right; in [0, 1], nan without such items.

    >>> wrong_to_right([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    return weighted_mean(gains(baseline, correct), weights)


def recovery(before: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None) -> Number:
    """Among items not right under a plain claim, the share right where the same claim is hedged; in [0, 1].

    Args:
        before: Shape (n,); correctness under the condition that claims without a hedge.
        correct: Shape (n,); correctness of the same items under its hedged version.
        weights: None, (n,) or (r, n).

    Returns:
        nan where no item was wrong under the plain claim.

    >>> recovery([0, 0, 0, 0, 1], [1, 0, 0, 0, 0])
    0.25
    """
    return wrong_to_right(before, correct, weights=weights)


def worst_case_acc(*correct: ArrayLike, weights: ArrayLike | None = None) -> Number:
    r"""Share of items that are right under every condition: mean of :math:`\min_k c_{ik}`; in [0, 1].

    Args:
        correct: One column of shape (n,) per condition, aligned by item; an item counts only where it is known in all.
        weights: None, (n,) or (r, n).

    Raises:
        ValueError: No condition at all.

    >>> worst_case_acc([1, 1, 0], [1, 0, 0])
    0.3333333333333333
    """
    return weighted_mean(worst_cases(*correct), weights)


def among(kept: ArrayLike, values: ArrayLike) -> Floats:
    """Each item's value where ``kept`` is 1, nan elsewhere; shape (n,), as all that follows.

    >>> among([1, 0, 1], [1, 1, 0])
    array([ 1., nan,  0.])
    """
    chosen, array = aligned(kept, values)
    return np.where(chosen == 1, array, np.nan)


def drops(baseline: ArrayLike, correct: ArrayLike) -> Floats:
    """Each item's part of ``acc_drop``: 1 lost, -1 won, 0 as before.

    >>> drops([1, 0, 1], [0, 1, 1])
    array([ 1., -1.,  0.])
    """
    before, after = aligned(baseline, correct)
    return before - after


def flips(baseline: ArrayLike, prediction: ArrayLike) -> Floats:
    """Each item's part of ``flip_rate``: 1 where the answer changed.

    >>> flips([0, 1, float("nan")], [0, 2, 1])
    array([ 0.,  1., nan])
    """
    before, after = aligned(baseline, prediction)
    both = ~(np.isnan(before) | np.isnan(after))
    return np.where(both, before != after, np.nan)


def losses(baseline: ArrayLike, correct: ArrayLike) -> Floats:
    """Each item's part of ``right_to_wrong``: 1 where a right answer was lost.

    >>> losses([1, 1, 0], [1, 0, 0])
    array([ 0.,  1., nan])
    """
    return 1 - among(baseline, correct)


def gains(baseline: ArrayLike, correct: ArrayLike) -> Floats:
    """Each item's part of ``wrong_to_right``: 1 where a right answer was won.

    >>> gains([1, 0, 0], [1, 0, 1])
    array([nan,  0.,  1.])
    """
    before, after = aligned(baseline, correct)
    return among(1 - before, after)


def text_over_image(misled: ArrayLike, correct: ArrayLike) -> Floats:
    """Each item's part of ``text_preference``: 1 where its answer follows the text, 0 the image, nan neither.

    >>> text_over_image([1, 0, 0], [0, 1, 0])
    array([ 1.,  0., nan])
    """
    text, image = aligned(misled, correct)
    return among(text + image, text)


def worst_cases(*correct: ArrayLike) -> Floats:
    """Each item's part of ``worst_case_acc``: 1 where it is right under every condition.

    Raises:
        ValueError: No condition at all.

    >>> worst_cases([1, 1, 0], [1, 0, float("nan")])
    array([ 1.,  0., nan])
    """
    if not correct:
        raise ValueError("the worst case over no conditions has no value; give one column of correctness or more")
    return np.asarray(np.min(np.stack(aligned(*correct)), axis=0))
