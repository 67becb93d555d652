"""`mmbench_en_dev`: twenty abilities, every question asked once for each rotation of its options."""

from __future__ import annotations

from lmms_faith.benchmarks.official import mmbench
from lmms_faith.benchmarks.patterns import claim_by
from lmms_faith.benchmarks.rows import columns_options, letter_index, rule_for
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item

_COPY = 10**6
"""A rotated copy's index is its base question's plus a multiple of this."""
_WORDINGS = (
    (
        "caption",
        r"(?:(?:caption|description) (?:of|for|to)?|describes?) ?(?:this|the) (?:image|picture)",
        "{option}.",
    ),
    ("scene", r"which scene category matches this image", "The scene in the picture is of the kind {option}."),
    ("kind", r"which category does (?:this|the) (?:image|picture) belong to", "The picture is of the kind {option}."),
    ("mood", r"which mood does (?:this|the) image convey", "The mood that the picture conveys is {option}."),
    (
        "style",
        r"(?:which|what) style is (?:depicted|used|shown)|what style is this",
        "The style of the picture is {option}.",
    ),
    ("person", r"who is (?:this|the) person", "The person in the picture is {option}."),
    (
        "place",
        r"where (?:is (?:it|this) (?:located|taken|place)?|was this (?:photo|picture) taken)",
        "The place in the picture is {option}.",
    ),
)


def _to_item(row: Row) -> Item:
    options = columns_options(row, "ABCD")
    claim, template = claim_by(_WORDINGS, row["question"])
    if claim is None:
        claim, template = worded(row["question"], options)
    base, hint = str(int(row["index"]) % _COPY), str(row.get("hint") or "").strip()
    return Item(
        id=str(row["index"]),
        benchmark="mmbench_en_dev",
        question=row["question"],
        options=options,
        answer=letter_index(row["answer"]),
        context=None if hint.casefold() in ("", "nan") else hint,
        category=row["category"],
        claim=claim,
        template=template,
        rule=rule_for(options),
        cluster=base,
        family=base,
        extras={"turn": str(int(row["index"]) // _COPY), "ability": row["L2-category"]},
    )


BENCHMARKS = (
    Benchmark(
        name="mmbench_en_dev",
        title="MMBench en dev",
        columns={
            "index": "key",
            "question": "string",
            "hint": "string",
            "answer": "string",
            "A": "string",
            "B": "string",
            "C": "string",
            "D": "string",
            "category": "string",
            "L2-category": "string",
            "image": "image",
        },
        rows=4329,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="lmms-lab-encoder/MMBench",
        dataset_name="en",
        split="dev",
        licence="none stated (upstream: Apache-2.0)",
        headline=mmbench,
        core=True,
    ),
)
