"""One number's items, and one item in full, as text for the terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lmms_faith.item import LETTERS
from lmms_faith.record import Record
from lmms_faith.report.table import UNKNOWN
from lmms_faith.summary import Judged, Trace


def trace_lines(trace: Trace, *, items: int | None = None) -> Iterator[str | Table]:
    """What a number is made of: the sum, the items that count with what each adds, and the others with the reason.

    Args:
        trace: The number.
        items: Show at most so many items of either kind; all where left out.
    """
    n = len(trace.shares)
    total = math.fsum(share.adds for share in trace.shares)
    sums = f" = {total:g} / {n}" if trace.mean and n else f", from {n} items"
    reasons = {why for _, why in trace.left_out}
    note = f" ({reasons.pop()})" if not n and len(reasons) == 1 else ""
    yield f"{trace.metric} = {trace.value:.6g}{note}{sums}; {len(trace.left_out)} items left out"
    counted = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for place, name in enumerate(("item", "adds", *trace.columns)):
        counted.add_column(name, justify="right" if place else "left", no_wrap=True)
    for share in trace.shares[:items]:
        counted.add_row(share.item_id, f"{share.adds:g}", *(_number(value) for value in share.values))
    yield counted
    if items is not None and n > items:
        yield f"… and {n - items} more"
    if trace.left_out:
        yield "Left out: " + ", ".join(f"{many} {why}" for why, many in _counted(trace))
        others = Table("item", "left out because", box=box.SIMPLE_HEAD, header_style="bold")
        for item_id, why in trace.left_out[:items]:
            others.add_row(item_id, why)
        yield others


def item_view(judged: Judged) -> RenderableType:
    """One record as it can be read: question, options, gold, target, prefill, completion, what was parsed, verdict."""
    record = judged.record
    parts: list[RenderableType] = [Text(record.question or "(the question is not in this record)")]
    parts += [Text(f"  {LETTERS[at]}. {option}{_marks(record, at)}") for at, option in enumerate(record.options)]
    if not record.options:
        parts.append(Text(f"  gold {record.gold!r}, claimed {record.claimed!r}"))
    facts = {
        "category": record.category,
        "image": record.cluster,
        "status": record.status + (f" ({record.error})" if record.error else ""),
        "answer": None if record.said is None else f"{_letter(record.prediction)}{record.said!r}, hits {record.hit}",
        "letters": _letters(record),
        "verdict": _verdict(judged),
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, fact in facts.items():
        table.add_row(Text(name, style="bold"), Text(UNKNOWN if fact is None else fact))
    prefill = [Panel(Text(record.prefill), title="prefill", title_align="left")] if record.prefill else []
    completion = Panel(Text(record.completion), title="completion", title_align="left")
    head = f"{record.benchmark} · {record.model or 'unnamed'} · {record.condition} · {record.item_id}"
    return Group(Text(head, style="bold"), *parts, *prefill, completion, table)


def _marks(record: Record, at: int) -> str:
    found = [name for name, index in (("gold", record.answer), ("target", record.target)) if index == at]
    return f"  ({', '.join(found)})" if found else ""


def _letter(index: int | None) -> str:
    return "" if index is None else f"{LETTERS[index]}, "


def _letters(record: Record) -> str | None:
    if record.letter_logprobs is None:
        return None
    bounds = record.letter_bounds or (False,) * len(record.letter_logprobs)
    shown = (
        f"{letter} <= {math.exp(value):.2g}" if bound else f"{letter} {math.exp(value):.3f}"
        for letter, value, bound in zip(LETTERS, record.letter_logprobs, bounds)
    )
    return f"{'  '.join(shown)} ({record.letter_source})"


def _verdict(judged: Judged) -> str | None:
    opinion = judged.opinion
    if opinion is None:
        return "on another completion, so it counts as none" if judged.stale else None
    ends = {"decided": "the reasoning ends on ", "differs": "the reasoning ends on another answer"}
    on = opinion.value or (
        ""
        if opinion.conclusion is None
        else f"{LETTERS[opinion.conclusion]}, {judged.record.options[opinion.conclusion]!r}"
    )
    note = f"; {opinion.note}" if opinion.note else ""
    return f"{ends.get(opinion.outcome, opinion.outcome)}{on} (by {opinion.by}{note})"


def _number(value: float) -> str:
    return UNKNOWN if math.isnan(value) else f"{value:.4g}"


def _counted(trace: Trace) -> list[tuple[str, int]]:
    return Counter(why for _, why in trace.left_out).most_common()
