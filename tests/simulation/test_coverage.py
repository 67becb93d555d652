"""The intervals hold the truth as often as they say; and where something is broken, the same check finds it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest

from lmms_faith.extraction import apply, extracted
from lmms_faith.judges import default_judge, verdicts
from lmms_faith.measures import MEASURES
from lmms_faith.record import Record, Verdict
from lmms_faith.simulation.coverage import (
    POOLED,
    STRICT,
    Recovered,
    default_pipeline,
    faults,
    known,
    pooled,
    recover,
    shortfalls,
)
from lmms_faith.simulation.parameters import CONDITIONS_SIMULATED, Parameters
from lmms_faith.simulation.records import extractions, simulate
from lmms_faith.summary import PAPER, Row, summarise

pytestmark = pytest.mark.slow

FEW = ("acc", "acc_drop", "misled_rate", "flip_rate", "right_to_wrong", "answered", "consistency", "consistency_worst")
TWO = ("base", "wrong_caption")
SMALL = Parameters(images=40, each=3)


def measured(records: list[Record], said: Callable[[Verdict], Verdict] = lambda one: one) -> list[Row]:
    """The package's pipeline on a few measures, with verdicts that may be changed on the way."""
    copied = extractions(records)
    read = list(apply(records, copied))
    found = map(said, verdicts(read, default_judge()))
    return summarise(read, found, extracted=extracted(records, copied), resamples=300, by=(), metrics=FEW)


def test_the_intervals_hold_the_truth() -> None:
    found = recover(SMALL, replicates=25, conditions=TWO, free_form=(), metrics=FEW, pipeline=measured)
    assert len(found) == 2 * len(FEW) - 3
    assert faults(found) == []


def every_item_its_own_image(records: list[Record]) -> list[Row]:
    return measured([replace(record, cluster=record.item_id) for record in records])


def undecided_is_inconsistent(records: list[Record]) -> list[Row]:
    return measured(records, lambda one: replace(one, outcome="differs") if one.outcome == "abstained" else one)


def failed_is_wrong(records: list[Record]) -> list[Row]:
    return measured([replace(one, status="no_answer", error=None) if one.error else one for one in records])


def truncated_is_left_out(records: list[Record]) -> list[Row]:
    return measured([replace(one, status="failed") if one.status == "truncated" else one for one in records])


def unread_is_the_first_option(records: list[Record]) -> list[Row]:
    def guessed(one: Record) -> Record:
        if one.status not in ("no_answer", "truncated"):
            return one
        hit = "gold" if one.answer == 0 else "claimed" if one.target == 0 else "other"
        return replace(one, status="answered", prediction=0, said=one.options[0], hit=hit)

    return measured([guessed(one) for one in records])


def pairs_are_shifted(records: list[Record]) -> list[Row]:
    """Items pair with their neighbours in the same image and the next."""
    ids = [one.item_id for one in records if one.condition == "base"]
    following = dict(zip(ids, [*ids[1:], ids[0]]))
    return measured(
        [replace(one, item_id=following[one.item_id]) if one.condition == "base" else one for one in records]
    )


ALIKE = Parameters(images=40, each=6, correlation=0.7)
LOSSY = Parameters(images=100, each=2, correlation=0.2, failed=0.2, truncated=0.2, unanswered=0.2, open=0.2)
BROKEN = {
    every_item_its_own_image: (ALIKE, 40, {"acc", "misled_rate", "flip_rate"}),
    undecided_is_inconsistent: (LOSSY, 10, {"consistency"}),
    failed_is_wrong: (LOSSY, 25, {"acc", "answered"}),
    truncated_is_left_out: (LOSSY, 25, {"acc", "answered"}),
    unread_is_the_first_option: (LOSSY, 25, {"answered"}),
    pairs_are_shifted: (LOSSY, 25, {"flip_rate"}),
}
"""What is broken: a model and replicates by which it is found, and measures that show it."""


@pytest.mark.parametrize("parameters", [ALIKE, LOSSY], ids=["alike", "lossy"])
def test_the_same_check_passes_where_nothing_is_broken(parameters: Parameters) -> None:
    found = recover(parameters, replicates=40, conditions=TWO, free_form=(), metrics=FEW, pipeline=measured)
    assert faults(found) == []


@pytest.mark.parametrize("pipeline", BROKEN, ids=lambda one: one.__name__)
def test_what_is_broken_is_found(pipeline: Callable[[list[Record]], list[Row]]) -> None:
    parameters, replicates, metrics = BROKEN[pipeline]
    found = recover(parameters, replicates=replicates, conditions=TWO, free_form=(), metrics=FEW, pipeline=pipeline)
    said = faults(found)
    assert metrics <= {one.metric for one in found if one.p < STRICT}
    assert all(any(line.startswith(f"{metric} of simulated under") for line in said) for metric in metrics)


