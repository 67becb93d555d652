"""`mme_realworld_lite`: high-resolution photographs, signs, charts and satellite views."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import by, headline, share
from lmms_faith.benchmarks.rows import strip_label
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import MME_REALWORLD
from lmms_faith.item import Item


def _to_item(row: Row) -> Item:
    options = tuple(strip_label(option.replace("（", "(").replace("）", ")")) for option in row["multi-choice options"])
    # The fifth option is always that the image does not show it, which is nothing to claim.
    asks = asked(row["question"], options[:4], row["answer"], MME_REALWORLD)
    ability, _, domain = row["category"].partition("/")
    kind = "perception" if "perception" in ability.lower() else "reasoning"
    return Item(
        id=str(row["index"]),
        benchmark="mme_realworld_lite",
        category=row["category"],
        extras={"ability": kind, "domain": domain, "task": row["l2-category"]},
        **asks | {"options": options},
    )


_TEXTS = ("question", "answer", "category", "l2-category")
BENCHMARKS = (
    Benchmark(
        name="mme_realworld_lite",
        title="MME-RealWorld-Lite",
        columns=contract(key="index", string=_TEXTS, strings="multi-choice options", image="bytes"),
        rows=1919,
        options=(5, 5),
        to_item=_to_item,
        dataset_path="yifanzhang114/MME-RealWorld-lite-lmms-eval",
        split="train",
        licence="none stated (the full set: Apache-2.0)",
        headline=headline(share(), by("ability"), by("ability", "domain")),
        core=True,
    ),
)
