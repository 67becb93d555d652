"""`3dsrbench`, `3dsrbench_circular`: heights, places and orientations in three dimensions."""

from __future__ import annotations

import re
from functools import partial

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.official import all_right, by, headline, share
from lmms_faith.benchmarks.rows import columns_options
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import THREE_DSR
from lmms_faith.item import Item


def _to_item(row: Row, name: str) -> Item:
    key = str(row.get("qid") or row["index"])
    base, mirrored, turn = re.findall(r"^(.+?)(-flip)?(?:-(\d+))?$", key)[0]
    return Item(
        id=key,
        benchmark=name,
        category=row["category"],
        cluster=base,
        # A mirrored copy swaps left and right, so that the claim made of the original would be true of it.
        family=base + mirrored,
        extras={"turn": turn or "0"},
        **asked(row["question"], columns_options(row, "ABCD"), row["answer"], THREE_DSR),
    )


_ABILITIES = by("category", of=("height", "location", "orientation", "multi_object"))
_PLAIN = headline(share("vanilla"), all_right("flip", "cluster", "turn", size=2), _ABILITIES)
"""Right answers, questions right in both mirrors, of those that have both, right answers by ability."""
_CIRCULAR = headline(
    all_right("flip_circular", "cluster"),
    all_right("circular", "family"),
    all_right("flip", "cluster", "turn"),
    share("vanilla"),
    _ABILITIES,
)
"""Questions right in all copies (3DSRBench's strictest), in all rotations, in all mirrors, and right answers."""

BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=title,
        columns=contract(key="index", string=("question", "A", "B", "answer", "category"), image="image"),
        options=(2, 4),
        to_item=partial(_to_item, name=name),
        dataset_path="oscarqjh/3DSRBench_lmmseval",
        dataset_name=config,
        split="test",
        licence="CC-BY-4.0 (its card once said CC-BY-NC-4.0)",
        headline=score,
        core=name == "3dsrbench",
    )
    for name, title, config, score in (
        ("3dsrbench", "3DSRBench", "3dsr", _PLAIN),
        ("3dsrbench_circular", "3DSRBench circular", "3dsr_circular", _CIRCULAR),
    )
)
