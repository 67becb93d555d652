"""Which items a small suite keeps: seeded, stratified by category, the same for everyone."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from lmms_faith.item import Item


def stratified(items: Sequence[Item], n: int, *, seed: int) -> list[int]:
    """Positions, ascending, of ``n`` items spread over the categories as evenly as they allow; all of them if fewer.

    Within a category the items with the smallest hash of seed and id are kept, so that a grown data set changes little.
    """
    strata: defaultdict[str | None, list[int]] = defaultdict(list)
    for position, item in enumerate(items):
        strata[item.category].append(position)

    def key(position: int) -> str:
        return hashlib.sha256(f"{seed}:sample:{items[position].id}".encode()).hexdigest()

    queues = [sorted(strata[category], key=key) for category in sorted(strata, key=str)]
    rounds = (queue[turn] for turn in range(len(items)) for queue in queues if turn < len(queue))
    return sorted(position for position, _ in zip(rounds, range(n)))
