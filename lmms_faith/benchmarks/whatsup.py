"""`whatsup_*`: one photograph, two or four captions that differ in a preposition alone."""

from __future__ import annotations

import re
from functools import partial
from random import Random

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import accuracy, all_right, headline, share
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import WHATSUP
from lmms_faith.item import Item

_CAPTION = re.compile(
    r"(?:(?:an?|the) )?(.+?) (?:(?:to|at|on) the )?"
    r"(left|right|on top|in front|on|under|above|below|behind|top|bottom)\b(?: side| half)?"
    r"(?: of)?(?: (?:(?:an?|the) )?(.+))?\.?",
    re.IGNORECASE,
)
_AXES = {"left": "side", "right": "side", "on": "height", "under": "height", "in front": "depth", "behind": "depth"}


def _to_item(row: Row, name: str) -> Item:
    captions, key = row["caption_options"], str(row[ROW_NUMBER])
    parts = _CAPTION.fullmatch(captions[0].strip().lower().removesuffix("."))
    thing, relation, other = parts.groups(default="") if parts else ("", "", "")
    # Gold comes first in the data; the order shown depends on the item alone.
    order = Random(f"whatsup:{name}:{key}").sample(range(len(captions)), len(captions))
    return Item(
        id=key,
        benchmark=name,
        category=relation or None,
        extras={"set": f"{thing} | {other}", "axis": _AXES.get(relation, "")} if len(captions) == 4 else {},
        **asked("Which of these describes the picture?", [captions[i] for i in order], order.index(0), WHATSUP),
    )


_IN_SETS = headline(share("individual"), all_right("pair", "set", "axis", size=2), all_right("set", "set", size=4))
"""Right answers, opposites both right, whole sets of four right (arXiv 2310.19785); incomplete ones are left out."""

BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=title,
        columns=contract(image="image_options", strings="caption_options"),
        rows=rows,
        options=(most, most),
        to_item=partial(_to_item, name=name),
        dataset_path="ServiceNow/whatsup_all",
        split=split,
        licence="none stated (the authors' code: MIT)",
        headline=_IN_SETS if most == 4 else accuracy,
        core=most == 4,
    )
    for name, title, split, rows, most in (
        ("whatsup_a", "WhatsUp A", "Controlled_Images_A", 412, 4),
        ("whatsup_b", "WhatsUp B", "Controlled_Images_B", 408, 4),
        ("whatsup_coco_one", "WhatsUp COCO, one object", "COCO_QA_one_obj", 2247, 2),
        ("whatsup_coco_two", "WhatsUp COCO, two objects", "COCO_QA_two_obj", 440, 2),
        ("whatsup_vg_one", "WhatsUp VG, one object", "VG_QA_one_obj", 1160, 2),
        ("whatsup_vg_two", "WhatsUp VG, two objects", "VG_QA_two_obj", 291, 2),
    )
)
