import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binomtest, norm, permutation_test
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from lmms_faith.metrics import (
    McNemar,
    acc_drop,
    bootstrap_mean,
    difference_in_differences,
    holm,
    mcnemar,
    paired_difference,
    sign_flip,
)

Floats = NDArray[np.float64]
NAN = math.nan
OUTCOMES = st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=4, max_size=4)


# ---- McNemar


@pytest.mark.parametrize(
    ("base", "condition", "expected"),
    [
        # 5 changed, all for the worse: 2 / 2^5
        pytest.param([1] * 5, [0] * 5, (5, 0, 0.0625, 5, 0), id="all lost"),
        # 4 changed, 3 of them for the worse: 2 (1 + 4) / 2^4
        pytest.param([1, 1, 1, 0, 1], [0, 0, 0, 1, 1], (3, 1, 0.625, 5, 0), id="three to one"),
        pytest.param([1, 0], [1, 0], (0, 0, 1.0, 2, 0), id="nothing changed"),
        pytest.param([1, NAN, 0, NAN], [NAN, 1, 0, NAN], (0, 0, 1.0, 1, 2), id="missing on one side"),
        pytest.param([NAN], [1], (0, 0, NAN, 0, 1), id="no pair"),
        pytest.param([], [], (0, 0, NAN, 0, 0), id="empty"),
    ],
)
def test_mcnemar_by_hand(base: list[float], condition: list[float], expected: tuple[float, ...]) -> None:
    found = mcnemar(base, condition)
    values = found.right_to_wrong, found.wrong_to_right, found.p, found.n, found.left_out
    assert values == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("table", [(50, 12, 3, 35), (0, 1, 1, 0), (10, 30, 31, 10), (400, 60, 21, 300)])
def test_mcnemar_against_statsmodels(table: tuple[int, int, int, int]) -> None:
    """The table counts right on both sides, lost, gained, wrong on both."""
    base, condition = np.repeat([1.0, 1.0, 0.0, 0.0], table), np.repeat([1.0, 0.0, 1.0, 0.0], table)
    expected = reference_mcnemar(np.reshape(table, (2, 2)), exact=True).pvalue
    found = mcnemar(base, condition)
    assert (found.right_to_wrong, found.wrong_to_right, found.n) == (table[1], table[2], sum(table))
    assert found.p == pytest.approx(min(1.0, expected))


@given(pairs=st.lists(st.tuples(st.sampled_from([0.0, 1.0, NAN]), st.sampled_from([0.0, 1.0, NAN])), max_size=40))
def test_mcnemar_is_the_same_from_either_side(pairs: list[tuple[float, float]]) -> None:
    base, condition = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found, back = mcnemar(base, condition), mcnemar(condition, base)
    assert back.p == pytest.approx(found.p, nan_ok=True)
    assert (back.right_to_wrong, back.n) == (found.wrong_to_right, found.n)
    assert found.n + found.left_out == sum(not (math.isnan(a) and math.isnan(b)) for a, b in pairs)


def test_mcnemar_takes_right_and_wrong_alone() -> None:
    with pytest.raises(ValueError, match=r"condition holds 0\.5; McNemar takes 1"):
        mcnemar([1, 0], [0.5, 1])


# ---- Holm


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        pytest.param([0.01, 0.04, 0.03], [0.03, 0.06, 0.06], id="3 · .01, 2 · .03, no less than before"),
        pytest.param([0.5, 0.9], [1.0, 1.0], id="capped"),
        pytest.param([0.02, NAN], [0.02, NAN], id="unknown is no comparison"),
        pytest.param([], [], id="none"),
    ],
)
def test_holm_by_hand(p: list[float], expected: list[float]) -> None:
    assert holm(p) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_holm_against_statsmodels(count: int) -> None:
    p = np.round(np.random.default_rng(count).random(count) ** 3, 2)  # rounded, so that some are tied
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


@given(p=st.lists(st.floats(0, 1) | st.just(NAN), max_size=20))
def test_holm_keeps_the_order_and_lowers_nothing(p: list[float]) -> None:
    adjusted, raw = holm(p), np.array(p)
    known = ~np.isnan(raw)
    assert (np.isnan(adjusted) == ~known).all()
    assert (adjusted[known] >= raw[known]).all()
    assert (np.diff(adjusted[known][np.argsort(raw[known], kind="stable")]) >= 0).all()


