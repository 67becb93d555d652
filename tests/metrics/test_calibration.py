import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binned_statistic
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss
from statsmodels.api import OLS

from lmms_faith.metrics import (
    adaptive_ece,
    brier,
    brier_decomposition,
    brier_part,
    ece,
    mce,
    nll,
    overconfidence,
    reliability_curve,
)
from lmms_faith.metrics.calibration import PARTS, equal_mass

NAN = math.nan
BINNED = [ece, adaptive_ece, mce, brier_decomposition, reliability_curve]
ALL = [*BINNED, brier, overconfidence]

probability = st.floats(0, 1)
rows = st.lists(st.tuples(probability, st.sampled_from([0.0, 1.0])), min_size=1, max_size=40).map(np.array)


def drawn(seed: int, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Confidences, and outcomes that are a little worse than those say."""
    random = np.random.default_rng(seed)
    confidence = random.beta(3, 1.5, size=n)
    return confidence, (random.random(n) < confidence**1.3).astype(float)


# Bins of a fifth: .9 .9 in (.8, 1], .6 .6 in (.4, .6]; accuracy 1 and 1/2.
SURE, RIGHT = [0.9, 0.9, 0.6, 0.6], [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("metric", "confidence", "correct", "bins", "expected"),
    [
        pytest.param(ece, SURE, RIGHT, 5, 0.1, id="ece: .1 and .1"),
        pytest.param(ece, SURE, [1, 1, 0, 0], 5, 0.35, id="ece: half of .1 and half of .6"),
        pytest.param(ece, SURE, RIGHT, 1, 0.0, id="ece: one bin, .75 and 3/4"),
        pytest.param(ece, [1.0, 0.0], [1, 0], 15, 0.0, id="ece: perfect at both ends"),
        pytest.param(ece, [1.0, 0.0], [0, 1], 15, 1.0, id="ece: wrong at both ends"),
        pytest.param(ece, [0.9, NAN, 0.9], [1, 1, NAN], 5, 0.1, id="ece: unknown on either side left out"),
        pytest.param(ece, [NAN], [1], 5, NAN, id="ece: nothing known"),
        pytest.param(ece, [], [], 5, NAN, id="ece: empty"),
        pytest.param(mce, SURE, [1, 1, 0, 0], 5, 0.6, id="mce: the worse of .1 and .6"),
        pytest.param(mce, [NAN], [1], 5, NAN, id="mce: nothing known"),
        # Bins of two items: .9 .8 (1, 1) and .7 .6 (1, 0): .15 and .15.
        pytest.param(adaptive_ece, [0.9, 0.8, 0.7, 0.6], RIGHT, 2, 0.15, id="adaptive: two by two"),
        # The same in bins of equal width: (.5, 1] holds all: .75 and 3/4.
        pytest.param(ece, [0.9, 0.8, 0.7, 0.6], RIGHT, 2, 0.0, id="ece: misses what adaptive bins resolve"),
        pytest.param(adaptive_ece, [0.5] * 4, RIGHT, 2, 0.25, id="adaptive: ties share a bin"),
        pytest.param(adaptive_ece, [0.9, 0.2], [1, 0], 15, 0.15, id="adaptive: fewer items than bins"),
        pytest.param(adaptive_ece, [NAN], [1], 5, NAN, id="adaptive: nothing known"),
    ],
)
def test_calibration_error_by_hand(
    metric: Callable[..., float], confidence: list[float], correct: list[float], bins: int, expected: float
) -> None:
    assert metric(confidence, correct, bins=bins) == pytest.approx(expected, nan_ok=True, abs=1e-12)


@pytest.mark.parametrize(
    ("metric", "confidence", "correct", "expected"),
    [
        pytest.param(brier, [0.9, 0.6], [1, 0], 0.185, id="brier: (.01 + .36) / 2"),
        pytest.param(brier, [0.9, NAN], [1, 1], 0.01, id="brier: unknown left out"),
        pytest.param(brier, [], [], NAN, id="brier: empty"),
        pytest.param(overconfidence, [0.9, 0.8], [1, 0], 0.35, id="overconfidence: .85 - .5"),
        pytest.param(overconfidence, [0.3, NAN], [1, 0], -0.7, id="overconfidence: under is negative"),
        pytest.param(overconfidence, [NAN], [1], NAN, id="overconfidence: nothing known"),
    ],
)
def test_scores_by_hand(
    metric: Callable[..., float], confidence: list[float], correct: list[float], expected: float
) -> None:
    assert metric(confidence, correct) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("p_correct", "weights", "expected"),
    [
        pytest.param([0.5, 0.125], None, 2 * math.log(2), id="(1 + 3) / 2 times ln 2"),
        pytest.param([0.5, NAN], None, math.log(2), id="unknown left out"),
        pytest.param([1.0, 1.0 + 1e-12], None, 0.0, id="certain, but for rounding"),
        pytest.param([0.5, 0.0], None, math.inf, id="never expected: infinite, not clipped"),
        pytest.param([0.5, 0.0], [1, 0], math.log(2), id="never expected, but without weight"),
        pytest.param([0.0], [0], NAN, id="nothing weighs"),
        pytest.param([], None, NAN, id="empty"),
    ],
)
def test_nll_by_hand(p_correct: list[float], weights: list[float] | None, expected: float) -> None:
    assert nll(p_correct, weights=weights) == pytest.approx(expected, nan_ok=True)


def test_nll_is_infinite_under_those_weightings_alone_that_hold_the_impossible() -> None:
    found = nll([0.5, 0.0], weights=[[1, 0], [1, 1], [0, 0]])
    assert found == pytest.approx(np.array([math.log(2), math.inf, NAN]), nan_ok=True)


def test_brier_parts_by_hand() -> None:
    # Bins: .9 twice, both right; .5 right and .58 not. Accuracy 3/4.
    confidence = [0.9, 0.9, 0.5, 0.58]
    parts = brier_decomposition(confidence, RIGHT, bins=5)
    assert parts == pytest.approx(
        {
            "reliability": (2 * 0.1**2 + 2 * 0.04**2) / 4,
            "resolution": 0.25**2,
            "uncertainty": 3 / 16,
            "remainder": (2 * 0.04**2 + 2 * 2 * 0.04 * 0.5) / 4,  # The surer of the two is the wrong one.
        }
    )
    assert brier(confidence, RIGHT) == pytest.approx((0.1**2 + 0.1**2 + 0.5**2 + 0.58**2) / 4)


@pytest.mark.parametrize("unknown", [([], []), ([NAN], [1])], ids=["empty", "nothing known"])
def test_parts_and_curve_of_nothing_are_unknown(unknown: tuple[list[float], list[float]]) -> None:
    assert all(math.isnan(value) for value in brier_decomposition(*unknown).values())
    confidence, accuracy, count = reliability_curve(*unknown, bins=2)
    assert np.isnan([confidence, accuracy]).all()
    assert count.tolist() == [0, 0]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_that_of_the_decomposition(part: str) -> None:
    confidence, correct = drawn(1)
    assert brier_part(confidence, correct, part) == brier_decomposition(confidence, correct)[part]  # type: ignore[arg-type,index]


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(
        ValueError, match="unknown part 'refinement' of the Brier score; choose one of: reliability, res"
    ):
        brier_part([0.5], [1], "refinement")  # type: ignore[arg-type]


@pytest.mark.parametrize("bins", [5, 15])
@pytest.mark.parametrize("seed", range(3))
def test_against_scikit_learn(seed: int, bins: int) -> None:
    confidence, correct = drawn(seed)
    accuracy, sure = calibration_curve(correct, confidence, n_bins=bins)
    counts, _ = np.histogram(1 - confidence, bins=bins, range=(0, 1))  # Turned, since bins are closed above.
    counts = counts[::-1]
    held = counts > 0
    curve = reliability_curve(confidence, correct, bins=bins)
    assert curve[0][held] == pytest.approx(sure)
    assert curve[1][held] == pytest.approx(accuracy)
    assert curve[2] == pytest.approx(counts)
    distance = np.abs(accuracy - sure)
    assert ece(confidence, correct, bins=bins) == pytest.approx(np.average(distance, weights=counts[held]))
    assert mce(confidence, correct, bins=bins) == pytest.approx(distance.max())
    accuracy, sure = calibration_curve(correct, confidence, n_bins=bins, strategy="quantile")
    assert adaptive_ece(confidence, correct, bins=bins) == pytest.approx(np.abs(accuracy - sure).mean())
    assert brier(confidence, correct) == pytest.approx(brier_score_loss(correct, confidence))
    right = np.where(correct == 1, confidence, 1 - confidence)
    assert nll(right) == pytest.approx(log_loss(correct, confidence))
    assert overconfidence(confidence, correct) == pytest.approx(confidence.mean() - correct.mean())


@pytest.mark.parametrize("seed", range(3))
def test_weights_against_scikit_learn(seed: int) -> None:
    confidence, correct = drawn(seed)
    weights = np.random.default_rng(seed).uniform(0, 2, size=300)
    right = np.where(correct == 1, confidence, 1 - confidence)
    expected = brier_score_loss(correct, confidence, sample_weight=weights)
    assert brier(confidence, correct, weights=weights) == pytest.approx(expected)
    assert sum_of_parts(confidence, correct, weights=weights) == pytest.approx(expected)
    assert nll(right, weights=weights) == pytest.approx(log_loss(correct, confidence, sample_weight=weights))


@pytest.mark.parametrize("seed", range(3))
def test_brier_parts_against_scipy_and_statsmodels(seed: int) -> None:
    confidence, correct = drawn(seed)
    parts = brier_decomposition(confidence, correct, bins=10)
    index = np.ceil(confidence * 10)

    def within(values: np.ndarray) -> np.ndarray:
        return np.asarray(binned_statistic(index, values, bins=np.arange(0.5, 11))[0])[index.astype(int) - 1]

    dummies = (index[:, None] == np.unique(index)).astype(float)
    assert parts["uncertainty"] == pytest.approx(np.var(correct))
    assert parts["resolution"] == pytest.approx(OLS(correct, dummies).fit().fittedvalues.var())
    assert parts["reliability"] == pytest.approx(((within(confidence) - within(correct)) ** 2).mean())
    f, o = confidence - within(confidence), correct - within(correct)
    assert parts["remainder"] == pytest.approx((f * f - 2 * f * o).mean())


def sum_of_parts(confidence: object, correct: object, **options: object) -> object:
    parts = brier_decomposition(confidence, correct, **options)  # type: ignore[arg-type]
    return parts["reliability"] - parts["resolution"] + parts["uncertainty"] + parts["remainder"]


@given(values=rows, bins=st.integers(1, 20))
def test_the_parts_add_up_to_the_score(values: np.ndarray, bins: int) -> None:
    assert sum_of_parts(*values.T, bins=bins) == pytest.approx(brier(*values.T), abs=1e-9)


@given(values=rows)
def test_what_the_parts_can_be(values: np.ndarray) -> None:
    parts = brier_decomposition(*values.T)
    assert -1e-12 <= parts["resolution"] <= parts["uncertainty"] + 1e-12 <= 0.25 + 2e-12
    assert -29 / 900 - 1e-12 <= parts["remainder"] <= 31 / 900 + 1e-12
    assert 0 <= parts["reliability"] <= 1


@given(values=rows, bins=st.integers(1, 20))
def test_errors_lie_between_what_cancels_and_the_worst_bin(values: np.ndarray, bins: int) -> None:
    confidence, correct = values.T
    error = ece(confidence, correct, bins=bins)
    assert abs(overconfidence(confidence, correct)) - 1e-9 <= error <= mce(confidence, correct, bins=bins) + 1e-9
    assert abs(overconfidence(confidence, correct)) - 1e-9 <= adaptive_ece(confidence, correct, bins=bins) <= 1
    assert ece(confidence, correct, bins=1) == pytest.approx(abs(overconfidence(confidence, correct)))


@given(values=rows, data=st.data())
def test_order_and_unknowns_do_not_matter(values: np.ndarray, data: st.DataObject) -> None:
    moved = np.array(data.draw(st.permutations([*values.tolist(), [NAN, 1.0], [0.5, NAN]])))
    for metric in (ece, adaptive_ece, mce, brier, overconfidence):
        assert metric(*moved.T) == pytest.approx(metric(*values.T))


@given(values=rows, bins=st.integers(1, 20))
def test_bins_of_equal_mass_hold_equally_many_but_for_ties(values: np.ndarray, bins: int) -> None:
    confidence = np.unique(values[:, 0])
    counts = np.bincount(equal_mass(confidence, bins), minlength=bins)
    assert np.ptp(counts) <= 1


def test_a_well_calibrated_confidence_has_little_error_and_a_boast_much() -> None:
    random = np.random.default_rng(0)
    confidence = random.uniform(0, 1, size=200_000)
    correct = (random.random(200_000) < confidence).astype(float)
    assert ece(confidence, correct) < 0.01
    assert adaptive_ece(confidence, correct) < 0.01
    boast = (1 + confidence) / 2  # Off by (1 - c) / 2, on average 1/4.
    assert ece(boast, correct) == pytest.approx(0.25, abs=0.01)
    assert overconfidence(boast, correct) == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("metric", ALL)
def test_what_is_no_probability_is_refused(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match=r"confidence 1\.5 is outside \[0, 1\]; give probabilities, nan where unknown"):
        metric([0.5, 1.5], [1, 1])


def test_what_is_no_probability_of_gold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"p_correct -0\.5 is outside \[0, 1\]"):
        nll([-0.5])


@pytest.mark.parametrize("metric", BINNED)
def test_no_bins_are_refused(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match="0 bins hold nothing; give 1 or more"):
        metric([0.5], [1], bins=0)
