"""The page of benchmarks, on two made ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lmms_faith.benchmarks import benchmark
from lmms_faith.item import Item
from lmms_faith.report.benchmarks_page import benchmarks_page, options_of

CHOICE = Item(
    id="1", benchmark="toys", question="?", options=("a", "b", "c"), answer=0, rule="nearest", template="count"
)
VALUE = Item(id="2", benchmark="toys", question="?", kind="integer", value="3")


def row_of(page: str, name: str) -> list[str]:
    (line,) = [line for line in page.splitlines() if f"`{name}` |" in line]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_says_what_the_items_are() -> None:
    toys = replace(benchmark("shapes"), name="toys", title="Toys", rows=1200, licence="MIT", options=(2, 4), free=0.25)
    cells = row_of(benchmarks_page({"toys": (toys, [CHOICE, VALUE], ["accuracy"])}), "toys")
    assert cells[:5] == ["Toys", "`toys`", "1,200", "choice, integer", "2–4, 25 % free"]
    assert cells[5:10] == ["all", "nearest, value", "count, generic", "accuracy", "MIT"]


def test_what_is_not_known_or_does_not_apply_is_said() -> None:
    open_ended = replace(benchmark("shapes"), name="open", rows=None, by_hand="put it there", options=None, free=1.0)
    page = benchmarks_page({"open": (open_ended, [VALUE], [])})
    cells = row_of(page, "open")
    assert cells[2] == "not confirmed"
    assert cells[4] == "free"
    assert cells[5] == "all but `*_abstain`"
    assert cells[-1] == "by hand"
    assert "- `open`: put it there" in page


@pytest.mark.parametrize(
    ("options", "free", "said"),
    [
        ((4, 4), 0.0, "4"),
        ((2, 8), 0.46, "2–8, 46 % free"),
        ((2, 4), None, "2–4, some free"),
        (None, 1.0, "free"),
        (None, 0.0, "not stated"),
    ],
)
def test_how_many_options_there_are(options: tuple[int, int] | None, free: float | None, said: str) -> None:
    assert options_of(replace(benchmark("shapes"), options=options, free=free)) == said
