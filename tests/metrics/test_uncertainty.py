import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from sklearn.metrics import brier_score_loss
from sklearn.utils.extmath import softmax

from lmms_faith.metrics import (
    brier_multi,
    js_shift,
    letter_entropy,
    margin,
    max_p,
    normalised_entropy,
    off_letter_mass,
    p_option,
)

logprobs = st.lists(st.floats(-60, 0), min_size=1, max_size=12)
two_sides = st.lists(st.tuples(st.floats(-60, 0), st.floats(-60, 0)), min_size=2, max_size=12).map(np.array)


@pytest.mark.parametrize(
    ("probabilities", "expected"),
    [
        pytest.param([0.5, 0.5], math.log(2), id="two equal"),
        pytest.param([0.25] * 4, math.log(4), id="four equal"),
        pytest.param([0.1, 0.1], math.log(2), id="two equal of little mass"),
        pytest.param([0.6, 0.2], 0.5623, id="three to one: -3/4 ln 3/4 - 1/4 ln 1/4"),
        pytest.param([0.9], 0.0, id="one option"),
        pytest.param([0.9, 0.0], 0.0, id="certain"),
    ],
)
def test_entropy_by_hand(probabilities: list[float], expected: float) -> None:
    with np.errstate(divide="ignore"):
        assert letter_entropy(np.log(probabilities)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("probabilities", "index", "p", "off"),
    [
        pytest.param([0.6, 0.2], 0, 0.75, 0.2, id="gold of most mass"),
        pytest.param([0.6, 0.2], 1, 0.25, 0.2, id="the other option"),
        pytest.param([0.3, 0.5, 0.2], 2, 0.2, 0.0, id="all mass on letters"),
        pytest.param([1e-9, 3e-9], 1, 0.75, 1.0, id="no mass on letters"),
    ],
)
def test_p_option_and_off_letter_mass_by_hand(probabilities: list[float], index: int, p: float, off: float) -> None:
    assert p_option(np.log(probabilities), index) == pytest.approx(p)
    assert off_letter_mass(np.log(probabilities)) == pytest.approx(off, abs=1e-8)


@pytest.mark.parametrize(
    ("probabilities", "normalised", "ahead", "top"),
    [
        pytest.param([0.25] * 4, 1.0, 0.0, 0.25, id="four equal"),
        pytest.param([0.5, 0.5, 0.0, 0.0], 0.5, 0.0, 0.5, id="two of four: ln 2 of ln 4"),
        pytest.param([0.1, 0.3], 0.8113, 0.5, 0.75, id="three to one: .5623 of ln 2"),
        pytest.param([0.2, 0.5, 0.3], 0.9372, 0.2, 0.5, id="the two highest, wherever they stand"),
        pytest.param([0.9], math.nan, math.nan, 1.0, id="one option can't be uncertain and has no next"),
    ],
)
def test_normalised_entropy_margin_and_max_p_by_hand(
    probabilities: list[float], normalised: float, ahead: float, top: float
) -> None:
    with np.errstate(divide="ignore"):
        letters = np.log(probabilities)
    assert normalised_entropy(letters) == pytest.approx(normalised, abs=1e-4, nan_ok=True)
    assert margin(letters) == pytest.approx(ahead, nan_ok=True, abs=1e-12)
    assert max_p(letters) == pytest.approx(top)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        pytest.param([0.5, 0.5], [0.5, 0.5], 0.0, id="nothing changed"),
        pytest.param([0.1, 0.1], [0.5, 0.5], 0.0, id="only mass off the letters changed"),
        pytest.param([1, 0], [0, 1], math.log(2), id="no option shared"),
        # m = (3/4, 1/4): (ln 4/3 + (1/2 ln 2/3 + 1/2 ln 2)) / 2
        pytest.param([1, 0], [0.5, 0.5], (math.log(4 / 3) + math.log(4 / 3) / 2) / 2, id="from even to certain"),
    ],
)
def test_shift_by_hand(now: list[float], before: list[float], expected: float) -> None:
    with np.errstate(divide="ignore"):
        assert js_shift(np.log(now), np.log(before)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("probabilities", "answer", "expected"),
    [
        pytest.param([0.75, 0.25], 0, 0.125, id="two options: twice the binary score"),
        pytest.param([1.0, 0.0, 0.0], 0, 0.0, id="all on gold"),
        pytest.param([1.0, 0.0, 0.0], 1, 2.0, id="all on another"),
        pytest.param([0.2, 0.4, 0.2], 1, 0.375, id="renormalised: 1/16 + 1/4 + 1/16"),
    ],
)
def test_brier_multi_by_hand(probabilities: list[float], answer: int, expected: float) -> None:
    with np.errstate(divide="ignore"):
        assert brier_multi(np.log(probabilities), answer) == pytest.approx(expected)


