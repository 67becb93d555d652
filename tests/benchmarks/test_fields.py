"""The fields of an Item that follow from its question, options and gold."""

from __future__ import annotations

import pytest

from lmms_faith.benchmarks.fields import asked, form_hint
from lmms_faith.item import Item, Kind

CLOCK = ("time", r"it is (?P<x>_ nine)", "It is {option}, not {x}.")


@pytest.mark.parametrize(
    ("options", "answer", "gold", "rule"),
    [
        (["2", "3"], "(B)", "3", "nearest"),
        (["left", "right"], 1, "right", "opposite"),
        (["cat", "dog"], "A", "cat", "seeded"),
        ([], "12", "12", "seeded"),
    ],
)
def test_gold_and_rule_follow(options: list[str], answer: str | int, gold: str, rule: str) -> None:
    item = Item(id="1", benchmark="toys", **asked("Which?", options, answer))
    assert (item.question, item.gold, item.rule) == ("Which?", gold, rule)


def test_the_claim_is_the_benchmarks_own_where_it_fits() -> None:
    assert asked("It is _ nine.", ["half", "quarter"], "A", [CLOCK])["template"] == "time"
    assert asked("How many cups are there?", ["2", "3"], "A", [CLOCK])["template"] == "count"


def test_wrong_answers_to_prefer_come_with_their_wording() -> None:
    options = ["half", "quarter", "noon"]
    clock = asked("It is _ nine.", options, "A", [CLOCK], rivals={"time": ("quarter",)})
    assert (clock["rule"], clock["rivals"]) == ("rivals", ("quarter",))
    other = asked("Which?", options, "A", [CLOCK], rivals={"time": ("quarter",)})
    assert (other["rule"], other["rivals"]) == ("seeded", ())


@pytest.mark.parametrize(("kind", "found"), [(None, "integer"), ("float", "float"), ("text", "text")])
def test_the_data_may_name_the_kind(kind: Kind | None, found: str) -> None:
    assert asked("What?", [], "3", kind=kind)["kind"] == found


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of answer 'number'; expected one of: choice, integer"):
        asked("What?", [], "3", kind="number")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "precision", "hint"),
    [
        ("float", 1, "Hint: The value asked for is a number with 1 decimal place."),
        ("float", 2, "Hint: The value asked for is a number with 2 decimal places."),
        ("float", None, None),
        ("list", None, "Hint: The value asked for is a Python list, such as [1, 2, 3]."),
        ("integer", 2, None),
        ("text", None, None),
    ],
)
def test_a_form_that_can_not_be_known_is_said(kind: Kind, precision: int | None, hint: str | None) -> None:
    assert form_hint(kind, precision) == hint
