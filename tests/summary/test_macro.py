import math

import numpy as np
import pytest

from lmms_faith.metrics.bootstrap import bootstrap_mean
from lmms_faith.summary.macro import groups, macro_rows
from lmms_faith.summary.row import Row


def row(benchmark: str, value: float, low: float, high: float, metric: str = "acc", category: str = "all") -> Row:
    return Row(
        model="m",
        benchmark=benchmark,
        condition="base",
        metric=metric,
        value=value,
        low=low,
        high=high,
        n=10,
        category=category,
    )


def test_benchmarks_count_the_same_and_intervals_combine_by_hand() -> None:
    found = list(macro_rows([row("toys", 0.5, 0.2, 0.9), row("games", 0.9, 0.5, 1.0)]))
    assert [one.benchmark for one in found] == ["macro: all"]
    assert found[0].value == pytest.approx(0.7)
    assert found[0].low == pytest.approx(0.7 - 0.5 / 2)  # 0.3, 0.4 and 0.5 make a right-angled triangle
    assert found[0].high == pytest.approx(0.7 + math.hypot(0.4, 0.1) / 2)
    assert (found[0].n, found[0].method) == (20, "mean of 2 benchmarks; MOVER")


def test_it_comes_near_to_resampling_all_benchmarks() -> None:
    random = np.random.default_rng(2)
    shares = [(random.random(n) < p).astype(float) for n, p in ((80, 0.6), (300, 0.8), (150, 0.4))]
    parts = [(one.mean(), *bootstrap_mean(one, np.arange(one.size), bounds=(0, 1))) for one in shares]
    (found,) = macro_rows([row(f"b{i}", *part) for i, part in enumerate(parts)])
    drawn = np.mean([random.choice(one, (4_000, one.size)).mean(axis=1) for one in shares], axis=0)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.006)


def test_groups_are_core_wholes_and_all() -> None:
    assert groups("mathvista") == ["faith_core", "all"]
    assert groups("blink_counting") == ["BLINK", "all"]
    assert groups("ai2d") == ["all"]
    assert groups("toys") == ["all"]
    found = macro_rows([row(name, 0.5, 0.4, 0.6) for name in ("mathvista", "cv_bench", "ai2d")])
    assert {one.benchmark: one.n for one in found} == {"macro: faith_core": 20, "macro: all": 30}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([row("toys", 0.5, 0.4, 0.6)], id="one benchmark"),
        pytest.param([row(name, 0.5, 0.4, 0.6, metric="holm_p") for name in "ab"], id="p-values"),
        pytest.param([row(name, 0.5, 0.4, 0.6, category="count") for name in "ab"], id="categories"),
    ],
)
def test_there_is_none_of(rows: list[Row]) -> None:
    assert list(macro_rows(rows)) == []


def test_a_part_without_interval_leaves_the_mean_without() -> None:
    (found,) = macro_rows([row("toys", 0.5, math.nan, math.nan), row("games", 0.7, 0.6, 0.8)])
    assert found.value == pytest.approx(0.6)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
