import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters
from statsmodels.stats.inter_rater import fleiss_kappa as reference_fleiss

from lmms_faith.metrics import cohen_kappa, fleiss_kappa, gwet_ac2, raw_agreement

Floats = NDArray[np.float64]
NAN = math.nan

# Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition, page 120 (cac.raw4raters of the R package irrCAC).
FOUR_RATERS = [
    [1, 1, NAN, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [NAN, 5, 5, 5],
    [NAN, NAN, 1, 1],
    [NAN, NAN, 3, NAN],
]
# Gwet 2014 (cont3x3abstractors of irrCAC): two raters, 100 cases, 13 + 20 + 56 of them alike.
ABSTRACTORS = np.repeat(list(itertools.product(range(3), repeat=2)), [13, 0, 0, 0, 20, 7, 0, 4, 56], axis=0)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(raw_agreement(FOUR_RATERS), 0.8181818, id="four raters, agreement"),
        pytest.param(fleiss_kappa(FOUR_RATERS), 0.76117, id="four raters, Fleiss"),
        pytest.param(gwet_ac2(FOUR_RATERS), 0.77544, id="four raters, AC1"),
        pytest.param(cohen_kappa(*ABSTRACTORS.T), 0.7964094, id="abstractors, Cohen"),
        pytest.param(fleiss_kappa(ABSTRACTORS), 0.7962397, id="abstractors, Fleiss, which is Scott's pi"),
        pytest.param(gwet_ac2(ABSTRACTORS), 0.8493305, id="abstractors, AC1"),
    ],
)
def test_the_published_examples(found: float, expected: float) -> None:
    assert found == pytest.approx(expected, abs=1e-5)


def test_ac1_by_hand() -> None:
    """Codes are 15 %, 27.5 % and 57.5 %... of both abstractors, so chance is half of the sum of p (1 - p)."""
    share = np.array([13 + 13, 27 + 24, 60 + 63]) / 200
    chance = (share * (1 - share)).sum() / 2
    assert gwet_ac2(ABSTRACTORS) == pytest.approx((0.89 - chance) / (1 - chance))


def test_kappa_collapses_where_one_code_prevails_and_ac1_does_not() -> None:
    """Two judges find 97 % consistent and agree on 96 of 100: on 95 as consistent, on one as not."""
    ratings = np.repeat([[1, 1], [0, 0], [1, 0], [0, 1]], [95, 1, 2, 2], axis=0)
    assert ratings.mean() == 0.97
    assert raw_agreement(ratings) == pytest.approx(0.96)
    assert cohen_kappa(*ratings.T) < 0.35
    assert fleiss_kappa(ratings) < 0.35
    assert gwet_ac2(ratings) > 0.95


def test_at_even_prevalence_all_of_them_say_the_same() -> None:
    ratings = np.repeat([[1, 1], [0, 0], [1, 0], [0, 1]], [48, 48, 2, 2], axis=0)
    found = [cohen_kappa(*ratings.T), fleiss_kappa(ratings), gwet_ac2(ratings)]
    assert found == pytest.approx([0.92] * 3)


CODES = st.integers(0, 3)
PAIRS = st.lists(st.tuples(CODES, CODES), min_size=2, max_size=40).filter(lambda pairs: len(set(sum(pairs, ()))) > 1)
TRIPLES = st.lists(st.tuples(CODES, CODES, CODES), min_size=2, max_size=40).filter(
    lambda rows: len(set(sum(rows, ()))) > 1
)


@settings(max_examples=30)
@given(pairs=PAIRS)
def test_cohen_against_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    a, b = np.array(pairs).T
    assert cohen_kappa(a, b) == pytest.approx(cohen_kappa_score(a, b), abs=1e-9)


@settings(max_examples=30)
@given(pairs=PAIRS, weights=st.data())
def test_cohen_with_weights_against_scikit_learn(pairs: list[tuple[int, int]], weights: st.DataObject) -> None:
    a, b = np.array(pairs).T
    given_weights = weights.draw(st.lists(st.integers(1, 4), min_size=len(pairs), max_size=len(pairs)))
    expected = cohen_kappa_score(a, b, sample_weight=given_weights)
    assert cohen_kappa(a, b, weights=given_weights) == pytest.approx(expected, abs=1e-9)


