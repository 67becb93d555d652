import pytest
from hypothesis import given

from lmms_faith.parsing.markup import WIDE, inner, last_box
from tests.strategies import completions

WRAPPED = {
    "plain": ("B", "B"),
    "space and full stop": (" B. \n", "B"),
    "dollars": ("$B$", "B"),
    "two dollars": ("$$B$$", "B"),
    "several layers": (r"**$\text{B}$**.", "B"),
    "box": (r"\boxed{B}", "B"),
    "box in a sentence": (r"It is \boxed{B} here", r"It is \boxed{B} here"),
    "box, then more": (r"\boxed{A} or \boxed{B}", r"\boxed{A} or \boxed{B}"),
    "box in a box": (r"\boxed{\boxed{B}}", "B"),
    "box with braces": (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    "box cut off": (r"\boxed{\frac{1}{2", r"\frac{1}{2"),
    "two of a kind side by side": ("$3$ and $4$", "$3$ and $4$"),
    "two commands side by side": (r"\text{A}\text{B}", r"\text{A}\text{B}"),
    "one-sided": ("**B", "**B"),
    "tags that close nothing": ("B</think></answer>", "B"),
    "nothing": ("", ""),
    "nothing inside": ("$$", ""),
}


@pytest.mark.parametrize(("text", "expected"), WRAPPED.values(), ids=WRAPPED)
def test_what_is_left_without_mark_up(text: str, expected: str) -> None:
    assert text[slice(*inner(text, 0, len(text)))] == expected


@given(text=completions())
def test_what_is_left_is_a_part(text: str) -> None:
    start, end = inner(text, 0, len(text))
    assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    ("text", "content"),
    [(r"\boxed{A} \boxed{B}", "B"), (r"\boxed{A", "A"), ("boxed{A}", None), (r"\boxed{{A}}", "{A}")],
)
def test_the_last_box(text: str, content: str | None) -> None:
    span = last_box(text, 0, len(text))
    assert (None if span is None else text[slice(*span)]) == content


def test_wide_marks_keep_their_places() -> None:
    assert "１２，（Ｂ）。".translate(WIDE) == "12,(Ｂ)."
