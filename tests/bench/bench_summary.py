"""Processor seconds of the summary's parts on 5,400 made records, as many as the demo makes: make bench."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from lmms_faith.conditions import CONDITIONS
from lmms_faith.judges import default_judge
from lmms_faith.report.table import METRICS
from lmms_faith.summary import Gathered, Judged, gather, judged_now, tidy, trace
from tests.bench.made_records import made_records

ITEMS = 300
MEANS = ("acc", "acc_drop", "misled_rate", "consistency", "letter_entropy", "p_correct")


@pytest.fixture(scope="module")
def judged() -> Sequence[Judged]:
    return list(judged_now(map(Judged, made_records(ITEMS)), default_judge()))


@pytest.fixture(scope="module")
def gathered(judged: Sequence[Judged]) -> Gathered:
    return gather(judged)


def bench_summary_judge(benchmark: BenchmarkFixture, judged: Sequence[Judged]) -> None:
    found = benchmark(lambda: list(judged_now(judged, default_judge())))
    assert len(found) == ITEMS * len(CONDITIONS)


def bench_summary_gather(benchmark: BenchmarkFixture, judged: Sequence[Judged]) -> None:
    assert len(benchmark(gather, judged).cells) == len(CONDITIONS)


TABLES: dict[str, Callable[[Gathered], Any]] = {
    "short table, 10,000 resamples": lambda gathered: tidy(gathered, by=(), metrics=METRICS),
    "six means, by category and arity": lambda gathered: tidy(gathered, metrics=MEANS),
    "every measure": lambda gathered: tidy(gathered, by=()),
    "every measure, by category and arity": tidy,
}


@pytest.mark.parametrize("case", TABLES)
def bench_summary_table(case: str, benchmark: BenchmarkFixture, gathered: Gathered) -> None:
    rows = benchmark.pedantic(TABLES[case], (gathered,), rounds=1 if "every" in case else 3)
    assert rows


def bench_summary_explain(benchmark: BenchmarkFixture, gathered: Gathered) -> None:
    where = {"model": "m", "benchmark": "made", "condition": "wrong_caption", "metric": "right_to_wrong"}
    assert benchmark(lambda: trace(gathered, **where)).shares
