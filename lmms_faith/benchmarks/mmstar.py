"""`mmstar`: questions that text alone does not solve, in six capabilities (arXiv 2403.20330)."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import category_mean
from lmms_faith.benchmarks.rows import split_options
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    return Item(
        id=str(row["index"]),
        benchmark="mmstar",
        category=row["category"],
        extras={"l2_category": row["l2_category"]},
        **asked(*split_options(row["question"]), row["answer"]),
    )


BENCHMARKS = (
    Benchmark(
        name="mmstar",
        title="MMStar",
        columns=contract(key="index", string=("question", "answer", "category", "l2_category"), image="image"),
        rows=1500,
        options=(4, 4),
        to_item=_to_item,
        dataset_path="Lin-Chen/MMStar",
        split="val",
        headline=category_mean,
        licence="none stated",
    ),
)
