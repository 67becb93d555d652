import re
from dataclasses import replace

import pytest

from lmms_faith.conditions import CONDITIONS, STOP_THINK, condition, fallback_of

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
    "stop_think_user",
    "wrong_think_user",
    "wrong_think_but_user",
    "correct_think_user",
    "irrelevant_think_user",
]
FALLBACKS = NAMES[18:]


def test_the_table_has_exactly_these_conditions_in_this_order() -> None:
    assert list(CONDITIONS) == NAMES
    assert (len(NAMES), len(FALLBACKS)) == (23, 5)


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
    assert {name for name in NAMES if condition(name).prefilled} == {name for name in NAMES[:18] if "think" in name}


@pytest.mark.parametrize("name", NAMES)
def test_a_prefilled_condition_without_abstention_has_one_that_stands_in_for_it(name: str) -> None:
    row = condition(name)
    assert fallback_of(name) == (f"{name}_user" if row.prefilled and not row.abstain else None)
    if name in FALLBACKS:
        stood_for = condition(name.removesuffix("_user"))
        assert fallback_of(stood_for.name) == name
        assert row.quote is not None
        assert row == replace(stood_for, name=name, kind="fallback", says=row.says, quote=row.quote)


def test_no_other_condition_is_a_fallback() -> None:
    assert [name for name in NAMES if condition(name).kind == "fallback"] == FALLBACKS


@pytest.mark.parametrize("name", NAMES)
def test_only_stopped_thoughts_leave_the_model_none_of_its_own(name: str) -> None:
    assert condition(name).thinks is not name.startswith("stop_think")


def test_stop_think_is_the_papers_text() -> None:
    assert STOP_THINK == "<think>Okay let's see. This should be the final answer.</think>"


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CONDITIONS["mine"] = CONDITIONS["base"]  # type: ignore[index]