@given(rows=TRIPLES)
def test_fleiss_against_statsmodels(rows: list[tuple[int, int, int]]) -> None:
    assert fleiss_kappa(rows) == pytest.approx(reference_fleiss(aggregate_raters(np.array(rows))[0]), abs=1e-9)


def reference_ac2(rows: list[list[float]], q: int, credit: Floats) -> float:
    """Over pairs of judges and codes one by one, as the definition says it."""
    agreed, shares = [], []
    for row in rows:
        codes = [int(code) for code in row if not math.isnan(code)]
        if codes:
            shares.append([codes.count(k) / len(codes) for k in range(q)])
        if len(codes) > 1:
            agreed.append(np.mean([credit[a, b] for a, b in itertools.permutations(codes, 2)]))
    share = np.mean(shares, axis=0)
    chance = credit.sum() / (q * (q - 1)) * sum(p * (1 - p) for p in share)
    return float((np.mean(agreed) - chance) / (1 - chance))


RAGGED = st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, 2.0, NAN])] * 3).map(list), min_size=2, max_size=25).filter(
    lambda rows: any(sum(not math.isnan(code) for code in row) > 1 for row in rows)
)
LINEAR = 1 - np.abs(np.subtract.outer(np.arange(3), np.arange(3))) / 2


@given(rows=RAGGED)
def test_ac2_by_its_definition(rows: list[list[float]]) -> None:
    assert gwet_ac2(rows, categories=3) == pytest.approx(reference_ac2(rows, 3, np.eye(3)))
    assert gwet_ac2(rows, credit=LINEAR) == pytest.approx(reference_ac2(rows, 3, LINEAR))
    assert gwet_ac2(rows, credit=np.eye(3)) == pytest.approx(gwet_ac2(rows, categories=3))


MEASURES: dict[str, Callable[..., object]] = {
    "raw": raw_agreement,
    "fleiss": fleiss_kappa,
    "ac1": lambda rows, weights=None: gwet_ac2(rows, categories=3, weights=weights),
    "ac2": lambda rows, weights=None: gwet_ac2(rows, credit=LINEAR, weights=weights),
    "cohen": lambda rows, weights=None: cohen_kappa(*np.asarray(rows)[:, :2].T, weights=weights),
}


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=15)
@given(rows=RAGGED, data=st.data())
def test_a_weight_is_that_many_items(measure: str, rows: list[list[float]], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    found = MEASURES[measure](rows, weights=weights)
    block = MEASURES[measure](rows, weights=[weights, [1] * len(rows)])
    assert block == pytest.approx([found, MEASURES[measure](rows)], nan_ok=True)
    if sum(weights):
        assert found == pytest.approx(MEASURES[measure](np.repeat(rows, weights, axis=0)), nan_ok=True, abs=1e-9)


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=15)
@given(rows=RAGGED, order=st.permutations([0.0, 1.0, 2.0]))
def test_agreement_knows_no_names_of_codes(measure: str, rows: list[list[float]], order: list[float]) -> None:
    if measure == "ac2":
        order = [2.0, 1.0, 0.0]  # linear credit knows a distance, which a mirror keeps
    renamed = [[code if math.isnan(code) else order[int(code)] for code in row] for row in rows]
    assert MEASURES[measure](renamed) == pytest.approx(MEASURES[measure](rows), nan_ok=True)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([[1, 1], [1, 1]], (1.0, NAN, 1.0), id="one code throughout: chance agrees fully, too"),
        pytest.param([[1, NAN], [NAN, 2]], (NAN, NAN, NAN), id="no item with two ratings"),
        pytest.param([[NAN, NAN]], (NAN, NAN, NAN), id="nothing judged"),
    ],
)
def test_what_can_not_be_told(rows: list[list[float]], expected: tuple[float, ...]) -> None:
    found = raw_agreement(rows), fleiss_kappa(rows), gwet_ac2(rows)
    assert found == pytest.approx(expected, nan_ok=True)
    assert math.isnan(cohen_kappa(*np.array(rows, dtype=float).T))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: raw_agreement([1, 2]), "a row per item"),
        (lambda: gwet_ac2([[0, 1], [2, 2]], categories=2), "categories is 2, but 3 occur"),
        (lambda: gwet_ac2([[0, 5]], credit=np.eye(3)), "number them from 0"),
    ],
)
def test_what_does_not_fit_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
