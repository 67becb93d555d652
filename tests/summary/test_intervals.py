"""Intervals of many means at once, against those of one at a time."""

import math

import numpy as np
import pytest
from scipy.stats import bootstrap

from lmms_faith.metrics.bootstrap import bootstrap_mean, interval_of
from lmms_faith.metrics.resampling import replicates
from lmms_faith.metrics.weighting import weighted_mean
from lmms_faith.summary import intervals as module
from lmms_faith.summary.intervals import Mean, closed, intervals

RANDOM = np.random.default_rng(5)
CLUSTERS = np.repeat(np.arange(40), 3)
SHARE = (RANDOM.random(120) < np.repeat(RANDOM.random(40), 3)).astype(float)
WORDS = RANDOM.gamma(3, 5, size=120)
HOLES = np.where(RANDOM.random(120) < 0.6, np.nan, SHARE)
UNBOUNDED = (0.0, math.inf)


def alone(values: np.ndarray, bounds: tuple[float, float]) -> tuple[float, float, str]:
    """From the same resamples, without any sums by image."""
    found = replicates(weighted_mean, (values,), CLUSTERS, resamples=2_000, seed=1)
    known = len(np.unique(CLUSTERS[~np.isnan(values)]))
    one = interval_of(float(np.nanmean(values)), found, known, bounds=closed(bounds))
    return one.low, one.high, one.method


CASES = {"share": (SHARE, (0.0, 1.0)), "words": (WORDS, UNBOUNDED), "with holes": (HOLES, (0.0, 1.0))}


@pytest.mark.parametrize("name", CASES)
def test_each_mean_has_the_interval_of_its_own_resamples(name: str) -> None:
    means = [Mean(values, CLUSTERS, bounds) for values, bounds in CASES.values()]
    found = dict(zip(CASES, intervals(means, np.arange(40), resamples=2_000, seed=1)))[name]
    assert (found.low, found.high, found.method) == pytest.approx(alone(*CASES[name]))


def test_in_pieces_they_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    means = [Mean(values, CLUSTERS, bounds) for values, bounds in CASES.values()] * 3
    whole = intervals(means, np.arange(40), resamples=500)
    monkeypatch.setattr(module, "HELD", 1_000)
    assert intervals(means, np.arange(40), resamples=500) == pytest.approx(whole)
    assert whole[0] == whole[3] == whole[6]


def test_the_width_is_that_of_an_independent_bootstrap() -> None:
    totals = np.bincount(CLUSTERS, weights=SHARE)
    reference = bootstrap((totals / 3,), np.mean, n_resamples=9_999, method="percentile", rng=3).confidence_interval
    (found,) = intervals([Mean(SHARE, CLUSTERS, (0.0, 1.0))], np.arange(40))
    assert found.high - found.low == pytest.approx(reference.high - reference.low, rel=0.08)


def test_few_images_are_left_to_the_bootstrap_of_one_mean() -> None:
    values, clusters = np.array([1.0, 0.0, 1.0, np.nan]), np.array([0, 1, 2, 3])
    (found,) = intervals([Mean(values, clusters, (0.0, 1.0))], np.arange(4))
    assert found == bootstrap_mean(values, clusters, bounds=(0, 1))
    assert found.method == "wilson on clusters"


def test_nothing_known_one_image_and_an_infinite_value_have_none() -> None:
    values = [np.full(120, np.nan), np.where(CLUSTERS == 0, SHARE, np.nan), np.where(CLUSTERS == 0, np.inf, WORDS)]
    found = intervals([Mean(one, CLUSTERS, UNBOUNDED) for one in values], np.arange(40), resamples=200)
    assert all(math.isnan(one.low) and math.isnan(one.high) for one in found)


def test_no_means_have_no_intervals() -> None:
    assert intervals([], np.arange(3)) == []


def test_only_finite_bounds_hold_an_interval() -> None:
    assert closed((0.0, 1.0)) == (0.0, 1.0)
    assert closed(UNBOUNDED) is None


@pytest.mark.slow
def test_half_of_the_items_unknown_the_interval_still_covers_at_its_rate() -> None:
    random = np.random.default_rng(11)
    clusters, inside = np.repeat(np.arange(100), 2), 0
    for _ in range(600):
        correct = (random.random(200) < 0.7).astype(float)
        known = np.where(random.random(200) < 0.5, correct, np.nan)
        (found,) = intervals([Mean(known, clusters, (0.0, 1.0))], np.arange(100), resamples=1_000)
        inside += found.low <= 0.7 <= found.high
    assert 0.93 <= inside / 600 <= 0.97
