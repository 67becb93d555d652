"""`whatsup_*`: one photograph, two or four captions that differ in a preposition alone."""

from __future__ import annotations

import re
from functools import partial
from random import Random

from lmms_faith.benchmarks.official import accuracy, whatsup
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row
from lmms_faith.item import Item

_RELATION = re.compile(
    r"(?P<x>.+?) (?:to the )?(?P<relation>left|right|on top|in front|on|under|above|below|behind|top|bottom)\b(?: of)?"
    r"(?: (?P<y>.+))?",
    re.IGNORECASE,
)
_AXES = {"left": "side", "right": "side", "on": "height", "under": "height", "in front": "depth", "behind": "depth"}
_PLACED = re.compile(
    r"(?P<x>.+?) (?:to the |at the |on the )?(?P<relation>left|right|top|bottom)(?: (?:side|half))?", re.IGNORECASE
)


def _to_item(benchmark: str, row: Row) -> Item:
    captions = list(row["caption_options"])
    key = f"{row[ROW_NUMBER]}"
    gold = captions[0].strip().removesuffix(".")
    match = _PLACED.fullmatch(gold) or _RELATION.fullmatch(gold)
    relation = match["relation"].lower() if match else None
    things = [] if match is None else [match["x"], match.groupdict().get("y") or ""]
    group = " | ".join(re.sub(r"^(?:an?|the) ", "", thing.lower()) for thing in things)
    # Gold comes first in the data; the order shown depends on the item alone.
    order = Random(f"whatsup:{benchmark}:{key}").sample(range(len(captions)), len(captions))
    return Item(
        id=key,
        benchmark=benchmark,
        question="Which of these describes the picture?",
        options=tuple(captions[i] for i in order),
        answer=order.index(0),
        category=relation,
        claim="{option}.",
        template="caption",
        rule="opposite",
        extras={"set": group, "axis": _AXES.get(relation or "", "")} if len(captions) == 4 else {},
    )


def _benchmark(name: str, title: str, split: str, rows: int) -> Benchmark:
    controlled = split.startswith("Controlled")
    return Benchmark(
        name=name,
        title=title,
        columns={"image_options": "image", "caption_options": "strings"},
        rows=rows,
        to_item=partial(_to_item, name),
        to_images=lambda row: [row["image_options"]],
        dataset_path="ServiceNow/whatsup_all",
        split=split,
        licence="none stated (the authors' code: MIT)",
        headline=whatsup if controlled else accuracy,
        core=controlled,
    )


BENCHMARKS = (
    _benchmark("whatsup_a", "WhatsUp A", "Controlled_Images_A", 412),
    _benchmark("whatsup_b", "WhatsUp B", "Controlled_Images_B", 408),
    _benchmark("whatsup_coco_one", "WhatsUp COCO, one object", "COCO_QA_one_obj", 2247),
    _benchmark("whatsup_coco_two", "WhatsUp COCO, two objects", "COCO_QA_two_obj", 440),
    _benchmark("whatsup_vg_one", "WhatsUp VG, one object", "VG_QA_one_obj", 1160),
    _benchmark("whatsup_vg_two", "WhatsUp VG, two objects", "VG_QA_two_obj", 291),
)
