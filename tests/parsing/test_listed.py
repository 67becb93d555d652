"""Letters from a list of the likeliest tokens: what is measured is right, and what is bounded is below its bound."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import LETTERS
from lmms_faith.parsing.listed import FORMS, ROUNDING, SLIGHT, letters_listed, letters_of_texts

NAMES = [form.format(letter) for letter in LETTERS for form in FORMS] + [f"word {place}" for place in range(40)]
"""A vocabulary."""


@st.composite
def vocabularies(draw: st.DrawFn) -> np.ndarray:
    """Log-probabilities of a whole vocabulary, from flat to sure of one token."""
    sharpness = draw(st.floats(0.1, 12))
    seed = draw(st.integers(0, 2**32 - 1))
    logits = sharpness * np.random.default_rng(seed).normal(size=len(NAMES))
    return logits - np.logaddexp.reduce(logits)


@given(vocabularies(), st.sampled_from([1, 5, 20, 60]), st.integers(2, len(LETTERS)))
def test_a_bound_is_never_exceeded_and_a_measurement_is_within_one_percent(whole, k, n):
    top = np.argsort(whole)[::-1][:k]
    listed = [(NAMES[place], float(whole[place])) for place in top]
    found = letters_of_texts(listed, n, most=listed[-1][1])
    true = np.logaddexp.reduce(whole[: n * len(FORMS)].reshape(n, -1), axis=1)
    bounds = np.array(found.bounds or [False] * n)
    share = np.exp(true - np.array(found.logprobs))
    assert (share[bounds] <= 1 + 1e-9).all()
    assert (share[~bounds] >= 1 - 1e-9).all()
    assert (share[~bounds] <= 1 + SLIGHT + 1e-9).all()


@given(vocabularies())
def test_of_a_whole_vocabulary_everything_is_measured(whole):
    found = letters_of_texts(list(zip(NAMES, whole.tolist())), len(LETTERS), most=float(whole.min()))
    true = np.logaddexp.reduce(whole[: len(LETTERS) * len(FORMS)].reshape(len(LETTERS), -1), axis=1)
    assert found.bounds is None
    assert found.logprobs == pytest.approx(true.tolist(), abs=1e-9)


def test_what_is_left_over_is_bounded_by_rounding_at_least():
    found = letters_listed([[0.0], []], [0, 4], listed=[0.0], most=0.0)
    assert found.bounds == (False, True)
    assert math.exp(found.logprobs[1]) == pytest.approx(ROUNDING)


def test_logs_far_below_what_a_float_can_hold_still_add():
    found = letters_listed([[-0.1], [-900.0, -900.0]], [0, 0], listed=[-0.1, -900.0, -900.0])
    assert found.logprobs == pytest.approx((-0.1, -900 + math.log(2)))
