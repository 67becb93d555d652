"""A benchmark's own adapter on a row that another tool kept of the same data set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lmms_faith.benchmarks import benchmark
from lmms_faith.benchmarks.rows import literal_options
from lmms_faith.benchmarks.spec import ROW_NUMBER, ColumnKind
from lmms_faith.item import Item


def lacking(name: str, row: Mapping[str, Any]) -> list[str]:
    """The columns that a benchmark's adapter reads and a row does not have, pictures aside; case makes no difference.

    Raises:
        ValueError: No such benchmark.
    """
    there = {column.casefold() for column in row}
    return [column for column in _read(name) if column.casefold() not in there]


def adapted(name: str, row: Mapping[str, Any], number: int | None) -> Item:
    """The item that a benchmark's adapter makes of a row that lacks none of its columns.

    Args:
        name: The benchmark.
        row: Columns by name; a list may be the source of a list, a number be written as text, a cell be nan.
        number: Position of the row in the data; None where that is not known.

    Raises:
        ValueError: The row makes no item.
    """
    spelled = {column.casefold(): column for column in row}
    fitted = dict(row)
    try:
        for column, kind in _read(name).items():
            fitted[column] = _cell(row[column if column in row else spelled[column.casefold()]], kind)
        if number is not None:
            fitted[ROW_NUMBER] = number
        return benchmark(name).to_item(fitted)
    # What a cell can hold is not ours to say: an empty one is None, and None has no strip().
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _read(name: str) -> dict[str, ColumnKind]:
    return {column: kind for column, kind in benchmark(name).columns.items() if kind not in ("image", "images")}


def _cell(value: Any, kind: ColumnKind) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    match kind:
        case "string":
            return value if isinstance(value, str) else str(value)
        case "strings":
            return literal_options(value) if isinstance(value, str) else value
        case "int":
            return int(value)
        case "key":
            return int(value) if isinstance(value, float) and value.is_integer() else value
    return value
