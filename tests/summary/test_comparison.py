import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import wilcoxon
from statsmodels.stats.multitest import multipletests

from lmms_faith.metrics.paired import difference_in_differences, paired_difference
from lmms_faith.record import Opinion, Record
from lmms_faith.summary.cells import Gathered
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.comparison import compare, compared, contrast_rows, models
from lmms_faith.summary.gathering import gather
from lmms_faith.summary.row import HIDDEN

Make = Callable[..., Record]


def answered(make_record: Make, model: str, condition: str, wrong: set[int], items: range) -> list[Judged]:
    return [
        Judged(
            make_record(
                model=model, condition=condition, item_id=f"i{i}", cluster=f"image-{i // 2}", prediction=int(i in wrong)
            )
        )
        for i in items
    ]


@pytest.fixture
def a(make_record: Make) -> Gathered:
    judged = answered(make_record, "a", "base", {0}, range(40))
    judged += answered(make_record, "a", "wrong_think", set(range(8)), range(40))
    return gather(judged + answered(make_record, "a", "stop_think", set(), range(40)))


@pytest.fixture
def b(make_record: Make) -> Gathered:
    """The same items in another order, two of them not asked, and two of its own."""
    judged = answered(make_record, "b", "wrong_think", set(range(0, 40, 2)), range(41, 1, -1))
    return gather(judged + answered(make_record, "b", "base", set(), range(41, 1, -1)))


