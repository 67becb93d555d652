"""The parts of a benchmark that get rows of their own: all items, a category, a number of options."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lmms_faith.summary.cells import Codes, Items
from lmms_faith.summary.row import ALL

BY: Final = ("category", "arity")
"""What a benchmark can be parted by."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Some of a benchmark's items.

    Attributes:
        category, arity: As in ``Row``.
        inside: Shape (items,); which items, by place.
    """

    category: str
    arity: str
    inside: NDArray[np.bool_]

    @property
    def whole(self) -> bool:
        """Whether these are all items."""
        return bool(self.inside.all())


def slices(items: Items, by: Collection[str] = BY) -> Iterator[Slice]:
    """All items first, then each category and each number of options that some item has.

    Raises:
        ValueError: Something that a benchmark can't be parted by.
    """
    unknown = sorted(set(by) - set(BY))
    if unknown:
        raise ValueError(f"items can't be parted by {unknown[0]!r}; choose from: {', '.join(BY)}")
    yield Slice(ALL, ALL, np.ones(len(items.ids), dtype=np.bool_))
    if "category" in by:
        for name, inside in _parts(items.categories, items.category):
            yield Slice(name, ALL, inside)
    if "arity" in by:
        for name, inside in _parts(items.arities, items.arity):
            yield Slice(ALL, name, inside)


def named(items: Items, *, category: str = ALL, arity: str = ALL) -> Slice:
    """The items of a category, of a number of options, or both.

    Raises:
        ValueError: No item of the benchmark is in there; the message lists what there is.
    """
    inside = np.ones(len(items.ids), dtype=np.bool_)
    for what, wanted, names, codes in (
        ("category", category, items.categories, items.category),
        ("arity", arity, items.arities, items.arity),
    ):
        if wanted == ALL:
            continue
        there = dict(_parts(names, codes))
        if wanted not in there:
            raise ValueError(f"no item has {what} {wanted!r}; choose one of: {', '.join(there) or 'none'}")
        inside &= there[wanted]
    return Slice(category, arity, inside)


def _parts(names: tuple[str, ...], codes: Codes) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    for code, name in enumerate(names):
        inside = codes == code
        if inside.any():
            yield name, inside
