import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix

from lmms_faith.metrics import consistency, consistent_acc, quadrants

NAN = math.nan
option = st.sampled_from([0.0, 1.0, 2.0, NAN])
triples = st.lists(st.tuples(option, option, st.sampled_from([0.0, 1.0, 2.0])), min_size=1, max_size=40).map(np.array)


@pytest.mark.parametrize(
    ("conclusion", "prediction", "expected"),
    [
        pytest.param([0, 1, 2, 3], [0, 1, 2, 0], 0.75, id="three of four"),
        pytest.param([NAN, 1], [0, 1], 1.0, id="undecided judge left out"),
        pytest.param([0, 1], [NAN, 0], 0.0, id="no answer left out"),
        pytest.param([NAN], [NAN], NAN, id="two unknowns do not agree"),
        pytest.param([], [], NAN, id="empty"),
    ],
)
def test_consistency_by_hand(conclusion: list[float], prediction: list[float], expected: float) -> None:
    assert consistency(conclusion, prediction) == pytest.approx(expected, nan_ok=True)


def test_quadrants_by_hand() -> None:
    #                     cc  cc  cw  iw  ic  unknown
    shares = quadrants([0, 1, 2, 0, 1, NAN], [0, 1, 2, 1, 2, 0], [0, 1, 0, 2, 2, 0])
    assert shares == pytest.approx(
        {
            "consistent_correct": 0.4,
            "consistent_wrong": 0.2,
            "inconsistent_correct": 0.2,
            "inconsistent_wrong": 0.2,
        }
    )
    assert consistent_acc([0, 1, 2, 0, 1, NAN], [0, 1, 2, 1, 2, 0], [0, 1, 0, 2, 2, 0]) == pytest.approx(0.4)


def test_quadrants_of_nothing_are_unknown() -> None:
    assert all(math.isnan(share) for share in quadrants([NAN], [0], [0]).values())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_against_scikit_learn(seed: int) -> None:
    conclusion, prediction, gold = np.random.default_rng(seed).integers(0, 4, size=(3, 300))
    table = confusion_matrix(conclusion == prediction, prediction == gold, normalize="all")
    shares = quadrants(conclusion, prediction, gold)
    assert consistency(conclusion, prediction) == pytest.approx(accuracy_score(conclusion, prediction))
    assert list(shares.values()) == pytest.approx([table[1, 1], table[1, 0], table[0, 1], table[0, 0]])
    assert consistent_acc(conclusion, prediction, gold) == pytest.approx(table[1, 1])


@given(rows=triples)
def test_quadrants_are_shares_of_one_whole(rows: np.ndarray) -> None:
    conclusion, prediction, gold = rows.T
    shares = quadrants(conclusion, prediction, gold)
    both = shares["consistent_correct"] + shares["consistent_wrong"]
    known = not np.isnan(rows).any(axis=1).all()
    assert sum(shares.values()) == pytest.approx(1.0 if known else NAN, nan_ok=True)
    assert both == pytest.approx(consistency(conclusion, prediction), nan_ok=True)


@given(rows=triples, data=st.data())
def test_order_and_names_of_options_do_not_matter(rows: np.ndarray, data: st.DataObject) -> None:
    conclusion, prediction, gold = rows.T
    moved = np.array(data.draw(st.permutations(rows.tolist()))).T
    renamed = 5 - moved
    assert quadrants(*renamed) == pytest.approx(quadrants(conclusion, prediction, gold), nan_ok=True)


@pytest.mark.parametrize(
    "shapes", [(2, 3, 3), (3, 2, 2), (3, 3, 2)], ids=["conclusions", "conclusions too many", "answers"]
)
def test_different_lengths_are_refused(shapes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="align them by item id"):
        quadrants(*(np.zeros(n) for n in shapes))
