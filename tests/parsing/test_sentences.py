from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.parsing.sentences import sentences

TEXTS = {
    "two": ("It is red. It is blue.", ["It is red.", "It is blue."]),
    "no full stop": ("It is red", ["It is red"]),
    "question": ("Red? No.", ["Red?", "No."]),
    "lines": ("- red\n\n- blue\n", ["- red", "- blue"]),
    "semicolon": ("red; blue", ["red;", "blue"]),
    "decimal": ("It is 3.5 cm.", ["It is 3.5 cm."]),
    "abbreviation": ("Use e.g. red. Or i.e. blue.", ["Use e.g. red.", "Or i.e. blue."]),
    "list number": ("1. It is red.", ["1. It is red."]),
    "label and its text": ("So it is D. below.", ["So it is D. below."]),
    "letter at the end": ("So it is D. The circle is below.", ["So it is D.", "The circle is below."]),
    "labels of a list": ("A. red\n(B. blue", ["A. red", "(B. blue"]),
    "no, after no": ("Red - no. Blue - no.", ["Red - no.", "Blue - no."]),
    "quoted": ('It says "Stop." Then it ends.', ['It says "Stop."', "Then it ends."]),
    "a quoted question goes on": ('For "Is it red?", it shows: yes.', ['For "Is it red?", it shows: yes.']),
    "dots": ("Hmm... It is red...", ["Hmm...", "It is red..."]),
    "Chinese": ("是红色的。是吗？不是", ["是红色的。", "是吗？", "不是"]),
    "bold": ("**It is red.** Yes.", ["**It is red.**", "Yes."]),
    "empty": (" \n ", []),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    assert [text[one.start : one.end] for one in sentences(text)] == expected


def test_which_sentences_ask() -> None:
    assert [one.asks for one in sentences("Is it red? No. Why not?! 是吗？ Good!")] == [True, False, True, True, False]


@given(text=st.text(alphabet='aB1.?! \n;。")'))
def test_sentences_are_in_order_and_leave_out_space_alone(text: str) -> None:
    found = sentences(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert "".join("".join(text[one.start : one.end] for one in found).split()) == "".join(text.split())