def test_items_pair_by_id_and_the_numbers_are_those_of_paired(a: Gathered, b: Gathered) -> None:
    base, think = compare(a, b, model_a="a", model_b="b", resamples=500)
    assert [base.condition, think.condition] == ["base", "wrong_think"]
    both = range(2, 40)
    a_now, b_now = np.array([float(i >= 8) for i in both]), np.array([float(i % 2) for i in both])
    a_base, b_base = np.ones(38), np.ones(38)
    images = [i // 2 for i in both]
    assert (think.a, think.b) == (pytest.approx(a_now.mean()), pytest.approx(b_now.mean()))
    direct = paired_difference(b_now, a_now, images, resamples=500, bounds=(-1, 1))
    assert (think.difference.value, think.difference.n) == (pytest.approx(direct.value), 38)
    assert (think.difference.low, think.difference.high) == pytest.approx((direct.low, direct.high), abs=0.05)
    assert think.difference.left_out == 4  # items 0 and 1 of a, 40 and 41 of b
    falls = difference_in_differences(a_base, a_now, b_base, b_now, images, resamples=500, bounds=(-2, 2))
    assert think.falls is not None
    assert think.falls.value == pytest.approx(falls.value) == pytest.approx(np.mean(a_now - b_now))
    assert think.falls.p == pytest.approx(falls.p, abs=0.02)
    assert base.falls is None
    assert math.isnan(base.holm)


def test_the_p_value_comes_near_to_that_of_signed_ranks_of_images(a: Gathered, b: Gathered) -> None:
    (_, think) = compare(a, b, model_a="a", model_b="b")
    sums = np.array([sum(float(i % 2) - float(i >= 8) for i in (2 * k, 2 * k + 1)) for k in range(1, 20)])
    reference = wilcoxon(sums, zero_method="pratt", correction=False, method="approx").pvalue
    assert think.difference.p == pytest.approx(reference, abs=0.02)


def test_a_model_against_itself_shows_nothing(a: Gathered) -> None:
    for one in compare(a, a, model_a="a", model_b="a", resamples=200):
        assert (one.difference.value, one.difference.p, one.difference.left_out) == (0, 1, 0)
        assert one.falls is None or (one.falls.value, one.falls.p) == (0, 1)


def test_two_models_in_one_place(a: Gathered, make_record: Make) -> None:
    judged = answered(make_record, "x", "base", {0}, range(4)) + answered(make_record, "y", "base", set(), range(4))
    both = gather(judged)
    assert models(both) == ("x", "y")
    (one,) = compare(both, both, model_a="x", model_b="y", resamples=200)
    assert one.difference.value == 0.25


def test_holm_adjusts_over_the_conditions(a: Gathered, make_record: Make) -> None:
    other = []
    for condition, lost in (("base", 0), ("wrong_think", 30), ("stop_think", 9)):
        other += answered(make_record, "b", condition, set(range(lost)), range(40))
    _, think, stop = sorted(
        compare(a, gather(other), model_a="a", model_b="b", resamples=500),
        key=lambda one: ("base", "wrong_think", "stop_think").index(one.condition),
    )
    assert think.falls is not None
    assert stop.falls is not None
    expected = multipletests([think.falls.p, stop.falls.p], method="holm")[1]
    assert [think.holm, stop.holm] == pytest.approx(expected.tolist())


def test_only_means_of_one_column_compare_models(a: Gathered) -> None:
    assert {"acc", "misled_rate", "consistency", "p_correct", "letter_entropy"} <= set(compared())
    assert not {"acc_drop", "ece", "worst_case_acc", "flip_rate", "nll"} & set(compared())
    with pytest.raises(ValueError, match=r"can't be compared item by item by 'ece'; choose from: answered, .*acc"):
        compare(a, a, model_a="a", model_b="a", metric="ece")


def test_models_without_anything_in_common_are_named_with_what_they_have(a: Gathered, make_record: Make) -> None:
    other = gather([Judged(make_record(model="b", benchmark="games"))])
    with pytest.raises(
        ValueError, match=r"'a' and 'b' have no .* in common: one has toys under base, .*; the other games"
    ):
        compare(a, other, model_a="a", model_b="b")


def test_rows(a: Gathered, b: Gathered) -> None:
    found = compare(a, b, model_a="a", model_b="b", resamples=200)
    rows = list(contrast_rows(found, model_a="a", model_b="b"))
    assert {row.model for row in rows} == {"b - a"}
    think = {row.metric: row for row in rows if row.condition == "wrong_think"}
    assert list(think) == [
        *("acc_difference", "acc_difference_p", "acc_drop_difference"),
        *("acc_drop_difference_p", "acc_drop_difference_holm_p"),
    ]
    assert think["acc_difference"].value == found[1].difference.value
    assert think["acc_difference"].method.endswith("; 4 items left out")
    assert math.isnan(think["acc_difference_p"].low)


def thought(make_record: Make, model: str, *, hidden: dict[str, set[int]]) -> Gathered:
    """Four items under two conditions, some of them without a thought, and a verdict on every other."""
    agreed = Opinion(outcome="decided", conclusion=0, by="rule-1")
    return gather(
        Judged(make_record(model=model, condition=name, item_id=str(i), think=None), None)
        if i in items
        else Judged(make_record(model=model, condition=name, item_id=str(i)), agreed)
        for name, items in hidden.items()
        for i in range(4)
    )


def test_a_side_without_any_thought_is_not_observable(make_record: Make) -> None:
    every, some = set(range(4)), {0}
    a = thought(make_record, "a", hidden={"base": some, "wrong_caption": set()})
    b = thought(make_record, "b", hidden={"base": every, "wrong_caption": some})
    found = compare(a, b, model_a="a", model_b="b", metric="consistency", resamples=200)
    assert [(one.condition, one.hidden_a, one.hidden_b) for one in found] == [
        ("base", False, True),
        ("wrong_caption", False, False),
    ]
    rows = {(row.condition, row.metric): row for row in contrast_rows(found, model_a="a", model_b="b")}
    hidden, shown = (rows[name, "consistency_difference"] for name in ("base", "wrong_caption"))
    assert (hidden.method, hidden.n, math.isnan(hidden.value)) == (HIDDEN, 0, True)
    assert (shown.method.endswith("; 1 items left out"), shown.n, shown.value) == (True, 3, 0)
    accuracy = compare(a, b, model_a="a", model_b="b", metric="acc", resamples=200)
    assert not any(one.hidden_a or one.hidden_b for one in accuracy)
