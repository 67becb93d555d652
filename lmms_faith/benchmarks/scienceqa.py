"""`scienceqa_img`: school science questions that have a picture (arXiv 2209.09513)."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row, contract
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    return Item(
        id=str(row[ROW_NUMBER]),
        benchmark="scienceqa_img",
        context=row["hint"].strip() or None,
        category=row["subject"],
        **asked(row["question"], row["choices"], int(row["answer"])),
    )


BENCHMARKS = (
    Benchmark(
        name="scienceqa_img",
        title="ScienceQA-IMG",
        columns=contract(string=("question", "hint", "subject"), strings="choices", int="answer", image="image"),
        rows=2017,
        options=(2, 5),
        to_item=_to_item,
        dataset_path="lmms-lab-encoder/ScienceQA",
        dataset_name="ScienceQA-IMG",
        split="test",
        headline=category_accuracy,
        licence="CC-BY-SA-4.0",
    ),
)
