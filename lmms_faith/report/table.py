"""The table of conditions as text: for the terminal with rich, for a README as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.table import Table

from lmms_faith.summary import Row

COLUMNS: Mapping[str, str] = {
    "answered": "answered",
    "extracted": "extracted",
    "acc": "acc [95 % CI]",
    "acc_drop": "drop",
    "misled_rate": "misled",
    "consistency": "consistency",
    "letter_entropy": "entropy",
    "p_correct": "p_correct",
}
_IN_NATS = {"letter_entropy", "p_correct"}
_ASKED_FOR = {"extracted"}
"""Columns that only a table has in which something is known of them."""
UNKNOWN = "–"

Lines = list[list[str]]


def tables(rows: Sequence[Row]) -> Iterator[tuple[str, Lines]]:
    """One title and its lines per model and benchmark; the first line is the header."""
    for model, benchmark in dict.fromkeys((row.model, row.benchmark) for row in rows):
        mine = [row for row in rows if (row.model, row.benchmark) == (model, benchmark)]
        cells = {(row.condition, row.metric): row for row in mine}
        known = {row.metric for row in mine if row.n}
        shown = [metric for metric in COLUMNS if metric in known or metric not in _ASKED_FOR]
        lines = [["condition", "n", *(COLUMNS[metric] for metric in shown)]]
        for condition in dict.fromkeys(row.condition for row in mine):
            # Where every request failed nothing is known of acc, but the items were asked all the same.
            n = cells[condition, "failed"].n
            lines.append([condition, str(n), *(_cell(cells[condition, metric]) for metric in shown)])
        yield f"{benchmark} · {model}", lines


def rich_table(title: str, lines: Lines) -> Table:
    """For the terminal."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", header_style="bold")
    for index, heading in enumerate(lines[0]):
        table.add_column(heading, justify="right" if index else "left", no_wrap=True)
    for line in lines[1:]:
        table.add_row(*line)
    return table


def markdown(title: str, lines: Lines) -> str:
    """For a README."""
    head, *body = lines
    rule = ["---", *["---:"] * (len(head) - 1)]
    return f"**{title}**\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body)) + "\n"


def _cell(row: Row) -> str:
    if math.isnan(row.value):
        return UNKNOWN
    if row.metric in _IN_NATS:
        return f"{row.value:.2f}"
    if row.metric == "acc":
        return f"{100 * row.value:.1f} [{100 * row.low:.1f}, {100 * row.high:.1f}]"
    if row.metric == "acc_drop":
        return f"{100 * row.value:+.1f}"
    return f"{100 * row.value:.1f}"
