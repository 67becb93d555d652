"""`blink_*`: fourteen tasks of visual perception, one benchmark each (arXiv 2404.12390)."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.patterns import claim_by
from lmms_faith.benchmarks.spec import Benchmark, ColumnKind, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item

PICTURES = tuple(f"image_{n}" for n in range(1, 5))
_COLUMNS: dict[str, ColumnKind] = {
    "idx": "key",
    "question": "string",
    "sub_task": "string",
    "choices": "strings",
    "answer": "string",
    "image_1": "image",
    "image_2": "image",
    "image_3": "image",
    "image_4": "image",
}
_TASKS: tuple[tuple[str, int, str | None], ...] = (
    ("Art_Style", 117, "The painting in the same style as the first image is {option}."),
    ("Counting", 120, None),
    ("Forensic_Detection", 132, "The real photograph is {option}."),
    ("Functional_Correspondence", 130, "The point that serves the same action as the reference point is {option}."),
    ("IQ_Test", 150, "The pattern in the picture is completed by {option}."),
    ("Jigsaw", 150, "The missing part of the first image is {option}."),
    ("Multi-view_Reasoning", 133, "From the first image to the second the camera moves {option}."),
    ("Object_Localization", 122, "The box that fits the object best is {option}."),
    ("Relative_Depth", 124, "Of the two marked points, {option}."),
    ("Relative_Reflectance", 134, "The surfaces at the two marked points compare like this: {option}."),
    ("Semantic_Correspondence", 139, "The point that corresponds to the reference point is {option}."),
    ("Spatial_Relation", 143, None),
    ("Visual_Correspondence", 172, "The point that shows the same spot as the reference point is {option}."),
    ("Visual_Similarity", 135, "The image most similar to the first one is {option}."),
)
"""Configuration, rows of its ``val`` split, and claim; None takes it from the question's wording."""
_PLACES = (
    r"(?:(?:attached|parallel|perpendicular|close|next|adjacent|connected) to|(?:away|far) from|part of|facing|touching"
    r"|(?:at|on|to) the|above|across|behind|below|beneath|beside|between|beyond|inside|in|near|off|on|outside|over"
    r"|toward|under|with)"
)
_RELATIONS = tuple(
    (
        "relation",
        rf"^{verb} (?P<the_x>.+?) (?P<y>{_PLACES}\b[^?]*)\??$",
        f"As to whether {{the_x}} {verb} {{y}}, the picture says {{option}}.",
    )
    for verb in ("is", "are")
)


def _to_item(row: Row, name: str, claim: str | None) -> Item:
    wording, template = (claim, name.removeprefix("blink_")) if claim else claim_by(_RELATIONS, row["question"])
    if wording is None:
        wording, template = worded(row["question"], row["choices"])
    return Item(
        id=str(row["idx"]),
        benchmark=name,
        question=row["question"],
        category=row["sub_task"],
        claim=wording,
        template=template,
        **rows.gold(row["choices"], row["answer"]),
    )


def _benchmark(config: str, count: int, claim: str | None) -> Benchmark:
    name = f"blink_{config.lower().replace('-', '_')}"
    return Benchmark(
        name=name,
        title=f"BLINK {config.replace('_', ' ')}",
        columns=_COLUMNS,
        rows=count,
        to_item=partial(_to_item, name=name, claim=claim),
        to_images=lambda row: [row[picture] for picture in PICTURES if row[picture] is not None],
        dataset_path="BLINK-Benchmark/BLINK",
        dataset_name=config,
        split="val",
        headline=accuracy,
        part_of="BLINK",
        licence="Apache-2.0",
    )


BENCHMARKS = tuple(_benchmark(*task) for task in _TASKS)
