"""Option letters' log-probabilities from the likeliest tokens that were listed at one place: measured, or bounded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lmms_faith.item import LETTERS

FORMS = ("{}", " {}", "({}", " ({}")
"""How a letter may be written as one token."""
SLIGHT = 0.01
"""Share of what is listed of a letter that its other forms may add while the letter still counts as measured."""
ROUNDING = 1e-5
"""Probability that a list in single precision may seem to leave out, or to hold, by rounding."""


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters' log-probabilities.

    Attributes:
        logprobs: Natural logs, one a letter.
        bounds: Which of them are upper bounds and no measurements; None where none is.
    """

    logprobs: tuple[float, ...]
    bounds: tuple[bool, ...] | None


def letters_listed(
    found: Sequence[Sequence[float]], missing: Sequence[int], *, listed: Sequence[float], most: float = 0.0
) -> Letters | None:
    r"""Each letter's log-probability, its single-token forms added up.

    The forms that are not listed have at most :math:`u = \min(m e^{most}, 1 - \sum e^{listed})`, for :math:`m` of them.
    Where that is little (``SLIGHT``) beside the listed forms, the letter is measured, as their sum. Where it is not, it
    is bounded, by that sum and :math:`u`.

    Args:
        found: Of each letter, the log-probabilities of its forms that are listed.
        missing: Of each letter, how many further forms there may be.
        listed: Log-probabilities of all tokens that are listed at the place.
        most: The largest that a token has which is not listed, such as the smallest of the likeliest that are.

    Returns:
        None where nothing finite is known of a letter.

    >>> one = letters_listed([[-0.5, -2.5], [-1.5]], [0, 0], listed=[-0.5, -1.5, -2.5], most=-2.5)
    >>> [round(logprob, 3) for logprob in one.logprobs], one.bounds
    ([-0.373, -1.5], None)
    >>> letters_listed([[-0.01], []], [1, 2], listed=[-0.01, -9.0], most=-9.0).bounds
    (False, True)
    """
    if any(map(math.isnan, listed)):
        return None
    rest = math.log(max(0.0, 1 - math.fsum(math.exp(min(one, 0.0)) for one in listed)) + ROUNDING)
    logprobs, bounds = [], []
    for forms, others in zip(found, missing, strict=True):
        known = _log_sum(forms)
        unlisted = min(rest, most + math.log(others)) if others else -math.inf
        bounded = unlisted > known + math.log(SLIGHT)
        bounds.append(bounded)
        logprobs.append(_log_sum([known, unlisted]) if bounded else known)
    if not logprobs or not all(map(math.isfinite, logprobs)):
        return None
    return Letters(tuple(logprobs), tuple(bounds) if any(bounds) else None)


def letters_of_texts(
    listed: Sequence[tuple[str, float]], n: int, *, most: float, complete: bool = False
) -> Letters | None:
    """The first ``n`` letters' log-probabilities from tokens that are listed by their texts; see ``letters_listed``.

    Args:
        listed: Texts and log-probabilities.
        n: How many letters there are options for.
        most: The largest that a token has which is not listed.
        complete: Whether every form that is a token is listed; otherwise any form that is not may be one.
    """
    found, missing = [], []
    for letter in LETTERS[:n]:
        forms = {form.format(letter) for form in FORMS}
        there = [(text, logprob) for text, logprob in listed if text in forms]
        found.append([logprob for _, logprob in there])
        missing.append(0 if complete else len(forms - {text for text, _ in there}))
    return letters_listed(found, missing, listed=[logprob for _, logprob in listed], most=most)


def parts(letters: Letters | None) -> tuple[tuple[float, ...] | None, tuple[bool, ...] | None]:
    """Log-probabilities and bounds as a record holds them; both None of unknown letters."""
    return (None, None) if letters is None else (letters.logprobs, letters.bounds)


def first_bounds(bounds: Sequence[bool] | None, n: int) -> tuple[bool, ...] | None:
    """Which of the first ``n`` letters are only bounded; None where none is.

    >>> first_bounds((False, True, True), 2), first_bounds((False, True, True), 1)
    ((False, True), None)
    """
    first = tuple(bounds or ())[:n]
    return first if any(first) else None


def _log_sum(logprobs: Sequence[float]) -> float:
    top = max(logprobs, default=-math.inf)
    if not math.isfinite(top):
        return top
    return top + math.log(math.fsum(math.exp(one - top) for one in logprobs))
