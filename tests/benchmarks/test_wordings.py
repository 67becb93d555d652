"""The tables of wordings: every row compiles, says where the claim goes, and is used by some question of the tests."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from drawn_items import items_of
from test_paper_adapters import CLAIMS

from lmms_faith.benchmarks import benchmark, shipped, wordings
from lmms_faith.benchmarks.wordings import Wordings

TABLES: dict[str, Wordings] = {
    name: table
    for name, table in [
        *((name, getattr(wordings, name)) for name in dir(wordings) if name.isupper()),
        *wordings.BLINK.items(),
    ]
    if isinstance(table, tuple) and name not in ("PERSPECTIVES",)
}
ROWS = [pytest.param(row, id=f"{name}-{row[0]}") for name, table in TABLES.items() for row in table]


def test_the_tables_are_found() -> None:
    assert {"MATHVISTA", "SPATIAL_MM", "GENERAL", "blink_jigsaw"} <= TABLES.keys()


@pytest.mark.parametrize("row", ROWS)
def test_a_claim_names_its_patterns_groups_and_the_place_of_the_answer(row: tuple[str, str, str]) -> None:
    name, pattern, claim = row
    groups = set(re.compile(pattern, re.IGNORECASE).groupindex)
    named = {field for _, field, _, _ in Formatter().parse(claim) if field}
    assert named - {"option", "the_option"} == groups
    assert named & {"option", "the_option"}
    assert claim.endswith((".", "{option}."))
    assert re.fullmatch(r"[a-z_]+", name)


@pytest.fixture(scope="module")
def shown() -> set[str]:
    """Names of the wordings that some row of the tests gets."""
    claimed = {benchmark(row[0]).to_item(row[1]).template for row in CLAIMS}
    return claimed | {item.template for one in shipped() for item in items_of(one)}


@pytest.mark.parametrize("name", ["MATHVISTA", "THREE_DSR", "CV_BENCH", "SPATIAL_MM", "VSTAR", "MME_REALWORLD"])
def test_every_wording_of_a_table_is_shown_by_some_row_of_the_tests(name: str, shown: set[str]) -> None:
    assert {row[0] for row in TABLES[name]} - shown == set()


def test_times_are_of_wordings_that_there_are() -> None:
    assert wordings.TIMES.keys() <= {name for name, _, _ in wordings.MATHVISTA}
