"""The benchmarks by name: ours, and those that other packages bring through the entry-point group."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from lmms_faith.benchmarks.spec import Benchmark

NAMES = ("shapes",)
ENTRY_POINTS = "lmms_faith.benchmarks"


@cache
def benchmarks() -> dict[str, Benchmark]:
    """All benchmarks, ours first.

    Raises:
        ValueError: An entry point that is no ``Benchmark``, or whose name is taken.
    """
    found: dict[str, Benchmark] = {name: import_module(f"{__name__}.{name}").BENCHMARK for name in NAMES}
    for point in entry_points(group=ENTRY_POINTS):
        brought = point.load()
        if not isinstance(brought, Benchmark):
            raise ValueError(f"entry point {point.value!r} gives a {type(brought).__name__}; let it give a Benchmark")
        if brought.name in found:
            raise ValueError(f"entry point {point.value!r} brings benchmark {brought.name!r}, which exists; rename it")
        found[brought.name] = brought
    return found


def benchmark(name: str) -> Benchmark:
    """Look a benchmark up.

    Raises:
        ValueError: No such benchmark; the message lists those there are.
    """
    if name not in benchmarks():
        raise ValueError(f"unknown benchmark {name!r}; choose one of: {', '.join(benchmarks())}")
    return benchmarks()[name]
