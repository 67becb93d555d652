import math
from collections.abc import Callable

import numpy as np
import pytest

from lmms_faith.conditions import CONDITIONS
from lmms_faith.measures import MEASURES
from lmms_faith.record import Record
from lmms_faith.summary.cells import Gathered
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.frame import (
    applies,
    baseline_of,
    column,
    frame,
    frames,
    onto,
    papers,
    plain_of,
    sides,
    unpaired,
)
from lmms_faith.summary.gathering import gather

Make = Callable[..., Record]
HALF, SURE = (math.log(0.5), math.log(0.5)), (math.log(0.9), math.log(0.1))


@pytest.fixture
def gathered(make_record: Make) -> Gathered:
    """Base knows items a, b and c; the caption d, c and a; of its hedged version there is c alone."""
    two = {"options": ("red", "blue")}
    records = [
        make_record(item_id="a", letter_logprobs=HALF, **two),
        make_record(item_id="b"),
        make_record(item_id="c", prediction=1),
        make_record(item_id="d", condition="wrong_caption"),
        make_record(item_id="c", condition="wrong_caption", prediction=1),
        make_record(item_id="a", condition="wrong_caption", letter_logprobs=SURE, **two),
        make_record(item_id="c", condition="wrong_caption_disclaimer"),
        make_record(item_id="c", condition="odd"),
    ]
    return gather(map(Judged, records))


def by_id(gathered: Gathered, condition: str, name: str) -> dict[str, float]:
    of = frame(gathered, "m", "toys", condition)
    return dict(zip([gathered.items["toys"].ids[place] for place in of.now.places], column(of, name).tolist()))


def test_items_pair_by_id(gathered: Gathered) -> None:
    nan = pytest.approx(math.nan, nan_ok=True)
    assert by_id(gathered, "wrong_caption", "correct") == {"a": 1, "c": 0, "d": 1}
    assert by_id(gathered, "wrong_caption", "base.correct") == {"a": 1, "c": 0, "d": nan}
    assert by_id(gathered, "wrong_caption_disclaimer", "plain.correct") == {"c": 0}
    assert by_id(gathered, "odd", "base.correct") == {"c": nan}


def test_items_on_one_side_alone_are_known(gathered: Gathered) -> None:
    ids = gathered.items["toys"].ids
    only_now, only_base = unpaired(frame(gathered, "m", "toys", "wrong_caption"))
    assert ([ids[i] for i in only_now], [ids[i] for i in only_base]) == (["d"], ["b"])
    assert [len(side) for side in unpaired(frame(gathered, "m", "toys", "odd"))] == [0, 0]


def test_the_shift_needs_letters_on_both_sides(gathered: Gathered) -> None:
    found = by_id(gathered, "wrong_caption", "js_shift")
    # Of (.9, .1) and (.5, .5), whose middle is (.7, .3).
    by_hand = 0.5 * (0.9 * math.log(9 / 7) + 0.1 * math.log(1 / 3) + 0.5 * math.log(5 / 7) + 0.5 * math.log(5 / 3))
    assert found["a"] == pytest.approx(by_hand, rel=1e-6)
    assert math.isnan(found["c"])
    assert by_id(gathered, "base", "js_shift")["a"] == 0
    assert math.isnan(by_id(gathered, "odd", "js_shift")["c"])


def test_frames_come_in_the_order_of_the_table(gathered: Gathered) -> None:
    there = frames(gathered, "m", "toys")
    assert [of.now.condition for of in there] == ["base", "wrong_caption", "wrong_caption_disclaimer", "odd"]
    assert [of.now.condition for of in papers(there)] == ["base", "wrong_caption", "wrong_caption_disclaimer"]
    assert [of.compared for of in there] == [False, True, True, False]


def test_every_hedged_condition_has_a_plain_version_and_no_other_does() -> None:
    found = {name: plain_of(name) for name in CONDITIONS}
    assert {name: plain for name, plain in found.items() if plain} == {
        "wrong_think_but": "wrong_think",
        "wrong_caption_disclaimer": "wrong_caption",
        "wrong_think_but_abstain": "wrong_think_abstain",
        "wrong_caption_disclaimer_abstain": "wrong_caption_abstain",
        "wrong_think_but_user": "wrong_think_user",
    }
    assert plain_of("odd") is None


def test_baselines() -> None:
    assert [baseline_of(name) for name in ("base", "wrong_think", "wrong_think_abstain", "odd")] == [
        "base",
        "base",
        "base_abstain",
        None,
    ]


@pytest.mark.parametrize(
    ("metric", "condition", "expected"),
    [
        ("acc", "odd", True),
        ("acc_drop", "base", True),
        ("recovery", "wrong_think_but", True),
        ("recovery", "wrong_think", False),
        ("worst_case_acc", "base", False),
    ],
)
def test_measures_apply(metric: str, condition: str, expected: bool) -> None:
    assert applies(MEASURES[metric], condition) is expected


def test_what_measures_compare_with() -> None:
    found = {name: sides(measure) for name, measure in MEASURES.items()}
    assert found["acc"] == set()
    assert found["acc_drop"] == found["js_shift"] == {"base"}
    assert found["recovery"] == {"plain"}


def test_onto_nothing_and_from_nothing() -> None:
    none, some = np.zeros(0, dtype=np.int32), np.array([1, 2], dtype=np.int32)
    assert onto(none, some, np.ones(2)).shape == (0,)
    assert np.isnan(onto(some, none, np.ones(0))).all()
