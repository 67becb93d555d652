"""The benchmarks by name: ours, and those that other packages bring through the entry-point group."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from lmms_faith.benchmarks.spec import Benchmark

MODULES = (
    "shapes",
    "mathvista",
    "threedsr",
    "cv_bench",
    "spatial_mm",
    "whatsup",
    "vstar",
    "mme_realworld",
    "mmbench",
    "mathverse",
    "mathvision",
    "mmmu",
    "mmmu_pro",
    "blink",
    "mmstar",
    "ai2d",
    "scienceqa",
    "realworldqa",
    "geometry3k",
)
"""Our modules, in the order of tables; each has its benchmarks in ``BENCHMARKS``."""
ENTRY_POINTS = "lmms_faith.benchmarks"


@cache
def benchmarks() -> dict[str, Benchmark]:
    """All benchmarks, ours first.

    Raises:
        ValueError: An entry point that gives neither a ``Benchmark`` nor several, or a name that is taken.
    """
    found: dict[str, Benchmark] = {}
    for source, one in (*_ours(), *_brought()):
        if one.name in found:
            raise ValueError(f"{source} brings benchmark {one.name!r}, which exists; rename it")
        found[one.name] = one
    return found


def _ours() -> Iterator[tuple[str, Benchmark]]:
    for module in MODULES:
        for one in import_module(f"{__name__}.{module}").BENCHMARKS:
            yield f"module {module!r}", one


def _brought() -> Iterator[tuple[str, Benchmark]]:
    for point in entry_points(group=ENTRY_POINTS):
        brought = point.load()
        for one in brought if isinstance(brought, (tuple, list)) else (brought,):
            if not isinstance(one, Benchmark):
                raise ValueError(f"entry point {point.value!r} gives a {type(one).__name__}; let it give a Benchmark")
            yield f"entry point {point.value!r}", one


@cache
def shipped() -> tuple[Benchmark, ...]:
    """The benchmarks of this package, in order, whatever else is installed."""
    return tuple(one for _, one in _ours())


def benchmark(name: str) -> Benchmark:
    """Look a benchmark up.

    Raises:
        ValueError: No such benchmark; the message lists those there are.
    """
    if name not in benchmarks():
        raise ValueError(f"unknown benchmark {name!r}; choose one of: {', '.join(benchmarks())}")
    return benchmarks()[name]
