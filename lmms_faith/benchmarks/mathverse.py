"""`mathverse`: plane and solid geometry in five versions that move text into the picture (arXiv 2403.14624)."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import category_mean
from lmms_faith.benchmarks.rows import split_options
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import ASKED_IN_PICTURE, IN_PICTURE
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    # The vision-only version keeps its question and options in the picture; they are spelled out for its scorer alone.
    written: str = row["question"] or row["question_for_eval"]
    question, options = split_options(written) if row["question_type"] == "multi-choice" else (written, ())
    asks = asked(question, options, row["answer"])
    if not row["question"]:
        asks = asked(IN_PICTURE, options, row["answer"], ASKED_IN_PICTURE)
    return Item(
        id=str(row["sample_index"]),
        benchmark="mathverse",
        category=row["problem_version"],
        options_shown=bool(row["question"]),
        cluster=str(row["problem_index"]),
        family=str(row["problem_index"]),
        extras={"subject": str(row["metadata"]["subject"])},
        **asks,
    )


_TEXTS = ("problem_version", "question", "question_for_eval", "question_type", "answer")
BENCHMARKS = (
    Benchmark(
        name="mathverse",
        title="MathVerse testmini",
        columns=contract(key=("sample_index", "problem_index"), string=_TEXTS, struct="metadata", image="image"),
        rows=3940,
        options=(2, 5),
        free=352 / 788,
        to_item=_to_item,
        dataset_path="CaraJ/MathVerse-lmmseval",
        dataset_name="testmini",
        split="testmini",
        headline=category_mean,
        licence="none stated",
    ),
)
