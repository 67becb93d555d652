"""Option-letter probabilities from the likeliest tokens that a server gives at each place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lmms_faith.item import LETTERS
from lmms_faith.lmms.models.wire import Token

FORMS = ("{}", " {}", "({}", " ({}")
"""How a letter may be written as one token."""


def token_at(tokens: Sequence[Token], said: str, at: int) -> Token | None:
    """The token that wrote the character at a place of the text; None where the tokens do not spell the text."""
    whole = b"".join(token.raw for token in tokens)
    start = whole.rfind(said.encode())
    if start < 0 or not 0 <= at < len(said):
        return None
    left = start + len(said[:at].encode())
    for token in tokens:
        if left < len(token.raw):
            return token
        left -= len(token.raw)
    return None


def writes_letter(token: Token) -> bool:
    """Whether a token is a letter in one of its single-token forms."""
    return any(token.raw == form.format(letter).encode() for letter in LETTERS for form in FORMS)


def letters_of(token: Token, n: int) -> tuple[float, ...] | None:
    """Each letter's log-probability at a token's place: its single-token forms added up.

    Args:
        token: With the likeliest tokens at its place.
        n: How many letters there are options for.

    Returns:
        As many numbers as ``LETTERS``, of which only the first ``n`` are measured, the rest repeat the last of them.
        None where one of the ``n`` is not among the likeliest tokens: it is unknown, and so is what is left for it.

    >>> token = Token(b"A", (("A", -0.5), ("B", -1.5), (" A", -2.5)))
    >>> [round(one, 3) for one in letters_of(token, 2)[:2]]
    [-0.373, -1.5]
    >>> letters_of(token, 3) is None
    True
    """
    found = []
    for letter in LETTERS[:n]:
        forms = {form.format(letter) for form in FORMS}
        logprobs = [logprob for text, logprob in token.top if text in forms]
        if not logprobs or not all(map(math.isfinite, logprobs)):
            return None
        highest = max(logprobs)
        found.append(highest + math.log(sum(math.exp(one - highest) for one in logprobs)))
    return (*found, *found[-1:] * (len(LETTERS) - n)) if found else None
