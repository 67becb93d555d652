import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, precision_score

from lmms_faith.metrics import (
    consistency,
    consistency_among,
    consistency_best,
    consistency_worst,
    consistent_acc,
    quadrant,
    quadrants,
)

NAN = math.nan
mark = st.sampled_from([0.0, 1.0, NAN])
pairs = st.lists(st.tuples(mark, mark), min_size=1, max_size=40).map(np.array)


@pytest.mark.parametrize(
    ("agree", "expected"),
    [
        pytest.param([1, 1, 1, 0], 0.75, id="three of four"),
        pytest.param([NAN, 1], 1.0, id="undecided left out"),
        pytest.param([NAN, 0], 0.0, id="undecided is no agreement"),
        pytest.param([NAN], NAN, id="nothing decided"),
        pytest.param([], NAN, id="empty"),
    ],
)
def test_consistency_by_hand(agree: list[float], expected: float) -> None:
    assert consistency(agree) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("agree", "judgeable", "worst", "best"),
    [
        pytest.param([1, 0, NAN, NAN], [1, 1, 1, 1], 0.25, 0.75, id="two of four undecided"),
        pytest.param([1, 0, NAN, NAN], [1, 1, 0, NAN], 0.5, 0.5, id="nothing to judge is not undecided"),
        pytest.param([1, 1], [1, 1], 1.0, 1.0, id="all decided"),
        pytest.param([NAN, NAN], [1, 1], 0.0, 1.0, id="none decided: nothing is known"),
        pytest.param([NAN], [0], NAN, NAN, id="nothing to judge"),
    ],
)
def test_bounds_by_hand(agree: list[float], judgeable: list[float], worst: float, best: float) -> None:
    assert consistency_worst(agree, judgeable) == pytest.approx(worst, nan_ok=True)
    assert consistency_best(agree, judgeable) == pytest.approx(best, nan_ok=True)


@pytest.mark.parametrize(
    ("agree", "kept", "expected"),
    [
        pytest.param([1, 0, 0, 1], [1, 1, 0, 0], 0.5, id="one of the two kept"),
        pytest.param([1, NAN, 0], [1, 1, NAN], 1.0, id="one kept and known"),
        pytest.param([1], [0], NAN, id="none kept"),
    ],
)
def test_among_by_hand(agree: list[float], kept: list[float], expected: float) -> None:
    assert consistency_among(agree, kept) == pytest.approx(expected, nan_ok=True)


def test_quadrants_by_hand() -> None:
    #        cc cc cw iw ic unknown
    agree = [1, 1, 1, 0, 0, NAN]
    right = [1, 1, 0, 0, 1, 1]
    assert quadrants(agree, right) == pytest.approx(
        {
            "consistent_correct": 0.4,
            "consistent_wrong": 0.2,
            "inconsistent_correct": 0.2,
            "inconsistent_wrong": 0.2,
        }
    )
    assert consistent_acc(agree, right) == pytest.approx(0.4)


def test_quadrants_of_nothing_are_unknown() -> None:
    assert all(math.isnan(share) for share in quadrants([NAN], [0]).values())


def test_an_unknown_quadrant_is_refused() -> None:
    with pytest.raises(
        ValueError, match="unknown quadrant 'right'; choose one of: consistent_correct, consistent_wrong"
    ):
        quadrant([1], [1], "right")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_against_scikit_learn(seed: int) -> None:
    conclusion, prediction, gold = np.random.default_rng(seed).integers(0, 4, size=(3, 300))
    agree, right = conclusion == prediction, prediction == gold
    table = confusion_matrix(agree, right, normalize="all")
    assert consistency(agree) == pytest.approx(accuracy_score(conclusion, prediction))
    assert list(quadrants(agree, right).values()) == pytest.approx([table[1, 1], table[1, 0], table[0, 1], table[0, 0]])
    assert consistent_acc(agree, right) == pytest.approx(table[1, 1])
    assert consistency_among(agree, right) == pytest.approx(precision_score(agree, right))
    undecided = np.random.default_rng(seed + 9).random(300) < 0.3
    seen = np.where(undecided, NAN, agree)
    assert consistency_worst(seen, np.ones(300)) == pytest.approx(accuracy_score(np.ones(300), agree & ~undecided))
    assert consistency_best(seen, np.ones(300)) == pytest.approx(accuracy_score(np.ones(300), agree | undecided))


@given(rows=pairs)
def test_quadrants_are_shares_of_one_whole(rows: np.ndarray) -> None:
    agree, right = rows.T
    known = ~np.isnan(rows).any(axis=1)
    shares = quadrants(agree, right)
    assert sum(shares.values()) == pytest.approx(1.0 if known.any() else NAN, nan_ok=True)
    both = shares["consistent_correct"] + shares["consistent_wrong"]
    assert both == pytest.approx(consistency(agree[known]), nan_ok=True)


@given(agree=st.lists(mark, min_size=1, max_size=40), hidden=st.lists(st.booleans(), min_size=40, max_size=40))
def test_the_bounds_hold_what_any_judge_that_decides_all_finds(agree: list[float], hidden: list[bool]) -> None:
    everything = np.ones(len(agree))
    decided = np.where(np.isnan(agree), hidden[: len(agree)], agree)
    low, high = consistency_worst(agree, everything), consistency_best(agree, everything)
    assert low - 1e-12 <= consistency(decided) <= high + 1e-12
    assert high - low == pytest.approx(np.isnan(agree).mean())


@given(rows=pairs, data=st.data())
def test_order_does_not_matter(rows: np.ndarray, data: st.DataObject) -> None:
    moved = np.array(data.draw(st.permutations(rows.tolist())))
    assert quadrants(*moved.T) == pytest.approx(quadrants(*rows.T), nan_ok=True)
    assert consistency_among(*moved.T) == pytest.approx(consistency_among(*rows.T), nan_ok=True)


@pytest.mark.parametrize("metric", [quadrants, consistency_worst, consistency_best, consistency_among, consistent_acc])
def test_different_lengths_are_refused(metric: object) -> None:
    with pytest.raises(ValueError, match="align them by item id"):
        metric(np.zeros(2), np.zeros(3))  # type: ignore[operator]
