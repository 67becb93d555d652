"""What letter probabilities say of many answers at once; number by number the functions of ``metrics.uncertainty``."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr, rel_entr

from lmms_faith.record import Record

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


LOOSE = 1e-3
"""Share of the letters' probability that bounds may leave open before an item's letters count as unknown."""


def known_letters(record: Record) -> tuple[float, ...] | None:
    r"""A record's letters, bounds standing for what they bound; None where there are none, or those are too loose.

    With :math:`M` on the measured letters and bounds that add to :math:`U`, they are too loose above
    :math:`U / (M + U) =` ``LOOSE``. Below, no renormalised probability is off by more than that share, since
    :math:`|p / (M + B) - p / (M + U)| \le (U - B) / (M + U)` for the :math:`B \le U` that is true; see docs/metrics.md.
    """
    logprobs, bounds = record.letter_logprobs, record.letter_bounds
    if not logprobs or bounds is None:
        return logprobs
    q = probabilities(np.array([logprobs], dtype=np.float64))[0]
    return logprobs if q[np.array(bounds)].sum() <= LOOSE else None


def probabilities(logprobs: Floats) -> Floats:
    """Letters' probabilities renormalised to sum to one, shape (n, k) like the log-probabilities given.

    >>> probabilities(np.log([[0.6, 0.2]])).round(4).tolist()
    [[0.75, 0.25]]
    """
    lifted = np.exp(logprobs - logprobs.max(axis=1, keepdims=True))
    return np.asarray(lifted / lifted.sum(axis=1, keepdims=True))


def letter_columns(logprobs: Floats) -> dict[str, Floats]:
    """The columns that take the letters alone: entropies, ``margin``, ``max_p`` and ``off_letter_mass``.

    Args:
        logprobs: Shape (n, k); natural log-probabilities over the whole vocabulary, one row per answer.

    Returns:
        Shape (n,) each; normalised entropy and margin are nan for a single letter.
    """
    n, k = logprobs.shape
    q = probabilities(logprobs)
    entropy = entr(q).sum(axis=1)
    unknown = np.full(n, math.nan)
    ranked = np.sort(q, axis=1)
    return {
        "letter_entropy": entropy,
        "normalised_entropy": entropy / math.log(k) if k > 1 else unknown,
        "margin": ranked[:, -1] - ranked[:, -2] if k > 1 else unknown,
        "max_p": ranked[:, -1],
        "off_letter_mass": np.clip(1 - np.exp(logprobs).sum(axis=1), 0.0, 1.0),
    }


def picked(q: Floats, index: Floats) -> Floats:
    """Each row's probability of one of its letters.

    Args:
        q: Shape (n, k), as from ``probabilities``.
        index: Shape (n,); which letter, nan for none.

    Returns:
        Shape (n,); nan where none is named, or one that is not there.

    >>> picked(np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([1.0, math.nan])).tolist()
    [0.25, nan]
    """
    there = (index >= 0) & (index < q.shape[1])
    rows = np.arange(len(q))
    return np.where(there, q[rows, np.where(there, index, 0).astype(np.intp)], math.nan)


def shift(now: Floats, before: Floats) -> Floats:
    r"""Jensen-Shannon divergence, in nats, of each row of one array from the same row of another.

    Args:
        now, before: Shape (n, k); probabilities that sum to one, then nan to the width of the array. Rows with another
            number of letters on the other side, and rows of nan, have no shift.

    Returns:
        Shape (n,), in [0, ln 2]; nan where unknown.
    """
    same = (np.isnan(now) == np.isnan(before)).all(axis=1) & ~np.isnan(now[:, 0])
    p, b = (np.nan_to_num(side[same]) for side in (now.astype(np.float64), before.astype(np.float64)))
    middle = (p + b) / 2
    found = (rel_entr(p, middle) + rel_entr(b, middle)).sum(axis=1) / 2
    out = np.full(len(now), math.nan)
    out[same] = np.clip(found, 0.0, math.log(2))
    return out
