import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from lmms_faith import metrics
from lmms_faith.conditions import CONDITIONS
from lmms_faith.record import Record, Verdict
from lmms_faith.summary import MEASURES, Row, summarise

Make = Callable[..., Record]
NAN = math.nan

HALF = tuple(math.log(p) for p in (0.5, 0.25, 0.25))
TARGET = tuple(math.log(p) for p in (0.1, 0.4, 0.3))

# Gold is 0, the claimed wrong option 1. Item 4 failed under base, item 5 was not asked there.
BASE: list[dict[str, Any]] = [
    {"item_id": "1", "prediction": 0, "letter_logprobs": HALF, "letter_source": "generated"},
    {"item_id": "2", "prediction": 0},
    {"item_id": "3", "prediction": 1},
    {"item_id": "4", "prediction": None, "status": "failed", "error": "time out"},
]
CAPTION: list[dict[str, Any]] = [
    {"item_id": "5", "prediction": 0},
    {"item_id": "4", "prediction": 0},
    {"item_id": "3", "prediction": None, "status": "truncated", "finish": "length"},
    {"item_id": "2", "prediction": 0},
    {"item_id": "1", "prediction": 1, "letter_logprobs": TARGET, "letter_source": "forced"},
]
CONCLUSIONS = {"1": 1, "2": 1, "3": 0, "4": 0, "5": None}

EXPECTED = {
    "base": {
        "answered": (1.0, 3),
        "extracted": (NAN, 0),
        "acc": (2 / 3, 3),
        "acc_drop": (0.0, 3),
        "misled_rate": (1 / 3, 3),
        "flip_rate": (0.0, 3),
        "right_to_wrong": (0.0, 2),
        "wrong_to_right": (0.0, 1),
        "consistency": (NAN, 0),
        "consistent_acc": (NAN, 0),
        "letter_entropy": (1.5 * math.log(2), 1),
        "p_correct": (0.5, 1),
        "p_target": (0.25, 1),
        "p_gold_value": (NAN, 0),
        "p_claimed_value": (NAN, 0),
        "off_letter_mass": (0.0, 1),
        "forced": (0.0, 1),
        "abstained": (NAN, 0),
        "truncated": (0.0, 3),
        "failed": (1 / 4, 4),
    },
    "wrong_caption": {
        "answered": (4 / 5, 5),
        "extracted": (NAN, 0),
        "acc": (3 / 5, 5),
        "acc_drop": (1 / 3, 3),  # items 1, 2, 3: 1-0, 1-1, 0-0
        "misled_rate": (1 / 5, 5),
        "flip_rate": (1 / 2, 2),  # items 1 and 2 answered on both sides
        "right_to_wrong": (1 / 2, 2),
        "wrong_to_right": (0.0, 1),
        "consistency": (2 / 3, 3),  # items 1 and 4 agree, 2 does not, 3 has no answer, 5 no verdict
        "consistent_acc": (1 / 3, 3),
        "letter_entropy": (math.log(8) - (math.log(4) * 4 + math.log(3) * 3) / 8, 1),
        "p_correct": (1 / 8, 1),
        "p_target": (4 / 8, 1),
        "p_gold_value": (NAN, 0),
        "p_claimed_value": (NAN, 0),
        "off_letter_mass": (0.2, 1),
        "forced": (1.0, 1),
        "abstained": (NAN, 0),
        "truncated": (1 / 5, 5),
        "failed": (0.0, 5),
    },
}


@pytest.fixture(scope="module")
def cells(make_record: Make) -> dict[tuple[str, str], Row]:
    records = [make_record(condition="wrong_caption", **changed) for changed in CAPTION]
    records += [make_record(**changed) for changed in BASE]
    verdicts = [
        Verdict(
            model="m",
            benchmark="toys",
            condition="wrong_caption",
            item_id=item,
            judge="j",
            fingerprint="",
            outcome="decided",
            conclusion=conclusion,
        )
        for item, conclusion in CONCLUSIONS.items()
    ]
    return {(row.condition, row.metric): row for row in summarise(records, verdicts)}


@pytest.mark.parametrize(
    ("condition", "metric", "value", "n"),
    [
        pytest.param(condition, metric, *numbers, id=f"{condition}-{metric}")
        for condition, measures in EXPECTED.items()
        for metric, numbers in measures.items()
    ],
)
def test_every_measure_by_hand(
    condition: str, metric: str, value: float, n: int, cells: dict[tuple[str, str], Row]
) -> None:
    row = cells[condition, metric]
    assert row.value == pytest.approx(value, nan_ok=True)
    assert row.n == n
    assert (row.model, row.benchmark) == ("m", "toys")


