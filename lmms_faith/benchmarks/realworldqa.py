"""`realworldqa`: photographs, many from a car, with options or a short open question."""

from __future__ import annotations

import re

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    question = rows.strip_instruction(row["question"])
    options: tuple[str, ...] = ()
    if re.fullmatch(r"[A-H]", row["answer"].strip()):
        question, options = rows.split_options(row["question"])
    claim, template = worded(question, options)
    return Item(
        id=str(row[ROW_NUMBER]),
        benchmark="realworldqa",
        question=question,
        claim=claim,
        template=template,
        cluster=row["image_path"],
        **rows.gold(options, row["answer"]),
    )


BENCHMARKS = (
    Benchmark(
        name="realworldqa",
        title="RealWorldQA",
        columns={"question": "string", "answer": "string", "image_path": "string", "image": "image"},
        rows=765,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="lmms-lab-encoder/RealWorldQA",
        split="test",
        headline=accuracy,
        licence="CC-BY-ND-4.0 (original), CC-BY-4.0 (this copy)",
    ),
)
