import io
import math
from collections.abc import Callable

import pytest
from rich.console import Console

from lmms_faith.record import Record, Verdict
from lmms_faith.report.table import COLUMNS, UNKNOWN, markdown, rich_table, tables
from lmms_faith.summary import MEASURES, Row, summarise

Make = Callable[..., Record]
HALF = (math.log(0.5), math.log(0.25), math.log(0.25))


@pytest.fixture
def rows(make_record: Make) -> list[Row]:
    verdict = Verdict(
        model="m",
        benchmark="toys",
        condition="wrong_think",
        item_id="1",
        judge="j",
        fingerprint="",
        outcome="decided",
        conclusion=1,
    )
    records = [
        make_record(),
        make_record(item_id="2"),
        make_record(condition="wrong_think", prediction=1, letter_logprobs=HALF, letter_source="generated"),
        make_record(condition="wrong_think", item_id="2"),
        make_record(condition="stop_think", prediction=None, status="failed"),
    ]
    return summarise(records, [verdict])


HEADER = ["condition", "n", "answered", "acc [95 % CI]", "drop", "misled", "consistency", "entropy", "p_correct"]


def test_a_line_has_every_column_and_says_what_is_unknown(rows: list[Row]) -> None:
    ((title, lines),) = tables(rows)
    assert title == "toys · m"
    assert lines == [
        HEADER,
        ["base", "2", "100.0", "100.0 [34.2, 100.0]", "+0.0", "0.0", UNKNOWN, UNKNOWN, UNKNOWN],
        ["stop_think", "1", *[UNKNOWN] * 7],
        ["wrong_think", "2", "100.0", "50.0 [9.5, 90.5]", "+50.0", "50.0", "100.0", "1.04", "0.50"],
    ]


def test_what_was_extracted_has_a_column_where_it_was_asked_for(make_record: Make) -> None:
    records = [make_record(), make_record(item_id="2"), make_record(benchmark="games", prediction=None)]
    keyed = summarise(records, [], extracted={records[0].key})
    (_, toys), (_, games) = tables(keyed)
    assert toys[0] == [*HEADER[:3], "extracted", *HEADER[3:]]
    assert toys[1][:4] == ["base", "2", "100.0", "50.0"]
    assert games[0] == HEADER


def test_columns_are_measures() -> None:
    assert set(COLUMNS) <= set(MEASURES)


def test_models_and_benchmarks_have_tables_of_their_own(make_record: Make) -> None:
    records = [make_record(), make_record(model="b"), make_record(benchmark="games")]
    assert [title for title, _ in tables(summarise(records, []))] == ["toys · m", "toys · b", "games · m"]


def test_no_rows_make_no_table() -> None:
    assert list(tables([])) == []


def test_markdown() -> None:
    assert markdown("toys · m", [["condition", "n"], ["base", "2"], ["wrong_think", "12"]]) == (
        "**toys · m**\n\n| condition | n |\n| --- | ---: |\n| base | 2 |\n| wrong_think | 12 |\n"
    )


def test_the_terminal_shows_every_cell(rows: list[Row]) -> None:
    ((title, lines),) = tables(rows)
    shown = io.StringIO()
    Console(file=shown, width=160).print(rich_table(title, lines))
    text = shown.getvalue()
    assert title in text
    assert all(cell in text for line in lines for cell in line)
