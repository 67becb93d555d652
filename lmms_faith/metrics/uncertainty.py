"""What the probabilities of the option letters say about the model's uncertainty."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr, logsumexp, softmax


def letter_entropy(logprobs: ArrayLike) -> float:
    r"""Shannon entropy, in nats, of the option letters' probabilities renormalised to sum to one.

    .. math:: H = -\sum_k q_k \ln q_k, \quad q_k = p_k / \textstyle\sum_j p_j

    Args:
        logprobs: Shape (k,); natural log-probabilities of the k letters, over the whole vocabulary.

    Returns:
        In [0, ln k].

    Source: arXiv 2602.12506, entropy at the first answer-letter token.

    >>> round(letter_entropy([-1.0, -1.0]), 4)  # two equal letters: log 2
    0.6931
    """
    return float(entr(softmax(np.asarray(logprobs, dtype=np.float64))).sum())


def p_option(logprobs: ArrayLike, index: int) -> float:
    r"""Probability of option ``index`` among the option letters: :math:`p_k / \sum_j p_j`, in [0, 1].

    With gold's index it is ``p_correct``, with the claimed wrong option's it is ``p_target``.

    >>> round(p_option([np.log(0.6), np.log(0.2)], 0), 4)  # .6 of the .8 on letters
    0.75
    """
    return float(softmax(np.asarray(logprobs, dtype=np.float64))[index])


def off_letter_mass(logprobs: ArrayLike) -> float:
    r"""Probability on tokens that are no option letter: :math:`1 - \sum_k p_k`, in [0, 1].

    Near 0 the letters speak for the model; near 1 the renormalised numbers describe a corner of its distribution.

    >>> round(off_letter_mass([np.log(0.6), np.log(0.2)]), 4)
    0.2
    """
    return float(np.clip(1.0 - np.exp(logsumexp(np.asarray(logprobs, dtype=np.float64))), 0.0, 1.0))
