"""Many answers' letters at once are, number by number, the functions of one answer's letters."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith import metrics
from lmms_faith.summary.letters import letter_columns, picked, probabilities, shift

LOGPROBS = st.integers(1, 12).flatmap(
    lambda k: st.lists(st.lists(st.floats(-30, 0), min_size=k, max_size=k), min_size=1, max_size=6)
)
ONE_BY_ONE = {
    "letter_entropy": metrics.letter_entropy,
    "normalised_entropy": metrics.normalised_entropy,
    "margin": metrics.margin,
    "max_p": metrics.max_p,
    "off_letter_mass": metrics.off_letter_mass,
}


def test_every_column_has_its_function() -> None:
    assert letter_columns(np.zeros((1, 2))).keys() == ONE_BY_ONE.keys()


@pytest.mark.parametrize("name", ONE_BY_ONE)
@given(rows=LOGPROBS)
def test_columns_are_the_functions_of_one_answer(name: str, rows: list[list[float]]) -> None:
    # The letters of an answer hold no more than all probability.
    logprobs = np.array(rows) - math.log(len(rows[0]))
    expected = [ONE_BY_ONE[name](row) for row in logprobs]
    np.testing.assert_allclose(letter_columns(logprobs)[name], expected, rtol=1e-9, atol=1e-12)


@given(rows=LOGPROBS, index=st.integers(0, 11))
def test_a_letter_is_picked_as_by_the_function(rows: list[list[float]], index: int) -> None:
    found = picked(probabilities(np.array(rows)), np.full(len(rows), float(index)))
    there = index < len(rows[0])
    expected = [metrics.p_option(row, index) if there else math.nan for row in rows]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@given(rows=LOGPROBS, seed=st.integers(0, 9))
def test_the_shift_is_that_of_the_function(rows: list[list[float]], seed: int) -> None:
    now = np.array(rows)
    before = np.random.default_rng(seed).permutation(now, axis=1)
    expected = [metrics.js_shift(a, b) for a, b in zip(now, before)]
    np.testing.assert_allclose(shift(probabilities(now), probabilities(before)), expected, rtol=1e-9, atol=1e-12)


def test_by_hand() -> None:
    logprobs = np.log([[0.6, 0.2], [0.5, 0.5]])
    found = letter_columns(logprobs)
    assert found["max_p"] == pytest.approx([0.75, 0.5])
    assert found["margin"] == pytest.approx([0.5, 0.0])
    assert found["off_letter_mass"] == pytest.approx([0.2, 0.0])
    assert found["letter_entropy"][1] == pytest.approx(math.log(2))


def test_rows_with_other_letters_have_no_shift() -> None:
    nan = math.nan
    now = np.array([[0.5, 0.5, nan], [0.5, 0.5, nan], [nan, nan, nan]])
    before = np.array([[1.0, 0.0, nan], [0.2, 0.3, 0.5], [nan, nan, nan]])
    found = shift(now, before)
    assert found[0] == pytest.approx(metrics.js_shift(np.log([0.5, 0.5]), [0.0, -math.inf]))
    assert np.isnan(found[1:]).all()
