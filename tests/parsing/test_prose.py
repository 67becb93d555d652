import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import Kind
from lmms_faith.parsing.prose import ending, value_ending
from tests.strategies import completions

COLOURS = ("red", "blue", "green")
SIDES = ("left of", "right of", "above", "below")
THINGS = ("the red boat", "the blue boat")
YES_NO = ("Yes", "No")
WHERE = "Where is the bike relative to the car?"
CAR = "What colour is the car?"
GIVEN = "Let me look at the image. It is blue."
BUT = "Let me look at the image. It is blue, but I think"

# passage, options, what was asked, the option it ends on
PASSAGES = {
    "revised, then settled": ("It is red. Wait. No, it is blue.", COLOURS, "", 1),
    "doubted, then settled": ("It is red. Hmm, wait. Okay, that fits.", COLOURS, "", 0),
    "asked back": ("It is red. Hmm, is it?", COLOURS, "", None),
    "another held possible afterwards": ("It is red. It could also be blue.", COLOURS, "", None),
    "denied afterwards": ("It is red. It is not red.", COLOURS, "", None),
    "another denied afterwards": ("It is red. It is not blue.", COLOURS, "", 0),
    "supposed afterwards": ("It is red. If it were blue, it would shine.", COLOURS, "", 0),
    "all others denied": ("It is not red. It is not blue.", COLOURS, "", 2),
    "all others denied at once": ("It is neither red nor blue.", COLOURS, "", 2),
    "all denied": ("It is not red. It is not blue. It is not green.", COLOURS, "", None),
    "one of two denied": ("It is either red or blue. It is not red.", COLOURS, "", 1),
    "held possible": ("It is red or blue.", COLOURS, "", None),
    "two of different things": ("The house is red. The car is blue.", COLOURS, "", None),
    "two of different things, a turn": ("The house is red. However, the car is blue.", COLOURS, "", 1),
    "two of different things, a conclusion": ("The house is red. So the car is blue.", COLOURS, "", 1),
    "two of one thing": ("The car is red. The car is blue.", COLOURS, "", 1),
    "several at once": ("The car is red and blue.", COLOURS, "", None),
    "the other thing": ("The car is right of the bike.", SIDES, WHERE, None),
    "the thing asked for": ("The bike is right of the car.", SIDES, WHERE, 1),
    "beside the question": ("A tree grows there beside some tall, green shrubs.", COLOURS, CAR, None),
    "not asked for": ("So blue is not there.", COLOURS, "Which colour is NOT there?", None),
    "not asked for, answered": ("So the answer is B.", COLOURS, "Which colour is NOT there?", 1),
    "a denial beside the question": ("The red boat is not in full sight here.", THINGS, "Which is closer?", None),
    "a denial of what is asked": ("It isn't the red boat.", THINGS, "Which is closer?", 1),
    "yes by what is said": ("The car is red.", YES_NO, "Is the car red?", 0),
    "no by what is said": ("The car isn't red.", YES_NO, "Is the car red?", 1),
    "number": ("I count 2 and 1 more, so 3.", ("1", "2", "3"), "How many?", 2),
    "number of no option": ("So there are 7.", ("1", "2", "3"), "How many?", None),
    "number by letter": ("2 + 1 = 3, which is option C.", ("1", "2", "3"), "How many?", 2),
    "nothing": ("", COLOURS, "", None),
    "no options": ("It is red.", (), "", None),
}


@pytest.mark.parametrize(("text", "options", "question", "expected"), PASSAGES.values(), ids=PASSAGES)
def test_on_which_option_a_passage_ends(
    text: str, options: tuple[str, ...], question: str, expected: int | None
) -> None:
    found = ending(text, options, question=question)
    assert found.index == expected
    assert (found.note is None) == (expected is not None)


# what was given, what the model wrote, the option the whole ends on
CLAIMS = {
    "let stand": (GIVEN, "", 1),
    "let stand, beside the point": (GIVEN, " The picture is a bit unclear.", 1),
    "let stand, another denied": (GIVEN, " So it is not red.", 1),
    "adopted": (GIVEN, " So it is blue.", 1),
    "rejected": (GIVEN, " No, it is red.", 0),
    "rejected, nothing in its place": (GIVEN, " No, it is not blue.", None),
    "doubted": (GIVEN, " Wait, that is wrong.", None),
    "taken back in words of no option": (GIVEN, " But the lower one has another hue.", None),
    "another looked at": (GIVEN, " Looking at red, there is some of it.", None),
    "another held possible": (GIVEN, " It might be red.", None),
    "another asserted of something else": (GIVEN, " There are red trees.", 0),
    "another in the given question": ('For "Red or blue?", the picture shows: blue.', " I see.", 1),
    "but, another": (BUT, " it is red.", 0),
    "but, the same": (BUT, " it really is blue.", 1),
    "but, beside the point": (BUT, " the picture is a bit unclear.", 1),
    "but, doubted": (BUT, " that's not the case.", None),
}


