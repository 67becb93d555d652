"""Reading a value, rather than an option, off a completion's answer."""

from __future__ import annotations

import re

from lmms_faith.equality import UNITS, as_number
from lmms_faith.item import Kind
from lmms_faith.parsing.markup import WIDE, inner, last_box, places
from lmms_faith.parsing.reply import replied_value
from lmms_faith.parsing.tags import last_block, rest_end

_LEAD = re.compile(
    r"(?:(?:answer|result|value)(?:\s+(?:is|would\s+be)(?:\s+(?:about|approximately))?\s*[:：]?|\s*[:：=])"
    r"|答案(?:是|为|應為|应为)?\s*[:：]?)(?:\*\*(?=\s))?\s*",
    re.IGNORECASE,
)
_LEADING = ("answer", "result", "value", "答案")
_STATEMENT_END = re.compile(
    r"[.!;](?=\s|$)|[。；\n]|,?\s(?:not|rather\s+than|instead\s+of|because|since)\b", re.IGNORECASE
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_NUMBER = re.compile(rf"[-+−]?(?:{_DIGITS}(?:\s*/\s*\d+)?|\.\d+)")
_BEFORE = re.compile(r"(?:[A-Za-z\d_^)]|[-+−*/^×÷√<>≤≥±]\s*|(?<![A-Za-z])[A-Za-z]\s+(?=[-+−]))$")
_AFTER = re.compile(
    r"[A-Za-z(:]|\s*[*^=/×÷·√<>≤≥±]|\s*[-+−]\s*(?:[A-Za-z]\b|\()|\s+(?:hundred|thousand|million|billion)\b"
)
"""What next to a number makes it part of a name, a formula or a larger number: COVID-19, x - 3, 2x, 5 million."""
_DENIED = re.compile(r"\b(?:not|no|never|cannot)\b|n['’]t\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:or|and)\b", re.IGNORECASE)
_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{3,}")
_LIST = re.compile(r"\[[^\[\]]*\]")
_SEPARATOR = r"\s*(?:,\s*(?:and\b)?|;|、|\band\b)\s*"
_BARE_LIST = re.compile(rf"[(\\{{]*\s*([-+−]?\d+(?:\.\d+)?(?:{_SEPARATOR}[-+−]?\d+(?:\.\d+)?)+)\s*[)\\}}]*")
_LONGEST = 120


def read_value(full: str, rest_at: int, kind: Kind, *, cut: bool = False) -> str | None:
    """The value answered, as written without mark-up; None where none, or no single one, can be read.

    Args:
        full: Prefill and completion together.
        rest_at: Where the text after the reasoning starts.
        kind: What the item asks for.
        cut: Whether the completion was cut off, so that its last words may not be its conclusion.
    """
    block = last_block(full, rest_at)
    start, end = block or (rest_at, rest_end(full, rest_at))
    box = last_box(full, start, end)
    span = _stated(full, start if box is None else box[1], end) or box or block
    if span is None:
        return _replied(full[start:end], kind, cut=cut)
    if span[1] - span[0] > 4 * _LONGEST:
        return None
    start, end = inner(full, *span)
    text = full[start:end]
    return _value(text if text.isascii() else text.translate(WIDE), kind)


def _replied(rest: str, kind: Kind, *, cut: bool) -> str | None:
    """The value of a reply that holds out none in a block, in a box or behind "the answer is"."""
    if not rest.strip():
        return None
    quoted = replied_value(rest, kind) if kind == "text" and not cut else None
    text = rest[slice(*inner(rest, 0, len(rest)))]
    whole = _value(text if text.isascii() else text.translate(WIDE), kind) if len(rest.strip()) <= _LONGEST else None
    return quoted or whole or (None if cut else replied_value(rest, kind))


def _stated(full: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the value stands that "the answer is" leads to, the last time it does."""
    for place in places(full, _LEADING, start, end):
        lead = _LEAD.match(full, place, end)
        if lead is not None and lead.end() < end:
            stop = _STATEMENT_END.search(full, lead.end(), end)
            return lead.end(), end if stop is None else stop.start()
    return None


def _value(text: str, kind: Kind) -> str | None:
    if kind == "list":
        return _list(text)
    if not text or len(text) > _LONGEST:
        return None
    if kind == "text":
        return text
    # "2x = 8, so x = 4": what stands behind the last sign of equality.
    equals = max(text.rfind(sign) for sign in "=≈") + 1
    if equals and _SEVERAL.search(text):
        return None
    side = text[equals:].strip("$ \t\n")
    if as_number(side) is not None:
        return side
    return side if "\\" in side and not _WORDS.search(side) else _only_number(side)


def _list(text: str) -> str | None:
    lists = _LIST.findall(text)
    if lists:
        return str(lists[-1])
    bare = _BARE_LIST.fullmatch(text)
    return None if bare is None else f"[{', '.join(re.split(_SEPARATOR, bare.group(1)))}]"


def _only_number(text: str) -> str | None:
    """The number in a text, where it is the only one, affirmed, and no part of a name, a formula or a range."""
    numbers = list(_NUMBER.finditer(text))
    if len(numbers) != 1:
        return None
    start, end = numbers[0].span()
    if _DENIED.search(text, 0, start) or _BEFORE.search(text[: start + (text[start] in "-+−")][-12:].rstrip("-+−")):
        return None
    unit = UNITS.match(text, end)
    return None if _AFTER.match(text, end if unit is None else unit.end()) else text[start:end]
