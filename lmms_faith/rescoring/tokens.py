"""Option-letter probabilities out of the token log-probabilities that an API returned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lmms_faith.item import LETTERS
from lmms_faith.rescoring.fields import Fields

NO_LETTER = "letter probabilities, since the token of the answered letter holds more than the letter"
SPELLS_OTHERWISE = "letter probabilities, since the tokens do not spell the completion"
NOT_LISTED = "letter probabilities, since an option's letter is missing from the listed alternatives"

_FORMS = ("", " ", "(", " (")
"""What may stand before a letter in one token: "A", " A", "(A", " (A"."""


@dataclass(frozen=True, slots=True)
class Token:
    """One generated token.

    Attributes:
        text: Its text.
        alternatives: Natural log-probability by text, of this token and of those listed beside it.
    """

    text: str
    alternatives: dict[str, float]


def tokens_of(row: Fields, name: str) -> list[Token]:
    """The tokens in a field that has the form of ``logprobs.content`` of OpenAI's API; none where it is not given.

    Raises:
        Malformed: A token without a text or a finite number.
    """
    tokens = []
    for data in row.rows(name):
        token = Fields(row.place, data)
        listed = [token, *(Fields(row.place, one) for one in token.rows("top_logprobs"))]
        tokens.append(Token(token.text("token"), {one.text("token"): one.number("logprob") for one in listed}))
    return tokens


def letter_logprobs(
    tokens: Sequence[Token], text: str, letter_at: int | None, n: int
) -> tuple[tuple[float, ...] | None, str | None]:
    r"""Log-probability of each option's letter at the letter that was answered.

    Of each letter, every single-token form that is listed is summed: ``log sum_f p(f)``. It is a lower bound of what a
    backend of ours gives, which sees the whole vocabulary; where any option's letter is not listed at all nothing is
    known of it, so nothing is returned.

    Args:
        tokens: The generated tokens, in order.
        text: What the tokens spell, special tokens at the end aside.
        letter_at: Where in ``text`` the answered letter stands; None where it does not.
        n: The number of options as shown.

    Returns:
        The ``n`` log-probabilities, or the reason that they are lost; both None where no letter was answered.

    >>> chosen = Token(" B", {" B": math.log(0.5), "B": math.log(0.25), " A": math.log(0.125)})
    >>> found, _ = letter_logprobs([Token("Answer:", {}), chosen], "Answer: B", 8, 2)
    >>> [round(math.exp(one), 3) for one in found]
    [0.125, 0.75]
    """
    if letter_at is None:
        return None, None
    start = "".join(token.text for token in tokens).find(text)
    if start < 0:
        return None, SPELLS_OTHERWISE
    token = _token_at(tokens, start + letter_at)
    forms = token.alternatives
    if token.text[:-1] not in _FORMS:
        return None, NO_LETTER
    found = []
    for letter in LETTERS[:n]:
        listed = [forms[form + letter] for form in _FORMS if form + letter in forms]
        if not listed:
            return None, NOT_LISTED
        top = max(listed)
        found.append(top + math.log(math.fsum(math.exp(one - top) for one in listed)))
    return tuple(found), None


def _token_at(tokens: Sequence[Token], at: int) -> Token:
    seen = 0
    for token in tokens:
        seen += len(token.text)
        if seen > at:
            return token
    raise ValueError(f"character {at} is beyond the {seen} that the tokens spell")
