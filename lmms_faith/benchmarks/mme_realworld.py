"""`mme_realworld_lite`: high-resolution photographs, signs, charts and satellite views."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

from lmms_faith.benchmarks.official import mme_realworld
from lmms_faith.benchmarks.patterns import claim_by
from lmms_faith.benchmarks.rows import letter_index, rule_for, strip_label
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item

_WORDINGS = (
    (
        "count",
        r"what is the number of (?P<x>[^?]+?) in the (?P<y>image|picture)\?",
        "The number of {x} in the {y} is {option}.",
    ),
    (
        "reading",
        r"what (?:is|are) (?P<the_x>the (?:content|text|data|phone number|address|website|brand"
        r"|licen[cs]e plate(?: number)?|number|words?|name|slogan|title|plate number|price|speed limit)\b[^?]*)\?",
        "{the_x} is {option}.",
    ),
    ("colour", r"what colou?r (?:is|are) (?P<the_x>[^?]+)\?", "The colour of {the_x} is {option}."),
    (
        "where",
        r"where is (?P<the_x>[^?]+?) (?:located )?in the (?P<y>image|picture)\?",
        "{the_x} is at this place in the {y}: {option}.",
    ),
)


def _to_item(row: Row) -> Item:
    options = tuple(strip_label(option.replace("（", "(").replace("）", ")")) for option in row["multi-choice options"])
    claim, template = claim_by(_WORDINGS, row["question"])
    if claim is None:
        claim, template = worded(row["question"], options[:4])
    ability, _, domain = row["category"].partition("/")
    return Item(
        id=str(row["index"]),
        benchmark="mme_realworld_lite",
        question=row["question"],
        options=options,
        answer=letter_index(row["answer"]),
        category=row["category"],
        claim=claim,
        template=template,
        # The fifth option is always that the image does not show it.
        rule=rule_for(options[:4]),
        extras={
            "ability": "perception" if "perception" in ability.lower() else "reasoning",
            "domain": domain,
            "task": row["l2-category"],
        },
    )


def _to_images(row: Row) -> Sequence[Any]:
    from PIL import Image

    return [Image.open(io.BytesIO(base64.b64decode(row["bytes"])))]


BENCHMARKS = (
    Benchmark(
        name="mme_realworld_lite",
        title="MME-RealWorld-Lite",
        columns={
            "index": "key",
            "question": "string",
            "multi-choice options": "strings",
            "answer": "string",
            "category": "string",
            "l2-category": "string",
            "bytes": "image",
        },
        rows=1919,
        to_item=_to_item,
        to_images=_to_images,
        dataset_path="yifanzhang114/MME-RealWorld-lite-lmms-eval",
        split="train",
        licence="none stated (the full set: Apache-2.0)",
        headline=mme_realworld,
        core=True,
    ),
)
