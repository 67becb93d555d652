"""The counts of a run as bars that fit a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lmms_faith.lmms.tally import Row, Tally

_WIDEST, _NARROWEST = 40, 8
"""Columns that a bar takes; with fewer left than the least there is none."""
_OTHER_LINES = 5
"""Lines of a terminal that are not for rows: heading, what is hidden, sum, speed, and the one below."""


def bars(tally: Tally, *, label: str, speed: str, width: int, height: int | None) -> Group:
    """Heading, a line per benchmark and condition, their sum, and the speed.

    Of more rows than fit, those that are under way are shown and the others counted. Where the lines are too short, the
    misled rates go first, then the bars.

    Args:
        tally: The counts.
        label: The heading.
        speed: The last line.
        width, height: Of the terminal, in characters; without a height all rows are shown.
    """
    rows, hidden = (tally.rows, "") if height is None else _visible(tally.rows, height - _OTHER_LINES)
    lines: list[RenderableType] = [_line(label, style="bold"), _table(rows, tally, width)]
    lines += [_line(hidden, style="dim")] if hidden else []
    return Group(*lines, _line(speed))


def percent(row: Row) -> tuple[str, str]:
    """Accuracy and misled rate so far, in words; empty where unknown."""
    acc = "" if row.acc is None else f"acc {row.acc:6.1%}"
    return acc, "" if row.misled_rate is None else f"misled {row.misled_rate:6.1%}"


def _visible(rows: Sequence[Row], height: int) -> tuple[Sequence[Row], str]:
    """The rows that fit, and a word on the others."""
    if len(rows) <= height:
        return rows, ""
    under_way = [row for row in rows if 0 < row.done < row.total]
    shown = under_way[: max(height, 1)]
    finished = sum(row.done == row.total for row in rows)
    counts = {
        "finished": finished,
        "more under way": len(under_way) - len(shown),
        "not begun": len(rows) - finished - len(under_way),
    }
    return shown, f"of {len(rows)} rows " + ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _table(rows: Sequence[Row], tally: Tally, width: int) -> Table:
    """A line per row and their sum, each with its bar where there is room for one."""
    counts = [*((row.done, row.total) for row in rows), (tally.done, tally.total)]
    failed = [*(row.failed for row in rows), tally.failed]
    names = [row.benchmark for row in rows]
    # Room is kept for numbers that are still to come, so that nothing moves when they do.
    columns = [
        _column(name if at == 0 or name != names[at - 1] else "" for at, name in enumerate([*names, "all"])),
        _column([*(row.condition for row in rows), ""]),
        _column((f"{done}/{total}" for done, total in counts), least=2 * len(str(counts[-1][1])) + 1),
        _column([*(percent(row)[0] for row in rows), ""], least=len("acc 100.0%")),
        _column([*(percent(row)[1] for row in rows), ""], least=len("misled 100.0%")),
        _column((f"{number} failed" if number else "" for number in failed), least=len("99 failed")),
    ]
    room = width - sum(len(column[0]) + 1 for column in columns)
    if room <= _NARROWEST:
        room += len(columns.pop(4)[0]) + 1
    table = Table.grid(padding=(0, 1, 0, 0))
    for _ in range(len(columns) + (room > _NARROWEST)):
        table.add_column(no_wrap=True, overflow="ellipsis")
    for cells, (done, total) in zip(zip(*columns), counts, strict=True):
        bar = ProgressBar(total, done, width=min(room - 1, _WIDEST), complete_style="cyan", finished_style="green")
        numbers = [Text(text, style="red" if "failed" in text else "") for text in cells[2:]]
        table.add_row(*cells[:2], *([bar] if room > _NARROWEST else []), *numbers)
    return table


def _column(texts: Iterable[str], *, least: int = 0) -> list[str]:
    """Texts of one width; numbers, for which a least width is given, on the right."""
    lines = list(texts)
    width = max([least, *map(len, lines)])
    return [line.rjust(width) if least else line.ljust(width) for line in lines]


def _line(text: str, *, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
