import pytest

from lmms_faith.parsing.doubt import asks_back, doubts, leaves_open, settles, turns, without_assurance

DOUBTS = {
    "wait.": True,
    "hold on.": True,
    "that's wrong.": True,
    "that isn't right.": True,
    "that doesn't look right.": True,
    "i'm not totally sure about that.": True,
    "i'm not sure.": True,
    "that can't be.": True,
    "the strands are too thin for that.": True,
    "that seems too short.": True,
    "hmm, maybe not.": True,
    "the markings don't confirm it.": True,
    "the description may be off.": False,
    "that may be off.": True,
    "nothing else supports this.": True,
    "等等，不对。": True,
    "the claim is wrong.": False,
    "the given claim was wrong.": False,
    "there is no doubt.": False,
    "nothing wrong with that.": False,
    "the picture is a bit unclear.": False,
    "that fits.": False,
    "": False,
}


@pytest.mark.parametrize(("small", "expected"), DOUBTS.items())
def test_what_doubts_what_was_said(small: str, expected: bool) -> None:
    assert doubts(small) is expected


@pytest.mark.parametrize(
    ("reads", "small", "expected"),
    [
        (settles, "okay, that fits.", True),
        (settles, "i'm confident now.", True),
        (settles, "it is red.", False),
        (asks_back, "hmm, is it?", True),
        (asks_back, "is that right?", True),
        (asks_back, "what does the legend say?", False),
        (asks_back, "is it true that all of these are red?", False),
        (turns, "however, it is blue.", True),
        (turns, "let me look again.", True),
        (turns, "it is blue.", False),
        (leaves_open, " the picture is a bit unclear.", False),
        (leaves_open, " but the picture is blurred.", True),
        (leaves_open, " it might be so.", True),
        (leaves_open, " isn't it", True),
    ],
)
def test_what_turns_settles_and_asks(reads: object, small: str, expected: bool) -> None:
    assert callable(reads)
    assert reads(small) is expected


def test_an_assurance_is_no_denial() -> None:
    assert "no doubt" not in without_assurance("there is no doubt that it is red")
    assert without_assurance("it is not red") == "it is not red"
