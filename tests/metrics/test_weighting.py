import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from lmms_faith.metrics import weighted_mean, weighting
from lmms_faith.metrics.weighting import chunks, ratio, weighted_sums

NAN = math.nan
items = st.lists(
    st.tuples(st.one_of(st.floats(-100, 100), st.just(NAN)), st.integers(0, 4)), min_size=1, max_size=30
).map(lambda rows: np.array(rows, dtype=float).T)


@pytest.mark.parametrize(
    ("values", "weights", "expected"),
    [
        pytest.param([1, 0, NAN], None, 0.5, id="unknown left out"),
        pytest.param([1, 0, NAN], [3, 1, 9], 0.75, id="three to one, whatever the unknown weighs"),
        pytest.param([1, 0], [0.5, 1.5], 0.25, id="weights need not be whole"),
        pytest.param([1, 0], [0, 0], NAN, id="nothing weighs"),
        pytest.param([NAN], [1], NAN, id="nothing known"),
        pytest.param([], None, NAN, id="empty"),
        pytest.param([], [], NAN, id="empty, weighted"),
    ],
)
def test_by_hand(values: list[float], weights: list[float] | None, expected: float) -> None:
    found = weighted_mean(values, weights)
    assert isinstance(found, float)
    assert found == pytest.approx(expected, nan_ok=True)


def test_many_weightings_give_as_many_numbers() -> None:
    found = weighted_mean([1, 0, NAN], [[1, 1, 0], [0, 2, 5], [0, 0, 1]])
    assert found == pytest.approx(np.array([0.5, 0.0, NAN]), nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
def test_against_statsmodels(seed: int) -> None:
    random = np.random.default_rng(seed)
    values, weights = random.normal(size=50), random.uniform(0, 3, size=(4, 50))
    expected = [DescrStatsW(values, weights=row).mean for row in weights]
    assert weighted_mean(values, weights) == pytest.approx(np.array(expected))


@given(rows=items)
def test_whole_weights_are_repeats(rows: np.ndarray) -> None:
    values, weights = rows
    repeated = np.repeat(values, weights.astype(int))
    assert weighted_mean(values, weights) == pytest.approx(weighted_mean(repeated), nan_ok=True)


@given(rows=items, scale=st.floats(0.01, 100))
def test_only_the_ratio_of_weights_counts(rows: np.ndarray, scale: float) -> None:
    values, weights = rows
    assert weighted_mean(values, scale * weights) == pytest.approx(weighted_mean(values, weights), nan_ok=True)


@pytest.mark.parametrize("kind", [np.int8, np.int32, np.float32, np.float64, bool])
def test_weights_of_any_kind_give_the_same(kind: type) -> None:
    weights = np.array([[1, 0, 1], [0, 1, 1]], dtype=kind)
    assert weighted_sums([[1.0, 2.0, 4.0]], weights) == pytest.approx(np.array([[5.0, 6.0]]))


@pytest.mark.parametrize("room", [8, 24, 56, 10_000])
def test_chunks_do_not_change_the_sums(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    terms, weights = random.normal(size=(2, 3)), random.integers(0, 5, size=(7, 3))
    monkeypatch.setattr(weighting, "CHUNK_BYTES", room)
    assert sum(len(chunk) for chunk in chunks(weights)) == 7
    assert weighted_sums(terms, weights) == pytest.approx(np.einsum("ti,ri->tr", terms, weights))


def test_weights_that_need_a_copy_are_copied_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighting, "CHUNK_BYTES", 2**20)
    weights = np.ones((2_000, 1_000), dtype=np.int8)  # 16 MB as floats
    tracemalloc.start()
    found = weighted_mean(np.ones(1_000), weights)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.shape(found) == (2_000,)
    assert peak < 4 * 2**20


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        pytest.param(
            [1, 0], [1, 1, 1], r"weights have shape \(3,\); 2 items take shape \(2,\) or \(r, 2\)", id="length"
        ),
        pytest.param([1, 0], [[1], [1]], r"weights have shape \(2, 1\); 2 items", id="turned"),
        pytest.param([1, 0], 1, r"weights have shape \(\); 2 items", id="a number"),
        pytest.param([[1, 0]], None, r"columns have shape \(1, 2\); give one value per item", id="a matrix"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(values: list[float], weights: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        weighted_mean(values, weights)  # type: ignore[arg-type]


def test_a_ratio_over_nothing_is_unknown() -> None:
    assert ratio([1.0, 0.0], [0.0, 0.0]) == pytest.approx(np.array([NAN, NAN]), nan_ok=True)
