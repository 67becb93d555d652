"""The page of benchmarks, on two made ones."""

from __future__ import annotations

from dataclasses import replace

from lmms_faith.benchmarks import benchmark
from lmms_faith.item import Item
from lmms_faith.report.benchmarks_page import benchmarks_page

CHOICE = Item(
    id="1", benchmark="toys", question="?", options=("a", "b", "c"), answer=0, rule="nearest", template="count"
)
VALUE = Item(id="2", benchmark="toys", question="?", kind="integer", value="3")


def row_of(page: str, name: str) -> list[str]:
    (line,) = [line for line in page.splitlines() if f"`{name}` |" in line]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_says_what_the_items_are() -> None:
    toys = replace(benchmark("shapes"), name="toys", title="Toys", rows=1200, licence="MIT")
    cells = row_of(benchmarks_page({"toys": (toys, [CHOICE, VALUE], ["accuracy"])}), "toys")
    assert cells[:5] == ["Toys", "`toys`", "1,200", "choice, integer", "3"]
    assert cells[5:10] == ["all", "nearest, value", "count, generic", "accuracy", "MIT"]


def test_what_is_not_known_or_does_not_apply_is_said() -> None:
    open_ended = replace(benchmark("shapes"), name="open", rows=None, by_hand="put it there")
    page = benchmarks_page({"open": (open_ended, [VALUE], [])})
    cells = row_of(page, "open")
    assert cells[2] == "not confirmed"
    assert cells[5] == "all but `*_abstain`"
    assert cells[-1] == "by hand"
    assert "- `open`: put it there" in page
