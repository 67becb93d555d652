"""What the probabilities of the option letters say about one answer's uncertainty."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, logsumexp, rel_entr, softmax

from lmms_faith.metrics.weighting import Floats


def letter_entropy(logprobs: ArrayLike) -> float:
    r"""Shannon entropy, in nats, of the option letters' probabilities renormalised to sum to one.

    .. math:: H = -\sum_k q_k \ln q_k, \quad q_k = p_k / \textstyle\sum_j p_j

    Args:
        logprobs: Shape (k,); natural log-probabilities of the k letters, over the whole vocabulary.

    Returns:
        In [0, ln k]; nan, as everywhere here, where a log-probability is nan.

    Source: arXiv 2602.12506, entropy at the first answer-letter token.

    >>> round(letter_entropy([-1.0, -1.0]), 4)  # two equal letters: log 2
    0.6931
    """
    return float(entr(_letters(logprobs)).sum())


def normalised_entropy(logprobs: ArrayLike) -> float:
    r"""Letter entropy as a share of what it can be at most, so that items with few and many options compare.

    .. math:: H / \ln k

    Returns:
        In [0, 1]; nan for fewer than two letters, which can't be uncertain.

    >>> round(normalised_entropy([np.log(0.5), np.log(0.5), -np.inf, -np.inf]), 4)  # ln 2 of ln 4
    0.5
    """
    letters = np.size(logprobs)
    return letter_entropy(logprobs) / math.log(letters) if letters > 1 else math.nan


def p_option(logprobs: ArrayLike, index: int) -> float:
    r"""Probability of option ``index`` among the option letters: :math:`p_k / \sum_j p_j`, in [0, 1].

    With gold's index it is ``p_correct``, with the claimed wrong option's ``p_target``, with the answered one's the
    confidence.

    >>> round(p_option([np.log(0.6), np.log(0.2)], 0), 4)  # .6 of the .8 on letters
    0.75
    """
    return float(_letters(logprobs)[index])


def max_p(logprobs: ArrayLike) -> float:
    r"""Probability of the likeliest option among the option letters: :math:`\max_k q_k`, in [1/k, 1].

    It is the confidence wherever the likeliest letter is the one that was answered.

    >>> round(max_p([np.log(0.6), np.log(0.2)]), 4)
    0.75
    """
    return float(_letters(logprobs).max())


def margin(logprobs: ArrayLike) -> float:
    r"""How far the likeliest option is ahead of the next: :math:`q_{(1)} - q_{(2)}`, in [0, 1].

    Returns:
        nan for fewer than two letters.

    >>> round(margin([np.log(0.6), np.log(0.2)]), 4)  # .75 - .25
    0.5
    """
    letters = _letters(logprobs)
    if letters.size < 2:
        return math.nan
    second, first = np.partition(letters, -2)[-2:]
    return float(first - second)


def off_letter_mass(logprobs: ArrayLike) -> float:
    r"""Probability on tokens that are no option letter: :math:`1 - \sum_k p_k`, in [0, 1].

    Near 0 the letters speak for the model; near 1 the renormalised numbers describe a corner of its distribution.

    >>> round(off_letter_mass([np.log(0.6), np.log(0.2)]), 4)
    0.2
    """
    return float(np.clip(1.0 - np.exp(logsumexp(np.asarray(logprobs, dtype=np.float64))), 0.0, 1.0))


def js_shift(logprobs: ArrayLike, base_logprobs: ArrayLike) -> float:
    r"""Jensen-Shannon divergence, in nats, between the letters' probabilities under a condition and under its baseline.

    .. math:: \tfrac12 \sum_k q_k \ln \frac{q_k}{m_k} + \tfrac12 \sum_k b_k \ln \frac{b_k}{m_k},
        \quad m = \tfrac12 (q + b)

    Args:
        logprobs: Shape (k,); under the condition.
        base_logprobs: Shape (k,); the same options under the baseline. Both are renormalised.

    Returns:
        In [0, ln 2]: 0 where nothing changed, ln 2 where the two share no option.

    Raises:
        ValueError: Another number of options.

    Source: Lin 1991, Divergence measures based on the Shannon entropy.

    >>> round(js_shift([0.0, -np.inf], [-np.inf, 0.0]), 4)  # all on one, then all on the other
    0.6931
    """
    now, before = _letters(logprobs), _letters(base_logprobs)
    if now.shape != before.shape:
        raise ValueError(f"{now.size} letters don't compare with {before.size}; give the same options on both sides")
    middle = (now + before) / 2
    found = (rel_entr(now, middle).sum() + rel_entr(before, middle).sum()) / 2
    return float(np.clip(found, 0.0, math.log(2)))


def brier_multi(logprobs: ArrayLike, answer: int) -> float:
    r"""Brier score over all letters: :math:`\sum_k (q_k - [k = g])^2`, in [0, 2]; 0 is all on gold.

    Unlike the Brier score of the confidence it charges for how the rest is spread over the wrong options.

    Args:
        logprobs: Shape (k,); renormalised here.
        answer: Index of gold.

    Source: Brier 1950, its original form for several classes.

    >>> round(brier_multi([np.log(0.6), np.log(0.2)], 0), 4)  # (.75 - 1)^2 + .25^2
    0.125
    """
    letters = _letters(logprobs)
    gold = np.zeros_like(letters)
    gold[answer] = 1.0
    return float(((letters - gold) ** 2).sum())


def _letters(logprobs: ArrayLike) -> Floats:
    return np.asarray(softmax(np.asarray(logprobs, dtype=np.float64)))