@pytest.mark.parametrize(("given_text", "own", "expected"), CLAIMS.values(), ids=CLAIMS)
def test_a_given_claim_counts_where_it_is_let_stand(given_text: str, own: str, expected: int | None) -> None:
    assert ending(given_text + own, COLOURS, given=len(given_text)).index == expected


def test_an_ending_tells_how_it_was_told() -> None:
    assert ending("So it is red.", COLOURS).singled
    assert not ending("It is red.", COLOURS).singled
    assert ending("It is not red. It is not blue.", COLOURS).left_over
    assert ending("It is red. It is not blue.", COLOURS).denied == {1}


# passage, kind, what was asked, the value it ends on
VALUES: dict[str, tuple[str, Kind, str, str | None]] = {
    "number": ("So the area is 12.", "float", "What is the area?", "12"),
    "unit": ("So the area is 12 cm².", "float", "What is the area?", "12"),
    "calculated": ("6 × 4 / 2 = 12.", "float", "What is the area?", "12"),
    "LaTeX": (r"So the area is $\frac{3}{4}$.", "float", "What is the area?", r"\frac{3}{4}"),
    "not, but": ("There are not 5 but 6 of them.", "integer", "How many?", "6"),
    "revised": ("There are 5. Wait, one is hidden, so 6.", "integer", "How many?", "6"),
    "asked": ("There are 5. Is that right?", "integer", "How many?", None),
    "range": ("It is between 12 and 14.", "float", "What is the area?", None),
    "of something else": ("We have x = 30°. The other angle is 60°.", "float", "What is x?", None),
    "quoted": ('The title reads "Old Harbour".', "text", "What is the title?", "Old Harbour"),
    "not the one quoted": ('It is not "Old" but "New".', "text", "What is the title?", "New"),
    "two quoted": ('It says "Old" and "New".', "text", "What is the title?", None),
    "said in passing": ("There is a sign on the left.", "text", "Which side?", None),
    "list": ("So the years are [2009, 2011].", "list", "Which years?", "[2009, 2011]"),
    "nothing": ("I can't tell.", "integer", "How many?", None),
}


@pytest.mark.parametrize(("text", "kind", "question", "expected"), VALUES.values(), ids=VALUES)
def test_on_which_value_a_passage_ends(text: str, kind: Kind, question: str, expected: str | None) -> None:
    found = value_ending(text, kind, question=question)
    assert found.text == expected
    assert (found.note is None) == (expected is not None)


def test_a_given_value_counts_where_it_is_let_stand() -> None:
    given_text = "The area is 12."
    for own, expected in ((" That fits.", "12"), (" So it is 14.", "14"), (" That can't be right.", None)):
        assert value_ending(given_text + own, "float", given=len(given_text)).text == expected


@given(
    text=st.one_of(completions(), st.text()),
    options=st.lists(st.one_of(st.text(), st.sampled_from(["red", "1", "Yes", "No", "left", "A"])), max_size=12),
    given_length=st.integers(0, 10),
    question=st.text(),
)
def test_reading_is_total(text: str, options: list[str], given_length: int, question: str) -> None:
    found = ending(text, options, given=given_length, question=question)
    assert found.index in {None, *range(len(options))}
    for kind in ("integer", "float", "text", "list"):
        assert isinstance(value_ending(text, kind, given=given_length, question=question).text, (str, type(None)))


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "(",
            "*",
            ".",
            "\n",
            "?",
            "red, ",
            "red or ",
            "not red ",
            "right ",
            "because red ",
            "12 ",
            "3, ",
            "= 4 ",
            "1+",
        ),
        *(
            "(B)",
            "answer is ",
            "claim ",
            "if ",
            "yes, ",
            '"',
            "**",
            "[1, 2]",
            "，",
            "red than ",
            "e.g. ",
            "...",
            "one at ",
        ),
    ],
)
def test_degenerate_repetition_is_read_in_no_time(piece: str) -> None:
    text = "It is blue. So " + piece * 4000 + " x"
    started = time.process_time()
    ending(text, (*COLOURS, "right"), question="What colour is the red one?")
    ending(text, ("3", "12"), question="How many?")
    ending(text, YES_NO, question="Is it red?")
    value_ending(text, "text")
    assert time.process_time() - started < 3.0
