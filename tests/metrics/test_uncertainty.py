import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy
from sklearn.utils.extmath import softmax

from lmms_faith.metrics import letter_entropy, off_letter_mass, p_option

logprobs = st.lists(st.floats(-60, 0), min_size=1, max_size=12)


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


@pytest.mark.parametrize("seed", range(5))
def test_against_scipy_and_scikit_learn_on_a_whole_vocabulary(seed: int) -> None:
    vocabulary = softmax(np.random.default_rng(seed).normal(0, 3, size=(1, 500)))[0]
    letters, rest = vocabulary[:4], vocabulary[4:]
    assert letter_entropy(np.log(letters)) == pytest.approx(entropy(letters))
    assert off_letter_mass(np.log(letters)) == pytest.approx(rest.sum())
    assert [p_option(np.log(letters), i) for i in range(4)] == pytest.approx(softmax(np.log(letters)[None])[0])


@given(values=logprobs, constant=st.floats(-100, 100), data=st.data())
def test_only_the_ratio_of_letters_counts(values: list[float], constant: float, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    shifted = np.add(values, constant)
    assert letter_entropy(shifted) == pytest.approx(letter_entropy(values), abs=1e-9)
    assert p_option(shifted, index) == pytest.approx(p_option(values, index), abs=1e-9)


@given(values=logprobs, data=st.data())
def test_the_order_of_letters_does_not_count(values: list[float], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(values))))
    moved = [values[i] for i in order]
    assert letter_entropy(moved) == pytest.approx(letter_entropy(values), abs=1e-9)
    assert off_letter_mass(moved) == pytest.approx(off_letter_mass(values), abs=1e-9)
    assert [p_option(moved, i) for i in range(len(order))] == pytest.approx([p_option(values, i) for i in order])


@given(values=logprobs)
def test_bounds(values: list[float]) -> None:
    assert 0 <= letter_entropy(values) <= math.log(len(values)) + 1e-9
    assert 0 <= off_letter_mass(values) <= 1
    assert sum(p_option(values, i) for i in range(len(values))) == pytest.approx(1)


def test_an_unknown_logprob_makes_the_number_unknown() -> None:
    assert math.isnan(letter_entropy([-1.0, math.nan]))
    assert math.isnan(p_option([-1.0, math.nan], 0))
    assert math.isnan(off_letter_mass([-1.0, math.nan]))
