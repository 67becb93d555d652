"""The tidy table by hand, against the registry, and against other libraries."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import mcnemar

from lmms_faith.conditions import CONDITIONS
from lmms_faith.judges import verdict
from lmms_faith.measures import MEASURES
from lmms_faith.metrics.bootstrap import bootstrap_mean
from lmms_faith.record import Opinion, Record, Verdict
from lmms_faith.summary import ALL, HIDDEN, PAPER, Row, summarise
from lmms_faith.summary.counts import COUNTS
from lmms_faith.summary.significance import SIGNIFICANCE

Make = Callable[..., Record]
Cells = dict[tuple[str, str], Row]
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
CONCLUSIONS = {"1": 1, "2": 1, "3": 0, "4": 0}

BASE_EXPECTED = {
    "answered": (1.0, 3),
    "acc": (2 / 3, 3),
    "acc_drop": (0.0, 3),
    "misled_rate": (1 / 3, 3),
    "flip_rate": (0.0, 3),
    "right_to_wrong": (0.0, 2),
    "consistency": (NAN, 0),
    "consistency_worst": (0.0, 3),
    "consistency_best": (1.0, 3),
    "letter_entropy": (1.5 * math.log(2), 1),
    "p_correct": (0.5, 1),
    "p_target": (0.25, 1),
    "confidence": (0.5, 1),
    "p_gold_value": (NAN, 0),
    "off_letter_mass": (0.0, 1),
    "forced": (0.0, 1),
    "abstained": (NAN, 0),
    "extracted": (NAN, 0),
    "truncated": (0.0, 3),
    "failed": (1 / 4, 4),
    "thought_length": (3.0, 3),
    "template_rate": (1.0, 3),
    "nll": (math.log(2), 1),
}
CAPTION_EXPECTED = {
    "answered": (4 / 5, 5),
    "acc": (3 / 5, 5),
    "acc_drop": (1 / 3, 3),  # items 1, 2, 3: 1-0, 1-1, 0-0
    "misled_rate": (1 / 5, 5),
    "misled_among_right": (1 / 2, 2),  # of items 1 and 2
    "text_preference": (1 / 4, 4),
    "flip_rate": (1 / 2, 2),  # items 1 and 2 answered on both sides
    "right_to_wrong": (1 / 2, 2),
    "wrong_to_right": (0.0, 1),
    "consistency": (2 / 3, 3),  # items 1 and 4 agree, 2 does not, 3 has no answer, 5 no verdict
    "consistency_worst": (2 / 4, 4),
    "consistency_best": (3 / 4, 4),
    "consistent_acc": (1 / 3, 3),
    "consistent_wrong": (1 / 3, 3),
    "inconsistent_correct": (1 / 3, 3),
    "inconsistent_wrong": (0.0, 3),
    "consistency_among_correct": (1 / 2, 2),
    "consistency_among_misled": (1.0, 1),
    "letter_entropy": (math.log(8) - (math.log(4) * 4 + math.log(3) * 3) / 8, 1),
    "p_correct": (1 / 8, 1),
    "p_target": (4 / 8, 1),
    "margin": (1 / 8, 1),
    "off_letter_mass": (0.2, 1),
    "forced": (1.0, 1),
    "truncated": (1 / 5, 5),
    "failed": (0.0, 5),
    "overconfidence": (0.5, 1),
    "brier": (0.25, 1),
    "ece": (0.5, 1),
    "mcnemar_p": (1.0, 3),
    "holm_p": (1.0, 3),
    "unpaired": (1.0, 5),
    "decided_by_j": (3.0, 4),
    "ends_on_none": (0.0, 4),
    "undecided": (0.0, 4),
    "unjudged": (1.0, 4),
    "stale": (0.0, 4),
}


def cells(rows: Iterable[Row]) -> Cells:
    return {(row.condition, row.metric): row for row in rows if row.category == row.arity == ALL}


def decided(record: Record, conclusion: int | None) -> Verdict:
    return verdict(record, Opinion(outcome="decided", conclusion=conclusion), judge="j")


@pytest.fixture(scope="module")
def by_hand(make_record: Make) -> Cells:
    records = [make_record(condition="wrong_caption", **changed) for changed in CAPTION]
    said = [decided(record, CONCLUSIONS[record.item_id]) for record in records if record.item_id in CONCLUSIONS]
    return cells(summarise([*records, *(make_record(**changed) for changed in BASE)], said))


@pytest.mark.parametrize(
    ("condition", "metric", "value", "n"),
    [
        pytest.param(condition, metric, *numbers, id=f"{condition}-{metric}")
        for condition, expected in (("base", BASE_EXPECTED), ("wrong_caption", CAPTION_EXPECTED))
        for metric, numbers in expected.items()
    ],
)
def test_by_hand(condition: str, metric: str, value: float, n: int, by_hand: Cells) -> None:
    row = by_hand[condition, metric]
    assert row.value == pytest.approx(value, nan_ok=True)
    assert row.n == n
    assert (row.model, row.benchmark) == ("m", "toys")


def test_every_measure_has_its_row_in_the_order_of_the_registry(by_hand: Cells) -> None:
    of_hedged = {"recovery"}
    found = [metric for condition, metric in by_hand if condition == "wrong_caption" and metric in MEASURES]
    assert found == [name for name in MEASURES if name not in of_hedged and MEASURES[name].scope == "condition"]
    others = {metric for _, metric in by_hand if metric not in MEASURES}
    assert others == {"decided_by_j", *SIGNIFICANCE, *COUNTS}


# A table of 60 items over 30 images, made from counts alone.
def made(make_record: Make, *, condition: str, right: Callable[[int], bool], items: int = 60) -> list[Record]:
    def one(item: int) -> Record:
        p = 0.2 + 0.7 * ((item * 37) % items) / items
        letters = (math.log(p), math.log(0.9 - p + 0.05), math.log(0.05))
        return make_record(
            condition=condition,
            item_id=str(item),
            cluster=f"image-{item // 2}",
            category=("count", "colour")[item % 2],
            prediction=0 if right(item) else 1,
            letter_logprobs=letters,
            letter_source="generated",
            think="I look. " * (1 + item % 3),
        )

    return [one(item) for item in range(items)]


@pytest.fixture(scope="module")
def records(make_record: Make) -> list[Record]:
    return [
        *made(make_record, condition="base", right=lambda i: i % 4 != 0),
        *made(make_record, condition="wrong_think", right=lambda i: i % 3 == 0),
        *made(make_record, condition="wrong_think_but", right=lambda i: i % 3 == 0 or i % 5 == 0),
    ]


@pytest.fixture(scope="module")
def rows(records: list[Record]) -> list[Row]:
    said = [decided(record, 0) for record in records if int(record.item_id) % 7]
    return summarise(records, said, resamples=1_000)


def test_intervals_hold_their_value_and_stay_in_range(rows: list[Row]) -> None:
    held = [row for row in rows if not math.isnan(row.low)]
    assert len(held) > 300
    for row in held:
        assert row.low <= row.value <= row.high, row
        measure = MEASURES[row.metric]
        assert measure.low - 1e-9 <= row.low, row
        assert row.high <= measure.high + 1e-9, row
        assert row.method


def test_a_number_has_an_interval_unless_it_can_have_none(rows: list[Row]) -> None:
    without = [row for row in rows if row.n and row.metric in MEASURES and math.isnan(row.low)]
    assert {row.method for row in without} == {"its own baseline"}


def test_the_interval_is_the_cluster_bootstrap(rows: list[Row], records: list[Record]) -> None:
    now = [record for record in records if record.condition == "wrong_think"]
    values, images = [float(bool(r.correct)) for r in now], [r.cluster for r in now]
    row = cells(rows)["wrong_think", "acc"]
    direct = bootstrap_mean(values, images, resamples=20_000, bounds=(0, 1))
    assert row.method == "cluster bootstrap, 1000"
    assert (row.low, row.high) == pytest.approx((direct.low, direct.high), abs=0.02)


def test_p_values_and_auroc_are_those_of_other_libraries(rows: list[Row], records: list[Record]) -> None:
    by = {name: [r for r in records if r.condition == name] for name in ("base", "wrong_think", "wrong_think_but")}
    right = {name: np.array([bool(r.correct) for r in mine]) for name, mine in by.items()}
    both = (True, False)
    table = [[int(((right["base"] == a) & (right["wrong_think"] == b)).sum()) for b in both] for a in both]
    found = cells(rows)
    assert found["wrong_think", "mcnemar_p"].value == pytest.approx(mcnemar(table, exact=True).pvalue)
    p = [found[name, "mcnemar_p"].value for name in ("wrong_think", "wrong_think_but")]
    holm = [found[name, "holm_p"].value for name in ("wrong_think", "wrong_think_but")]
    assert holm == pytest.approx([min(1, 2 * p[0]) if p[0] < p[1] else max(2 * p[1], p[0]), max(2 * min(p), max(p))])
    before = np.array([math.exp(r.letter_logprobs[0]) for r in by["base"] if r.letter_logprobs])
    kept = right["base"]
    expected = roc_auc_score(right["wrong_think"][kept], before[kept])
    assert found["wrong_think", "auroc_p_correct"].value == pytest.approx(expected)
    assert found["wrong_think", "auroc_p_correct"].n == kept.sum()


def test_parts_are_the_table_of_their_records(rows: list[Row], records: list[Record]) -> None:
    said = [decided(record, 0) for record in records if int(record.item_id) % 7]
    mine = [record for record in records if record.category == "count"]
    alone = cells(summarise(mine, said, by=(), resamples=200))
    parted = {(row.condition, row.metric): row for row in rows if row.category == "count"}
    assert parted.keys() == {key for key, row in alone.items() if row.n and row.metric in MEASURES}
    for key, row in parted.items():
        assert (row.value, row.n) == (pytest.approx(alone[key].value, nan_ok=True), alone[key].n)
        assert row.arity == ALL


def test_where_all_have_one_number_of_options_its_rows_repeat_those_over_all(rows: list[Row]) -> None:
    over_all, three = cells(rows), [row for row in rows if row.arity == "3"]
    assert three
    for row in three:
        whole = over_all[row.condition, row.metric]
        assert (row.value, row.low, row.high, row.n) == pytest.approx(
            (whole.value, whole.low, whole.high, whole.n), nan_ok=True
        )


def test_a_fallback_is_pooled_with_nothing(make_record: Make) -> None:
    """The fallback answers all wrong: it has rows of its own, and no other number moves."""
    prefilled = [
        make_record(benchmark=benchmark, condition=name, item_id=str(i), cluster=str(i), prediction=int(i < wrong))
        for benchmark in ("toys", "games")
        for name, wrong in (("base", 0), ("wrong_think", 2))
        for i in range(6)
    ]
    fallback = [
        make_record(benchmark=one.benchmark, condition="wrong_think_user", item_id=one.item_id, prediction=1)
        for one in prefilled
        if one.condition == "base"
    ]
    options: dict[str, Any] = {"resamples": 200, "by": ("category", "arity")}
    without = summarise(prefilled, [], **options)
    both = summarise([*prefilled, *fallback], [], **options)
    apart = [row for row in both if row.condition == "wrong_think_user"]
    assert {row.benchmark for row in apart} == {"toys", "games", "macro: all"}
    assert {row.value for row in apart if row.metric == "acc"} == {0.0}
    assert {row.value for row in both if (row.condition, row.metric) == (PAPER, "worst_case_acc")} == {4 / 6}
    # Holm's adjustment is for as many tests as are shown.
    rest = [row for row in both if row.condition != "wrong_think_user" and row.metric != "holm_p"]
    assert [repr(row) for row in rest] == [repr(row) for row in without if row.metric != "holm_p"]


def test_agreement_is_not_observable_where_no_completion_has_a_thought(make_record: Make) -> None:
    shown = [make_record(condition="wrong_caption", item_id=str(i), think="It is red." if i else None) for i in (0, 1)]
    hidden = [make_record(think=None, item_id="0"), make_record(think=None, item_id="1", prediction=1)]
    rows = [row for row in summarise([*shown, *hidden], [], by=()) if row.method == HIDDEN]
    about = [name for name, measure in MEASURES.items() if "agree" in measure.columns]
    assert [(row.condition, row.metric, row.n) for row in rows] == [("base", name, 0) for name in about]
    assert all(math.isnan(row.value) for row in rows)


def test_worst_case_is_over_the_conditions_of_the_paper(rows: list[Row]) -> None:
    row = cells(rows)[PAPER, "worst_case_acc"]
    expected = np.mean([i % 4 != 0 and i % 3 == 0 for i in range(60)])
    assert (row.value, row.n) == (pytest.approx(expected), 60)
    assert row.method == "over 3 conditions; cluster bootstrap, 1000"


def test_recovery_is_of_hedged_conditions_alone(rows: list[Row]) -> None:
    found = {row.condition: row for row in rows if row.metric == "recovery" and row.category == row.arity == ALL}
    assert found.keys() == {"wrong_think_but"}
    lost = [i for i in range(60) if i % 3]
    assert found["wrong_think_but"].value == pytest.approx(np.mean([i % 5 == 0 for i in lost]))


def test_the_same_seed_gives_the_same_table_and_another_other_intervals(records: list[Record]) -> None:
    first, again, other = (
        cells(summarise(records, [], resamples=300, seed=seed, by=(), metrics=["acc", "ece"])) for seed in (0, 0, 1)
    )
    assert first == again
    assert first["base", "acc"].value == other["base", "acc"].value
    assert first["base", "acc"].low != other["base", "acc"].low


def test_only_what_was_asked_for(records: list[Record]) -> None:
    rows = summarise(records, [], by=(), metrics=["acc", "holm_p", "stale"], resamples=200)
    assert {row.metric for row in rows} == {"acc", "holm_p", "stale"}
    with pytest.raises(ValueError, match=r"unknown metric 'accuracy'; choose from: answered, .*holm_p"):
        summarise(records, [], metrics=["accuracy"])


def test_few_items_show_large_drops_alone(rows: list[Row]) -> None:
    row = cells(rows)["wrong_think", "detectable_drop"]
    assert 0.1 < row.value < 0.4
    assert row.method.startswith("exact McNemar, power 0.8; ")


def test_without_a_baseline_the_paired_measures_are_unknown(make_record: Make) -> None:
    found = cells(summarise([make_record(condition="wrong_think")], []))
    paired = ("acc_drop", "flip_rate", "right_to_wrong", "wrong_to_right")
    assert all(math.isnan(found["wrong_think", m].value) and found["wrong_think", m].n == 0 for m in paired)
    assert found["wrong_think", "acc"].value == 1.0
    assert ("wrong_think", "mcnemar_p") not in found


def test_abstention_variants_are_compared_with_the_abstention_baseline(make_record: Make) -> None:
    records = [
        make_record(condition="base", prediction=1),
        make_record(condition="base_abstain", prediction=0),
        make_record(condition="wrong_think_abstain", prediction=1),
    ]
    assert cells(summarise(records, []))["wrong_think_abstain", "acc_drop"].value == 1.0


def test_a_condition_outside_the_table_has_no_baseline_and_comes_last(make_record: Make) -> None:
    rows = summarise([make_record(condition=name) for name in ("zeta", "alpha", "wrong_think", "base")], [], by=())
    order = [row.condition for row in rows if row.metric == "acc"]
    assert order == ["base", "wrong_think", "alpha", "zeta"]
    assert math.isnan(cells(rows)["alpha", "acc_drop"].value)


def test_conditions_come_in_the_order_of_the_table(make_record: Make) -> None:
    rows = summarise([make_record(condition=name) for name in sorted(CONDITIONS)], [], by=(), metrics=["acc"])
    assert [row.condition for row in rows] == list(CONDITIONS)


def test_models_and_benchmarks_are_kept_apart_and_no_name_is_a_name(make_record: Make) -> None:
    records = [
        make_record(model=None, prediction=0),
        make_record(model="b", prediction=1),
        make_record(model="b", benchmark="games", prediction=0),
    ]
    rows = summarise(records, [], metrics=["acc"], by=())
    assert [(row.model, row.benchmark, row.value) for row in rows] == [
        ("unnamed", "toys", 1.0),
        ("b", "toys", 0.0),
        ("b", "games", 1.0),
        ("b", "macro: all", 0.5),
    ]


def test_a_stale_verdict_counts_as_none_and_is_counted(make_record: Make) -> None:
    record = make_record()
    old = decided(make_record(completion="<think>It is blue.</think><answer>A</answer>"), 1)
    found = cells(summarise([record], [old]))
    assert found["base", "consistency"].n == 0
    assert (found["base", "stale"].value, found["base", "unjudged"].value) == (1, 1)


def test_an_item_that_comes_twice_is_refused_by_name(make_record: Make) -> None:
    with pytest.raises(ValueError, match="item '1' under 'base' of 'm' comes twice; read one run at a time"):
        summarise([make_record(), make_record(prediction=1)], [])


def test_extracted_answers_are_counted(make_record: Make) -> None:
    records = [make_record(item_id=str(i)) for i in range(4)]
    found = cells(summarise(records, [], extracted={records[0].key}))["base", "extracted"]
    assert (found.value, found.n) == (1 / 4, 4)


def test_a_probability_of_nought_makes_an_infinite_loss_without_interval(make_record: Make) -> None:
    records = [make_record(item_id=str(i), letter_logprobs=HALF) for i in range(20)]
    records.append(make_record(item_id="x", letter_logprobs=(-2000.0, 0.0, -2000.0)))
    row = cells(summarise(records, [], metrics=["nll"]))["base", "nll"]
    assert row.value == math.inf
    assert math.isnan(row.low)


def test_no_records_make_no_rows() -> None:
    assert summarise([], []) == []


OPTIONS = st.sampled_from([None, 0, 1, 2])
ASKED = st.lists(st.tuples(OPTIONS, OPTIONS, OPTIONS, st.booleans(), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=8)
@given(asked=ASKED, order=st.randoms(use_true_random=False))
def test_the_order_of_records_and_verdicts_does_not_matter(
    asked: list[tuple[int | None, int | None, int | None, bool, bool]], order: Any, make_record: Make
) -> None:
    def record(condition: str, item: int, prediction: int | None, failed: bool) -> Record:
        status = "failed" if failed else "no_answer" if prediction is None else "answered"
        given_ = None if failed else prediction
        return make_record(condition=condition, item_id=str(item), cluster=str(item), prediction=given_, status=status)

    base = [record("base", i, row[0], row[3]) for i, row in enumerate(asked)]
    now = [record("wrong_think", i, row[1], row[4]) for i, row in enumerate(asked)]
    said = [decided(one, row[2]) for one, row in zip(now, asked) if row[2] is not None]
    records = base + now
    wanted = ["acc", "acc_drop", "flip_rate", "consistency", "misled_rate", "mcnemar_p", "unpaired"]
    first = {k: (r.value, r.n) for k, r in cells(summarise(records, said, by=(), metrics=wanted)).items()}
    order.shuffle(records)
    order.shuffle(said)
    again = {k: (r.value, r.n) for k, r in cells(summarise(records, said, by=(), metrics=wanted)).items()}
    assert again.keys() == first.keys()
    for key, numbers in first.items():
        assert again[key] == pytest.approx(numbers, nan_ok=True)
