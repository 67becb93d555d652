import io
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from lmms_faith.record import Opinion, Record
from lmms_faith.report.explanation import item_view, trace_lines
from lmms_faith.summary import Judged, Share, Trace

DROP = Trace(
    metric="acc_drop",
    value=1 / 3,
    mean=True,
    columns=("base.correct", "correct"),
    shares=tuple(
        Share(item_id=f"i{place}", adds=adds, values=(1.0, 1.0 - adds)) for place, adds in enumerate((1.0, 0.0, 0.0))
    ),
    left_out=(("i3", "the request failed"), ("i4", "unpaired: not asked under base"), ("i5", "the request failed")),
)


def printed(*parts: Any) -> str:
    file = io.StringIO()
    for part in parts:
        Console(file=file, width=120).print(part, markup=False, highlight=False)
    return file.getvalue()


def test_the_sum_the_items_and_those_left_out_are_shown() -> None:
    text = printed(*trace_lines(DROP))
    assert "acc_drop = 0.333333 = 1 / 3; 3 items left out" in text
    lines = [line.split() for line in text.splitlines()]
    assert ["item", "adds", "base.correct", "correct"] in lines
    assert ["i0", "1", "1", "0"] in lines
    assert ["i2", "0", "1", "1"] in lines
    assert "Left out: 2 the request failed, 1 unpaired: not asked under base" in text
    assert ["i4", "unpaired:", "not", "asked", "under", "base"] in lines


def test_where_nothing_counts_for_one_reason_the_reason_is_said_at_once() -> None:
    left_out = tuple((f"i{i}", "no thought") for i in range(2))
    text = printed(*trace_lines(replace(DROP, value=math.nan, shares=(), left_out=left_out)))
    assert "acc_drop = nan (no thought), from 0 items; 2 items left out" in text


def test_only_so_many_items_are_shown() -> None:
    text = printed(*trace_lines(DROP, items=1))
    assert "i0" in text
    assert "i1" not in text
    assert "… and 2 more" in text
    assert "i4" not in text


def test_a_number_that_is_no_mean_says_how_many_items_it_is_from() -> None:
    other = Trace(metric="ece", value=0.25, mean=False, columns=(), shares=DROP.shares, left_out=())
    assert "ece = 0.25, from 3 items; 0 items left out" in printed(*trace_lines(other))


CASES: dict[str, tuple[dict[str, Any], Opinion | None, bool, list[str]]] = {
    "misled, with letters": (
        {
            "condition": "wrong_think",
            "prefill": "<think>It is [blue].",
            "prediction": 1,
            "letter_logprobs": (-1.0, -0.5, -3.0),
            "letter_source": "generated",
        },
        Opinion(outcome="decided", conclusion=1, by="rule-1"),
        False,
        [
            "toys · m · wrong_think · 1",
            "A. red  (gold)",
            "B. blue  (target)",
            "C. green",
            "prefill",
            "<think>It is [blue].",
            "completion",
            "<think>It is red.</think><answer>A</answer>",
            "B, 'blue', hits claimed",
            "A 0.368  B 0.607  C 0.050 (generated)",
            "the reasoning ends on B, 'blue' (by rule-1)",
        ],
    ),
    "letters that are only bounded": (
        {"letter_logprobs": (-0.01, -7.0, -11.5), "letter_bounds": (False, False, True), "letter_source": "generated"},
        None,
        False,
        ["A 0.990  B 0.001  C <= 1e-05 (generated)"],
    ),
    "undecided": (
        {"prediction": None, "status": "truncated"},
        Opinion(outcome="abstained", by="cascade-1", note="names two"),
        False,
        ["truncated", "answer    –", "abstained (by cascade-1; names two)"],
    ),
    "stale": ({}, None, True, ["on another completion, so it counts as none"]),
    "free-form": (
        {"kind": "float", "options": (), "answer": None, "target": None, "prediction": None, "gold": "0.5"}
        | {"claimed": "0.6", "said": "1/2", "hit": "gold"},
        Opinion(outcome="decided", value="0.5", by="rule-1"),
        False,
        ["gold '0.5', claimed '0.6'", "'1/2', hits gold", "the reasoning ends on 0.5 (by rule-1)"],
    ),
}


@pytest.mark.parametrize(("changed", "opinion", "stale", "shown"), CASES.values(), ids=CASES.keys())
def test_an_item_can_be_read(
    changed: dict[str, Any],
    opinion: Opinion | None,
    stale: bool,
    shown: list[str],
    make_record: Callable[..., Record],
) -> None:
    text = printed(item_view(Judged(make_record(**changed), opinion, stale=stale)))
    for part in ("What colour is it?", *shown):
        assert part in text
