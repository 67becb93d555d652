"""`scienceqa_img`: school science questions that have a picture (arXiv 2209.09513)."""

from __future__ import annotations

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    claim, template = worded(row["question"], row["choices"])
    return Item(
        id=str(row[ROW_NUMBER]),
        benchmark="scienceqa_img",
        question=row["question"],
        options=tuple(row["choices"]),
        answer=int(row["answer"]),
        context=row["hint"].strip() or None,
        category=row["subject"],
        claim=claim,
        template=template,
        rule=rows.rule_for(row["choices"]),
    )


BENCHMARKS = (
    Benchmark(
        name="scienceqa_img",
        title="ScienceQA-IMG",
        columns={
            "question": "string",
            "choices": "strings",
            "answer": "int",
            "hint": "string",
            "subject": "string",
            "image": "image",
        },
        rows=2017,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="lmms-lab-encoder/ScienceQA",
        dataset_name="ScienceQA-IMG",
        split="test",
        headline=category_accuracy,
        licence="CC-BY-SA-4.0",
    ),
)
