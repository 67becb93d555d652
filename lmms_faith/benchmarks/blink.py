"""`blink_*`: fourteen tasks of visual perception, one benchmark each (arXiv 2404.12390)."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import BLINK
from lmms_faith.item import Item

_PICTURES = tuple(f"image_{n}" for n in range(1, 5))
_TASKS = {
    "Art_Style": (117, 2),
    "Counting": (120, 4),
    "Forensic_Detection": (132, 4),
    "Functional_Correspondence": (130, 4),
    "IQ_Test": (150, 4),
    "Jigsaw": (150, 2),
    "Multi-view_Reasoning": (133, 2),
    "Object_Localization": (122, 2),
    "Relative_Depth": (124, 2),
    "Relative_Reflectance": (134, 3),
    "Semantic_Correspondence": (139, 4),
    "Spatial_Relation": (143, 2),
    "Visual_Correspondence": (172, 4),
    "Visual_Similarity": (135, 2),
}
"""Rows and options of each configuration; the options are those of which the paper's random choice is one."""


def _to_item(row: Row, name: str) -> Item:
    return Item(
        id=str(row["idx"]),
        benchmark=name,
        category=row["sub_task"],
        **asked(row["question"], row["choices"], row["answer"], BLINK.get(name, ())),
    )


BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=f"BLINK {config.replace('_', ' ')}",
        columns=contract(key="idx", string=("question", "sub_task", "answer"), strings="choices", image=_PICTURES),
        rows=rows,
        options=(options, options),
        to_item=partial(_to_item, name=name),
        dataset_path="BLINK-Benchmark/BLINK",
        dataset_name=config,
        split="val",
        headline=accuracy,
        part_of="BLINK",
        licence="Apache-2.0",
    )
    for config, (rows, options) in _TASKS.items()
    for name in [f"blink_{config.lower().replace('-', '_')}"]
)
