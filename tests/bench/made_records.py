"""Records by the thousand, made without a model: what benchmarks of the summary read."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import numpy as np

from lmms_faith.conditions import CONDITIONS
from lmms_faith.record import Record

OPTIONS = ("left of the star", "right of the star", "above the star", "below the star")
VERSIONS = {"lmms-faith": "0", "lmms-eval": "0", "conditions": "1", "claims": "none"}


def made_records(
    items: int,
    *,
    conditions: tuple[str, ...] = tuple(CONDITIONS),
    benchmark: str = "made",
    model: str = "m",
    seed: int = 0,
) -> Iterator[Record]:
    """One record per condition and item; two items share an image, three categories, letters' probabilities throughout.

    Under conditions that claim something wrong the claim is answered about three times in ten.
    """
    for condition in conditions:
        random = np.random.default_rng([seed, crc32(condition.encode())])
        chance = (0.3, 0.3, 0.2, 0.2) if "wrong" in condition else (0.75, 0.1, 0.1, 0.05)
        order = random.choice(4, size=items, p=chance)
        spread = np.log(random.dirichlet((0.6, 0.3, 0.3, 0.3), size=items) * 0.98 + 1e-9)
        for item in range(items):
            given, ended = int(order[item]), int(order[item]) if random.random() < 0.9 else 3
            think = f"I look at shape {item}. It is {OPTIONS[ended]}."
            yield Record(
                model=model,
                benchmark=benchmark,
                condition=condition,
                item_id=f"item-{item}",
                category=("count", "relation", "colour")[item % 3],
                cluster=f"image-{item // 2}",
                family=f"item-{item}",
                question="Where is the circle relative to the star?",
                kind="choice",
                precision=None,
                extras={},
                options=OPTIONS,
                gold=OPTIONS[0],
                claimed=OPTIONS[1],
                answer=0,
                target=1,
                prefill="",
                completion=f"<think>{think}</think><answer>{'ABCD'[given]}</answer>",
                status="answered",
                think=think,
                prediction=given,
                said=OPTIONS[given],
                hit=("gold", "claimed", "other", "other")[given],
                finish="stop",
                letter_logprobs=tuple(spread[item].tolist()),
                letter_source="generated",
                conclusion_logprobs=None,
                value_logprobs=None,
                error=None,
                seed=0,
                versions=VERSIONS,
            )
