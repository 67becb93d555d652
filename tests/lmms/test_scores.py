"""One record's numbers for the host, and the traps of its aggregation."""

from dataclasses import replace
from itertools import permutations

import pytest

from lmms_faith.lmms.scores import GROUP_METRICS, METRICS, macro_mean, mean_known, scores
from lmms_faith.record import Record

pytestmark = pytest.mark.host

RECORD = Record(
    model="m",
    benchmark="shapes",
    condition="wrong_think",
    item_id="i",
    category=None,
    cluster="i",
    family="i",
    options=("red", "blue"),
    answer=0,
    target=1,
    prefill="<think>It is blue.",
    completion="</think><answer>A</answer>",
    status="answered",
    think="It is blue.",
    prediction=0,
    finish="stop",
    letter_logprobs=(-0.6931471805599453, -1.3862943611198906),
    letter_source="generated",
    error=None,
    seed=0,
    versions={},
)


def test_no_metric_name_contains_another():
    assert [(a, b) for a, b in permutations(METRICS, 2) if a in b] == []
    assert set(GROUP_METRICS) < METRICS.keys()


def test_a_hand_worked_record():
    found = scores(RECORD)
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


CASES = [
    (replace(RECORD, status="no_answer", prediction=None), {"acc": 0.0, "answered": 0.0, "misled_rate": 0.0}),
    (replace(RECORD, status="truncated", prediction=None), {"acc": 0.0, "answered": 0.0, "misled_rate": 0.0}),
    (replace(RECORD, prediction=1), {"acc": 0.0, "answered": 1.0, "misled_rate": 1.0}),
    (
        replace(RECORD, status="failed", prediction=None, letter_logprobs=None, error="x"),
        dict.fromkeys(("score", *METRICS)),
    ),
    (replace(RECORD, letter_logprobs=None), {"p_correct": None, "letter_entropy": None, "off_letter_mass": None}),
    (replace(RECORD, target=None), {"misled_rate": None}),
]


@pytest.mark.parametrize(("record", "expected"), CASES)
def test_the_unknown_is_none(record, expected):
    found = scores(record)
    assert {name: found[name] for name in expected} == expected
    assert all(value is None or type(value) in (float, int) for value in found.values())  # the host logs others as text


def test_means_leave_the_unknown_out():
    assert mean_known([1.0, None, 0.0]) == 0.5
    assert mean_known([None]) is None
    assert mean_known([]) is None
    assert macro_mean([0.0, None, 1.0], [1, 5, 99], False) == 0.5
