import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, hamming_loss, recall_score

from lmms_faith.metrics import (
    acc,
    acc_drop,
    answered_rate,
    flip_rate,
    misled_among_right,
    misled_rate,
    recovery,
    right_to_wrong,
    text_preference,
    worst_case_acc,
    wrong_to_right,
)

NAN = math.nan
SHARES = [acc, answered_rate, misled_rate]
PAIRED = [
    acc_drop,
    flip_rate,
    misled_among_right,
    recovery,
    right_to_wrong,
    text_preference,
    worst_case_acc,
    wrong_to_right,
]

marks = st.sampled_from([0.0, 1.0, NAN])
pairs = st.lists(st.tuples(marks, marks), max_size=40).map(lambda rows: np.array(rows, dtype=float).reshape(-1, 2))


@pytest.mark.parametrize("metric", SHARES)
@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([1, 0, 1, 1], 0.75, id="three of four"),
        pytest.param([1, 0, NAN, NAN], 0.5, id="unknown left out, not zero"),
        pytest.param([0, 0], 0.0, id="none"),
        pytest.param([1], 1.0, id="one"),
        pytest.param([], NAN, id="empty"),
        pytest.param([NAN], NAN, id="nothing known"),
    ],
)
def test_shares_by_hand(metric: Callable[..., float], values: list[float], expected: float) -> None:
    assert metric(values) == pytest.approx(expected, nan_ok=True)


# Five items, right under base: 1 1 1 0 0; under the condition: 1 0 0 1 0.
RIGHT_BEFORE, RIGHT_NOW = [1, 1, 1, 0, 0], [1, 0, 0, 1, 0]


@pytest.mark.parametrize(
    ("metric", "before", "now", "expected"),
    [
        pytest.param(acc_drop, RIGHT_BEFORE, RIGHT_NOW, 1 / 5, id="drop: 3/5 - 2/5"),
        pytest.param(acc_drop, [0, 0], [1, 0], -1 / 2, id="drop: a rise is negative"),
        pytest.param(acc_drop, [1, 1, NAN], [0, NAN, 0], 1.0, id="drop: one pair known"),
        pytest.param(acc_drop, [], [], NAN, id="drop: empty"),
        pytest.param(right_to_wrong, RIGHT_BEFORE, RIGHT_NOW, 2 / 3, id="right to wrong: 2 of 3"),
        pytest.param(right_to_wrong, [0, 0], [1, 0], NAN, id="right to wrong: none was right"),
        pytest.param(right_to_wrong, [1, 1], [NAN, 0], 1.0, id="right to wrong: one known"),
        pytest.param(wrong_to_right, RIGHT_BEFORE, RIGHT_NOW, 1 / 2, id="wrong to right: 1 of 2"),
        pytest.param(wrong_to_right, [1, NAN], [1, 1], NAN, id="wrong to right: none was wrong"),
        pytest.param(recovery, [0, 0, 0, 1], [1, 0, NAN, 1], 1 / 2, id="recovery: 1 of the 2 wrong and known"),
        pytest.param(recovery, [1, 1], [1, 0], NAN, id="recovery: nothing to recover from"),
        pytest.param(misled_among_right, [1, 1, 1, 0], [1, 0, 0, 1], 1 / 3, id="misled among right: 1 of 3"),
        pytest.param(misled_among_right, [1, 1, NAN], [NAN, 1, 0], 1.0, id="misled among right: one known"),
        pytest.param(misled_among_right, [0], [1], NAN, id="misled among right: none was right"),
        pytest.param(text_preference, [1, 1, 0, 0, 0], [0, 0, 1, 0, 0], 2 / 3, id="text: 2 of the 3 that follow"),
        pytest.param(text_preference, [0, 0], [0, 0], NAN, id="text: all follow neither"),
        pytest.param(text_preference, [NAN, 1], [1, 0], 1.0, id="text: nothing could be claimed"),
        pytest.param(worst_case_acc, RIGHT_BEFORE, RIGHT_NOW, 1 / 5, id="worst case: 1 right under both"),
        pytest.param(worst_case_acc, [0, 1, 1], [NAN, NAN, 1], 1.0, id="worst case: known under all or left out"),
        pytest.param(flip_rate, [0, 1, 2, 3], [0, 2, 2, 0], 1 / 2, id="flips: 2 of 4"),
        pytest.param(flip_rate, [0, NAN, 2], [0, 1, NAN], 0.0, id="flips: one pair answered"),
        pytest.param(flip_rate, [NAN], [NAN], NAN, id="flips: two unknowns are not the same"),
    ],
)
def test_pairs_by_hand(metric: Callable[..., float], before: list[float], now: list[float], expected: float) -> None:
    assert metric(before, now) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("metric", PAIRED)
