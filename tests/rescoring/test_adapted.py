from typing import Any

import pytest

from lmms_faith.rescoring.adapted import adapted, lacking

CV_BENCH = {
    "idx": 3,
    "task": "Count",
    "question": "How many cups are in the image?",
    "choices": ["2", "3"],
    "answer": "(B)",
    "source": "COCO",
}
MMBENCH = {
    "index": 1000007.0,
    "question": "What is drawn?",
    "hint": float("nan"),
    "A": "a star",
    "B": "a disc",
    "C": float("nan"),
    "D": None,
    "answer": "B",
    "category": "attribute",
    "l2-category": "fine",
}


def test_a_row_that_has_every_column_lacks_none() -> None:
    assert lacking("cv_bench", CV_BENCH) == []
    assert lacking("mmbench_en_dev", MMBENCH) == []


@pytest.mark.parametrize(("row", "missing"), [({}, 6), ({"idx": 1, "IMAGE": 2}, 5)])
def test_the_columns_that_are_missing_are_named(row: dict[str, Any], missing: int) -> None:
    found = lacking("cv_bench", row)
    assert len(found) == missing
    assert "choices" in found
    assert "image" not in found


def test_an_item_is_the_adapters() -> None:
    item = adapted("cv_bench", CV_BENCH, None)
    assert (item.id, item.benchmark, item.options, item.gold) == ("3", "cv_bench", ("2", "3"), "3")
    assert (item.category, item.extras, item.rule) == ("Count", {"source": "COCO"}, "nearest")
    assert item.claim == "The number of cups in the image is {option}."


def test_cells_of_a_spreadsheet_are_read_as_what_they_stand_for() -> None:
    item = adapted("mmbench_en_dev", MMBENCH, None)
    assert (item.id, item.family, item.cluster, item.options) == ("1000007", "7", "7", ("a star", "a disc"))
    assert (item.context, item.extras["ability"], item.extras["turn"]) == (None, "fine", "1")
    listed = adapted("cv_bench", CV_BENCH | {"choices": "['2', '3']", "question": 12}, None)
    assert (listed.options, listed.question) == (("2", "3"), "12")


def test_items_without_an_id_are_named_by_their_row() -> None:
    row = {"question": "What is it?", "options": ["a", "b"], "answer": "1"}
    assert adapted("ai2d", row, 5).id == "5"
    with pytest.raises(ValueError, match="faith_row"):
        adapted("ai2d", row, None)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"answer": None}, "answer index None is outside"),
        ({"answer": "(Z)"}, "'\\(Z\\)' is no option letter"),
        ({"choices": ["2"]}, "has 1 options"),
        ({"choices": "two, three"}, "'two, three' is no list of options"),
        ({"choices": 7}, "Error"),
    ],
)
def test_a_row_that_makes_no_item_says_why(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        adapted("cv_bench", CV_BENCH | changed, None)


def test_an_unknown_benchmark_is_named() -> None:
    with pytest.raises(ValueError, match="unknown benchmark 'no_such'"):
        lacking("no_such", {})
