"""Claims for questions of open domains."""

from __future__ import annotations

import pytest

from lmms_faith.benchmarks.wording import worded


@pytest.mark.parametrize(
    ("question", "said", "sentence"),
    [
        ("How many cups are there in the image?", "3", "The number of cups in the picture is 3."),
        ("As shown, AB is a diameter, then the size of angle ABC is ( )", "40°", "the size of angle ABC is 40°."),
    ],
)
def test_a_question_that_can_be_turned_gives_a_sentence(question: str, said: str, sentence: str) -> None:
    claim, name = worded(question)
    assert claim is not None
    assert name != "generic"
    assert claim.replace("{option}", said).endswith(sentence)


def test_any_other_question_is_left_to_the_generic_wording() -> None:
    assert worded("Why is it so?") == (None, "generic")