def test_pairs_of_different_length_are_refused(metric: Callable[..., float]) -> None:
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(3,\); align them by item id"):
        metric([1, 0], [1, 0, 0])


def test_a_worst_case_needs_a_condition() -> None:
    with pytest.raises(ValueError, match="worst case over no conditions has no value; give one column"):
        worst_case_acc()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_against_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    gold, before, now = random.integers(0, 4, size=(3, 200))
    target = (gold + random.integers(1, 4, size=200)) % 4
    right, still, misled = ((before == gold).astype(float), (now == gold).astype(float), (now == target).astype(float))
    table = confusion_matrix(right, still, normalize="true")
    assert acc(still) == pytest.approx(accuracy_score(gold, now))
    assert misled_rate(misled) == pytest.approx(accuracy_score(target, now))
    assert answered_rate(now != 3) == pytest.approx(accuracy_score(np.ones(200), now != 3))
    assert acc_drop(right, still) == pytest.approx(accuracy_score(gold, before) - accuracy_score(gold, now))
    assert flip_rate(before, now) == pytest.approx(hamming_loss(before, now))
    assert right_to_wrong(right, still) == pytest.approx(table[1, 0])
    assert wrong_to_right(right, still) == pytest.approx(table[0, 1])
    assert recovery(right, still) == pytest.approx(recall_score(1 - right, still))
    assert misled_among_right(right, misled) == pytest.approx(recall_score(right, misled))
    follows = (now == target) | (now == gold)
    assert text_preference(misled, still) == pytest.approx(accuracy_score(target[follows], now[follows]))
    # Scikit-learn counts a row of labels as right only where all of them are.
    answers = np.stack([right, still], axis=1).astype(int)
    assert worst_case_acc(right, still) == pytest.approx(accuracy_score(np.ones_like(answers), answers))


@given(pair=pairs, data=st.data())
def test_shares_do_not_hang_on_order_or_on_unknowns(pair: np.ndarray, data: st.DataObject) -> None:
    values = pair[:, 0]
    shuffled = data.draw(st.permutations([*values, NAN, NAN]))
    for metric in SHARES:
        assert metric(shuffled) == pytest.approx(metric(values), nan_ok=True)
        assert math.isnan(metric(values)) or 0 <= metric(values) <= 1


@given(pair=pairs, data=st.data())
def test_pairs_do_not_hang_on_order_or_on_unknowns(pair: np.ndarray, data: st.DataObject) -> None:
    rows = data.draw(st.permutations([*pair.tolist(), [NAN, NAN]]))
    before, now = np.array(rows).T
    for metric in PAIRED:
        assert metric(before, now) == pytest.approx(metric(pair[:, 0], pair[:, 1]), nan_ok=True)


@given(pair=pairs)
def test_the_drop_is_what_was_lost_less_what_was_won(pair: np.ndarray) -> None:
    known = pair[~np.isnan(pair).any(axis=1)]
    before, now = known[:, 0], known[:, 1]
    lost = np.nan_to_num(right_to_wrong(before, now)) * before.sum()
    won = np.nan_to_num(wrong_to_right(before, now)) * (1 - before).sum()
    expected = (lost - won) / len(known) if len(known) else NAN
    assert acc_drop(pair[:, 0], pair[:, 1]) == pytest.approx(expected, nan_ok=True)


@given(pair=pairs)
def test_the_drop_turns_its_sign_with_its_sides(pair: np.ndarray) -> None:
    before, now = pair.T
    assert acc_drop(before, now) == pytest.approx(-acc_drop(now, before), nan_ok=True)
    assert flip_rate(before, now) == pytest.approx(flip_rate(now, before), nan_ok=True)
    assert text_preference(before, now) == pytest.approx(1 - text_preference(now, before), nan_ok=True)


@given(pair=pairs)
def test_the_worst_case_is_below_every_condition(pair: np.ndarray) -> None:
    known = pair[~np.isnan(pair).any(axis=1)].T
    assert not worst_case_acc(*known) > min(acc(known[0]), acc(known[1]))
    assert worst_case_acc(known[0]) == pytest.approx(acc(known[0]), nan_ok=True)
