"""The items of every benchmark's fixture, or of the data that ship."""

from __future__ import annotations

from functools import cache

from datasets import Dataset
from fixtures import FIXTURES

from lmms_faith.benchmarks import benchmark
from lmms_faith.benchmarks.spec import Benchmark
from lmms_faith.item import Item
from lmms_faith.lmms.data import numbered, usable


def items_of(one: Benchmark) -> list[Item]:
    """Items of all usable rows."""
    return list(_items(one.name))


@cache
def _items(name: str) -> tuple[Item, ...]:
    one = benchmark(name)
    stored = FIXTURES[name]() if name in FIXTURES else Dataset.from_parquet(one.dataset_kwargs["data_files"])
    rows = numbered(stored[one.split] if isinstance(stored, dict) else stored)
    items, _ = usable(one, rows)
    return tuple(items.values())
