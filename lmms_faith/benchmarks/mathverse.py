"""`mathverse`: plane and solid geometry in five versions that move text into the picture (arXiv 2403.14624)."""

from __future__ import annotations

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import category_mean
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.benchmarks.wording import ASKED_IN_PICTURE, IN_PICTURE, worded
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    # The vision-only version keeps its question and options in the picture; they are spelled out for its scorer alone.
    text: str = row["question"] or row["question_for_eval"]
    options: tuple[str, ...] = ()
    if row["question_type"] == "multi-choice":
        text, options = rows.split_options(text)
    claim, template = worded(text, options) if row["question"] else (ASKED_IN_PICTURE, "asked")
    return Item(
        id=str(row["sample_index"]),
        benchmark="mathverse",
        question=text if row["question"] else IN_PICTURE,
        category=row["problem_version"],
        claim=claim,
        template=template,
        cluster=str(row["problem_index"]),
        family=str(row["problem_index"]),
        extras={"subject": str(row["metadata"]["subject"])},
        **rows.gold(options, row["answer"]),
    )


BENCHMARKS = (
    Benchmark(
        name="mathverse",
        title="MathVerse testmini",
        columns={
            "sample_index": "key",
            "problem_index": "key",
            "problem_version": "string",
            "question": "string",
            "question_for_eval": "string",
            "question_type": "string",
            "answer": "string",
            "metadata": "struct",
            "image": "image",
        },
        rows=3940,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="CaraJ/MathVerse-lmmseval",
        dataset_name="testmini",
        split="testmini",
        headline=category_mean,
        licence="none stated",
    ),
)
