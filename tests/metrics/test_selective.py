import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu
from sklearn.metrics import precision_recall_curve, roc_auc_score

from lmms_faith.metrics import aurc, auroc, auroc_staying, eaurc, risk_coverage, weighting

NAN = math.nan
mark = st.sampled_from([0.0, 1.0])
coarse = st.integers(0, 4).map(float)
rows = st.lists(st.tuples(coarse, mark, st.integers(0, 3)), min_size=1, max_size=25).map(
    lambda listed: np.array(listed, dtype=float)
)


def drawn(seed: int, *, ties: bool, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    score = random.random(n)
    return np.round(score, 1) if ties else score, (random.random(n) < score).astype(float)


@pytest.mark.parametrize(
    ("confidence", "correct", "coverage", "risk"),
    [
        pytest.param([0.9, 0.8, 0.7], [1, 0, 1], [1 / 3, 2 / 3, 1], [0, 1 / 2, 1 / 3], id="no ties"),
        pytest.param(
            [0.9, 0.8, 0.8, 0.7], [1, 1, 0, 0], [1 / 4, 3 / 4, 1], [0, 1 / 3, 1 / 2], id="a tie passes as one"
        ),
        pytest.param([0.5, NAN, 0.4], [0, 1, NAN], [1], [1], id="unknown left out"),
        pytest.param([NAN], [1], [], [], id="nothing known"),
    ],
)
def test_curve_by_hand(confidence: list[float], correct: list[float], coverage: list[float], risk: list[float]) -> None:
    found = risk_coverage(confidence, correct)
    assert found[0] == pytest.approx(coverage)
    assert found[1] == pytest.approx(risk)


@pytest.mark.parametrize(
    ("confidence", "correct", "area", "excess"),
    [
        pytest.param([0.9, 0.8, 0.7], [1, 0, 1], (0 + 1 / 2 + 1 / 3) / 3, 1 / 6, id="best order: (0 + 0 + 1/3) / 3"),
        pytest.param([0.9, 0.8, 0.7], [1, 1, 0], 1 / 9, 0.0, id="best order"),
        pytest.param([0.9, 0.8], [0, 1], (1 + 1 / 2) / 2, 1 / 2, id="worst order"),
        pytest.param([0.5, 0.5], [1, 0], 1 / 2, 1 / 4, id="a tie: mean of both orders, 1/4 and 3/4"),
        pytest.param([0.9, 0.1], [1, 1], 0.0, 0.0, id="all right"),
        pytest.param([0.9, 0.1], [0, 0], 1.0, 0.0, id="all wrong: no order helps"),
        pytest.param([0.9, NAN], [0, 1], 1.0, 0.0, id="unknown left out"),
        pytest.param([NAN], [1], NAN, NAN, id="nothing known"),
        pytest.param([], [], NAN, NAN, id="empty"),
    ],
)
def test_area_by_hand(confidence: list[float], correct: list[float], area: float, excess: float) -> None:
    assert aurc(confidence, correct) == pytest.approx(area, nan_ok=True)
    assert eaurc(confidence, correct) == pytest.approx(excess, nan_ok=True, abs=1e-12)


@pytest.mark.parametrize(
    ("score", "label", "expected"),
    [
        pytest.param([0.9, 0.8, 0.2], [1, 0, 0], 1.0, id="told apart"),
        pytest.param([0.1, 0.8, 0.2], [1, 0, 0], 0.0, id="the wrong way round"),
        pytest.param([0.5, 0.8, 0.2], [1, 0, 0], 0.5, id="one of two pairs"),
        pytest.param([0.9, 0.8, 0.8, 0.1], [1, 1, 0, 0], 0.875, id="3.5 of 4 pairs"),
        pytest.param([0.5, 0.5], [1, 0], 0.5, id="a tie is half"),
        pytest.param([math.inf, math.inf, -math.inf], [1, 0, 0], 0.75, id="infinite scores tie, too"),
        pytest.param([0.5, 0.6], [1, 1], NAN, id="one class alone"),
        pytest.param([0.9, NAN, 0.1], [1, 0, NAN], NAN, id="the other class unknown"),
        pytest.param([], [], NAN, id="empty"),
    ],
)
def test_auroc_by_hand(score: list[float], label: list[float], expected: float) -> None:
    assert auroc(score, label) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("score", "before", "now", "expected"),
    [
        pytest.param([0.9, 0.6, 0.5, 0.1], [1, 1, 1, 0], [1, 0, 0, 1], 1.0, id="wrong before does not count"),
        pytest.param([0.9, 0.6, 0.7], [1, 1, NAN], [0, 1, 1], 0.0, id="unknown before does not count"),
        pytest.param([0.9, 0.6], [1, 1], [1, 1], NAN, id="none was lost"),
    ],
)
def test_staying_right_by_hand(score: list[float], before: list[float], now: list[float], expected: float) -> None:
    assert auroc_staying(score, before, now) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_auroc_against_scikit_learn_and_scipy(seed: int, ties: bool) -> None:
    score, label = drawn(seed, ties=ties)
    weights = np.random.default_rng(seed).uniform(0, 2, size=(4, 200))
    assert auroc(score, label) == pytest.approx(roc_auc_score(label, score))
    pairs = label.sum() * (1 - label).sum()
    assert auroc(score, label) == pytest.approx(mannwhitneyu(score[label == 1], score[label == 0]).statistic / pairs)
    expected = [roc_auc_score(label, score, sample_weight=row) for row in weights]
    assert auroc(score, label, weights=weights) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_curve_against_scikit_learn(ties: bool, weighted: bool) -> None:
    confidence, correct = drawn(0, ties=ties)
    weights = np.random.default_rng(1).uniform(0.1, 2, size=200) if weighted else None
    precision, _, thresholds = precision_recall_curve(correct, confidence, sample_weight=weights)
    coverage, risk = risk_coverage(confidence, correct, weights=weights)
    assert risk == pytest.approx(1 - precision[:-1][::-1])
    shares = [np.average(confidence >= threshold, weights=weights) for threshold in thresholds[::-1]]
    assert coverage == pytest.approx(np.array(shares))


