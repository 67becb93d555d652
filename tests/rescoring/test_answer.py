from pathlib import Path
from typing import Any

import pytest

from lmms_faith.conditions import CONDITIONS, wrong_target
from lmms_faith.item import Item
from lmms_faith.rescoring.answer import Answer, option_index, record_of, written_by
from lmms_faith.rescoring.fields import Place

SAID = "<think>It is right.</think><answer>B</answer>"


def answer(item: Item, **changed: Any) -> Answer:
    values = {
        "place": Place(Path("a"), "line 1"),
        "item": item,
        "condition": "base",
        "completion": SAID,
        "model": "m",
        "options": item.options,
    }
    return Answer(**(values | changed))


def test_a_record_is_read_by_our_parser_and_compared_under_the_items_equality(toy: Item) -> None:
    record = record_of(answer(toy, letter_logprobs=(-3.0, -0.1, -4.0, -5.0), letter_source="generated"))
    assert (record.benchmark, record.item_id, record.category, record.cluster) == (
        "toys",
        "toy-1",
        "relation",
        "image-1",
    )
    assert (record.status, record.think, record.prediction, record.said) == ("answered", "It is right.", 1, toy.gold)
    assert (record.hit, record.correct, record.misled) == ("gold", True, False)
    assert record.letter_logprobs == (-3.0, -0.1, -4.0, -5.0)


@pytest.mark.parametrize(
    ("changed", "claimed"),
    [
        pytest.param({}, "seeded", id="under base, ours"),
        pytest.param({"condition": "stop_think"}, "seeded", id="where nothing is claimed, ours"),
        pytest.param({"condition": "correct_caption"}, "seeded", id="where gold is claimed, ours"),
        pytest.param({"condition": "wrong_caption"}, None, id="where something is claimed and not told, unknown"),
        pytest.param({"condition": "typographic"}, None, id="under a condition that is not ours, unknown"),
        pytest.param({"claim_known": True}, None, id="told that there is none"),
        pytest.param(
            {"condition": "wrong_caption", "claimed": "below the star", "claim_known": True},
            "below the star",
            id="told",
        ),
    ],
)
def test_what_is_claimed(toy: Item, changed: dict[str, Any], claimed: str | None) -> None:
    record = record_of(answer(toy, **changed))
    expected = wrong_target(toy) if claimed == "seeded" else claimed
    assert record.claimed == expected
    assert record.target == (None if expected is None else toy.options.index(expected))
    assert record.misled is (None if expected is None else False)


def test_a_reference_is_what_is_claimed_of_the_item_elsewhere(toy: Item) -> None:
    other = next(one for one in toy.options if one not in (toy.gold, wrong_target(toy)))
    assert record_of(answer(toy), claimed_elsewhere=other).claimed == other
    untold = record_of(answer(toy, condition="wrong_caption"), claimed_elsewhere=other)
    assert untold.claimed is None


@pytest.mark.parametrize("seed", range(6))
def test_the_reference_is_that_of_our_own_runs_under_the_seed(toy: Item, seed: int) -> None:
    assert record_of(answer(toy, seed=seed)).claimed == wrong_target(toy, seed=seed)


def test_a_failed_request_keeps_no_answer_and_no_probability(toy: Item) -> None:
    record = record_of(answer(toy, error="timed out", letter_logprobs=(-1.0,) * 4, letter_source="forced"))
    assert (record.status, record.hit, record.said, record.correct) == ("failed", None, None, None)
    assert (record.letter_logprobs, record.letter_source, record.error) == (None, None, "timed out")


def test_a_cut_completion_is_truncated(toy: Item) -> None:
    assert record_of(answer(toy, completion="<think>Well", finish="length")).status == "truncated"
    assert record_of(answer(toy, completion="<think>Well")).status == "no_answer"


def test_only_conditions_that_leave_the_target_unsaid_claim_nothing_wrong(toy: Item) -> None:
    silent = {name for name in CONDITIONS if answer(toy, condition=name).claims_nothing_wrong}
    assert {"base", "base_abstain", "stop_think", "correct_think", "irrelevant_caption", "blank_image"} <= silent
    assert not {"wrong_caption", "wrong_think", "wrong_think_but", "wrong_caption_disclaimer_abstain"} & silent


@pytest.mark.parametrize(
    ("text", "index"), [("Red", 1), ("red", 0), (" RED. ", 0), ("blue", 2), ("green", None), ("", None)]
)
def test_an_option_is_found_as_printed_before_it_is_found_in_another_case(text: str, index: int | None) -> None:
    assert option_index(text, ("red", "Red", "blue")) == index


def test_a_record_says_what_wrote_its_log() -> None:
    assert written_by("inspect")["log"] == "inspect"
