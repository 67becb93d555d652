"""Every number of a table, worked out again from the items that are named for it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lmms_faith.measures import MEASURES
from lmms_faith.record import Opinion, Record
from lmms_faith.summary.cells import Gathered
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.gathering import gather
from lmms_faith.summary.row import ALL, PAPER, Row
from lmms_faith.summary.tidy_table import tidy
from lmms_faith.summary.tracing import Trace, trace

Make = Callable[..., Record]
CONDITIONS = ("base", "wrong_think", "wrong_think_but", "base_abstain", "wrong_think_abstain")
SURE = "I'm not sure"
OPINIONS = (
    Opinion(outcome="decided", conclusion=0, by="rule-1"),
    Opinion(outcome="decided", conclusion=1, by="letter-force-1"),
    Opinion(outcome="abstained", by="rule-1"),
    Opinion(outcome="none", by="rule-1"),
    None,
)


def asked(make_record: Make, condition: str, items: int) -> list[Judged]:
    """Answers of every kind: right, misled, other, unread, cut off and failed; with and without letters."""
    random = np.random.default_rng(sum(condition.encode()))
    found = []
    for item in range(items):
        options = ("red", "blue", "green")[: 2 + item % 2]
        p = random.dirichlet(np.ones(len(options))) * 0.99
        status = ("answered",) * 8 + ("no_answer", "truncated", "failed")
        chosen = status[int(random.integers(len(status)))]
        fields: dict[str, Any] = {
            "item_id": f"i{item}",
            "cluster": f"image-{item // 2}",
            "category": ("count", None, "colour")[item % 3],
            "condition": condition,
            "options": (*options, SURE) if condition.endswith("_abstain") else options,
            "target": None if item % 11 == 0 else 1,
            "status": chosen,
            "prediction": int(random.integers(len(options))) if chosen == "answered" else None,
            "think": None if item % 13 == 0 else f"I see {item % 4} shapes" + " again" * (item % 3),
        }
        if item % 5 and chosen != "failed":
            fields |= {"letter_logprobs": tuple(np.log(p).tolist()), "letter_source": ("generated", "forced")[item % 2]}
        opinion = OPINIONS[int(random.integers(len(OPINIONS)))]
        found.append(Judged(make_record(**fields), opinion, item % 4 == 0, opinion is None and item % 2 == 0))
    return found


def free(make_record: Make, condition: str) -> list[Judged]:
    fields: dict[str, Any] = {"benchmark": "sums", "kind": "float", "options": (), "answer": None, "target": None}
    fields |= {"prediction": None, "gold": "0.5", "condition": condition}
    return [
        Judged(
            make_record(
                **fields,
                item_id=f"f{item}",
                claimed=None if item == 3 else "0.6",
                said=("0.5", "0.6", "7")[item % 3],
                hit=("gold", "claimed", "other")[item % 3],
                value_logprobs=None if item == 4 else (-0.5, -1.5)[: 1 if item == 3 else 2],
            )
        )
        for item in range(12)
    ]


@pytest.fixture(scope="module")
def gathered(make_record: Make) -> Gathered:
    judged = [one for condition in CONDITIONS for one in asked(make_record, condition, 40 + 3 * len(condition) % 10)]
    judged += [one for condition in ("base", "wrong_think") for one in free(make_record, condition)]
    return gather(judged)


@pytest.fixture(scope="module")
def rows(gathered: Gathered) -> list[Row]:
    return [row for row in tidy(gathered, resamples=100) if not row.benchmark.startswith("macro")]


def traced(gathered: Gathered, row: Row) -> Trace:
    return trace(
        gathered,
        model=row.model,
        benchmark=row.benchmark,
        condition=row.condition,
        metric=row.metric,
        category=row.category,
        arity=row.arity,
    )


def test_every_measure_is_tried_on_some_item(rows: list[Row]) -> None:
    assert {row.metric for row in rows if row.n} >= MEASURES.keys()


@pytest.mark.parametrize("metric", MEASURES)
def test_the_number_comes_from_the_items_listed(metric: str, gathered: Gathered, rows: list[Row]) -> None:
    mine = [row for row in rows if row.metric == metric]
    assert mine
    for row in mine:
        found = traced(gathered, row)
        assert found.value == pytest.approx(row.value, nan_ok=True)
        assert len(found.shares) == row.n
        if found.mean and row.n:
            assert np.mean([share.adds for share in found.shares]) == pytest.approx(row.value)
        taken = [np.array(column) for column in zip(*(share.values for share in found.shares))]
        if taken:
            assert MEASURES[metric].function(*taken) == pytest.approx(row.value, nan_ok=True)


@pytest.mark.parametrize("metric", MEASURES)
def test_listed_and_left_out_are_all_items_of_the_slice_once(metric: str, gathered: Gathered, rows: list[Row]) -> None:
    for row in rows:
        if row.metric != metric or row.category != ALL or row.arity != ALL:
            continue
        found = traced(gathered, row)
        ids = [share.item_id for share in found.shares] + [item_id for item_id, _ in found.left_out]
        assert len(ids) == len(set(ids))
        now = gathered.cells.get((row.model, row.benchmark, row.condition if row.condition != PAPER else "base"))
        assert now is not None
        assert {gathered.items[row.benchmark].ids[place] for place in now.places} <= set(ids)
        assert all(why for _, why in found.left_out)


def test_counts_and_p_values_come_from_the_items_listed(gathered: Gathered, rows: list[Row]) -> None:
    tried = set()
    for row in rows:
        if row.method == "count" or row.metric == "mcnemar_p":
            found = traced(gathered, row)
            assert found.value == pytest.approx(row.value)
            assert len(found.shares) == row.n
            tried.add(row.metric)
    assert tried > {"mcnemar_p", "unpaired", "decided_by_rule", "undecided", "unjudged", "stale", "ends_on_none"}


@pytest.mark.parametrize(
    ("where", "message"),
    [
        pytest.param({"metric": "accuracy"}, "unknown metric 'accuracy'; choose from: answered, ", id="metric"),
        pytest.param({"condition": "stop_think"}, "no records under condition 'stop_think'; .*base", id="condition"),
        pytest.param(
            {"benchmark": "games"}, "no records of benchmark 'games' and model 'm'; .*toys of m", id="benchmark"
        ),
        pytest.param({"model": "x"}, "benchmark 'toys' and model 'x'; there are: sums of m, toys of m", id="model"),
        pytest.param({"category": "depth"}, "no item has category 'depth'; choose one of: count", id="category"),
        pytest.param({"metric": "recovery"}, "recovery is for hedged conditions; 'wrong_think' is", id="not hedged"),
        pytest.param({"metric": "worst_case_acc"}, "condition 'paper'; it takes two or more", id="over conditions"),
        pytest.param({"metric": "holm_p"}, "explain mcnemar_p and acc_drop", id="from other numbers"),
        pytest.param(
            {"metric": "mcnemar_p", "condition": "base"}, "'base' has none but itself", id="p-value of a baseline"
        ),
        pytest.param(
            {"metric": "unpaired", "condition": "base"}, "'base' has none but itself", id="pairs of a baseline"
        ),
        pytest.param({"benchmark": "macro: all"}, "mean over benchmarks; explain one of them: sums, toys", id="macro"),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(where: dict[str, str], message: str, gathered: Gathered) -> None:
    usual = {"model": "m", "benchmark": "toys", "condition": "wrong_think", "metric": "acc"}
    with pytest.raises(ValueError, match=message):
        trace(gathered, **(usual | where))


def test_a_number_of_nothing_is_unknown(gathered: Gathered) -> None:
    found = trace(gathered, model="m", benchmark="sums", condition="base", metric="p_correct")
    assert math.isnan(found.value)
    assert found.shares == ()
    assert {why for _, why in found.left_out} == {"no letter probabilities"}
