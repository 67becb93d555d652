"""`cv_bench`, `cv_bench_2d`, `cv_bench_3d`: counts, relations, depth order and distances from vision data sets."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import accuracy, by, headline, mean, share
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import CV_BENCH
from lmms_faith.item import Item


def _to_item(row: Row, name: str) -> Item:
    return Item(
        id=str(row["idx"]),
        benchmark=name,
        category=row["task"],
        extras={"source": row["source"]},
        **asked(row["question"], row["choices"], row["answer"], CV_BENCH),
    )


_FLAT = ("ADE20K", "COCO")
_ALL = headline(mean("cv_bench", "source", (_FLAT, "Omni3D")), share(), by("source", of=(*_FLAT, "Omni3D")))
"""((ADE20K + COCO) / 2 + Omni3D) / 2 (Cambrian-1, arXiv 2406.16860), the micro-average, each source."""
_2D = headline(mean("cv_bench_2d", "source", _FLAT), share(), by("source", of=_FLAT))

BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=title,
        columns=contract(key="idx", string=("task", "question", "answer", "source"), strings="choices", image="image"),
        rows=rows,
        options=(2, most),
        to_item=partial(_to_item, name=name),
        dataset_path="nyu-visionx/CV-Bench",
        dataset_name=config,
        split="test",
        licence="Apache-2.0",
        headline=score,
        core=name == "cv_bench",
    )
    for name, title, config, rows, most, score in (
        ("cv_bench", "CV-Bench", "default", 2638, 6, _ALL),
        ("cv_bench_2d", "CV-Bench 2D", "2D", 1438, 6, _2D),
        ("cv_bench_3d", "CV-Bench 3D", "3D", 1200, 2, accuracy),
    )
)
