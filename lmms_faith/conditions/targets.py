"""Which wrong option is claimed of an item."""

from __future__ import annotations

from random import Random

from lmms_faith.item import Item, normalise


def wrong_target(item: Item, *, seed: int = 0) -> int:
    """Index of the wrong option that every misleading condition of this item claims.

    The choice depends on the seed, the item's family and the option *texts* alone. So it is the same whatever the
    batch, the limit or the rank, captions and thoughts claim the same thing, and circular or mirrored copies of an
    item, in which the letters move, claim the same text.

    >>> item = Item(id="a", benchmark="b", question="?", options=("1", "2", "3"), answer=0)
    >>> turned = Item(id="a-circ1", benchmark="b", question="?", options=("2", "3", "1"), answer=2, family="a")
    >>> item.options[wrong_target(item)] == turned.options[wrong_target(turned)]
    True
    """
    gold = normalise(item.gold)
    wrong = sorted({normalise(option) for option in item.options} - {gold})
    chosen = Random(f"{seed}:target:{item.benchmark}:{item.family}").choice(wrong)
    return next(i for i, option in enumerate(item.options) if normalise(option) == chosen)
