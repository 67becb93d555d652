"""The items of a benchmark, read without the host."""

from __future__ import annotations

from itertools import islice
from typing import Any

from datasets import Dataset, load_dataset, load_from_disk

from lmms_faith.benchmarks import benchmark
from lmms_faith.benchmarks.spec import Benchmark
from lmms_faith.item import Item
from lmms_faith.lmms.data import VARIABLE, numbered, override, usable, without_pictures


def read_items(name: str, *, limit: int | None = None) -> list[Item]:
    """A benchmark's items, rows that make none left out; the first ``limit`` of them.

    Raises:
        ValueError: An unknown benchmark, or data that can't be read here.
    """
    return list(islice(items_by_row(name).values(), limit))


def items_by_row(name: str) -> dict[int, Item]:
    """A benchmark's items by the position of their row, rows that make none left out.

    Raises:
        ValueError: An unknown benchmark, or data that can't be read here.
    """
    asked = benchmark(name)
    try:
        split = numbered(without_pictures(asked, _split(asked)))
    # Whatever keeps data from loading (offline, gated, no such file, another layout) has the same way out.
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise ValueError(
            f"benchmark {name!r}: no data at hand ({reason}); {asked.by_hand or f'set {VARIABLE} to a copy of it'}"
        ) from error
    return usable(asked, split)[0]


def _split(asked: Benchmark) -> Dataset:
    local = override(asked.name)
    path: str = local["dataset_path"] if local else asked.dataset_path
    arguments: dict[str, Any] = dict(local["dataset_kwargs"] if local else asked.dataset_kwargs)
    split: str = local["test_split"] if local else asked.split
    if arguments.pop("load_from_disk", False):
        return load_from_disk(path)[split]
    return load_dataset(path, None if local else asked.dataset_name, split=split, **arguments)