@pytest.mark.parametrize(
    "parameters",
    [Parameters(images=60, each=3), Parameters(images=60, each=3, correlation=0.8)],
    ids=["correlation 0.3", "correlation 0.8"],
)
def test_every_measure_is_recovered(parameters: Parameters) -> None:
    found = recover(parameters, replicates=70, pipeline=partial(default_pipeline, resamples=400))
    assert {one.metric for one in found} == set(MEASURES)
    assert faults(found) == shortfalls(found) == []
    assert POOLED[0] <= pooled(found) <= POOLED[1]
    assert all(one.mean > one.truth for one in found if one.metric in ("ece", "adaptive_ece", "mce"))


def test_what_is_known_follows_the_conditions_asked_for() -> None:
    wanted = known(SMALL, conditions=("base", "wrong_think"), free_form=(), metrics=("acc", "recovery"))
    assert list(wanted) == [("simulated", "base", "acc"), ("simulated", "wrong_think", "acc")]
    assert ("simulated", PAPER, "worst_case_acc") in known(SMALL, conditions=CONDITIONS_SIMULATED)


def test_the_default_pipeline_measures_what_is_asked_for() -> None:
    records = simulate(replace(SMALL, images=10), 0, conditions=TWO, free_form=())
    rows = default_pipeline(records, resamples=100, metrics=("acc",))
    assert [(row.condition, row.metric) for row in rows] == [("base", "acc"), ("wrong_caption", "acc")]
    assert all(row.low < row.value < row.high for row in rows)


def test_a_pipeline_without_a_known_number_is_refused() -> None:
    few = replace(SMALL, images=10)
    with pytest.raises(ValueError, match=r"the pipeline has no row of acc of 'simulated' under 'base'"):
        recover(few, replicates=1, conditions=TWO, free_form=(), metrics=("acc",), pipeline=lambda records: [])


def rows(held: int, of: int) -> Iterator[Row]:
    """Rows of one number, of whose intervals so many hold 0.5."""
    for at in range(of):
        low = 0.4 if at < held else 0.6
        yield Row(model="m", benchmark="simulated", condition="base", metric="acc", value=0.5, n=9, low=low, high=0.7)


@pytest.mark.parametrize(
    ("held", "found"),
    [(38, False), (40, False), (25, True)],
    ids=["as promised", "always", "far too seldom"],
)
def test_a_coverage_is_a_fault_where_chance_does_not_explain_it(held: int, found: bool) -> None:
    parameters = replace(SMALL, images=4)
    truth = known(parameters, conditions=("base",), free_form=(), metrics=("acc",))["simulated", "base", "acc"]
    made = iter([replace(row, low=row.low + truth - 0.5, high=row.high + truth - 0.5) for row in rows(held, 40)])
    (one,) = recover(
        parameters,
        replicates=40,
        conditions=("base",),
        free_form=(),
        metrics=("acc",),
        pipeline=lambda records: [next(made)],
    )
    assert (one.held, one.coverage, one.mean) == (held, held / 40, 0.5)
    assert (one.p < STRICT) == found
    assert any("acc of simulated under base" in line for line in faults([one])) == found


def test_no_interval_holds_nothing_and_rounding_is_forgiven() -> None:
    def estimate(low: float, high: float) -> Callable[[list[Record]], list[Row]]:
        return lambda records: [
            Row(model="m", benchmark="simulated", condition="base", metric="failed", value=0.0, n=9, low=low, high=high)
        ]

    never = replace(SMALL, images=4, failed=0.0)
    for low, high, held in ((float("nan"), float("nan"), 0), (1e-12, 0.1, 3), (0.0, 0.0, 3), (0.01, 0.1, 0)):
        (one,) = recover(
            never,
            replicates=3,
            conditions=("base",),
            free_form=(),
            metrics=("failed",),
            pipeline=estimate(low, high),
        )
        assert one.held == held


def test_what_is_known_to_be_biased_counts_for_itself() -> None:
    same = {"benchmark": "simulated", "condition": "base", "truth": 0.1, "mean": 0.15, "spread": 0.02, "p": 1.0}
    plain = Recovered(metric="acc", held=95, replicates=100, **same)  # type: ignore[arg-type]
    ece = Recovered(metric="ece", held=100, replicates=100, **same)  # type: ignore[arg-type]
    assert (plain.biased, ece.biased) == (False, True)
    assert pooled([plain, ece]) == 0.95
    assert faults([plain, ece]) == []
    assert faults([replace(plain, held=90), ece]) == [
        "all measures: the intervals hold the truth in 90.0 % of the cases"
    ]
    few = replace(ece, held=60, p=1e-9)
    assert (faults([plain, few]), len(shortfalls([plain, few]))) == ([], 1)
    assert ece.bias == pytest.approx(2.5)


def test_what_is_always_the_truth_has_no_coverage_to_speak_of() -> None:
    same = {"benchmark": "simulated", "condition": "base", "truth": 0.0, "p": 1.0, "replicates": 100}
    never = Recovered(metric="bounded", mean=0.0, spread=0.0, held=100, **same)  # type: ignore[arg-type]
    other = Recovered(metric="acc", mean=0.0, spread=0.1, held=95, **same)  # type: ignore[arg-type]
    assert [one.fixed for one in (never, other, replace(never, held=99), replace(never, mean=0.1))] == [True] + [
        False
    ] * 3
    assert pooled([never, other]) == 0.95
