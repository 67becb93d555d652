"""Letters from the likeliest tokens: which token wrote a character, which forms add up, what is unknown."""

import math

import pytest

from lmms_faith.item import LETTERS
from lmms_faith.lmms.models.top_letters import letters_of, token_at, writes_letter
from lmms_faith.lmms.models.wire import Token

pytestmark = pytest.mark.host


def tokens(*raws):
    return tuple(Token(raw if isinstance(raw, bytes) else raw.encode(), ()) for raw in raws)


SPELT = tokens(
    "<think>", "naï".encode()[:3], "naï".encode()[3:], "ve", "</think>", "<answer>", " (B", ")", "<|im_end|>"
)


@pytest.mark.parametrize(
    ("said", "character", "raw"),
    [
        ("<think>naïve</think><answer> (B)", "B", b" (B"),
        ("<think>naïve</think><answer> (B)", "v", b"ve"),
        ("<answer> (B)", "B", b" (B"),  # the server gave the thought apart
        ("(B)", ")", b")"),  # it stripped what came before
        ("<answer> (C)", "C", None),
    ],
)
def test_the_token_that_wrote_a_character(said, character, raw):
    found = token_at(SPELT, said, said.rindex(character))
    assert (found and found.raw) == raw


@pytest.mark.parametrize(("said", "at"), [("<answer>", -1), ("<answer>", 8), ("", 0)])
def test_a_place_beyond_the_text_has_no_token(said, at):
    assert token_at(SPELT, said, at) is None


def test_without_tokens_there_is_none():
    assert token_at((), "A", 0) is None


@pytest.mark.parametrize(
    ("raw", "is_one"),
    [("A", True), (" L", True), ("(C", True), (" (D", True), ("M", False), ("AB", False), ("a", False), ("", False)],
)
def test_a_letter_as_one_token(raw, is_one):
    assert writes_letter(*tokens(raw)) is is_one


def of(n, **top):
    return letters_of(Token(b"A", tuple((text.replace("_", " "), math.log(p)) for text, p in top.items())), n)


def test_forms_of_a_letter_add_up_and_other_tokens_do_not():
    found = of(2, A=0.5, _A=0.25, B=0.125, The=0.1, AB=1e-5)
    assert [math.exp(one) for one in found.logprobs[:2]] == pytest.approx([0.75, 0.125])
    assert (len(found.logprobs), found.bounds) == (len(LETTERS), None)


@pytest.mark.parametrize(
    ("top", "b"),
    [
        ({"A": 0.9, "The": 1e-4}, 4e-4),  # four forms of at most the least likely
        ({"A": 0.9, "C": 0.095}, 0.005 + 1e-5),  # what is left
        ({"A": 0.9, "B": 1e-4, "The": 1e-5}, 1e-4 + 3e-5),  # its other forms may add a third
    ],
)
def test_a_letter_that_is_missing_is_bounded(top, b):
    found = of(2, **top)
    assert [math.exp(one) for one in found.logprobs[:2]] == pytest.approx([0.9, b])
    assert found.bounds == (False, *[True] * (len(LETTERS) - 1))


def test_a_server_that_lists_all_letters_leaves_nothing_open():
    top = (("A", -0.7), ("B", -2.5), ("(B", -3.0))
    assert letters_of(Token(b"A", top), 2).bounds == (True, True, *[True] * 10)
    assert letters_of(Token(b"A", top), 2, complete=True).bounds is None


@pytest.mark.parametrize("top", [(), (("A", 0.0), ("B", -math.inf)), (("A", math.nan), ("B", -1.0))])
def test_what_is_no_number_is_unknown(top):
    assert letters_of(Token(b"A", top), 2) is None


def test_no_options_no_letters():
    assert of(0, A=0.9) is None
