"""What a benchmark has to say about itself: where its rows are, what they hold, and how a row becomes an Item."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from lmms_faith.item import Item
from lmms_faith.record import Record

Row = Mapping[str, Any]
ColumnKind = Literal["image", "images", "string", "strings", "int", "number", "struct", "key"]
"""What a column holds; an ``image`` may be stored as a base64 string, and a ``key`` is a string or an integer."""
Columns = Mapping[str, ColumnKind]
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
        to_images: Row to its pictures (PIL), at least one; None takes what the image columns hold, in order.
        columns: Columns that ``to_item`` and ``to_images`` read, each with its kind; checked on first load.
        dataset_path: Hub id or builder name for ``datasets.load_dataset``.
        dataset_name: Configuration, if any.
        split: Split to evaluate.
        dataset_kwargs: Further arguments of ``load_dataset``.
        rows: Rows that the split is known to have; None where that could not be confirmed.
        options: Fewest and most options that an item with options has; None where none has any, or it is not stated.
        free: Share of items without options, 0 to 1; None where there are some and their share is not known.
        headline: The benchmark's own score from its records under ``base``, by name; the first is the headline.
        licence: Licence of the data as far as stated; "none stated" otherwise.
        by_hand: What to download and where to put it, where no loader can fetch the data.
        part_of: Name of the whole whose official score is the mean of its parts' headlines, as BLINK's is.
        core: Whether it belongs to the paper's set, or is MathVista.
    """

    name: str
    title: str
    to_item: Callable[[Row], Item]
    columns: Columns
    dataset_path: str
    split: str
    licence: str
    to_images: Callable[[Row], Sequence[Any]] | None = None
    dataset_name: str | None = None
    dataset_kwargs: Mapping[str, Any] = field(default_factory=dict)
    rows: int | None = None
    options: tuple[int, int] | None = None
    free: float | None = 0.0
    headline: Headline | None = None
    by_hand: str | None = None
    part_of: str | None = None
    core: bool = False

    @property
    def free_form(self) -> bool:
        """Whether no item has options, so that no condition that adds one applies."""
        return self.free == 1

    @property
    def image_columns(self) -> tuple[str, ...]:
        """The columns that hold pictures, in order."""
        return tuple(name for name, kind in self.columns.items() if kind in ("image", "images"))


def contract(**kinds: str | Sequence[str]) -> Columns:
    """The columns that an adapter reads, each with its kind, from the kinds, each with its column or columns.

    Raises:
        ValueError: A kind that there is not.

    >>> contract(key="idx", string=("question", "answer"))
    {'question': 'string', 'answer': 'string', 'idx': 'key'}
    """
    columns: dict[str, ColumnKind] = {}
    for kind in get_args(ColumnKind):
        named = kinds.pop(kind, ())
        columns |= dict.fromkeys([named] if isinstance(named, str) else named, kind)
    if kinds:
        raise ValueError(f"no column kind {', '.join(kinds)}; choose from: {', '.join(get_args(ColumnKind))}")
    return columns


def images_of(benchmark: Benchmark, row: Row, item: Item) -> list[Any]:
    """A row's pictures.

    Raises:
        ValueError: There is none, or one is missing.
    """
    images = list(benchmark.to_images(row) if benchmark.to_images else _stored(benchmark, row))
    if not images or any(image is None for image in images):
        raise ValueError(
            f"item {item.id!r} of {benchmark.name}: has no image; check the image column of {benchmark.dataset_path}"
        )
    return images


def _stored(benchmark: Benchmark, row: Row) -> list[Any]:
    """What the image columns hold; of several, such as ``image_1`` to ``image_7``, most may be empty."""
    cells = [row[column] for column in benchmark.image_columns]
    filled = [cell for cell in cells if cell is not None]
    several = (image for cell in filled for image in (cell if isinstance(cell, (list, tuple)) else [cell]))
    return [_decoded(image) if isinstance(image, str) else image for image in several]


def _decoded(text: str) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(base64.b64decode(text.rpartition(",")[2])))
