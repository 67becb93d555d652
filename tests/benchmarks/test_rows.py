"""Reading the cells of a row: letters, options, golds, tags of pictures."""

from __future__ import annotations

from typing import Any

import pytest

from lmms_faith.benchmarks import rows


@pytest.mark.parametrize("text", ["(C)", "C", "C.", "c)", " C "])
def test_a_letter_in_any_dress_is_an_index(text: str) -> None:
    assert rows.letter_index(text) == 2


@pytest.mark.parametrize("text", ["", "?", "CD", "3"])
def test_what_is_no_letter_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="letter") as caught:
        rows.letter_index(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "Which one?\nA. the cat\nB. the dog",
        "Which one? (A) the cat (B) the dog",
        "Which one?\nOptions: A: the cat, B: the dog",
        "Which one?\nChoices:\nA:the cat\nB:the dog",
    ],
    ids=["lines", "inline", "after a comma", "choices"],
)
def test_options_inside_a_question_are_split_off(text: str) -> None:
    assert rows.split_options(text) == ("Which one?", ("the cat", "the dog"))


def test_a_question_without_options_is_refused() -> None:
    with pytest.raises(ValueError, match="option"):
        rows.split_options("Which one?")


@pytest.mark.parametrize("empty", [None, "nan", "", float("nan")], ids=str)
def test_missing_option_columns_end_the_options(empty: Any) -> None:
    assert rows.columns_options({"A": "cat", "B": "dog", "C": empty, "D": empty}, "ABCD") == ("cat", "dog")


@pytest.mark.parametrize(("cell", "said"), [(2.0, "2.0"), (" x ", "x"), ("NaN", None), ("", None), (None, None)])
def test_an_empty_cell_says_nothing(cell: Any, said: str | None) -> None:
    assert rows.known(cell) == said


def test_a_gold_may_be_written_as_text_or_as_letter_and_text() -> None:
    assert rows.text_index("dog", ["cat", "dog"]) == 1
    assert rows.labelled_index("B. A dog", ["a cat", "a dog."]) == 1


@pytest.mark.parametrize("text", ["C. a dog", "A. a dog", "B"])
def test_a_letter_that_contradicts_its_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"answer '{text}' contradicts its options"):
        rows.labelled_index(text, ["a cat", "a dog"])


def test_the_source_of_a_list_is_read_and_nothing_else_is_run() -> None:
    assert rows.literal_options("['a', 'b']") == ("a", "b")
    with pytest.raises(ValueError, match="list"):
        rows.literal_options("__import__('os').getcwd()")


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["3 m", "4 m"], "nearest"),
        (["Yes", "No"], "opposite"),
        (["left of", "right of"], "opposite"),
        (["cat", "dog"], "seeded"),
    ],
)
def test_the_rule_follows_from_the_options(options: list[str], rule: str) -> None:
    assert rows.rule_for(options) == rule


@pytest.mark.parametrize(
    ("text", "kind"), [("-3", "integer"), ("1,200", "integer"), ("2.5", "float"), ("[1, 2]", "list"), ("45°", "text")]
)
def test_the_kind_of_a_value_follows_from_how_it_is_written(text: str, kind: str) -> None:
    assert rows.value_kind(text) == kind


def test_tags_of_pictures_are_words_where_there_are_several() -> None:
    assert rows.pictures_in("<image 1> and <image 2>", "<image 2>") == 2
    assert rows.untagged("Is <image 1> like <image 2>?", pictures=2) == "Is image 1 like image 2?"
    assert "<image" not in rows.untagged("<image 1> What is shown in <image 1>?", pictures=1)
