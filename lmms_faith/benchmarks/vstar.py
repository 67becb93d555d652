"""`vstar`: attributes and relative positions of small things in large photographs."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.rows import split_options
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import VSTAR
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    question, options = split_options(row["text"])
    return Item(
        id=str(row["question_id"]),
        benchmark="vstar",
        category=row["category"],
        **asked(question, options, row["label"], VSTAR),
    )


BENCHMARKS = (
    Benchmark(
        name="vstar",
        title="V*Bench",
        columns=contract(key="question_id", string=("text", "category", "label"), image="image"),
        rows=191,
        options=(2, 4),
        to_item=_to_item,
        dataset_path="lmms-lab-encoder/vstar-bench",
        split="test",
        licence="none stated",
        headline=category_accuracy,
        core=True,
    ),
)
