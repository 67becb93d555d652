from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import LETTERS, Item, Prompt, normalise, option_index

GOOD: dict[str, Any] = {
    "id": "dog-7",
    "benchmark": "toys",
    "question": "Where is the dog?",
    "options": ("left", "right", "above"),
    "answer": 0,
}

FREE: dict[str, Any] = {"kind": "integer", "options": (), "answer": None, "value": "3"}


@pytest.mark.parametrize(
    ("changed", "value", "way_out"),
    [
        pytest.param(
            {"answer": 3}, "answer index 3 is outside its 3 options", "count from 0", id="answer past the end"
        ),
        pytest.param({"answer": -1}, "answer index -1 is outside its 3", "count from 0", id="answer below 0"),
        pytest.param({"options": ("left",)}, "has 1 options", "give 2 to 11", id="one option"),
        pytest.param({"options": ()}, "has 0 options", "give 2 to 11", id="no option"),
        pytest.param({"options": tuple(LETTERS)}, "has 12 options", "give 2 to 11", id="twelve options"),
        pytest.param(
            {"options": ("left", "left", "up")}, "A and B both equal the gold 'left'", "drop", id="gold twice"
        ),
        pytest.param({"options": ("left", "up", "LEFT")}, "A and C both equal the gold 'left'", "drop", id="by case"),
        pytest.param({"options": ("left", " left ", "up")}, "A and B both equal the gold", "drop", id="by space"),
        pytest.param({"options": ("left", "left.", "up")}, "A and B both equal the gold", "drop", id="by full stop"),
        pytest.param({"options": ("left", "Left .", "up")}, "A and B both equal the gold", "drop", id="by all three"),
        pytest.param({"answer": None}, "answer index None is outside its 3", "count from 0", id="no answer"),
        pytest.param({"kind": "integer"}, "a integer item takes a value and no options; value is None", "", id="both"),
        pytest.param({**FREE, "value": None}, "takes a value and no options; value is None", "", id="no value"),
        pytest.param({**FREE, "value": " "}, "takes a value and no options; value is ' '", "", id="blank value"),
        pytest.param({**FREE, "answer": 0}, "takes a value and no options", "", id="value and index"),
        pytest.param({"claim": "It is there."}, "claim 'It is there.'", "say where the option goes", id="claim"),
    ],
)
def test_a_bad_item_is_refused_in_one_line_that_names_item_value_and_way_out(
    changed: dict[str, Any], value: str, way_out: str
) -> None:
    with pytest.raises(ValueError, match="item 'dog-7': ") as caught:
        Item(**(GOOD | changed))
    message = str(caught.value)
    assert value in message
    assert way_out in message
    assert "\n" not in message


@pytest.mark.parametrize("n", [2, 11])
def test_the_fewest_and_the_most_options_are_taken(n: int) -> None:
    assert len(Item(**(GOOD | {"options": tuple(str(i) for i in range(n))})).options) == n


def test_eleven_options_leave_a_letter_for_abstention() -> None:
    assert len(LETTERS) == 12


def test_two_equal_wrong_options_are_no_error() -> None:
    assert Item(**(GOOD | {"options": ("left", "up", "up")})).gold == "left"


@pytest.mark.parametrize(
    ("given_", "cluster", "family"),
    [
        pytest.param({}, "dog-7", "dog-7", id="both default to the id"),
        pytest.param({"cluster": "image-3"}, "image-3", "dog-7", id="cluster given"),
        pytest.param({"family": "dog"}, "dog-7", "dog", id="family given"),
    ],
)
def test_cluster_and_family(given_: dict[str, str], cluster: str, family: str) -> None:
    item = Item(**(GOOD | given_))
    assert (item.cluster, item.family) == (cluster, family)


def test_gold_is_the_text_of_the_answer() -> None:
    assert Item(**(GOOD | {"answer": 2})).gold == "above"


def test_gold_of_a_free_form_item_is_its_value() -> None:
    item = Item(**(GOOD | FREE))
    assert (item.gold, item.is_binary) == ("3", False)


@pytest.mark.parametrize(("options", "binary"), [(("left", "up"), True), (("left", "up", "down"), False)])
def test_two_options_make_an_item_binary(options: tuple[str, ...], binary: bool) -> None:
    assert Item(**(GOOD | {"options": options})).is_binary is binary


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Item(**GOOD), id="item"),
        pytest.param(
            Prompt(item_id="a", condition="base", text="?", options=("x", "y"), target=0, claimed="x"), id="prompt"
        ),
    ],
)
def test_values_cannot_be_changed(value: Item | Prompt) -> None:
    with pytest.raises(FrozenInstanceError):
        value.options = ()  # type: ignore[misc]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Left", "left", True),
        ("left of", " left  of ", True),
        ("left.", "left", True),
        ("left .", "left", True),
        ("STRASSE", "straße", True),
        ("left", "left of", False),
        ("2.5", "25", False),
        ("-1", "1", False),
    ],
)
def test_options_are_compared_without_case_space_and_final_full_stop(one: str, other: str, same: bool) -> None:
    assert (normalise(one) == normalise(other)) is same


@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("text", "index"), [("Red", 1), ("red", 0), (" RED. ", 0), ("blue", 2), ("green", None), ("", None)]
)
def test_an_option_is_found_as_printed_before_it_is_found_in_another_case(text: str, index: int | None) -> None:
    assert option_index(text, ("red", "Red", "blue")) == index