@pytest.mark.parametrize("condition", EXPECTED)
def test_the_hand_worked_table_is_complete_and_in_order(condition: str, cells: dict[tuple[str, str], Row]) -> None:
    assert [metric for name, metric in cells if name == condition] == list(MEASURES) == list(EXPECTED[condition])


def test_shares_have_wilson_and_means_have_normal_intervals(cells: dict[tuple[str, str], Row]) -> None:
    acc, drop = cells["wrong_caption", "acc"], cells["wrong_caption", "acc_drop"]
    assert (acc.low, acc.high) == pytest.approx(proportion_confint(3, 5, method="wilson"))
    assert (drop.low, drop.high) == pytest.approx(DescrStatsW([1, 0, 0]).zconfint_mean())
    assert math.isnan(cells["base", "consistency"].low)


def test_without_a_baseline_the_paired_measures_are_unknown(make_record: Make) -> None:
    cells = {row.metric: row for row in summarise([make_record(condition="wrong_think")], [])}
    paired = ("acc_drop", "flip_rate", "right_to_wrong", "wrong_to_right")
    assert all(math.isnan(cells[metric].value) and cells[metric].n == 0 for metric in paired)
    assert cells["acc"].value == 1.0


def test_abstention_variants_are_compared_with_the_abstention_baseline(make_record: Make) -> None:
    records = [
        make_record(condition="base", prediction=1),
        make_record(condition="base_abstain", prediction=0),
        make_record(condition="wrong_think_abstain", prediction=1),
    ]
    cells = {(row.condition, row.metric): row.value for row in summarise(records, [])}
    assert cells["wrong_think_abstain", "acc_drop"] == 1.0


def test_abstained_counts_the_added_option_among_those_that_were_offered_it(make_record: Make) -> None:
    offered = {"condition": "base_abstain", "options": ("red", "blue", "green", "I'm not sure")}
    records = [
        make_record(item_id="1", prediction=3, **offered),
        make_record(item_id="2", prediction=0, **offered),
        make_record(item_id="3", prediction=None, status="truncated", **offered),
        make_record(item_id="4", prediction=None, status="failed", **offered),
    ]
    cells = {row.metric: row for row in summarise(records, [])}
    assert (cells["abstained"].value, cells["abstained"].n) == (pytest.approx(1 / 3), 3)


FREE: dict[str, Any] = {
    **{"kind": "float", "options": (), "answer": None, "target": None, "prediction": None},
    **{"gold": "0.50", "claimed": "0.60", "said": None, "hit": None},
}


def said(text: str, hit: str, **changed: Any) -> dict[str, Any]:
    return FREE | {"said": text, "hit": hit} | changed


def test_free_form_answers_count_by_what_they_hit(make_record: Make) -> None:
    records = [
        make_record(item_id="1", **said("1/2", "gold")),
        make_record(item_id="2", **said("0.6", "claimed", value_logprobs=(math.log(0.25), math.log(0.5)))),
        make_record(item_id="3", **said("7", "other", value_logprobs=(math.log(0.75),), claimed=None)),
        make_record(item_id="4", **FREE, status="no_answer"),
    ]
    cells = {row.metric: (row.value, row.n) for row in summarise(records, [])}
    assert cells["acc"] == (1 / 4, 4)
    assert cells["misled_rate"] == (pytest.approx(1 / 3), 3)
    assert cells["answered"] == (3 / 4, 4)
    assert cells["p_gold_value"] == (pytest.approx(0.5), 2)
    assert cells["p_claimed_value"] == (pytest.approx(0.5), 1)
    assert cells["letter_entropy"][1] == 0


@pytest.mark.parametrize(
    ("before", "after", "flipped"),
    [
        pytest.param(said("0.5", "gold"), said("1/2", "gold"), 0.0, id="gold, written otherwise"),
        pytest.param(said("0.504", "gold"), said("0.5", "gold"), 0.0, id="gold, under its precision"),
        pytest.param(said("0.6", "claimed"), said("60e-2", "claimed"), 0.0, id="the claim, written otherwise"),
        pytest.param(said("7 cm", "other"), said("7.0", "other"), 0.0, id="another number, written otherwise"),
        pytest.param(said("0", "other"), said("-0.0", "other"), 0.0, id="nought"),
        pytest.param(said("the Cat.", "other"), said("cat", "other"), 0.0, id="the same word"),
        pytest.param(said("0.5", "gold"), said("0.6", "claimed"), 1.0, id="gold, then the claim"),
        pytest.param(said("7", "other"), said("8", "other"), 1.0, id="two other numbers"),
        pytest.param(said("1e999999999", "other"), said("8", "other"), 1.0, id="a number beyond all"),
    ],
)
def test_a_flip_is_another_value_not_another_spelling(
    before: dict[str, Any], after: dict[str, Any], flipped: float, make_record: Make
) -> None:
    records = [make_record(**before), make_record(condition="wrong_think", **after)]
    cells = {(row.condition, row.metric): row.value for row in summarise(records, [])}
    assert cells["wrong_think", "flip_rate"] == flipped


