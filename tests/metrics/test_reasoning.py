import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import tmean

from lmms_faith.metrics import template_rate, templates, thought_length

NAN = math.nan
codes = st.lists(st.one_of(st.integers(0, 5).map(float), st.just(NAN)), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        pytest.param([120, 80], 100.0, id="two"),
        pytest.param([120, NAN, 0], 60.0, id="none is no 0, and 0 is"),
        pytest.param([NAN], NAN, id="no thought"),
    ],
)
def test_length_by_hand(lengths: list[float], expected: float) -> None:
    assert thought_length(lengths) == pytest.approx(expected, nan_ok=True)


def test_length_against_scipy() -> None:
    lengths = np.random.default_rng(0).integers(0, 500, size=100)
    assert thought_length(lengths) == pytest.approx(tmean(lengths))


@given(lengths=st.lists(st.integers(0, 10_000), min_size=1), longer=st.integers(0, 100))
def test_words_that_all_thoughts_have_more_are_counted(lengths: list[int], longer: int) -> None:
    assert thought_length(np.add(lengths, longer)) == pytest.approx(thought_length(lengths) + longer)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([7, 7, 3, 5], 0.5, id="two of four"),
        pytest.param([7, 7, 7], 1.0, id="all alike"),
        pytest.param([1, 2, 3], 0.0, id="all different"),
        pytest.param([7, 7, NAN, NAN], 1.0, id="two items without a thought are not alike"),
        pytest.param([2**53 - 1, 2**53 - 2], 0.0, id="large codes are told apart"),
        pytest.param([NAN], NAN, id="no thought"),
        pytest.param([], NAN, id="empty"),
    ],
)
def test_template_rate_by_hand(values: list[float], expected: float) -> None:
    assert template_rate(values) == pytest.approx(expected, nan_ok=True)


@given(values=codes)
def test_template_rate_against_counting(values: list[float]) -> None:
    known = [value for value in values if not math.isnan(value)]
    repeated = [value for value in known if Counter(known)[value] > 1]
    assert template_rate(values) == pytest.approx(len(repeated) / len(known) if known else NAN, nan_ok=True)


@given(values=codes, data=st.data())
def test_templates_follow_their_items(values: list[float], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(values))))
    assert templates(np.array(values)[order]) == pytest.approx(templates(values)[order], nan_ok=True)


def test_a_repeat_by_weight_is_no_template_but_counts_as_often() -> None:
    # 7 and 7 repeat, 3 and 5 do not, however often they are drawn.
    weights = [[1, 1, 1, 1], [0, 0, 3, 1], [2, 1, 1, 0], [1, 0, 1, 0]]
    assert template_rate([7, 7, 3, 5], weights=weights) == pytest.approx([0.5, 0.0, 0.75, 0.5])
