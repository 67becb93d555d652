import io
import math
from dataclasses import replace

import pytest
from rich.console import Console

from lmms_faith.conditions import CONDITIONS
from lmms_faith.report.matrix import COLUMN, PADDING, cell, heading, matrices
from lmms_faith.report.table import UNKNOWN, rich_table
from lmms_faith.summary import HIDDEN, Row

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


@pytest.mark.parametrize("name", [*CONDITIONS, "odd", "a" * 40, "no__end_"])
def test_a_heading_is_whole_and_fits_its_column_where_it_can(name: str) -> None:
    lines = heading(name).split("\n")
    assert "".join(lines) == name
    assert all(len(line) <= COLUMN - PADDING or "_" not in line for line in lines)


@pytest.mark.parametrize("width", [80, 120, 180])
def test_the_terminal_cuts_no_heading(width: int) -> None:
    wide = replace(ACC, value=1, low=1, high=1)
    rows = [replace(wide, condition=name, metric="consistency_among_correct") for name in CONDITIONS]
    shown = io.StringIO()
    for title, lines in matrices(rows, width=width):
        Console(file=shown, width=width).print(rich_table(title, lines))
    assert "…" not in shown.getvalue()
    assert shown.getvalue().count("100.0 [100.0, 100.0]") == len(CONDITIONS)


def test_conditions_of_a_kind_stand_together_and_fallbacks_apart() -> None:
    names = ("base", "wrong_think", "correct_think", "blank_image", "base_abstain", "stop_think_user", "odd")
    blocks = [lines[0][1:] for _, lines in matrices([replace(ACC, condition=name) for name in names])]
    assert blocks == [
        ["base", "wrong_think"],
        ["correct_think", "blank_image"],
        ["base_abstain"],
        ["stop_think_user"],
        ["odd"],
    ]


def test_what_is_not_observable_says_so() -> None:
    hidden = replace(ACC, metric="consistency", value=math.nan, n=0, method=HIDDEN)
    rows = [ACC, hidden, replace(hidden, metric="consistent_acc"), replace(ACC, condition="stop_think")]
    ((_, lines),) = matrices(rows)
    assert lines[1:] == [["acc", "50.0 [25.0, 75.0]", "50.0 [25.0, 75.0]"], ["consistency", HIDDEN, UNKNOWN]]


def test_as_many_conditions_stand_side_by_side_as_the_width_holds() -> None:
    names = ("base", "stop_think", "wrong_think", "wrong_think_but")
    rows = [replace(ACC, condition=name) for name in names]
    for width, counts in ((180, [4]), (80, [2, 2]), (20, [1, 1, 1, 1])):
        assert [len(lines[0]) - 1 for _, lines in matrices(rows, width=width)] == counts
