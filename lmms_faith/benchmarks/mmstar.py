"""`mmstar`: questions that text alone does not solve, in six capabilities (arXiv 2403.20330)."""

from __future__ import annotations

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import category_mean
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    question, options = rows.split_options(row["question"])
    claim, template = worded(question, options)
    return Item(
        id=str(row["index"]),
        benchmark="mmstar",
        question=question,
        category=row["category"],
        claim=claim,
        template=template,
        extras={"l2_category": row["l2_category"]},
        **rows.gold(options, row["answer"]),
    )


BENCHMARKS = (
    Benchmark(
        name="mmstar",
        title="MMStar",
        columns={
            "index": "key",
            "question": "string",
            "answer": "string",
            "category": "string",
            "l2_category": "string",
            "image": "image",
        },
        rows=1500,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="Lin-Chen/MMStar",
        split="val",
        headline=category_mean,
        licence="none stated",
    ),
)
