"""One record as numbers, case by case."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lmms_faith.measures import COLUMNS as TABULATED
from lmms_faith.metrics import brier_multi
from lmms_faith.record import Opinion, Record
from lmms_faith.summary.columns import COLUMNS, FLAGS, REALS, WHOLE, Judged, numbers

Make = Callable[..., Record]


def logs(*probabilities: float) -> tuple[float, ...]:
    return tuple(map(math.log, probabilities))


HALF = logs(0.5, 0.25, 0.25)
SAYS_A = Opinion(outcome="decided", conclusion=0, by="rule-1")
FREE: dict[str, Any] = {
    **{"kind": "float", "options": (), "answer": None, "target": None, "prediction": None},
    **{"gold": "0.50", "claimed": "0.60", "said": None, "hit": None},
}
SILENT: dict[str, Any] = {"prediction": None, "think": None, "completion": ""}


def one(record: Record, opinion: Opinion | None = None, extracted: bool | None = None) -> dict[str, float]:
    return {name: float(values[0]) for name, values in numbers([Judged(record, opinion, extracted)]).items()}


def test_the_columns_are_those_that_measures_take() -> None:
    assert {*COLUMNS, "js_shift"} == TABULATED.keys()
    assert len(COLUMNS) == len({*FLAGS, *WHOLE, *REALS})


# Gold is option 0, the claim option 1. What is not named is unknown (nan).
CASES: dict[str, tuple[dict[str, Any], Opinion | None, dict[str, float]]] = {
    "right, judged": (
        {},
        SAYS_A,
        {"correct": 1, "answered": 1, "misled": 0, "agree": 1, "judgeable": 1, "truncated": 0, "failed": 0}
        | {"prediction": 0, "thought_length": 3},
    ),
    "misled, and the thought is not": (
        {"prediction": 1},
        SAYS_A,
        {"correct": 0, "answered": 1, "misled": 1, "agree": 0, "judgeable": 1, "truncated": 0, "failed": 0}
        | {"prediction": 1, "thought_length": 3},
    ),
    "undecided": (
        {"prediction": 2},
        Opinion(outcome="abstained"),
        {"correct": 0, "answered": 1, "misled": 0, "judgeable": 1, "truncated": 0, "failed": 0}
        | {"prediction": 2, "thought_length": 3},
    ),
    "truncated in its thought": (
        {"prediction": None, "status": "truncated"},
        SAYS_A,
        {"correct": 0, "answered": 0, "misled": 0, "judgeable": 0, "truncated": 1, "failed": 0, "thought_length": 3},
    ),
    "no answer": (
        {**SILENT, "status": "no_answer"},
        None,
        {"correct": 0, "answered": 0, "misled": 0, "judgeable": 0, "truncated": 0, "failed": 0},
    ),
    "failed": ({**SILENT, "status": "failed"}, None, {"failed": 1}),
    "nothing to claim": (
        {"target": None},
        None,
        {"correct": 1, "answered": 1, "judgeable": 1, "truncated": 0, "failed": 0, "prediction": 0}
        | {"thought_length": 3},
    ),
    "all reasoning was given": (
        {"prefill": "<think>It is red.</think>"},
        SAYS_A,
        {"correct": 1, "answered": 1, "misled": 0, "judgeable": 0, "truncated": 0, "failed": 0, "prediction": 0},
    ),
}


@pytest.mark.parametrize(("changed", "opinion", "expected"), CASES.values(), ids=CASES.keys())
def test_cases(changed: dict[str, Any], opinion: Opinion | None, expected: dict[str, float], make_record: Make) -> None:
    found = one(make_record(**changed), opinion)
    found.pop("template")
    assert {name: value for name, value in found.items() if not math.isnan(value)} == expected


def test_letters(make_record: Make) -> None:
    found = one(make_record(prediction=2, letter_logprobs=HALF, letter_source="forced"))
    expected = {
        **{"letter_entropy": 1.5 * math.log(2), "normalised_entropy": 1.5 * math.log(2) / math.log(3)},
        **{
            "p_correct": 0.5,
            "p_target": 0.25,
            "confidence": 0.25,
            "max_p": 0.5,
            "margin": 0.25,
            "off_letter_mass": 0.0,
        },
        **{"forced": 1.0, "brier_multi": brier_multi(HALF, 0), "p_correct_measured": 0.5},
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


BOUNDED = {
    "little open": (logs(0.999, 0.0001, 0.0005), (False, True, True), 0, {"bounded": 1, "loose": 0}),
    "gold open": (logs(0.0001, 0.999, 0.0005), (True, False, True), 1, {"bounded": 1, "loose": 0}),
    "much open": (logs(0.9, 0.01, 0.01), (False, True, True), 0, {"bounded": 1, "loose": 1}),
    "nothing open": (HALF, None, 0, {"bounded": 0, "loose": 0}),
}


@pytest.mark.parametrize(("letters", "bounds", "said", "flags"), BOUNDED.values(), ids=BOUNDED)
def test_bounded_letters(letters: Any, bounds: Any, said: int, flags: dict[str, float], make_record: Make) -> None:
    found = one(make_record(prediction=said, letter_logprobs=letters, letter_bounds=bounds))
    assert {name: found[name] for name in flags} == flags
    of_letters = ("letter_entropy", "p_correct", "p_target", "confidence", "margin", "off_letter_mass", "brier_multi")
    assert [math.isnan(found[name]) for name in of_letters] == [bool(flags["loose"])] * len(of_letters)
    assert math.isnan(found["p_correct_measured"]) == bool(flags["loose"] or (bounds and bounds[0]))


def test_letters_of_different_number_come_in_the_order_of_the_records(make_record: Make) -> None:
    two = make_record(options=("red", "blue"), letter_logprobs=(math.log(0.8), math.log(0.2)))
    three = make_record(letter_logprobs=HALF, prediction=None, status="no_answer")
    found = numbers([Judged(three), Judged(two), Judged(make_record()), Judged(three)])
    assert found["p_correct"] == pytest.approx([0.5, 0.8, math.nan, 0.5], nan_ok=True)
    assert found["confidence"] == pytest.approx([math.nan, 0.8, math.nan, math.nan], nan_ok=True)


def test_values_of_free_form_items(make_record: Make) -> None:
    both = make_record(**FREE | {"value_logprobs": (math.log(0.25), math.log(0.5))})
    gold = make_record(**FREE | {"value_logprobs": (math.log(0.75),), "claimed": None})
    found = numbers([Judged(both), Judged(gold)])
    assert found["p_gold_value"] == pytest.approx([0.25, 0.75])
    assert found["p_claimed_value"] == pytest.approx([0.5, math.nan], nan_ok=True)
    assert np.isnan(found["letter_entropy"]).all()


def test_abstaining_is_known_only_where_it_is_an_option(make_record: Make) -> None:
    offered = {"options": ("red", "blue", "green", "I'm not sure")}
    assert one(make_record(prediction=3, **offered))["abstained"] == 1
    assert one(make_record(prediction=0, **offered))["abstained"] == 0
    assert one(make_record(prediction=None, status="truncated", **offered))["abstained"] == 0
    assert math.isnan(one(make_record())["abstained"])


def test_extracted_is_known_of_answers_where_it_was_asked_for(make_record: Make) -> None:
    assert one(make_record(), extracted=True)["extracted"] == 1
    assert one(make_record(), extracted=False)["extracted"] == 0
    assert math.isnan(one(make_record())["extracted"])
    assert math.isnan(one(make_record(prediction=None), extracted=False)["extracted"])


def said(text: str, hit: str) -> dict[str, Any]:
    return FREE | {"said": text, "hit": hit}


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        pytest.param(said("0.5", "gold"), said("1/2", "gold"), True, id="gold, written otherwise"),
        pytest.param(said("0.504", "gold"), said("0.5", "gold"), True, id="gold, under its precision"),
        pytest.param(said("0.6", "claimed"), said("60e-2", "claimed"), True, id="the claim, written otherwise"),
        pytest.param(said("7 cm", "other"), said("7.0", "other"), True, id="another number, written otherwise"),
        pytest.param(said("0", "other"), said("-0.0", "other"), True, id="nought"),
        pytest.param(said("the Cat.", "other"), said("cat", "other"), True, id="the same word"),
        pytest.param(said("0.5", "gold"), said("0.6", "claimed"), False, id="gold, then the claim"),
        pytest.param(said("7", "other"), said("8", "other"), False, id="two other numbers"),
        pytest.param(said("1e999999999", "other"), said("8", "other"), False, id="a number beyond all"),
    ],
)
def test_two_answers_share_a_number_where_they_are_one_value(
    before: dict[str, Any], after: dict[str, Any], same: bool, make_record: Make
) -> None:
    first, second = (one(make_record(**fields))["prediction"] for fields in (before, after))
    assert (first == second) is same
    assert 0 <= first < 2**24
