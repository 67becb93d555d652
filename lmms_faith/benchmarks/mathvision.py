"""`mathvision`: competition problems with a figure, half of them without options (arXiv 2402.14804)."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.rows import untagged
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.item import Item


def _to_item(row: Row, name: str) -> Item:
    return Item(
        id=str(row["id"]),
        benchmark=name,
        category=row["subject"],
        extras={"level": str(row["level"])},
        # Figures of one problem are stored as a single picture, whatever its tags count to.
        **asked(untagged(row["question"], pictures=1), row["options"], row["answer"]),
    )


BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=title,
        columns=contract(
            key=("id", "level"), string=("question", "answer", "subject"), strings="options", image="decoded_image"
        ),
        rows=rows,
        options=(5, 5),
        free=free,
        to_item=partial(_to_item, name=name),
        dataset_path="MathLLMs/MathVision",
        split=split,
        headline=category_accuracy,
        licence="MIT",
    )
    for name, title, split, rows, free in (
        ("mathvision", "MathVision", "test", 3040, 1508 / 3040),
        ("mathvision_testmini", "MathVision testmini", "testmini", 304, None),
    )
)
