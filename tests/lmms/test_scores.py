"""One record's numbers for the host, and the traps of its aggregation."""

from dataclasses import replace
from itertools import permutations

import pytest

from lmms_faith.lmms.scores import GROUP_METRICS, METRICS, macro_mean, mean_known, scores

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def right(make_record):
    """A right answer of two options, and what the letters' probabilities were: 1/2, 1/4, and 1/4 on no letter."""
    return make_record(
        condition="wrong_think",
        options=("red", "blue"),
        prefill="<think>It is blue.",
        completion="</think><answer>A</answer>",
        think="It is blue.",
        letter_logprobs=(-0.6931471805599453, -1.3862943611198906),
        letter_source="generated",
    )


def test_no_metric_name_contains_another():
    assert [(a, b) for a, b in permutations(METRICS, 2) if a in b] == []
    assert set(GROUP_METRICS) < METRICS.keys()


def test_a_hand_worked_record(right):
    found = scores(right)
    assert found["p_correct"] == pytest.approx(2 / 3)
    assert found["off_letter_mass"] == pytest.approx(1 / 4)
    assert found["letter_entropy"] == pytest.approx(0.6365, abs=1e-4)  # of (2/3, 1/3)
    assert {name: found[name] for name in ("score", "acc", "answered", "misled_rate")} == {
        "score": 1.0,
        "acc": 1.0,
        "answered": 1.0,
        "misled_rate": 0.0,
    }
    assert found.keys() - {"score"} == METRICS.keys()


NOT_ANSWERED = {"prediction": None, "said": None, "hit": None}
CASES = {
    "no answer": ({"status": "no_answer", **NOT_ANSWERED}, {"acc": 0.0, "answered": 0.0, "misled_rate": 0.0}),
    "truncated": ({"status": "truncated", **NOT_ANSWERED}, {"acc": 0.0, "answered": 0.0, "misled_rate": 0.0}),
    "misled": (
        {"prediction": 1, "said": "blue", "hit": "claimed"},
        {"acc": 0.0, "answered": 1.0, "misled_rate": 1.0},
    ),
    "failed": (
        {"status": "failed", **NOT_ANSWERED, "letter_logprobs": None, "error": "x"},
        dict.fromkeys(("score", *METRICS)),
    ),
    "no letters": ({"letter_logprobs": None}, {"p_correct": None, "letter_entropy": None, "off_letter_mass": None}),
    "no claim": ({"target": None, "claimed": None}, {"misled_rate": None}),
}


@pytest.mark.parametrize(("changed", "expected"), CASES.values(), ids=CASES.keys())
def test_the_unknown_is_none(right, changed, expected):
    found = scores(replace(right, **changed))
    assert {name: found[name] for name in expected} == expected
    assert_plain(found)


def assert_plain(found):
    """The host logs anything else as text."""
    assert all(value is None or type(value) in (float, int) for value in found.values())


@pytest.mark.parametrize(("hit", "acc", "misled"), [("gold", 1.0, 0.0), ("claimed", 0.0, 1.0), ("other", 0.0, 0.0)])
def test_a_value_is_scored_by_what_it_hits_and_has_no_letters(right, hit, acc, misled):
    free = {"kind": "integer", "options": (), "answer": None, "target": None, "prediction": None}
    values = {"gold": "3", "claimed": "4", "said": "3.0", "hit": hit, "value_logprobs": (-0.1, -2.5)}
    found = scores(replace(right, **free, **values, letter_logprobs=None, letter_source=None))
    assert (found["score"], found["acc"], found["answered"], found["misled_rate"]) == (acc, acc, 1.0, misled)
    assert {found[name] for name in ("letter_entropy", "p_correct", "off_letter_mass")} == {None}
    assert_plain(found)


def test_means_leave_the_unknown_out():
    assert mean_known([1.0, None, 0.0]) == 0.5
    assert mean_known([None]) is None
    assert mean_known([]) is None
    assert macro_mean([0.0, None, 1.0], [1, 5, 99], False) == 0.5
