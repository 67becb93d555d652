"""`ai2d`: questions about school-book diagrams (arXiv 1603.07396)."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row, contract
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    # The gold index is a string.
    asks = asked(row["question"], row["options"], int(row["answer"]))
    return Item(id=str(row[ROW_NUMBER]), benchmark="ai2d", **asks)


BENCHMARKS = (
    Benchmark(
        name="ai2d",
        title="AI2D",
        columns=contract(string="question", strings="options", key="answer", image="image"),
        rows=3088,
        options=(4, 4),
        to_item=_to_item,
        dataset_path="lmms-lab-encoder/ai2d",
        split="test",
        headline=accuracy,
        licence="none stated",
    ),
)