@pytest.mark.parametrize("seed", range(3))
def test_area_against_scikit_learn(seed: int) -> None:
    confidence, correct = drawn(seed, ties=False)
    precision, _, _ = precision_recall_curve(correct, confidence)
    best, _, _ = precision_recall_curve(correct, correct + np.linspace(0, 0.1, 200))  # Right first, in any order.
    assert aurc(confidence, correct) == pytest.approx(np.mean(1 - precision[:-1]))
    assert eaurc(confidence, correct) == pytest.approx(np.mean(best[:-1] - precision[:-1]))


def brute(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Mean AURC over all orders that the confidences allow."""
    groups = [list(np.flatnonzero(confidence == value)) for value in sorted(set(confidence), reverse=True)]
    orders = itertools.product(*(itertools.permutations(group) for group in groups))
    areas = [
        np.mean(np.cumsum(1 - correct[list(itertools.chain(*order))]) / (1 + np.arange(len(correct))))
        for order in orders
    ]
    return float(np.mean(areas))


@given(values=st.lists(st.tuples(st.integers(0, 2).map(float), mark), min_size=1, max_size=6).map(np.array))
def test_ties_count_with_the_mean_over_their_orders(values: np.ndarray) -> None:
    assert aurc(*values.T) == pytest.approx(brute(*values.T))


@given(values=rows)
def test_whole_weights_are_repeats(values: np.ndarray) -> None:
    score, label, weights = values.T
    repeated = [np.repeat(column, weights.astype(int)) for column in (score, label)]
    for metric in (aurc, eaurc, auroc):
        expected = metric(*repeated)
        assert metric(score, label, weights=weights) == pytest.approx(expected, nan_ok=True, abs=1e-9)
        assert metric(score, label, weights=[weights, weights]) == pytest.approx([expected] * 2, nan_ok=True, abs=1e-9)


@given(values=rows)
def test_weights_that_are_nearly_whole_give_nearly_the_same(values: np.ndarray) -> None:
    score, label, weights = values.T
    for metric in (aurc, eaurc):
        expected = metric(score, label, weights=weights + 1.0)
        assert metric(score, label, weights=weights + 1.0 + 1e-9) == pytest.approx(expected, abs=1e-6)


@given(values=rows)
def test_only_the_order_of_scores_counts(values: np.ndarray) -> None:
    score, label, weights = values.T
    for metric in (aurc, eaurc, auroc):
        expected = metric(score, label, weights=weights)
        assert metric(np.exp(score) - 7, label, weights=weights) == pytest.approx(expected, nan_ok=True)


@given(values=rows)
def test_auroc_turns_with_its_score_and_with_its_label(values: np.ndarray) -> None:
    score, label, weights = values.T
    found = auroc(score, label, weights=weights)
    assert auroc(-score, label, weights=weights) == pytest.approx(1 - found, nan_ok=True)
    assert auroc(score, 1 - label, weights=weights) == pytest.approx(1 - found, nan_ok=True)


@given(values=rows)
def test_areas_stay_in_bounds_and_the_best_order_has_no_excess(values: np.ndarray) -> None:
    score, label, _ = values.T
    assert -1e-12 <= eaurc(score, label) <= aurc(score, label) <= 1 + 1e-12
    assert eaurc(label, label) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("metric", [aurc, eaurc, auroc])
def test_chunks_do_not_change_the_number(metric: object, monkeypatch: pytest.MonkeyPatch) -> None:
    score, label = drawn(0, ties=True)
    weights = np.random.default_rng(0).integers(0, 3, size=(9, 200))
    whole = metric(score, label, weights=weights)  # type: ignore[operator]
    monkeypatch.setattr(weighting, "CHUNK_BYTES", 8 * 200 * 8 * 2)
    assert metric(score, label, weights=weights) == pytest.approx(whole)  # type: ignore[operator]


def test_a_curve_of_many_weightings_is_refused() -> None:
    with pytest.raises(ValueError, match=r"weights have shape \(2, 1\); a curve takes one weighting, shape \(n,\)"):
        risk_coverage([0.5], [1], weights=[[1], [1]])