def test_a_shift_between_different_options_is_refused() -> None:
    with pytest.raises(ValueError, match="2 letters don't compare with 3; give the same options on both sides"):
        js_shift([-1.0, -1.0], [-1.0, -1.0, -1.0])


@pytest.mark.parametrize("seed", range(5))
def test_against_scipy_and_scikit_learn_on_a_whole_vocabulary(seed: int) -> None:
    vocabulary = softmax(np.random.default_rng(seed).normal(0, 3, size=(1, 500)))[0]
    letters, rest = vocabulary[:4], vocabulary[4:]
    assert letter_entropy(np.log(letters)) == pytest.approx(entropy(letters))
    assert off_letter_mass(np.log(letters)) == pytest.approx(rest.sum())
    q = softmax(np.log(letters)[None])[0]
    assert [p_option(np.log(letters), i) for i in range(4)] == pytest.approx(q)
    assert normalised_entropy(np.log(letters)) == pytest.approx(entropy(letters, base=4))
    assert max_p(np.log(letters)) == pytest.approx(np.max(q))
    assert margin(np.log(letters)) == pytest.approx(-np.diff(np.sort(q)[::-1])[0])
    assert js_shift(np.log(letters), np.log(rest[:4])) == pytest.approx(jensenshannon(letters, rest[:4]) ** 2)
    for answer in range(4):
        expected = brier_score_loss([answer], q[None] / q.sum(), labels=range(4))
        assert brier_multi(np.log(letters), answer) == pytest.approx(expected)


@given(values=logprobs, constant=st.floats(-100, 100), data=st.data())
def test_only_the_ratio_of_letters_counts(values: list[float], constant: float, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    shifted = np.add(values, constant)
    assert letter_entropy(shifted) == pytest.approx(letter_entropy(values), abs=1e-9)
    assert p_option(shifted, index) == pytest.approx(p_option(values, index), abs=1e-9)
    assert max_p(shifted) == pytest.approx(max_p(values), abs=1e-9)
    assert margin(shifted) == pytest.approx(margin(values), abs=1e-9, nan_ok=True)
    assert js_shift(shifted, values) == pytest.approx(0.0, abs=1e-9)
    assert brier_multi(shifted, index) == pytest.approx(brier_multi(values, index), abs=1e-9)


@given(values=logprobs, data=st.data())
def test_the_order_of_letters_does_not_count(values: list[float], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(values))))
    moved = [values[i] for i in order]
    assert letter_entropy(moved) == pytest.approx(letter_entropy(values), abs=1e-9)
    assert off_letter_mass(moved) == pytest.approx(off_letter_mass(values), abs=1e-9)
    assert [p_option(moved, i) for i in range(len(order))] == pytest.approx([p_option(values, i) for i in order])


@given(values=logprobs)
def test_bounds(values: list[float]) -> None:
    assert len(values) == 1 or 0 <= normalised_entropy(values) <= 1 + 1e-9
    assert len(values) == 1 or 0 <= margin(values) <= max_p(values) + 1e-9
    assert 1 / len(values) - 1e-9 <= max_p(values) <= 1 + 1e-9
    assert 0 <= letter_entropy(values) <= math.log(len(values)) + 1e-9
    assert 0 <= off_letter_mass(values) <= 1
    assert sum(p_option(values, i) for i in range(len(values))) == pytest.approx(1)


@given(sides=two_sides, data=st.data())
def test_a_shift_is_the_same_from_either_side_and_in_any_order(sides: np.ndarray, data: st.DataObject) -> None:
    now, before = sides.T
    order = data.draw(st.permutations(range(len(now))))
    assert 0 <= js_shift(now, before) <= math.log(2)
    assert js_shift(now, before) == pytest.approx(js_shift(before, now), abs=1e-12)
    assert js_shift(now, before) == pytest.approx(js_shift(now[order], before[order]), abs=1e-12)


@given(sides=two_sides)
def test_brier_is_least_where_gold_is_drawn_from_the_letters_themselves(sides: np.ndarray) -> None:
    stated, true = sides.T
    chances = [p_option(true, i) for i in range(len(true))]
    expected = [np.dot(chances, [brier_multi(letters, i) for i in range(len(true))]) for letters in (true, stated)]
    assert expected[0] <= expected[1] + 1e-9
    assert 0 <= brier_multi(stated, 0) <= 2


def test_an_unknown_logprob_makes_the_number_unknown() -> None:
    unknown = [-1.0, math.nan]
    assert math.isnan(letter_entropy(unknown))
    assert math.isnan(normalised_entropy(unknown))
    assert math.isnan(max_p(unknown))
    assert math.isnan(margin(unknown))
    assert math.isnan(js_shift(unknown, [-1.0, -1.0]))
    assert math.isnan(js_shift([-1.0, -1.0], unknown))
    assert math.isnan(brier_multi(unknown, 0))
    assert math.isnan(p_option([-1.0, math.nan], 0))
    assert math.isnan(off_letter_mass([-1.0, math.nan]))
