"""The tidy table as matrices for the terminal: measures down, conditions across."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

from lmms_faith.conditions import CONDITIONS
from lmms_faith.measures import MEASURES
from lmms_faith.report.table import UNKNOWN, Lines
from lmms_faith.summary import ALL, HIDDEN, Row

MARGIN: Final = 30
"""Width of a measure's name."""
COLUMN: Final = 24
"""Width of a condition's column."""
PADDING: Final = 2
"""Of which this much is space."""
_IN_PERCENT: Final = ("share", "difference")
_EVEN_IF_HIDDEN: Final = "consistency"
"""Stands for all measures of agreement where none of them can be known."""
_BLOCKS: Final = ("paper", "abstention", "fallback", "other")
"""Kinds of conditions that stand together; all others are controls."""
_P_VALUES: Final = ("mcnemar_p", "holm_p")


def matrices(rows: Sequence[Row], *, width: int = 180) -> Iterator[tuple[str, Lines]]:
    """A title and lines per model, benchmark and slice, and per as many conditions as stand side by side.

    The first line is the header. Measures of which nothing is known under any of the conditions are left out;
    consistency stays where it is not observable, and says so.

    Args:
        rows: Of a tidy table.
        width: Characters in a line.
    """
    across = max(1, (width - MARGIN) // COLUMN)
    for (model, benchmark, category, arity), mine in _parted(rows).items():
        conditions = list(dict.fromkeys(row.condition for row in mine))
        for some in _some(conditions, across):
            cells = {(row.metric, row.condition): row for row in mine}
            metrics = [
                metric
                for metric in dict.fromkeys(row.metric for row in mine)
                if any((found := cells.get((metric, one))) and _shows(found) for one in some)
            ]
            lines = [["", *map(heading, some)]]
            lines += [[metric, *(cell(cells.get((metric, one))) for one in some)] for metric in metrics]
            if metrics:
                part = "".join(
                    f" · {what} {name}" for what, name in (("category", category), ("options", arity)) if name != ALL
                )
                yield f"{benchmark} · {model}{part}", lines


def heading(condition: str) -> str:
    """A condition's name, on several lines where a column does not hold it; they break behind underscores.

    >>> heading("wrong_caption_disclaimer")
    'wrong_caption_\\ndisclaimer'
    """
    lines = [""]
    for part in re.findall("[^_]*_|[^_]+", condition):
        if lines[-1] and len(lines[-1] + part) > COLUMN - PADDING:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def cell(row: Row | None) -> str:
    """A number with its interval: shares in percent, the rest as it is, p-values to three digits."""
    if row is None or math.isnan(row.value):
        return HIDDEN if row is not None and row.method == HIDDEN else UNKNOWN
    if row.method == "count":
        return f"{row.value:.0f}/{row.n}"
    if row.metric in _P_VALUES:
        return f"{row.value:.3g}" if row.value >= 0.001 else "<0.001"
    shown = _shown(row.metric, row.value)
    if math.isnan(row.low) or math.isnan(row.high):
        return shown
    return f"{shown} [{_shown(row.metric, row.low)}, {_shown(row.metric, row.high)}]"


def _shows(row: Row) -> bool:
    return bool(row.n) or (row.method == HIDDEN and row.metric == _EVEN_IF_HIDDEN)


def _shown(metric: str, value: float) -> str:
    measure = MEASURES.get(metric)
    unit = "difference" if measure is None else measure.unit
    if unit in _IN_PERCENT:
        signed = unit == "difference" and (measure is None or measure.low < 0)
        return f"{100 * value:+.1f}" if signed else f"{100 * value:.1f}"
    return f"{value:.1f}" if unit == "words" else f"{value:.3f}"


def _parted(rows: Sequence[Row]) -> dict[tuple[str, str, str, str], list[Row]]:
    found: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.model, row.benchmark, row.category, row.arity), []).append(row)
    return found


def _some(conditions: Sequence[str], across: int) -> Iterator[list[str]]:
    """Conditions a few at a time, those of a kind together."""
    kinds: dict[str, list[str]] = {}
    for name in conditions:
        kind = CONDITIONS[name].kind if name in CONDITIONS else "other"
        kinds.setdefault(kind if kind in _BLOCKS else "control", []).append(name)
    for names in kinds.values():
        for start in range(0, len(names), across):
            yield names[start : start + across]
