import io
import math
from collections.abc import Callable

import pytest
from rich.console import Console
from statsmodels.stats.proportion import proportion_confint

from lmms_faith.conditions import CONDITIONS
from lmms_faith.judges import verdict
from lmms_faith.measures import MEASURES
from lmms_faith.record import Opinion, Record
from lmms_faith.report.table import (
    COLUMNS,
    METRICS,
    NOT_OBSERVABLE,
    UNKNOWN,
    legend,
    markdown,
    rich_table,
    tables,
    warnings,
)
from lmms_faith.summary import Row, summarise

Make = Callable[..., Record]
HALF = (math.log(0.5), math.log(0.25), math.log(0.25))


@pytest.fixture
def rows(make_record: Make) -> list[Row]:
    misled = make_record(condition="wrong_think", prediction=1, letter_logprobs=HALF, letter_source="generated")
    records = [
        make_record(),
        make_record(item_id="2", cluster="2"),
        misled,
        make_record(condition="wrong_think", item_id="2", cluster="2"),
        make_record(condition="stop_think", prediction=None, status="failed"),
    ]
    said = verdict(misled, Opinion(outcome="decided", conclusion=1), judge="j")
    return summarise(records, [said], metrics=METRICS)


HEADER = [
    *("condition", "n", "answered", "acc [95 % CI]", "drop [95 % CI]", "misled", "consistency", "entropy", "p_correct")
]


def test_a_line_has_every_column_and_says_what_is_unknown(rows: list[Row]) -> None:
    ((title, lines),) = tables(rows)
    assert title == "toys · m"
    # Two images are few: Clopper-Pearson where all are alike, Wilson otherwise; a drop of 1/2 is 3/4 of its range.
    all_right = proportion_confint(2, 2, method="beta")
    half = proportion_confint(1, 2, method="wilson")
    drop = [2 * end - 1 for end in proportion_confint(1.5, 2, method="wilson")]
    assert lines == [
        HEADER,
        ["base", "2", "100.0", f"100.0 [{100 * all_right[0]:.1f}, 100.0]", "+0.0", "0.0", UNKNOWN, UNKNOWN, UNKNOWN],
        ["stop_think", "1", *[UNKNOWN] * 7],
        [
            "wrong_think",
            "2",
            "100.0",
            f"50.0 [{100 * half[0]:.1f}, {100 * half[1]:.1f}]",
            f"+50.0 [{100 * drop[0]:+.1f}, {100 * drop[1]:+.1f}]",
            "50.0",
            "100.0",
            "1.04",
            "0.50",
        ],
    ]


def test_a_hidden_thought_is_not_observable_and_the_rest_is_reported(make_record: Make) -> None:
    hidden = [make_record(think=None, condition=name, prediction=1) for name in ("base", "wrong_think_user")]
    rows = summarise([*hidden, make_record(think=None, condition="stop_think_user")], [], metrics=METRICS)
    ((_, lines),) = tables(rows)
    shown = {line[0]: dict(zip(lines[0], line)) for line in lines[1:]}
    assert {name: line["consistency"] for name, line in shown.items()} == {
        "base": NOT_OBSERVABLE,
        "stop_think_user": UNKNOWN,
        "wrong_think_user": NOT_OBSERVABLE,
    }
    assert (shown["wrong_think_user"]["acc [95 % CI]"][:3], shown["wrong_think_user"]["misled"]) == ("0.0", "100.0")
    assert [line.split(":")[0] for line in legend(rows)] == [NOT_OBSERVABLE]


def test_one_thought_is_enough_to_be_observable(make_record: Make) -> None:
    rows = summarise([make_record(), make_record(item_id="2", think=None)], [], metrics=METRICS)
    assert list(legend(rows)) == []
    assert UNKNOWN in next(tables(rows))[1][1]


def test_what_was_extracted_has_a_column_where_it_was_asked_for(make_record: Make) -> None:
    records = [make_record(), make_record(item_id="2"), make_record(benchmark="games", prediction=None)]
    keyed = summarise(records, [], extracted={records[0].key}, by=())
    (_, toys), (_, games) = tables(keyed)
    assert toys[0] == [*HEADER[:3], "extracted", *HEADER[3:]]
    assert toys[1][:4] == ["base", "2", "100.0", "50.0"]
    assert games[0] == HEADER


def test_columns_are_measures() -> None:
    assert set(COLUMNS) <= set(MEASURES)


def test_models_and_benchmarks_have_tables_of_their_own(make_record: Make) -> None:
    records = [make_record(), make_record(model="b"), make_record(benchmark="games")]
    rows = summarise(records, [])
    assert any(row.benchmark.startswith("macro") for row in rows)
    assert any(row.arity == "3" for row in rows)
    assert [title for title, _ in tables(rows)] == ["toys · m", "toys · b", "games · m"]


def test_no_rows_make_no_table() -> None:
    assert list(tables([])) == []
    assert list(warnings([])) == []


def lost(make_record: Make, drops: dict[str, int], items: int) -> list[Row]:
    """All items are right under base, some fewer under each condition."""
    records = [
        make_record(item_id=str(i), cluster=str(i), condition=condition, prediction=int(i < drop))
        for condition, drop in {"base": 0, **drops}.items()
        for i in range(items)
    ]
    return summarise(records, [], by=(), metrics=METRICS, resamples=200)


def test_drops_that_so_few_items_can_not_show_are_named(make_record: Make) -> None:
    rows = lost(make_record, {"wrong_think": 20, "wrong_caption": 3, "stop_think": 0}, items=40)
    assert list(warnings(rows)) == [
        "toys · m: 40 items can't carry a claim about these drops: stop_think (+0.0), wrong_caption (+7.5)"
    ]


def test_enough_items_need_no_warning(make_record: Make) -> None:
    assert list(warnings(lost(make_record, {"wrong_think": 30}, items=60))) == []


def test_markdown() -> None:
    assert markdown("toys · m", [["condition", "n"], ["base", "2"], ["wrong_think", "12"]]) == (
        "**toys · m**\n\n| condition | n |\n| --- | ---: |\n| base | 2 |\n| wrong_think | 12 |\n"
    )


@pytest.mark.parametrize("width", [100, 120, 160])
def test_the_terminal_shows_every_cell(rows: list[Row], width: int) -> None:
    ((_, lines),) = tables(rows)
    shown = io.StringIO()
    Console(file=shown, width=width).print(rich_table("title", lines), crop=False)
    text = shown.getvalue()
    assert all(word in text for line in lines for cell in line for word in cell.split())
    if width == 160:
        assert all(cell in text for line in lines for cell in line)


def test_a_narrow_terminal_shows_every_name_and_number_of_every_condition() -> None:
    lines = [HEADER, *([name, "300", "100.0", *["+100.0 [+100.0, +100.0]"] * 2, *["100.0"] * 4] for name in CONDITIONS)]
    shown = io.StringIO()
    Console(file=shown, width=120).print(rich_table("t", lines))
    text = shown.getvalue()
    assert "…" not in text
    assert all(f" {name} " in text for name in CONDITIONS)
    assert text.count("100.0") == 11 * len(CONDITIONS)
