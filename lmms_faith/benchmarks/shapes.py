"""`shapes`: drawn scenes with counting, relation and colour questions, shipped with the package."""

from __future__ import annotations

from pathlib import Path

from lmms_faith.benchmarks.spec import Benchmark, Row
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


BENCHMARKS = (
    Benchmark(
        name="shapes",
        title="Shapes",
        columns={
            "id": "string",
            "image": "image",
            "question": "string",
            "options": "strings",
            "answer": "int",
            "category": "string",
            "claim": "string",
            "cluster": "string",
        },
        rows=300,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="parquet",
        dataset_kwargs={"data_files": {"test": str(_FILE)}},
        split="test",
        licence="Apache-2.0",
    ),
)
