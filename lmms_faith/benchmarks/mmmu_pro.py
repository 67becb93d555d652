"""`mmmu_pro`: MMMU without what text alone solves, with ten options, four, or all in the picture (arXiv 2409.02813)."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks import mmmu, rows
from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.benchmarks.wording import ASKED_IN_PICTURE, IN_PICTURE
from lmms_faith.item import Item


def _to_item(row: Row, name: str) -> Item:
    return mmmu.to_item(row, name, row["subject"])


def _to_item_in_picture(row: Row, name: str) -> Item:
    return Item(
        id=str(row["id"]),
        benchmark=name,
        question=IN_PICTURE,
        category=row["subject"],
        claim=ASKED_IN_PICTURE,
        template="asked",
        **rows.gold(rows.literal_options(row["options"]), row["answer"]),
    )


def _benchmark(name: str, title: str, config: str, *, in_picture: bool = False) -> Benchmark:
    pictures = ("image",) if in_picture else mmmu.PICTURES
    written = {column: kind for column, kind in mmmu.COLUMNS.items() if not (in_picture and column == "question")}
    return Benchmark(
        name=name,
        title=title,
        columns={**written, "subject": "string", **dict.fromkeys(pictures, mmmu.PICTURE)},
        rows=1730,
        to_item=partial(_to_item_in_picture if in_picture else _to_item, name=name),
        to_images=lambda row: [row[picture] for picture in pictures if row[picture] is not None],
        dataset_path="MMMU/MMMU_Pro",
        dataset_name=config,
        split="test",
        headline=category_accuracy,
        licence="Apache-2.0",
    )


BENCHMARKS = (
    _benchmark("mmmu_pro", "MMMU-Pro, ten options", "standard (10 options)"),
    _benchmark("mmmu_pro_4", "MMMU-Pro, four options", "standard (4 options)"),
    _benchmark("mmmu_pro_vision", "MMMU-Pro vision", "vision", in_picture=True),
)
