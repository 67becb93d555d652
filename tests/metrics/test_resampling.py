import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chisquare, ks_2samp

from lmms_faith.metrics import adaptive_ece, auroc, draws, ece, replicates, weighted_mean
from lmms_faith.metrics.resampling import Measure, numbered, resampled

Floats = NDArray[np.float64]
MANY = 20_000


def mean(values: Floats, *, weights: Floats | None = None) -> float | Floats:
    return weighted_mean(values, weights)


def counts(clusters: list[str], resamples: int = 100, seed: int = 0) -> Floats:
    return np.concatenate(list(draws(clusters, resamples=resamples, seed=seed)))


def test_a_draw_takes_as_many_clusters_as_there_are_with_all_their_items() -> None:
    found = counts(["a", "b", "a", "c"])
    assert found.shape == (100, 4)
    assert (found[:, 0] == found[:, 2]).all()
    assert (found[:, [0, 1, 3]].sum(axis=1) == 3).all()


def test_draws_follow_from_clusters_and_seed_alone() -> None:
    clusters = ["a", "b", "a", "c"]
    assert (counts(clusters) == counts(clusters)).all()
    assert (counts(clusters) == counts(["k", "l", "k", "m"])).all()
    assert (counts(clusters, seed=0) != counts(clusters, seed=1)).any()


def test_each_set_of_clusters_is_drawn_as_often_as_it_should_be() -> None:
    """Three clusters have 27 equally likely draws, 10 of them distinct."""
    drawn = counts(["a", "b", "c"], resamples=MANY).astype(int)
    expected = {key: 0.0 for key in itertools.product(range(4), repeat=3) if sum(key) == 3}
    for key in itertools.product(range(3), repeat=3):
        expected[key.count(0), key.count(1), key.count(2)] += MANY / 27
    seen = [int((drawn == key).all(axis=1).sum()) for key in expected]
    assert sum(seen) == MANY
    assert chisquare(seen, list(expected.values())).pvalue > 0.001


def test_draws_that_are_too_large_to_keep_are_the_same() -> None:
    """Above 20 million draws a block is drawn at a time; the first of them are those of fewer resamples."""
    clusters = np.arange(3000)
    kept = next(draws(clusters, resamples=500, seed=5))[:100]
    assert (next(draws(clusters, resamples=10_000, seed=5))[:100] == kept).all()


def test_two_measures_see_the_same_resamples() -> None:
    random = np.random.default_rng(0)
    x, y, clusters = random.random(60), random.random(60), np.arange(60) // 3
    apart = replicates(mean, (x,), clusters, resamples=200) - replicates(mean, (y,), clusters, resamples=200)
    assert apart == pytest.approx(replicates(mean, (x - y,), clusters, resamples=200))


def test_each_replicate_is_the_measure_of_the_drawn_items() -> None:
    random = np.random.default_rng(0)
    score, label, clusters = random.random(30), random.integers(0, 2, 30).astype(float), np.arange(30) // 2
    found = replicates(auroc, (score, label), clusters, resamples=20)
    for weights, value in zip(np.concatenate(list(draws(clusters, resamples=20))), found):
        drawn = np.repeat(np.arange(30), weights.astype(int))
        assert value == pytest.approx(auroc(score[drawn], label[drawn]))


# Data that each way of drawing takes: like items alone, like clusters, few kinds of items in unlike clusters, neither.
random = np.random.default_rng(7)
HITS = (random.random(600) < 0.8).astype(float)
SURE = np.round(random.random(600), 1)
PATHS = {
    "every item a cluster": (mean, (HITS,), np.arange(600)),
    "items out of order, every one a cluster": (mean, (random.random(600),), random.permutation(600)),
    "clusters of three": (mean, (HITS,), np.arange(600) // 3),
    "clusters of any size": (mean, (HITS,), random.integers(0, 150, 600)),
    "large clusters": (ece, (SURE, HITS), np.arange(600) // 15),
    "all values different": (mean, (random.random(600),), np.arange(600) // 3),
    "values unknown": (mean, (np.where(random.random(600) < 0.2, np.nan, HITS),), np.arange(600) // 2),
    "two columns": (auroc, (SURE, HITS), np.arange(600) // 4),
    "bins of equally many": (adaptive_ece, (SURE, HITS), np.arange(600)),
}


@pytest.mark.parametrize("path", PATHS)
def test_putting_like_items_together_leaves_the_distribution_as_it_was(path: str) -> None:
    measure, columns, clusters = PATHS[path]
    plain = replicates(measure, columns, clusters, resamples=4000, seed=1)
    quick = resampled(measure, columns, numbered(clusters)[0], resamples=4000, seed=2)
    assert ks_2samp(np.round(plain, 9), np.round(quick, 9)).pvalue > 0.01
    assert quick.std() == pytest.approx(plain.std(), rel=0.06)


@pytest.mark.parametrize("columns", [(np.array([0.0, 1.0, 1.0, 0.0]),), (np.array([0.1, 0.2, 0.4, 0.8]),)])
def test_all_256_resamples_of_four_clusters_turn_up_as_often_as_they_should(columns: tuple[Floats, ...]) -> None:
    exact = [np.mean(drawn) for drawn in itertools.product(columns[0], repeat=4)]
    values, expected = np.unique(np.round(exact, 9), return_counts=True)
    found = np.round(resampled(mean, columns, np.arange(4), resamples=MANY, seed=0), 9)
    seen = [int((found == value).sum()) for value in values]
    assert sum(seen) == MANY
    assert chisquare(seen, expected * MANY / 256).pvalue > 0.001


def upper_half(values: Floats, *, weights: Floats | None = None) -> float | Floats:
    """Mean of the larger half of the items, which are counted without their weights: not quite the contract."""
    kept = np.argsort(values)[values.size // 2 :]
    return weighted_mean(values[kept], None if weights is None else weights[..., kept])


def test_a_measure_that_counts_items_is_not_given_fewer() -> None:
    """The larger half of a hundred items is not the larger half of the three values that they have."""
    values = np.repeat([0.1, 0.2, 0.9], [90, 5, 5])
    found = resampled(upper_half, (values,), np.arange(100), resamples=50, seed=0)
    assert (found == replicates(upper_half, (values,), np.arange(100), resamples=50, seed=0)).all()


@given(
    labels=st.lists(st.integers(0, 5), min_size=1, max_size=30),
    as_label=st.sampled_from([int, str, lambda label: f"image {label}"]),
)
def test_clusters_are_numbered_without_gaps(labels: list[int], as_label: Callable[[int], object]) -> None:
    of, count = numbered([as_label(label) for label in labels])
    assert set(of.tolist()) == set(range(count))
    assert all((a == b) == (x == y) for a, x in zip(labels, of) for b, y in zip(labels, of))


def test_the_measure_is_called_by_the_contract_alone() -> None:
    seen: list[object] = []

    def spy(*columns: Floats, weights: Floats | None = None) -> float | Floats:
        seen.append(None if weights is None else weights.ndim)
        return weighted_mean(columns[0], weights)

    measure: Measure = spy
    assert np.isfinite(resampled(measure, (HITS,), np.arange(600), resamples=10, seed=0)).all()
    assert set(seen) <= {None, 1, 2}