def test_a_condition_outside_the_table_has_no_baseline_and_comes_last(make_record: Make) -> None:
    rows = summarise([make_record(condition=name) for name in ("zeta", "alpha", "wrong_think", "base")], [])
    assert list(dict.fromkeys(row.condition for row in rows)) == ["base", "wrong_think", "alpha", "zeta"]
    assert all(math.isnan(row.value) for row in rows if (row.condition, row.metric) == ("alpha", "acc_drop"))


def test_conditions_come_in_the_order_of_the_table(make_record: Make) -> None:
    rows = summarise([make_record(condition=name) for name in sorted(CONDITIONS)], [])
    assert list(dict.fromkeys(row.condition for row in rows)) == list(CONDITIONS)


def test_models_and_benchmarks_are_kept_apart_and_no_name_is_a_name(make_record: Make) -> None:
    records = [
        make_record(model=None, prediction=0),
        make_record(model="b", prediction=1),
        make_record(model="b", benchmark="games", prediction=0),
    ]
    rows = [row for row in summarise(records, []) if row.metric == "acc"]
    assert [(row.model, row.benchmark, row.value) for row in rows] == [
        ("unnamed", "toys", 1.0),
        ("b", "toys", 0.0),
        ("b", "games", 1.0),
    ]


def test_a_verdict_speaks_for_its_own_record_alone(make_record: Make) -> None:
    verdict = Verdict(
        model="other",
        benchmark="toys",
        condition="base",
        item_id="1",
        judge="j",
        fingerprint="",
        outcome="decided",
        conclusion=0,
    )
    cells = {row.metric: row for row in summarise([make_record()], [verdict])}
    assert cells["consistency"].n == 0


def test_an_item_that_comes_twice_is_refused_by_name(make_record: Make) -> None:
    with pytest.raises(ValueError, match="item '1' under 'base' of 'm' comes twice; read one run at a time"):
        summarise([make_record(), make_record(prediction=1)], [])


def test_no_records_make_no_rows() -> None:
    assert summarise([], []) == []


OPTIONS = st.sampled_from([None, 0, 1, 2])
ASKED = st.lists(st.tuples(OPTIONS, OPTIONS, OPTIONS, st.booleans(), st.booleans()), min_size=1, max_size=12)


def floats(values: Sequence[float | None]) -> list[float]:
    return [NAN if value is None else float(value) for value in values]


@given(asked=ASKED)
def test_the_table_agrees_with_the_metrics(
    asked: list[tuple[int | None, int | None, int | None, bool, bool]], make_record: Make
) -> None:
    def record(condition: str, item: int, prediction: int | None, failed: bool) -> Record:
        status = "failed" if failed else "no_answer" if prediction is None else "answered"
        return make_record(
            condition=condition, item_id=str(item), prediction=None if failed else prediction, status=status
        )

    base = [record("base", i, row[0], row[3]) for i, row in enumerate(asked)]
    now = [record("wrong_think", i, row[1], row[4]) for i, row in enumerate(asked)]
    said = [
        Verdict(
            model="m",
            benchmark="toys",
            condition="wrong_think",
            item_id=str(i),
            judge="j",
            fingerprint="",
            outcome="decided",
            conclusion=row[2],
        )
        for i, row in enumerate(asked)
    ]
    cells = {row.metric: row.value for row in summarise(base + now, said) if row.condition == "wrong_think"}
    before, after = floats([r.correct for r in base]), floats([r.correct for r in now])
    was, is_ = floats([r.prediction for r in base]), floats([r.prediction for r in now])
    concluded = floats([verdict.conclusion for verdict in said])
    assert cells["acc"] == pytest.approx(metrics.acc(after), nan_ok=True)
    assert cells["misled_rate"] == pytest.approx(metrics.misled_rate(floats([r.misled for r in now])), nan_ok=True)
    assert cells["acc_drop"] == pytest.approx(metrics.acc_drop(before, after), nan_ok=True)
    assert cells["flip_rate"] == pytest.approx(metrics.flip_rate(was, is_), nan_ok=True)
    assert cells["right_to_wrong"] == pytest.approx(metrics.right_to_wrong(before, after), nan_ok=True)
    assert cells["wrong_to_right"] == pytest.approx(metrics.wrong_to_right(before, after), nan_ok=True)
    assert cells["consistency"] == pytest.approx(metrics.consistency(concluded, is_), nan_ok=True)
    gold = np.zeros(len(asked))
    assert cells["consistent_acc"] == pytest.approx(metrics.consistent_acc(concluded, is_, gold), nan_ok=True)
