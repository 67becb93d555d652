"""Option letters in the tokens that a server gives: where they were written, and how likely each was there."""

from __future__ import annotations

from collections.abc import Sequence

from lmms_faith.item import LETTERS
from lmms_faith.lmms.models.wire import Token
from lmms_faith.parsing.listed import FORMS, Letters, letters_of_texts


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


def letters_of(token: Token, n: int, *, complete: bool = False) -> Letters | None:
    """Each letter's log-probability at a token's place, or a bound of it; see ``letters_listed``.

    Args:
        token: With the likeliest tokens at its place.
        n: How many letters there are options for.
        complete: Whether every token that is a letter is listed.

    Returns:
        As many letters as ``LETTERS``, of which only the first ``n`` were looked at, the rest repeat the last of them.
        None where the server lists nothing.

    >>> token = Token(b"A", (("A", -0.5), ("B", -1.5), (" A", -2.5)))
    >>> letters_of(token, 2).bounds[:2]
    (True, True)
    >>> letters_of(token, 2, complete=True).bounds is None
    True
    """
    if not token.top:
        return None
    found = letters_of_texts(token.top, n, most=min(logprob for _, logprob in token.top), complete=complete)
    return None if found is None else padded(found)


def padded(letters: Letters) -> Letters:
    """As many letters as ``LETTERS``, those beyond the ones looked at like the last of them."""
    more = len(LETTERS) - len(letters.logprobs)
    logprobs = letters.logprobs + letters.logprobs[-1:] * more
    return Letters(logprobs, letters.bounds and letters.bounds + letters.bounds[-1:] * more)
