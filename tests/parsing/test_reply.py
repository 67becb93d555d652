import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import Kind
from lmms_faith.parsing import parse
from lmms_faith.parsing.reply import replied_option, replied_value

COLOURS = ("white", "black", "dark blue")
PAIR = ("chair", "table")
YES_NO = ("Yes", "No", "Not enough information")
FOOD = ("pasta", "rice", "rice noodles")

OPTIONS = {
    "a sentence": ("The car is black.", COLOURS, 1),
    "not, but": ("It is not black but dark blue.", COLOURS, 2),
    "could be": ("It could be black.", COLOURS, None),
    "either": ("It is black or dark blue.", COLOURS, None),
    "denied alone": ("It isn't the chair.", PAIR, None),
    "neither": ("It's neither the chair nor the table.", PAIR, None),
    "compared": ("The chair is closer to the camera than the table.", PAIR, 0),
    "compared, in two sentences": ("The chair is closer than the table. I think.", PAIR, None),
    "opens with it": ("Rice. It may look like rice noodles.", FOOD, 1),
    "opens with it, then another": ("Rice. No, it is pasta.", FOOD, None),
    "opens with yes": ("Yes, it shines.", YES_NO, 0),
    "opens with no": ("No - it is dark.", YES_NO, 1),
    "opens with no doubt": ("No doubt about it.", YES_NO, None),
    "the only one in bold": ("I'd say that **black** comes close.", COLOURS, 1),
    "two in bold": ("**black** or **white**", COLOURS, None),
    "a letter": ("From what I see, I'd choose B.", COLOURS, 1),
    "long, marked": ("It stands there. " * 15 + "So it is black.", COLOURS, 1),
    "long, in passing": ("It stands there. " * 15 + "It is black.", COLOURS, None),
    "very long": ("It stands there. " * 60 + "So it is black.", COLOURS, None),
    "refused": ("Sorry, I can't help with that.", COLOURS, None),
    "nothing": (" ", COLOURS, None),
}


@pytest.mark.parametrize(("text", "options", "expected"), OPTIONS.values(), ids=OPTIONS)
def test_which_option_a_reply_asserts(text: str, options: tuple[str, ...], expected: int | None) -> None:
    assert replied_option(text, options) == expected
    assert parse(text, options).prediction == expected


VALUES: dict[str, tuple[str, Kind, str | None]] = {
    "the only number in bold": ("They won **37** medals: 16 gold, 8 silver.", "integer", "37"),
    "two numbers in bold": ("**37** of **40**", "integer", None),
    "an aside": ("12 windows (3 rows of 4)", "integer", "12"),
    "concluded": ("It has 3 rows of 4 windows, so it has 12 windows.", "integer", "12"),
    "a word": ("twelve", "integer", "12"),
    "two numbers": ("There are 5 of 6.", "integer", None),
    "a quoted text": ('The title of the book is "The Old Harbour".', "text", "The Old Harbour"),
    "two quoted texts": ('It is "Old", or it is "New".', "text", None),
    "a list is not read out of words": ("In 2009 and then 2011, I think.", "list", None),
    "nothing": ("", "integer", None),
}


@pytest.mark.parametrize(("text", "kind", "expected"), VALUES.values(), ids=VALUES)
def test_which_value_a_reply_asserts(text: str, kind: Kind, expected: str | None) -> None:
    assert replied_value(text, kind) == expected


@pytest.mark.parametrize(
    ("completion", "prediction"),
    [
        ("The answer is not black, the car is dark blue.", None),
        (r"\boxed{H} The car is black.", None),
        ("<answer>hm</answer> The car is black.", None),
        ("<think>The car is black.</think>", None),
        ("<think>x</think>The car is black.", 1),
    ],
)
def test_a_reply_is_read_where_nothing_is_held_out_as_the_answer(completion: str, prediction: int | None) -> None:
    assert parse(completion, COLOURS).prediction == prediction


def test_a_reply_that_was_cut_off_is_not_read() -> None:
    assert parse("The car is black.", COLOURS, finish="length").status == "truncated"
    assert parse("It has 3 rows, so it has 12 windows", None, kind="integer", finish="length").status == "truncated"


@given(text=st.text(alphabet='rice pasto*."()15\n,-'), options=st.lists(st.text(), max_size=12))
def test_any_reply_is_read(text: str, options: list[str]) -> None:
    assert replied_option(text, options) in {None, *range(len(options))}
    for kind in ("integer", "float", "text", "list"):
        assert isinstance(replied_value(text, kind), (str, type(None)))
