import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.parsing.questions import Asked
from lmms_faith.parsing.sayings import Sayings
from lmms_faith.parsing.stance import taken

TITLE = "What is the title?"
TEXTS = {
    "quoted": ('The title reads "Old Harbour".', ["Old Harbour"]),
    "quoted by hooks": ("它叫「老港」。", ["老港"]),
    "bold": ("It is **Old Harbour**.", ["Old Harbour"]),
    "a bold heading": ("**Conclusion:** it is so.", []),
    "two": ('It is "Old", under it "New".', ["Old", "New"]),
    "twice the same": ('It is "Old", the "old".', ["Old"]),
    "the answer is": ("So the answer is left.", ["left"]),
    "the picture shows": ('For "What is the title?", the picture shows: Old Harbour.', ["Old Harbour"]),
    "the picture shows, but": ('For "What is the title?", the picture shows: Old, but I think', ["Old"]),
    "in the question's words": ("So the title is Old Harbour.", ["Old Harbour"]),
    "in other words": ("So the dog is on the left.", []),
    "a long statement": ("The answer is that this can be seen on the left side of it.", []),
    "in passing": ("There is a sign on the left.", []),
}


@pytest.mark.parametrize(("sentence", "expected"), TEXTS.values(), ids=TEXTS)
def test_which_texts_a_sentence_holds_out(sentence: str, expected: list[str]) -> None:
    sayings = Sayings([], question=TITLE, lists=False)
    sayings.named(sentence, sentence.lower())
    assert sayings.values == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [("So it is [1, 2].", ["[1, 2]"]), ("First [1], then [2, 3].", ["[1]", "[2, 3]"]), ("See [it].", []), ("1, 2", [])],
)
def test_which_lists_a_sentence_holds_out(sentence: str, expected: list[str]) -> None:
    sayings = Sayings([], question=TITLE, lists=True)
    sayings.named(sentence, sentence.lower())
    assert sayings.values == expected


def test_what_is_held_out_is_never_only_mentioned() -> None:
    sayings, small = Sayings([], question="", lists=False), 'it is "a".'
    found = taken(small, sayings.named(small, small))
    assert sayings.narrowed(small, found, Asked()) is found


@given(text=st.text(alphabet='"“”*[]1, ab:'), lists=st.booleans())
def test_any_text_is_read(text: str, lists: bool) -> None:
    found = Sayings([], question="a", lists=lists).named(text, text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
