"""`mmmu_val`: college exam questions from 30 subjects with one to seven pictures (arXiv 2311.16502)."""

from __future__ import annotations

from lmms_faith.benchmarks import rows
from lmms_faith.benchmarks.official import category_mean
from lmms_faith.benchmarks.spec import Benchmark, ColumnKind, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item

PICTURES = tuple(f"image_{n}" for n in range(1, 8))
PICTURE: ColumnKind = "image"
COLUMNS: dict[str, ColumnKind] = {"id": "key", "question": "string", "options": "string", "answer": "string"}


def to_item(row: Row, name: str, category: str) -> Item:
    """Item of a row in the form that MMMU and MMMU-Pro share: options as the source of a list, pictures tagged."""
    written = rows.literal_options(row["options"])
    pictures = rows.pictures_in(row["question"], *written)
    question = rows.untagged(row["question"], pictures=pictures)
    options = [rows.untagged(option, pictures=2) for option in written]
    claim, template = worded(question, options)
    # An open question may list several golds; the first is ours and all are kept for the official score.
    golds = (row["answer"],) if options or not row["answer"].startswith("[") else rows.literal_options(row["answer"])
    return Item(
        id=str(row["id"]),
        benchmark=name,
        question=question,
        category=category,
        claim=claim,
        template=template,
        extras={"accepted": "\n".join(golds)} if len(golds) > 1 else {},
        **rows.gold(options, golds[0]),
    )


BENCHMARKS = (
    Benchmark(
        name="mmmu_val",
        title="MMMU val",
        columns=COLUMNS | dict.fromkeys(PICTURES, PICTURE),
        rows=900,
        # "validation_Art_Theory_12" is of Art Theory.
        to_item=lambda row: to_item(row, "mmmu_val", " ".join(str(row["id"]).split("_")[1:-1])),
        to_images=lambda row: [row[name] for name in PICTURES if row[name] is not None],
        dataset_path="lmms-lab-encoder/MMMU",
        split="validation",
        headline=category_mean,
        licence="Apache-2.0",
    ),
)