@pytest.mark.parametrize("p", [[1.2], [-0.1, 0.5]])
def test_holm_refuses_what_is_no_probability(p: list[float]) -> None:
    with pytest.raises(ValueError, match="they lie in"):
        holm(p)


# ---- sign flips


@pytest.mark.parametrize(
    ("differences", "clusters", "expected"),
    [
        pytest.param([1, 1, 1], "abc", 2 / 8, id="all the same way: two of eight flips"),
        pytest.param([1, 1, -1], "abc", 1.0, id="a sum of one, and no flip gives less"),
        pytest.param([1, 1, 1, 1], "aabb", 2 / 4, id="whole images flip"),
        pytest.param([1, -1, 1, -1], "aabb", 1.0, id="nothing left of any image"),
        pytest.param([3, 1, 1, NAN], "abcd", 2 / 8, id="unknown left out"),
        pytest.param([NAN], "a", NAN, id="nothing known"),
    ],
)
def test_sign_flips_by_hand(differences: list[float], clusters: str, expected: float) -> None:
    assert sign_flip(differences, list(clusters)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("values", [[2.0, -1.0, 0.5, 3.0, 1.0, -0.5, 2.5], [1.0, 1.0, -1.0, 1.0, 0.0, 1.0, 1.0, 1.0]])
def test_sign_flips_against_scipy(values: list[float]) -> None:
    """Exact on both sides, for there are few flips."""
    expected = permutation_test((np.array(values),), np.sum, permutation_type="samples", n_resamples=np.inf)
    found = sign_flip(values, range(len(values)))
    assert found == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(("worse", "better"), [(30, 12), (25, 20), (40, 14)])
def test_sign_flips_of_single_items_are_mcnemar(worse: int, better: int) -> None:
    """Drawn flips, all of one size; 5 standard errors of the draws."""
    differences = np.repeat([1.0, -1.0, 0.0], [worse, better, 50])
    exact = binomtest(worse, worse + better).pvalue
    found = sign_flip(differences, range(differences.size), resamples=20_000)
    assert found == pytest.approx(exact, abs=5 * math.sqrt(exact / 20_000) + 1e-4)


def test_drawn_flips_of_unlike_sizes_are_close_to_all_flips() -> None:
    values = np.random.default_rng(2).normal(0.4, 1.0, size=15)
    assert sign_flip(values, range(15), resamples=20_000) == pytest.approx(
        sign_flip(values, range(15), resamples=2**15), abs=0.01
    )


def test_flips_of_many_unlike_sizes_fit_a_normal() -> None:
    """Above some 20 sizes signs are drawn one by one: the sum has a variance of the sum of squares."""
    values = np.random.default_rng(5).normal(0.1, 1.0, size=400)
    expected = 2 * norm.sf(values.sum() / np.sqrt((values**2).sum()))
    assert sign_flip(values, range(400)) == pytest.approx(expected, abs=0.02)


@given(differences=st.lists(st.integers(-3, 3), min_size=1, max_size=9))
def test_sign_flips_count_all_flips(differences: list[int]) -> None:
    flips = [abs(np.dot(signs, differences)) for signs in itertools.product([1, -1], repeat=len(differences))]
    expected = np.mean([flip >= abs(sum(differences)) for flip in flips])
    assert sign_flip(differences, range(len(differences))) == pytest.approx(expected)


# ---- paired differences


def test_a_paired_difference_by_hand() -> None:
    found = paired_difference([1, 1, 1, 0, NAN], [0, 1, 0, NAN, NAN], list("aabbc"), bounds=(-1, 1))
    assert found.value == pytest.approx(2 / 3)
    assert (found.n, found.left_out, found.clusters) == (3, 1, 2)
    assert found.p == pytest.approx(2 / 4)
    assert found.method == "wilson on clusters"


def test_a_paired_difference_without_pairs_is_unknown() -> None:
    found = paired_difference([1, NAN], [NAN, 1], list("ab"), bounds=(-1, 1))
    assert (found.n, found.left_out, found.clusters) == (0, 2, 0)
    assert all(math.isnan(value) for value in (found.value, found.low, found.high, found.p))


@settings(max_examples=25)
@given(pairs=st.lists(st.tuples(OUTCOMES, st.integers(0, 20)), min_size=1, max_size=40))
def test_a_paired_difference_is_the_drop_with_the_interval_of_its_mean(pairs: list[tuple[list[float], int]]) -> None:
    columns = np.array([outcome for outcome, _ in pairs])
    clusters = [cluster for _, cluster in pairs]
    found = paired_difference(columns[:, 0], columns[:, 1], clusters, resamples=200, bounds=(-1, 1))
    assert found.value == pytest.approx(acc_drop(columns[:, 0], columns[:, 1]), nan_ok=True)
    expected = bootstrap_mean(columns[:, 0] - columns[:, 1], clusters, resamples=200, bounds=(-1, 1))
    assert (found.low, found.high) == pytest.approx(tuple(expected), nan_ok=True)
    assert found.method == expected.method


# ---- differences in differences


def test_a_difference_in_differences_by_hand() -> None:
    """A loses one of four, B two of four; the fifth item is not known of B."""
    found = difference_in_differences(
        [1, 1, 1, 1, 1], [0, 1, 1, 1, 1], [1, 1, 1, 0, NAN], [0, 0, 1, 0, 1], range(5), bounds=(-2, 2)
    )
    assert found.value == pytest.approx(2 / 4 - 1 / 4)
    assert (found.n, found.left_out, found.p) == (4, 1, 1.0)


@settings(max_examples=25)
@given(columns=st.lists(OUTCOMES, min_size=1, max_size=40))
def test_swapping_the_models_turns_the_sign(columns: list[list[float]]) -> None:
    ba, ca, bb, cb = np.array(columns).T
    clusters = np.arange(len(columns)) // 2
    found = difference_in_differences(ba, ca, bb, cb, clusters, resamples=400, bounds=(-2, 2))
    back = difference_in_differences(bb, cb, ba, ca, clusters, resamples=400, bounds=(-2, 2))
    assert back.value == pytest.approx(-found.value, nan_ok=True)
    assert back.p == pytest.approx(found.p, nan_ok=True, abs=0.15)
    assert (back.n, back.left_out, back.clusters) == (found.n, found.left_out, found.clusters)


def test_a_difference_in_differences_with_an_unmoved_model_is_the_other_ones_drop() -> None:
    random = np.random.default_rng(0)
    base, condition = random.integers(0, 2, (2, 60)).astype(float)
    still = random.integers(0, 2, 60).astype(float)
    both = difference_in_differences(still, still, base, condition, range(60), resamples=500, bounds=(-2, 2))
    alone = paired_difference(base, condition, range(60), resamples=500, bounds=(-2, 2))
    assert both == alone


def planted(fragile: float, random: np.random.Generator) -> list[Floats]:
    """100 images of two items; model A loses a tenth of what it knows, B ``fragile`` of it."""
    columns = []
    for lost in (0.1, fragile):
        base = (random.random(200) < 0.8).astype(float)
        columns += [base, base * (random.random(200) >= lost)]
    return columns


@pytest.mark.slow
def test_the_p_of_a_difference_in_differences_is_honest_and_finds_what_is_there() -> None:
    random = np.random.default_rng(0)
    clusters = np.arange(200) // 2
    same, more = (
        np.mean(
            [
                difference_in_differences(*planted(fragile, random), clusters, resamples=1000).p <= 0.05
                for _ in range(400)
            ]
        )
        for fragile in (0.1, 0.25)
    )
    assert 0.02 <= same <= 0.08
    assert more > 0.8


def test_results_are_values() -> None:
    assert mcnemar([1], [0]) == McNemar(right_to_wrong=1, wrong_to_right=0, p=1.0, n=1, left_out=0)


def test_clusters_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"clusters have shape \(1,\), the columns \(2,\)"):
        paired_difference([1, 0], [0, 0], ["a"])
