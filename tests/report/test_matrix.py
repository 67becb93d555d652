import math
from dataclasses import replace

import pytest

from lmms_faith.report.matrix import cell, matrices
from lmms_faith.report.table import UNKNOWN
from lmms_faith.summary import Row

ACC = Row(model="m", benchmark="toys", condition="base", metric="acc", value=0.5, low=0.25, high=0.75, n=4)


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({}, "50.0 [25.0, 75.0]"),
        ({"low": math.nan}, "50.0"),
        ({"value": math.nan}, UNKNOWN),
        ({"metric": "acc_drop", "value": -0.5, "low": -0.75, "high": 0.25}, "-50.0 [-75.0, +25.0]"),
        ({"metric": "ece"}, "50.0 [25.0, 75.0]"),
        ({"metric": "letter_entropy"}, "0.500 [0.250, 0.750]"),
        ({"metric": "auroc_max_p"}, "0.500 [0.250, 0.750]"),
        ({"metric": "thought_length", "value": 12.0, "low": 11.0, "high": 13.04}, "12.0 [11.0, 13.0]"),
        ({"metric": "nll", "value": math.inf, "low": math.nan}, "inf"),
        ({"metric": "holm_p", "value": 0.04567, "low": math.nan}, "0.0457"),
        ({"metric": "mcnemar_p", "value": 1e-9, "low": math.nan}, "<0.001"),
        ({"metric": "detectable_drop", "value": 0.08, "low": math.nan}, "+8.0"),
        ({"metric": "undecided", "value": 3.0, "low": math.nan, "method": "count"}, "3/4"),
    ],
)
def test_cells(changed: dict[str, object], shown: str) -> None:
    assert cell(replace(ACC, **changed)) == shown  # type: ignore[arg-type]


def test_no_row_is_unknown() -> None:
    assert cell(None) == UNKNOWN


def test_measures_go_down_and_conditions_across() -> None:
    rows = [
        *(
            replace(ACC, condition=name, metric=metric)
            for name in ("base", "stop_think")
            for metric in ("acc", "brier")
        ),
        replace(ACC, condition="base", metric="abstained", value=math.nan, n=0),
        replace(ACC, condition="odd"),
    ]
    assert list(matrices(rows)) == [
        (
            "toys · m",
            [
                ["", "base", "stop_think"],
                ["acc", "50.0 [25.0, 75.0]", "50.0 [25.0, 75.0]"],
                ["brier", "0.500 [0.250, 0.750]", "0.500 [0.250, 0.750]"],
            ],
        ),
        ("toys · m", [["", "odd"], ["acc", "50.0 [25.0, 75.0]"]]),
    ]


def test_parts_have_matrices_of_their_own() -> None:
    rows = [ACC, replace(ACC, category="count"), replace(ACC, arity="4+"), replace(ACC, model="b")]
    titles = [title for title, _ in matrices(rows)]
    assert titles == ["toys · m", "toys · m · category count", "toys · m · options 4+", "toys · b"]


def test_as_many_conditions_stand_side_by_side_as_the_width_holds() -> None:
    names = ("base", "stop_think", "wrong_think", "wrong_think_but")
    rows = [replace(ACC, condition=name) for name in names]
    for width, counts in ((180, [4]), (80, [2, 2]), (20, [1, 1, 1, 1])):
        assert [len(lines[0]) - 1 for _, lines in matrices(rows, width=width)] == counts
