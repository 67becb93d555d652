"""`ai2d`: questions about school-book diagrams (arXiv 1603.07396)."""

from __future__ import annotations

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    claim, template = worded(row["question"], row["options"])
    return Item(
        id=str(row[ROW_NUMBER]),
        benchmark="ai2d",
        question=row["question"],
        options=tuple(row["options"]),
        answer=int(row["answer"]),
        claim=claim,
        template=template,
        rule=rows.rule_for(row["options"]),
    )


BENCHMARKS = (
    Benchmark(
        name="ai2d",
        title="AI2D",
        # The gold index is a string.
        columns={"question": "string", "options": "strings", "answer": "key", "image": "image"},
        rows=3088,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="lmms-lab-encoder/ai2d",
        split="test",
        headline=accuracy,
        licence="none stated",
    ),
)
