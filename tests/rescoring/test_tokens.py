import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from lmms_faith.rescoring.fields import Fields, Malformed, Place
from lmms_faith.rescoring.tokens import (
    NO_LETTER,
    SPELLS_OTHERWISE,
    Token,
    letter_logprobs,
    tokens_of,
)

TEXT = "The answer is B."
BEFORE = [Token("The", {}), Token(" answer", {}), Token(" is", {})]


def said(token: str = " B", listed: dict[str, float] | None = None, most: float = -9.0) -> list[Token]:
    return [*BEFORE, Token(token, {" B": -0.2, " A": -2.0} if listed is None else listed, most), Token(".", {})]


def found(tokens: list[Token], text: str = TEXT, at: int | None = 14, n: int = 2) -> tuple[float, ...] | str | None:
    letters, missing = letter_logprobs(tokens, text, at, n)
    return missing if letters is None else letters.logprobs


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        pytest.param(said(), (-2.0, -0.2), id="one form each"),
        pytest.param(
            said(listed={" B": math.log(0.5), "B": math.log(0.25), "(B": math.log(0.125), " A": -3.0}),
            (-3.0, math.log(0.875)),
            id="every single-token form adds",
        ),
        pytest.param(said(listed={" B": -0.2, " b": -1.0, " A": -2.0}), (-2.0, -0.2), id="a small letter is another"),
        pytest.param([*BEFORE, Token(" B.", {" B.": -0.2, " A.": -2.0})], NO_LETTER, id="more than the letter"),
        pytest.param([Token("B", {"B": -0.1, "A": -3.0})], SPELLS_OTHERWISE, id="other tokens"),
        pytest.param([], SPELLS_OTHERWISE, id="no tokens"),
        pytest.param([*said(), Token("<|im_end|>", {})], (-2.0, -0.2), id="an end token behind"),
        pytest.param([Token("\n", {}), *said()], (-2.0, -0.2), id="space in front that the completion lost"),
    ],
)
def test_the_letters_at_the_answered_letter(tokens: list[Token], expected: tuple[float, ...] | str) -> None:
    letters = found(tokens)
    assert letters == (pytest.approx(expected) if isinstance(expected, tuple) else expected)


@pytest.mark.parametrize(
    ("listed", "most", "a", "b"),
    [
        pytest.param({" B": -0.2, " C": -2.0}, -9.0, math.log(4) - 9.0, None, id="four forms of the least likely"),
        pytest.param({" B": math.log(0.99), "C": math.log(0.005)}, -5.0, math.log(0.00501), None, id="what is left"),
        pytest.param({" B": math.log(0.9)}, 0.0, math.log(0.10001), math.log(1.00001), id="none but the written one"),
        pytest.param({" B": -0.2, " A": -6.0}, -9.0, math.log(math.exp(-6) + 3 * math.exp(-9)), None, id="other forms"),
    ],
)
def test_a_letter_that_is_not_listed_is_bounded(
    listed: dict[str, float], most: float, a: float, b: float | None
) -> None:
    letters, missing = letter_logprobs(said(listed=listed, most=most), TEXT, 14, 2)
    assert missing is None
    assert letters is not None
    assert letters.bounds == (True, b is not None)
    assert letters.logprobs == pytest.approx((a, listed[" B"] if b is None else b), abs=1e-9)


def test_without_an_answered_letter_nothing_is_lost() -> None:
    assert letter_logprobs(said(), TEXT, None, 2) == (None, None)


@given(st.lists(st.floats(-20, -0.01), min_size=4, max_size=4), st.lists(st.floats(-20, -0.01), min_size=4, max_size=4))
def test_forms_add_as_scipy_adds_them(bare: list[float], spaced: list[float]) -> None:
    listed = dict(zip("ABCD", bare)) | {f" {letter}": one for letter, one in zip("ABCD", spaced)}
    letters = found(said(listed=listed, most=-30.0), n=4)
    assert letters == pytest.approx(logsumexp([bare, spaced], axis=0))


def test_tokens_are_read_in_the_form_of_openais_api() -> None:
    content = [
        {"token": "B", "logprob": -0.2, "bytes": [66], "top_logprobs": [{"token": "A", "logprob": -2}]},
        {"token": ".", "logprob": -0.1, "top_logprobs": None},
    ]
    row = Fields(Place(Path("a.jsonl"), "line 1"), {"token_logprobs": content})
    assert tokens_of(row, "token_logprobs") == [Token("B", {"B": -0.2, "A": -2.0}, -2.0), Token(".", {".": -0.1})]


@pytest.mark.parametrize(
    ("content", "field"),
    [
        pytest.param([{"logprob": -1}], "token", id="no text"),
        pytest.param([{"token": "B"}], "logprob", id="no number"),
        pytest.param([{"token": "B", "logprob": "x"}], "logprob", id="a text for a number"),
        pytest.param([{"token": "B", "logprob": -1, "top_logprobs": {}}], "top_logprobs", id="an object for a list"),
        pytest.param("B", "tokens", id="a text for a list"),
    ],
)
def test_a_malformed_token_is_named(content: object, field: str) -> None:
    with pytest.raises(Malformed, match=rf"a\.jsonl, line 1, field '{field}': "):
        tokens_of(Fields(Place(Path("a.jsonl"), "line 1"), {"tokens": content}), "tokens")
