"""`mmmu_val`: college exam questions from 30 subjects with one to seven pictures (arXiv 2311.16502)."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import category_mean
from lmms_faith.benchmarks.rows import literal_options, pictures_in, untagged
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.item import Item

PICTURES = tuple(f"image_{n}" for n in range(1, 8))


def to_item(row: Row, name: str, category: str) -> Item:
    """Item of a row in the form that MMMU and MMMU-Pro share: options as the source of a list, pictures tagged."""
    written = literal_options(row["options"])
    question = untagged(row["question"], pictures=pictures_in(row["question"], *written))
    options = [untagged(option, pictures=2) for option in written]
    # An open question may list several golds; the first is ours and all are kept for the official score.
    golds = (row["answer"],) if options or not row["answer"].startswith("[") else literal_options(row["answer"])
    return Item(
        id=str(row["id"]),
        benchmark=name,
        category=category,
        extras={"accepted": "\n".join(golds)} if len(golds) > 1 else {},
        **asked(question, options, golds[0]),
    )


BENCHMARKS = (
    Benchmark(
        name="mmmu_val",
        title="MMMU val",
        columns=contract(key="id", string=("question", "options", "answer"), image=PICTURES),
        rows=900,
        options=(2, 9),
        free=53 / 900,
        # "validation_Art_Theory_12" is of Art Theory.
        to_item=lambda row: to_item(row, "mmmu_val", " ".join(str(row["id"]).split("_")[1:-1])),
        dataset_path="lmms-lab-encoder/MMMU",
        split="validation",
        headline=category_mean,
        licence="Apache-2.0",
    ),
)
