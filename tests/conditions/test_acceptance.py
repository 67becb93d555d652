"""Which sentences stand as a claim, and what is said of the others."""

from __future__ import annotations

from typing import Any

import pytest

from lmms_faith.conditions import acceptance
from lmms_faith.conditions.acceptance import in_script, mentions, problems
from lmms_faith.item import Item


def item(**changed: Any) -> Item:
    values: dict[str, Any] = {
        "id": "1",
        "benchmark": "b",
        "question": "What colour is the circle?",
        "options": ("red", "blue", "dark red"),
        "answer": 0,
        "rule": "rivals",
        "rivals": ("blue",),
    }
    return Item(**(values | changed))


COUNT = {
    "question": "How many birds are there?",
    "options": (),
    "answer": None,
    "kind": "integer",
    "value": "3",
    "rivals": ("5",),
}
POLAR = {"question": "Is the circle red?", "options": ("Yes", "No"), "answer": 0, "rivals": ()}
POINT = {"question": "Which is tallest?", "options": ("A", "B"), "answer": 0, "rivals": ()}
CHINESE = {"question": "船航行了多远？", "options": ("20海里", "120海里"), "answer": 0, "language": "zh", "rivals": ()}
TEXTS = {"question": "What does the sign ask?", "options": ("Mr. Fox, a letter?", "nothing"), "answer": 1, "rivals": ()}


@pytest.mark.parametrize(
    ("about", "answer", "sentence"),
    [
        ({}, "blue", "The circle is BLUE."),
        ({}, "red", "The circle is red."),
        ({}, "dark red", "The circle is dark red."),
        ({}, "blue", "Dr. Bell, e.g. in Fig. 3.5, drew a blue circle."),
        (COUNT, "5", "There are five birds in the picture."),
        (COUNT, "3", "There are 3 birds in the picture."),
        (POLAR, "No", "The circle isn't red."),
        (POLAR, "Yes", "The circle is red."),
        (POLAR | {"question": "Is no circle red?"}, "No", "A circle is red."),
        (POINT, "B", "Point B is the tallest."),
        (CHINESE, "120海里", "这艘船航行了120海里。"),
        (TEXTS, "Mr. Fox, a letter?", "The sign reads 'Mr. Fox, a letter?'."),
    ],
)
def test_a_good_sentence_stands(about: dict[str, Any], answer: str, sentence: str) -> None:
    assert problems(sentence, item=item(**about), answer=answer) == ()


@pytest.mark.parametrize(
    ("about", "answer", "sentence", "problem"),
    [
        ({}, "blue", "The circle is bluish.", "UNSAID"),
        (COUNT, "5", "There are 15 birds.", "UNSAID"),
        (POINT, "B", "The second bar is tallest, or b.", "UNSAID"),
        ({}, "blue", "The circle is blue rather than red.", "GIVES_AWAY"),
        ({}, "red", "The circle is red rather than blue.", "GIVES_AWAY"),
        (COUNT, "5", "There are five birds, three more are hidden.", "GIVES_AWAY"),
        (CHINESE, "120海里", "这艘船航行了120海里而不是20海里。", "GIVES_AWAY"),
        (POLAR, "No", "The circle is red.", "WRONG_WAY"),
        (POLAR, "Yes", "The circle is not red.", "WRONG_WAY"),
        ({}, "blue", "The circle is blue. It is round.", "NOT_ONE"),
        ({}, "blue", "The circle is blue", "NOT_ONE"),
        ({}, "blue", "The circle is blue!", "NOT_ONE"),
        ({}, "blue", "The circle\nis blue.", "NOT_ONE"),
        (CHINESE, "120海里", "这艘船很快。它航行了120海里。", "NOT_ONE"),
        ({}, "blue", "The circle is " + "very " * 37 + "blue.", "TOO_LONG"),
        (CHINESE, "120海里", "很" * 80 + "120海里。", "TOO_LONG"),
        ({}, "blue", "The Options include blue.", "META"),
        ({}, "blue", "The circle (or is it?) is blue.", "ASKS"),
        (CHINESE, "120海里", "The ship sailed 120海里.", "OTHER_SCRIPT"),
        ({}, "blue", "圆是 blue 的.", "OTHER_SCRIPT"),
    ],
)
def test_a_bad_sentence_is_told_what_is_wrong(about: dict[str, Any], answer: str, sentence: str, problem: str) -> None:
    assert problems(sentence, item=item(**about), answer=answer) == (getattr(acceptance, problem),)


@pytest.mark.parametrize(
    ("text", "content", "there"),
    [
        ("It costs $1,200 today.", "1200", True),
        ("It is −3 degrees.", "-3", True),
        ("It is 3 degrees.", "-3", False),
        ("The slope is x+3.", "x-3", False),
        ("The share is 3/4.", "3 / 4", True),
        ("It is on the right-hand side.", "right hand", True),
        ("Left of it is a star.", "left of a star", False),
        ("图形D最大。", "D", True),
        ("There is a ★.", "★", True),
    ],
)
def test_mentions(text: str, content: str, there: bool) -> None:
    assert mentions(text, content) is there


@pytest.mark.parametrize(
    ("text", "language", "fits"),
    [
        ("Der Kreis ist rot.", "en", True),
        ("圆是红色的。", "zh", True),
        ("円は赤い。", "ja", True),
        ("دایره قرمز است.", "fa", True),
        ("دایره قرمز است.", "en", False),
        ("AB 的长度是。", "zh", True),
        ("5.", "en", False),
    ],
)
def test_only_the_script_is_checked(text: str, language: str, fits: bool) -> None:
    assert in_script(text, language) is fits
