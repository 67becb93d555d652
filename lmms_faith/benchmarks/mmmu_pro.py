"""`mmmu_pro`: MMMU without what text alone solves, with ten options, four, or all in the picture (arXiv 2409.02813)."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks import mmmu
from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.rows import literal_options
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import ASKED_IN_PICTURE, IN_PICTURE
from lmms_faith.item import Item


def _to_item(row: Row, name: str) -> Item:
    if "question" in row:
        return mmmu.to_item(row, name, row["subject"])
    asks = asked(IN_PICTURE, literal_options(row["options"]), row["answer"], ASKED_IN_PICTURE)
    return Item(id=str(row["id"]), benchmark=name, category=row["subject"], options_shown=False, **asks)


_TEXTS = ("options", "answer", "subject")
BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=title,
        columns=contract(key="id", string=texts, image=pictures),
        rows=1730,
        options=(2, most),
        to_item=partial(_to_item, name=name),
        dataset_path="MMMU/MMMU_Pro",
        dataset_name=config,
        split="test",
        headline=category_accuracy,
        licence="Apache-2.0",
    )
    for name, title, config, texts, pictures, most in (
        ("mmmu_pro", "MMMU-Pro, ten options", "standard (10 options)", ("question", *_TEXTS), mmmu.PICTURES, 10),
        ("mmmu_pro_4", "MMMU-Pro, four options", "standard (4 options)", ("question", *_TEXTS), mmmu.PICTURES, 4),
        ("mmmu_pro_vision", "MMMU-Pro vision", "vision", _TEXTS, ("image",), 10),
    )
)
