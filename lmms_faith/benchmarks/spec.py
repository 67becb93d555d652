"""What a benchmark has to say about itself: where its rows are, what they hold, and how a row becomes an Item."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lmms_faith.item import Item
from lmms_faith.record import Record

Row = Mapping[str, Any]
ColumnKind = Literal["image", "images", "string", "strings", "int", "number", "struct", "key"]
"""What a column holds; an ``image`` may be stored as a base64 string, and a ``key`` is a string or an integer."""
ROW_NUMBER = "faith_row"
"""Column that is added on loading: the row's position in the split. It names the items of data sets without an id."""
Headline = Callable[[Sequence[Record]], Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One data set.

    Attributes:
        name: As in task names.
        title: As in papers and tables.
        to_item: Row, of which image columns may be missing, to Item. Raises ValueError for a row that can't be one.
        to_images: Row to its pictures (PIL), at least one.
        columns: Columns that ``to_item`` and ``to_images`` read, each with its kind; checked on first load.
        dataset_path: Hub id or builder name for ``datasets.load_dataset``.
        dataset_name: Configuration, if any.
        split: Split to evaluate.
        dataset_kwargs: Further arguments of ``load_dataset``.
        rows: Rows that the split is known to have; None where that could not be confirmed.
        headline: The benchmark's own score from its records under ``base``, by name; the first is the headline.
        licence: Licence of the data as far as stated; "none stated" otherwise.
        by_hand: What to download and where to put it, where no loader can fetch the data.
        part_of: Name of the whole whose official score is the mean of its parts' headlines, as BLINK's is.
        core: Whether it belongs to the paper's set, or is MathVista.
        free_form: Whether no item has options, so that no condition that adds one applies.
    """

    name: str
    title: str
    to_item: Callable[[Row], Item]
    to_images: Callable[[Row], Sequence[Any]]
    columns: Mapping[str, ColumnKind]
    dataset_path: str
    split: str
    licence: str
    dataset_name: str | None = None
    dataset_kwargs: Mapping[str, Any] = field(default_factory=dict)
    rows: int | None = None
    headline: Headline | None = None
    by_hand: str | None = None
    part_of: str | None = None
    core: bool = False
    free_form: bool = False


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
