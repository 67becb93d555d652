import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from lmms_faith.metrics import Interval, mean_interval, wilson_interval
from lmms_faith.metrics.interval import wilson_bounds

NAN = math.nan
LEVELS = [0.8, 0.95, 0.99]


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        # z = 1.96: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)
        pytest.param([1, 0], (0.0945, 0.9055), id="one of two"),
        pytest.param([1] * 8 + [0] * 2, (0.4902, 0.9433), id="eight of ten"),
        pytest.param([0] * 10, (0.0, 0.2775), id="none of ten"),
        pytest.param([1, 0, NAN], (0.0945, 0.9055), id="unknown left out"),
        pytest.param([NAN], (NAN, NAN), id="nothing known"),
    ],
)
def test_wilson_by_hand(hits: list[float], expected: tuple[float, float]) -> None:
    assert tuple(wilson_interval(hits)) == pytest.approx(expected, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (1, 300), (151, 300), (299, 300)])
def test_wilson_against_statsmodels(hits: int, n: int, level: float) -> None:
    expected = proportion_confint(hits, n, alpha=1 - level, method="wilson")
    assert tuple(wilson_interval([1] * hits + [0] * (n - hits), level=level)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("hits", "n"), [(0, 5), (1, 300), (151, 300)])
def test_wilson_bounds_are_those_of_whole_counts(hits: int, n: int, level: float) -> None:
    expected = proportion_confint(hits, n, alpha=1 - level, method="wilson")
    assert wilson_bounds(hits / n, n, level=level) == pytest.approx(expected, abs=1e-9)


@given(share=st.floats(0, 1), n=st.floats(0.5, 1000))
def test_wilson_bounds_tighten_with_every_trial(share: float, n: float) -> None:
    (low, high), (nearer, near) = wilson_bounds(share, n), wilson_bounds(share, n + 1)
    assert 0 <= low <= nearer <= share + 1e-9
    assert share - 1e-9 <= near <= high <= 1


def test_an_interval_unpacks_as_its_ends_and_says_how_it_was_found() -> None:
    low, high = found = Interval(0.1, 0.2, "wilson")
    assert (low, high, found.method) == (0.1, 0.2, "wilson")
    assert (wilson_interval([1]).method, mean_interval([1, 2]).method) == ("wilson", "normal")


@given(hits=st.lists(st.sampled_from([0, 1]), min_size=1, max_size=200))
def test_wilson_stays_in_bounds_around_the_share_and_mirrors(hits: list[int]) -> None:
    low, high = wilson_interval(hits)
    assert 0 <= low <= np.mean(hits) <= high <= 1
    assert tuple(wilson_interval([1 - hit for hit in hits])) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # s = √(1/3), n = 4: half = 1.96 · 0.5774 / 2
        pytest.param([0, 1, 0, 1], (0.5 - 0.5658, 0.5 + 0.5658), id="four"),
        pytest.param([0, 1, NAN, 0, 1], (0.5 - 0.5658, 0.5 + 0.5658), id="unknown left out"),
        pytest.param([2, 2, 2], (2.0, 2.0), id="all the same"),
        pytest.param([1], (NAN, NAN), id="one value has no spread"),
        pytest.param([], (NAN, NAN), id="empty"),
    ],
)
def test_mean_by_hand(values: list[float], expected: tuple[float, float]) -> None:
    assert tuple(mean_interval(values)) == pytest.approx(expected, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n", [2, 17, 300])
def test_mean_against_statsmodels_and_scipy(n: int, level: float) -> None:
    values = np.random.default_rng(n).normal(0.3, 2.0, size=n)
    stats = DescrStatsW(values)
    assert tuple(mean_interval(values, level=level)) == pytest.approx(stats.zconfint_mean(alpha=1 - level))
    assert tuple(mean_interval(values, level=level)) == pytest.approx(norm.interval(level, stats.mean, stats.std_mean))


@given(
    values=st.lists(st.floats(-100, 100), min_size=2, max_size=50),
    shift=st.floats(-100, 100),
)
def test_mean_interval_moves_with_its_values(values: list[float], shift: float) -> None:
    low, high = mean_interval(values)
    assert low - 1e-9 <= np.mean(values) <= high + 1e-9
    assert tuple(mean_interval(np.add(values, shift))) == pytest.approx((low + shift, high + shift), abs=1e-6)
