"""The table of conditions as text: for the terminal with rich, for a README as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.table import Table

from lmms_faith.summary import ALL, HIDDEN, PAPER, PREFIX, Row

COLUMNS: Mapping[str, str] = {
    "answered": "answered",
    "extracted": "extracted",
    "acc": "acc [95 % CI]",
    "acc_drop": "drop [95 % CI]",
    "misled_rate": "misled",
    "consistency": "consistency",
    "letter_entropy": "entropy",
    "p_correct": "p_correct",
}
METRICS = ("failed", "detectable_drop", *COLUMNS)
"""What the table is made from."""
_IN_NATS = {"letter_entropy", "p_correct"}
_WITH_INTERVAL = {"acc", "acc_drop"}
_ASKED_FOR = {"extracted"}
"""Columns that only a table has in which something is known of them."""
UNKNOWN = "–"
NOT_OBSERVABLE = "n.o."
"""Stands where no completion has a thought to judge; ``legend`` says so."""

Lines = list[list[str]]


def tables(rows: Sequence[Row]) -> Iterator[tuple[str, Lines]]:
    """One title and its lines per model and benchmark, over all its items; the first line is the header."""
    for (model, benchmark), mine in _by_benchmark(rows):
        cells = {(row.condition, row.metric): row for row in mine}
        known = {row.metric for row in mine if row.n}
        shown = [metric for metric in COLUMNS if metric in known or metric not in _ASKED_FOR]
        lines = [["condition", "n", *(COLUMNS[metric] for metric in shown)]]
        for condition in dict.fromkeys(row.condition for row in mine):
            # Where every request failed nothing is known of acc, but the items were asked all the same.
            n = cells[condition, "failed"].n
            lines.append([condition, str(n), *(_cell(cells[condition, metric]) for metric in shown)])
        yield f"{benchmark} · {model}", lines


def warnings(rows: Sequence[Row]) -> Iterator[str]:
    """One line per model and benchmark whose items are too few for some of the drops that its table shows."""
    for (model, benchmark), mine in _by_benchmark(rows):
        drops = {row.condition: row for row in mine if row.metric == "acc_drop"}
        limits = [row for row in mine if row.metric == "detectable_drop"]
        short = [row for row in limits if not abs(drops[row.condition].value) >= row.value]
        if short:
            named = ", ".join(f"{row.condition} ({_points(drops[row.condition].value)}{_limit(row)})" for row in short)
            items = max(row.n for row in short)
            yield f"{benchmark} · {model}: {items:,} items can't carry a claim about these drops: {named}"


def legend(rows: Sequence[Row]) -> Iterator[str]:
    """What a mark of the tables means, where one of them has it."""
    if any(row.method == HIDDEN for _, mine in _by_benchmark(rows) for row in mine if row.metric in COLUMNS):
        yield f"{NOT_OBSERVABLE}: {HIDDEN}; no completion has a thought in <think> tags to compare its answer with"


def rich_table(title: str, lines: Lines) -> Table:
    """For the terminal."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", header_style="bold")
    for index, column in enumerate(zip(*lines)):
        # Where the terminal is narrow, an interval goes on below its number, and no name or number is cut.
        whole = not any(" " in cell for cell in column)
        table.add_column(
            column[0],
            justify="right" if index else "left",
            no_wrap=whole,
            min_width=max(len(word) for cell in column for word in cell.split() or [""]),
            overflow="fold",
        )
    for line in lines[1:]:
        table.add_row(*line)
    return table


def markdown(title: str, lines: Lines) -> str:
    """For a README."""
    head, *body = lines
    rule = ["---", *["---:"] * (len(head) - 1)]
    return f"**{title}**\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *body)) + "\n"


def _by_benchmark(rows: Sequence[Row]) -> Iterator[tuple[tuple[str, str], list[Row]]]:
    """The rows over all items of a benchmark's conditions, by model and benchmark."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        over_all = row.category == row.arity == ALL and row.condition != PAPER
        if over_all and not row.benchmark.startswith(PREFIX):
            found.setdefault((row.model, row.benchmark), []).append(row)
    yield from found.items()


def _cell(row: Row) -> str:
    if math.isnan(row.value):
        return NOT_OBSERVABLE if row.method == HIDDEN else UNKNOWN
    if row.metric in _IN_NATS:
        return f"{row.value:.2f}"
    shown = _points if row.metric == "acc_drop" else _percent
    if row.metric in _WITH_INTERVAL and not math.isnan(row.low):
        return f"{shown(row.value)} [{shown(row.low)}, {shown(row.high)}]"
    return shown(row.value)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _limit(row: Row) -> str:
    return "" if math.isnan(row.value) else f", it takes {_percent(row.value)}"
