"""`mmbench_en_dev`: twenty abilities, every question asked once for each rotation of its options."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import all_right, headline, share
from lmms_faith.benchmarks.rows import columns_options, known
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import MMBENCH
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    # A rotated copy's index is its base question's plus a multiple of a million.
    turn, base = divmod(int(row["index"]), 10**6)
    return Item(
        id=str(row["index"]),
        benchmark="mmbench_en_dev",
        context=known(row["hint"]),
        category=row["category"],
        cluster=str(base),
        family=str(base),
        extras={"turn": str(turn), "ability": row["L2-category"]},
        **asked(row["question"], columns_options(row, "ABCD"), row["answer"], MMBENCH),
    )


_TEXTS = ("question", "hint", "answer", *"ABCD", "category", "L2-category")
BENCHMARKS = (
    Benchmark(
        name="mmbench_en_dev",
        title="MMBench en dev",
        columns=contract(key="index", string=_TEXTS, image="image"),
        rows=4329,
        options=(2, 4),
        to_item=_to_item,
        dataset_path="lmms-lab-encoder/MMBench",
        dataset_name="en",
        split="dev",
        licence="none stated (upstream: Apache-2.0)",
        # Questions right in every rotation (CircularEval, arXiv 2307.06281), and right answers.
        headline=headline(all_right("circular", "family"), share("vanilla")),
        core=True,
    ),
)
