import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, binomtest, bootstrap, norm, t

from lmms_faith.metrics import (
    auroc,
    bootstrap_interval,
    bootstrap_mean,
    ece,
    ratio_of_sums,
    weighted_mean,
    wilson_interval,
)
from lmms_faith.metrics.bootstrap import interval_of
from lmms_faith.metrics.interval import wilson_bounds

Floats = NDArray[np.float64]
NAN = math.nan
SHARE = (0.0, 1.0)


def mean(values: Floats, *, weights: Floats | None = None) -> float | Floats:
    return weighted_mean(values, weights)


def tails(count: int, level: float = 0.95) -> list[float]:
    low = norm.cdf(-math.sqrt(count / (count - 1)) * t.ppf((1 + level) / 2, count - 1))
    return [low, 1 - low]


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        # t with 9 degrees of freedom is 2.262; √(10/9) · 2.262 = 2.384, of which the normal leaves 0.86 %
        pytest.param(10, 0.0086, id="ten clusters"),
        pytest.param(50, 0.0212, id="fifty"),
        pytest.param(10**6, 0.025, id="very many"),
    ],
)
def test_percentiles_are_taken_further_out_for_few_clusters(count: int, expected: float) -> None:
    found = interval_of(0.5, np.linspace(0, 1, 100_001), count)
    assert found.low == pytest.approx(expected, abs=1e-4)
    assert found.high == pytest.approx(1 - expected, abs=1e-4)


def test_a_share_of_clusters_by_hand() -> None:
    """Resamples of 40 clusters, 30 of which are right, hold Binomial(40, 3/4) right ones."""
    hits = [1.0] * 30 + [0.0] * 10
    found = bootstrap_mean(hits, range(40), resamples=200_000, bounds=SHARE)
    assert tuple(found) == pytest.approx(tuple(binom.ppf(tails(40), 40, 0.75) / 40), abs=0.026)
    assert found.method == "cluster bootstrap, 200000"


@pytest.mark.parametrize("count", [20, 200])
def test_a_mean_against_scipy(count: int) -> None:
    """Clusters of one size: the mean of items is the mean of the clusters' means, which SciPy may resample."""
    random = np.random.default_rng(count)
    values = (random.normal(size=(count, 1)) + random.normal(size=(count, 3))) ** 2
    low, _ = tails(count)
    expected = bootstrap(
        (values.mean(axis=1),),
        np.mean,
        n_resamples=20_000,
        confidence_level=1 - 2 * low,
        method="percentile",
        rng=np.random.default_rng(0),
    )
    found = bootstrap_mean(values.ravel(), np.repeat(np.arange(count), 3), resamples=20_000)
    spread = expected.standard_error
    assert found.low == pytest.approx(expected.confidence_interval.low, abs=0.08 * spread)
    assert found.high == pytest.approx(expected.confidence_interval.high, abs=0.08 * spread)


def test_the_fast_way_of_a_mean_is_the_general_way() -> None:
    random = np.random.default_rng(3)
    values, clusters = random.random(300), random.integers(0, 90, 300)
    values[random.random(300) < 0.1] = NAN
    general = bootstrap_interval(mean, (values,), clusters, resamples=2000)
    assert tuple(bootstrap_mean(values, clusters, resamples=2000)) == pytest.approx(tuple(general), abs=1e-12)


