"""Write docs/benchmarks.md from the specs and the fixtures; part of `make generate`."""

from __future__ import annotations

import math
from pathlib import Path

from drawn_items import items_of
from records import right

from lmms_faith.benchmarks import shipped
from lmms_faith.benchmarks.spec import Benchmark
from lmms_faith.item import Item
from lmms_faith.report.benchmarks_page import benchmarks_page

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def scores_of(one: Benchmark, items: list[Item]) -> list[str]:
    """Names of a benchmark's own scores, as its fixture has them."""
    if one.headline is None:
        return []
    found = one.headline([right(item) for item in items])
    return [name for name, value in found.items() if not math.isnan(value)]


def page() -> str:
    """The page as it should be."""
    examples = {}
    for one in shipped():
        items = items_of(one)
        examples[one.name] = (one, items, scores_of(one, items))
    return benchmarks_page(examples)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
