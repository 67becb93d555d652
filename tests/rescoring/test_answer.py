from pathlib import Path
from typing import Any

import pytest

from lmms_faith.conditions import CONDITIONS, wrong_target
from lmms_faith.item import Item
from lmms_faith.recording import Generation
from lmms_faith.rescoring.answer import Answer, record_of, written_by
from lmms_faith.rescoring.fields import Place

SAID = "<think>It is right.</think><answer>B</answer>"


def answer(item: Item, **changed: Any) -> Answer:
    values = {
        "place": Place(Path("a"), "line 1"),
        "item": item,
        "condition": "base",
        "options": item.options,
        "generation": Generation(completion=SAID, model="m"),
    }
    return Answer(**(values | changed))


def test_the_record_says_what_the_log_says(toy: Item) -> None:
    record = record_of(answer(toy, condition="mine", prefill="<think>", seed=3, versions=written_by("plain")))
    assert (record.model, record.condition, record.item_id, record.prefill) == ("m", "mine", "toy-1", "<think>")
    assert (record.completion, record.options, record.seed) == (SAID, toy.options, 3)
    assert (record.hit, record.versions) == ("gold", written_by("plain"))


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


def test_only_conditions_that_leave_the_target_unsaid_claim_nothing_wrong(toy: Item) -> None:
    silent = {name for name in CONDITIONS if answer(toy, condition=name).claims_nothing_wrong}
    assert {"base", "base_abstain", "stop_think", "correct_think", "irrelevant_caption", "blank_image"} <= silent
    assert not {"wrong_caption", "wrong_think", "wrong_think_but", "wrong_caption_disclaimer_abstain"} & silent


def test_a_record_says_what_wrote_its_log() -> None:
    assert written_by("inspect")["log"] == "inspect"
