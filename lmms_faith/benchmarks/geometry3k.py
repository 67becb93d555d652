"""`geometry3k`: school geometry problems with a figure and four values (arXiv 2105.04165)."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row, contract
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    question = row["problem"].replace("<image>", "").strip()
    asks = asked(question, row["choices"], row["ground_truth"])
    return Item(id=str(row[ROW_NUMBER]), benchmark="geometry3k", **asks)


BENCHMARKS = (
    Benchmark(
        name="geometry3k",
        title="Geometry3K",
        columns=contract(string=("problem", "ground_truth"), strings="choices", images="images"),
        rows=601,
        options=(4, 4),
        to_item=_to_item,
        to_images=lambda row: row["images"][:1],
        dataset_path="Yang130/geometry3k_4choices_mixed",
        split="test",
        headline=accuracy,
        licence="MIT",
    ),
)