def test_a_difference_of_means_over_subsets_may_be_added_up_by_cluster() -> None:
    def gap(*sums: Floats, weights: Floats | None = None) -> float | Floats:
        return ratio_of_sums(*sums[:2], weights=weights) - ratio_of_sums(*sums[2:], weights=weights)

    random = np.random.default_rng(4)
    x, kind, clusters = random.random(200), random.integers(0, 2, 200), np.repeat(np.arange(50), 4)
    columns = (x * kind, kind, x * (1 - kind), 1 - kind)
    added = bootstrap_interval(gap, columns, clusters, resamples=1000, additive=True)
    assert tuple(added) == pytest.approx(tuple(bootstrap_interval(gap, columns, clusters, resamples=1000)), abs=1e-12)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(50)
    first, again, other = (bootstrap_mean(values, range(50), resamples=500, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


# ---- where there is nothing to resample

EIGHT = 1 - 0.025 ** (1 / 8)  # Clopper-Pearson: at 8 of 8, shares below 0.025^(1/8) are rejected
CASES = {
    "always right": ([1] * 16, 8, SHARE, (1 - EIGHT, 1.0), "clopper-pearson on clusters"),
    "never right": ([0] * 16, 8, SHARE, (0.0, EIGHT), "clopper-pearson on clusters"),
    "nothing changed": ([0] * 16, 8, (-1.0, 1.0), (-EIGHT, EIGHT), "clopper-pearson on clusters"),
    "all lost": ([1] * 16, 8, (-1.0, 1.0), (1 - 2 * EIGHT, 1.0), "clopper-pearson on clusters"),
    "a length that never varies": (
        [5] * 16,
        8,
        (0.0, math.inf),
        (5 - 5 * EIGHT, math.inf),
        "clopper-pearson on clusters",
    ),
    "no range known": ([5] * 16, 8, None, (NAN, NAN), "none: nothing varies"),
    "few clusters": ([1, 1, 0, 0] * 4, 8, SHARE, (0.2152, 0.7848), "wilson on clusters"),
    # cluster means 1, 2, 3: s = 1, se = 1/√3, t with 2 degrees of freedom 4.303
    "few clusters, no range": ([1, 1, 2, 2, 3, 3], 3, None, (2 - 2.4841, 2 + 2.4841), "jackknife t"),
    "few clusters, half a range": ([1, 1, 2, 2, 3, 3], 3, (0.0, math.inf), (0.0, 2 + 2.4841), "jackknife t"),
    "one cluster": ([1, 0], 1, SHARE, (NAN, NAN), "cluster bootstrap, 500"),
    "nothing known": ([NAN, NAN], 2, SHARE, (NAN, NAN), "cluster bootstrap, 500"),
    "nothing at all": ([], 1, SHARE, (NAN, NAN), "cluster bootstrap, 500"),
    "infinite": ([math.inf] + [1.0] * 31, 16, (0.0, math.inf), (NAN, NAN), "cluster bootstrap, 500"),
    "one of 40": ([1] + [0] * 39, 40, SHARE, tuple(wilson_interval([1] + [0] * 39)), "wilson on effective n"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_takes_the_place_of_a_bootstrap(case: str) -> None:
    values, count, bounds, expected, method = CASES[case]
    clusters = np.arange(len(values)) * count // max(1, len(values))
    found = bootstrap_mean(values, clusters, resamples=500, bounds=bounds)
    assert found.method == method
    assert tuple(found) == pytest.approx(expected, abs=0.02 if "effective" in method else 1e-4, nan_ok=True)


@pytest.mark.parametrize("n", [2, 5, 40, 3000])
def test_a_share_of_one_against_scipy(n: int) -> None:
    expected = binomtest(n, n).proportion_ci(method="exact")
    assert tuple(bootstrap_mean([1.0] * n, range(n), bounds=SHARE)) == pytest.approx((expected.low, expected.high))


def test_an_auroc_of_one_is_not_certain() -> None:
    score, label = np.arange(40.0), (np.arange(40) >= 20).astype(float)
    found = bootstrap_interval(auroc, (score, label), range(40), resamples=200, bounds=SHARE)
    assert (found.high, found.method) == (1.0, "clopper-pearson on clusters")
    assert found.low < 0.95


def test_a_rare_event_in_large_clusters_is_worth_few_items() -> None:
    """Four wrong answers on one image of 50 say less than four on four images."""
    values = np.ones(200)
    values[:4] = 0
    together = bootstrap_mean(values, np.arange(200) // 4, bounds=SHARE)
    apart = bootstrap_mean(values, np.random.default_rng(0).permutation(200) // 4, bounds=SHARE)
    assert together.method == apart.method == "wilson on effective n"
    assert together.low < apart.low
    assert together.high > apart.high


def test_a_share_of_few_events_by_hand() -> None:
    """Variance of 0.04 · 0.96 / 80 is worth 80 items, and with 20 clusters 19/20 (1.960 / 2.093)² as many: 66.64."""
    found = interval_of(0.04, 0.04 + math.sqrt(0.04 * 0.96 / 80) * np.array([-1.0, 1.0] * 50), 20, bounds=SHARE)
    assert found.method == "wilson on effective n"
    assert tuple(found) == pytest.approx(wilson_bounds(0.04, 66.64), abs=1e-5)


def test_a_measure_at_its_bound_may_vary_all_the_same() -> None:
    """Bins that happen to balance have an ECE of 0, their resamples have not."""
    found = bootstrap_interval(ece, ([0.5] * 40, [1.0, 0.0] * 20), range(40), resamples=200, bounds=SHARE)
    assert (found.low, found.method) == (0.0, "cluster bootstrap, 200")
    assert 0.05 < found.high < 0.3


def test_clusters_without_a_known_item_are_no_evidence() -> None:
    """Five right of five, among 200 items of which the others are not in the subset."""
    values = np.full(200, NAN)
    values[:5] = 1
    found = bootstrap_mean(values, range(200), bounds=SHARE)
    assert found.low == pytest.approx(0.025 ** (1 / 5))
    columns = np.nan_to_num(values), np.arange(200) < 5
    general = bootstrap_interval(ratio_of_sums, columns, range(200), known=columns[1], bounds=SHARE)
    assert general == found


# ---- ends


def test_widened_ends_reach_against_the_bias_of_the_resamples() -> None:
    """Resamples about 0.3 of a value of 0.2: 0.3 ± 0.095 reaches 0.195 up; down it is that and √2 · 0.1."""
    found = interval_of(0.2, np.linspace(0.2, 0.4, 100_001), 10**6, bounds=(-1, 1), ends="widened")
    assert tuple(found) == pytest.approx((0.2 - 0.195 - 0.1414, 0.2 + 0.195), abs=1e-3)
    assert found.method == "cluster bootstrap, 100001, widened for bias"


def test_widened_ends_hold_the_percentiles_and_stay_in_bounds() -> None:
    random = np.random.default_rng(0)
    sure = random.random(100)
    columns = sure, (random.random(100) < sure).astype(float)
    narrow, wide = (
        bootstrap_interval(ece, columns, range(100), resamples=500, bounds=SHARE, ends=ends)
        for ends in ("percentile", "widened")
    )
    assert 0 <= wide.low < narrow.low < narrow.high <= wide.high <= 1
    assert wide.low <= ece(*columns) < narrow.low + 0.05


# ---- properties

LISTS = st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=12, max_size=60)


@settings(max_examples=25)
@given(values=LISTS, each=st.integers(1, 4))
def test_a_share_lies_in_its_interval_and_that_in_its_bounds(values: list[float], each: int) -> None:
    low, high = bootstrap_mean(values, np.arange(len(values)) // each, resamples=300, bounds=SHARE)
    share = weighted_mean(values)
    assert (math.isnan(low) and math.isnan(high)) or 0 <= low <= share <= high <= 1


@settings(max_examples=25)
@given(values=LISTS, copies=st.integers(2, 4))
def test_copies_of_an_item_within_its_image_add_no_certainty(values: list[float], copies: int) -> None:
    once = bootstrap_mean(values, range(len(values)), resamples=300, bounds=SHARE)
    more = bootstrap_mean(np.repeat(values, copies), np.repeat(range(len(values)), copies), resamples=300, bounds=SHARE)
    assert tuple(more) == pytest.approx(tuple(once), nan_ok=True)


@settings(max_examples=25)
@given(
    values=st.lists(st.integers(-50, 50), min_size=12, max_size=40),
    shift=st.floats(-5, 5),
    scale=st.floats(0.1, 10),
)
def test_the_interval_of_a_mean_moves_with_its_values(values: list[int], shift: float, scale: float) -> None:
    plain = bootstrap_mean(values, range(len(values)), resamples=300)
    moved = bootstrap_mean(np.multiply(values, scale) + shift, range(len(values)), resamples=300)
    assert tuple(moved) == pytest.approx([end * scale + shift for end in plain], nan_ok=True, abs=1e-6)


@settings(max_examples=25)
@given(level=st.floats(0.5, 0.98))
def test_a_higher_level_is_a_wider_interval(level: float) -> None:
    values = np.arange(40.0)
    inner, outer = (bootstrap_mean(values, range(40), resamples=300, level=at) for at in (level, level + 0.01))
    assert outer.low <= inner.low <= inner.high <= outer.high


@pytest.mark.parametrize(
    ("columns", "clusters", "message"),
    [
        (([1.0, 0.0],), ["a"], r"clusters have shape \(1,\), the columns \(2,\)"),
        (([1.0, 0.0], [1.0]), ["a", "b"], "align them by item id"),
    ],
)
def test_what_does_not_fit_is_refused(columns: tuple[list[float], ...], clusters: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        bootstrap_interval(ratio_of_sums, columns, clusters)


def test_an_interval_without_a_defined_resample_is_unknown() -> None:
    low, high = interval_of(0.5, np.full(10, NAN), 20)
    assert math.isnan(low)
    assert math.isnan(high)
