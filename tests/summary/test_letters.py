"""Many answers' letters at once are, number by number, the functions of one answer's letters."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmms_faith import metrics
from lmms_faith.parsing.listed import letters_of_texts
from lmms_faith.record import Record
from lmms_faith.summary.letters import known_letters, letter_columns, picked, probabilities, shift

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


def logs(*probabilities: float) -> tuple[float, ...]:
    return tuple(map(math.log, probabilities))


KNOWN = {
    "all measured": (logs(0.5, 0.3), None, True),
    "a thousandth open": (logs(0.999, 0.00099), (False, True), True),
    "a little more": (logs(0.99, 0.002), (False, True), False),
    "two bounds add": (logs(0.99, 0.0006, 0.0006), (False, True, True), False),
    "beside the letters alone": (logs(0.009, 0.000008), (False, True), True),
    "nothing measured": (logs(0.1, 0.1), (True, True), False),
    "no letters": (None, None, False),
}


@pytest.mark.parametrize(("letters", "bounds", "known"), KNOWN.values(), ids=KNOWN)
def test_letters_count_where_bounds_leave_little_open(
    letters: tuple[float, ...] | None,
    bounds: tuple[bool, ...] | None,
    known: bool,
    make_record: Callable[..., Record],
) -> None:
    found = known_letters(make_record(letter_logprobs=letters, letter_bounds=bounds))
    assert found == (letters if known else None)


P_OFF, ENTROPY_OFF = 0.0035, 0.02
"""What docs/metrics.md says of probabilities, and of entropies of up to 12 letters."""


@st.composite
def letters_and_list(draw: st.DrawFn) -> tuple[np.ndarray, list[tuple[str, float]], float]:
    """Four forms of up to 12 letters with their true log-probabilities, and what a server lists of them."""
    k = draw(st.integers(2, 12))
    spread = draw(st.floats(0, 6))
    noise = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = np.concatenate([spread * noise.normal(size=k), noise.normal(size=3 * k) * spread - draw(st.floats(0, 9))])
    whole = np.append(logits, noise.normal(size=30) - draw(st.floats(0, 9)))
    whole -= np.logaddexp.reduce(whole)
    forms = [form.format("ABCDEFGHIJKL"[at]) for form in ("{}", " {}", "({}", " ({}") for at in range(k)]
    top = np.argsort(whole)[::-1][: draw(st.integers(3, 40))]
    names = [*forms, *(f"word {at}" for at in range(30))]
    true = np.logaddexp.reduce(whole[: 4 * k].reshape(4, k), axis=0)
    return true, [(names[at], float(whole[at])) for at in top], float(whole[top].min())


@given(letters_and_list())
@settings(max_examples=600)
def test_numbers_from_bounds_are_off_by_no_more_than_the_docs_say(
    case: tuple[np.ndarray, list[tuple[str, float]], float],
) -> None:
    true, listed, most = case
    found = letters_of_texts(listed, len(true), most=most)
    assert found is not None
    q, seen = (probabilities(np.array([one]))[0] for one in (true, found.logprobs))
    if found.bounds is not None and seen[np.array(found.bounds)].sum() > 1e-3:
        return
    assert np.abs(q - seen).max() <= P_OFF
    assert abs(metrics.letter_entropy(true) - metrics.letter_entropy(found.logprobs)) <= ENTROPY_OFF


@pytest.mark.parametrize("k", [2, 4, 12])
def test_the_worst_case_is_within_what_the_docs_say(k: int) -> None:
    """All that bounds leave open is there, or none of it, and every measured letter but the likeliest is 1 % low."""
    for top in np.linspace(0.3, 0.999, 200):
        for bounded in range(1, k):
            mass = np.full(k, 0.0)
            mass[0], mass[-bounded:] = top if bounded < k - 1 else 0.999, 1e-3 / bounded
            mass[1 : k - bounded] = (0.999 - top) / max(1, k - bounded - 1)
            seen = mass / mass.sum()
            for measured in (1.0, 1.01):
                for left in (1e-12, 1.0):
                    true = mass * np.where(np.arange(k) < k - bounded, measured, left)
                    true[0] = mass[0]
                    q, seen = (np.maximum(one / one.sum(), 1e-30) for one in (true, mass))
                    assert np.abs(q - seen).max() <= P_OFF
                    assert abs(metrics.letter_entropy(np.log(q)) - metrics.letter_entropy(np.log(seen))) <= ENTROPY_OFF
