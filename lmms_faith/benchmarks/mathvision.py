"""`mathvision`: competition problems with a figure, half of them without options (arXiv 2402.14804)."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item


def _to_item(row: Row, name: str) -> Item:
    # Figures of one problem are stored as a single picture, whatever its tags count to.
    question = rows.untagged(row["question"], pictures=1)
    claim, template = worded(question, row["options"])
    return Item(
        id=str(row["id"]),
        benchmark=name,
        question=question,
        category=row["subject"],
        claim=claim,
        template=template,
        extras={"level": str(row["level"])},
        **rows.gold(row["options"], row["answer"]),
    )


BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=title,
        columns={
            "id": "key",
            "question": "string",
            "options": "strings",
            "answer": "string",
            "level": "key",
            "subject": "string",
            "decoded_image": "image",
        },
        rows=count,
        to_item=partial(_to_item, name=name),
        to_images=lambda row: [row["decoded_image"]],
        dataset_path="MathLLMs/MathVision",
        split=split,
        headline=category_accuracy,
        licence="MIT",
    )
    for name, title, split, count in (
        ("mathvision", "MathVision", "test", 3040),
        ("mathvision_testmini", "MathVision testmini", "testmini", 304),
    )
)
