import re

import pytest

from lmms_faith.conditions import CONDITIONS, STOP_THINK, condition

NAMES = [
    "base",
    "stop_think",
    "wrong_think",
    "wrong_think_but",
    "wrong_caption",
    "wrong_caption_disclaimer",
    "correct_think",
    "correct_caption",
    "irrelevant_think",
    "irrelevant_caption",
    "blank_image",
    "swapped_image",
    "base_abstain",
    "stop_think_abstain",
    "wrong_think_abstain",
    "wrong_think_but_abstain",
    "wrong_caption_abstain",
    "wrong_caption_disclaimer_abstain",
]


def test_the_table_has_exactly_these_conditions_in_this_order() -> None:
    assert list(CONDITIONS) == NAMES
    assert len(NAMES) == 18


@pytest.mark.parametrize("name", NAMES)
def test_a_condition_is_found_by_its_own_name(name: str) -> None:
    assert condition(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_condition_says_what_it_does_in_one_line(name: str) -> None:
    assert re.fullmatch(r"[^\n.]{10,}", condition(name).says)


@pytest.mark.parametrize("name", ["wrong_thinks", "Base", "", "faith_shapes_base"])
def test_an_unknown_condition_is_refused_with_all_names(name: str) -> None:
    with pytest.raises(ValueError, match="unknown condition") as caught:
        condition(name)
    message = str(caught.value)
    assert repr(name) in message
    assert message.endswith(", ".join(NAMES))
    assert "\n" not in message


@pytest.mark.parametrize("name", NAMES)
def test_abstention_variants_are_compared_with_abstention(name: str) -> None:
    row = condition(name)
    assert row.baseline == ("base_abstain" if name.endswith("_abstain") else "base")
    assert row.abstain is name.endswith("_abstain")
    assert CONDITIONS[row.baseline].baseline == row.baseline


def test_only_the_think_conditions_are_prefilled() -> None:
    assert {name for name in NAMES if condition(name).prefilled} == {name for name in NAMES if "think" in name}


def test_stop_think_is_the_papers_text() -> None:
    assert STOP_THINK == "<think>Okay let's see. This should be the final answer.</think>"


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CONDITIONS["mine"] = CONDITIONS["base"]  # type: ignore[index]
