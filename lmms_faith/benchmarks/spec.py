"""What a benchmark has to say about itself: where its rows are, and how a row becomes an Item and its pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lmms_faith.item import Item

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One data set.

    Attributes:
        name: As in task names.
        to_item: Row, of which image columns may be missing, to Item.
        to_images: Row to its pictures (PIL), at least one.
        dataset_path: Hub id or builder name for ``datasets.load_dataset``.
        dataset_name: Configuration, if any.
        split: Split to evaluate.
        dataset_kwargs: Further arguments of ``load_dataset``.
        licence: Licence of the data.
    """

    name: str
    to_item: Callable[[Row], Item]
    to_images: Callable[[Row], Sequence[Any]]
    dataset_path: str
    split: str
    licence: str
    dataset_name: str | None = None
    dataset_kwargs: Mapping[str, Any] = field(default_factory=dict)


def images_of(benchmark: Benchmark, row: Row, item: Item) -> list[Any]:
    """A row's pictures.

    Raises:
        ValueError: There is none, or one is missing.
    """
    images = list(benchmark.to_images(row))
    if not images or any(image is None for image in images):
        raise ValueError(
            f"item {item.id!r} of {benchmark.name}: has no image; check the image column of {benchmark.dataset_path}"
        )
    return images
