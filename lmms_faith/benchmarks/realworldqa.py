"""`realworldqa`: photographs, many from a car, with options or a short open question."""

from __future__ import annotations

import re

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.rows import split_options, strip_instruction
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row, contract
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    by_letter = re.fullmatch(r"[A-H]", row["answer"].strip())
    question, options = split_options(row["question"]) if by_letter else (strip_instruction(row["question"]), ())
    return Item(
        id=str(row[ROW_NUMBER]),
        benchmark="realworldqa",
        cluster=row["image_path"],
        **asked(question, options, row["answer"]),
    )


BENCHMARKS = (
    Benchmark(
        name="realworldqa",
        title="RealWorldQA",
        columns=contract(string=("question", "answer", "image_path"), image="image"),
        rows=765,
        options=(2, 4),
        free=None,
        to_item=_to_item,
        dataset_path="lmms-lab-encoder/RealWorldQA",
        split="test",
        headline=accuracy,
        licence="CC-BY-ND-4.0 (original), CC-BY-4.0 (this copy)",
    ),
)
