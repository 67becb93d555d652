"""`shapes`: drawn scenes with counting, relation and colour questions, shipped with the package."""

from __future__ import annotations

from pathlib import Path

from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.item import Item

_FILE = Path(__file__).parents[1] / "demo" / "shapes.parquet"


def _to_item(row: Row) -> Item:
    return Item(
        id=row["id"],
        benchmark="shapes",
        question=row["question"],
        options=tuple(row["options"]),
        answer=row["answer"],
        category=row["category"],
        claim=row["claim"],
        template=row["category"],
        cluster=row["cluster"],
    )


_TEXTS = ("id", "question", "category", "claim", "cluster")
BENCHMARKS = (
    Benchmark(
        name="shapes",
        title="Shapes",
        columns=contract(string=_TEXTS, strings="options", int="answer", image="image"),
        rows=300,
        options=(4, 4),
        to_item=_to_item,
        dataset_path="parquet",
        dataset_kwargs={"data_files": {"test": str(_FILE)}},
        split="test",
        licence="Apache-2.0",
    ),
)
