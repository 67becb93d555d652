import pytest

from lmms_faith.parsing.questions import Asked, asked


@pytest.mark.parametrize(
    ("question", "negative", "supposing", "years"),
    [
        ("Which colour is it?", False, False, False),
        ("Which colour is NOT present?", True, False, False),
        ("All of these are there except which?", True, False, False),
        ("Which one isn't there?", True, False, False),
        ("If the rabbits disappear, what happens?", False, True, False),
        ("What would be next?", False, True, False),
        ("In which year was it?", False, False, True),
        ("", False, False, False),
    ],
)
def test_what_a_question_asks_for(question: str, negative: bool, supposing: bool, years: bool) -> None:
    found = asked(question)
    assert (found.negative, found.supposing, found.years) == (negative, supposing, years)


def test_its_words() -> None:
    found = asked("Are the two lines parallel? True or false?")
    assert found.words == {"two", "lin", "parallel"}
    assert found.order[:4] == ("are", "the", "two", "lin")
    assert asked("") == Asked()
