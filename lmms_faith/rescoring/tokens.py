"""Option-letter probabilities out of the token log-probabilities that an API returned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lmms_faith.item import LETTERS
from lmms_faith.parsing.listed import FORMS, Letters, letters_of_texts
from lmms_faith.rescoring.fields import Fields

NO_LETTER = "letter probabilities, since the token of the answered letter holds more than the letter"
SPELLS_OTHERWISE = "letter probabilities, since the tokens do not spell the completion"

_WRITTEN = frozenset(form.format(letter) for letter in LETTERS for form in FORMS)


@dataclass(frozen=True, slots=True)
class Token:
    """One generated token.

    Attributes:
        text: Its text.
        alternatives: Natural log-probability by text, of this token and of those listed beside it.
        most: The largest that a token has which is not listed: the smallest of the likeliest tokens, which this one
            need not be among; 0 where none are listed.
    """

    text: str
    alternatives: dict[str, float]
    most: float = 0.0


def tokens_of(row: Fields, name: str) -> list[Token]:
    """The tokens in a field that has the form of ``logprobs.content`` of OpenAI's API; none where it is not given.

    Raises:
        Malformed: A token without a text or a finite number.
    """
    tokens = []
    for data in row.rows(name):
        token = Fields(row.place, data)
        likeliest = [Fields(row.place, one) for one in token.rows("top_logprobs")]
        alternatives = {one.text("token"): one.number("logprob") for one in (token, *likeliest)}
        most = min((one.number("logprob") for one in likeliest), default=0.0)
        tokens.append(Token(token.text("token"), alternatives, most))
    return tokens


def letter_logprobs(
    tokens: Sequence[Token], text: str, letter_at: int | None, n: int
) -> tuple[Letters | None, str | None]:
    r"""Log-probability of each option's letter at the letter that was answered, or a bound of it.

    Of each letter, every single-token form that is listed is summed: ``log sum_f p(f)``. What is not listed can only
    be bounded; see ``letters_listed``.

    Args:
        tokens: The generated tokens, in order.
        text: What the tokens spell, special tokens at the end aside.
        letter_at: Where in ``text`` the answered letter stands; None where it does not.
        n: The number of options as shown.

    Returns:
        The ``n`` letters, or the reason that they are lost; both None where no letter was answered.

    >>> chosen = Token(" B", {" B": -0.75, "B": -1.5, " A": -2.0}, -12.0)
    >>> found, _ = letter_logprobs([Token("Answer:", {}), chosen], "Answer: B", 8, 3)
    >>> [round(one, 2) for one in found.logprobs], found.bounds
    ([-2.0, -0.36, -10.61], (False, False, True))
    """
    if letter_at is None:
        return None, None
    start = "".join(token.text for token in tokens).find(text)
    if start < 0:
        return None, SPELLS_OTHERWISE
    token = _token_at(tokens, start + letter_at)
    if token.text not in _WRITTEN:
        return None, NO_LETTER
    return letters_of_texts(list(token.alternatives.items()), n, most=token.most), None


def _token_at(tokens: Sequence[Token], at: int) -> Token:
    seen = 0
    for token in tokens:
        seen += len(token.text)
        if seen > at:
            return token
    raise ValueError(f"character {at} is beyond the {seen} that the tokens spell")
