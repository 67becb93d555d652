"""The sentences of a text, and which of them ask."""

from __future__ import annotations

import re
from dataclasses import dataclass

_END = re.compile(r"[.!?]+[\"'”’)*\]]*|[。！？；]+|;(?=\s)|\n+")
_ABBREVIATED = re.compile(r"(?:^|[\s(])(?:e\.g|i\.e|vs|cf|approx|ca|fig|eq|resp)$", re.IGNORECASE)
_LABEL = re.compile(r"(?:^|[\n(*]|(?:^|\n)[\s*#-]*(?:[Oo]ption\s+)?)(?:[A-L]|\d{1,2})$")
_LETTER = re.compile(r"(?<![\w'’])[A-L]$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Where a sentence stands in a text, its mark at the end included, and whether that is a question mark."""

    start: int
    end: int
    asks: bool


def sentences(text: str) -> list[Sentence]:
    """The sentences of a text in order; lines and semicolons end one, too, decimals and list numbers do not.

    >>> text = "Is it 3.5? No. 1. It is B. red"
    >>> [text[s.start : s.end] for s in sentences(text)]
    ['Is it 3.5?', 'No.', '1. It is B. red']
    """
    found: list[Sentence] = []
    start = 0
    for match in _END.finditer(text):
        mark, place = match.group(), match.start()
        if mark[0] in ".!?" and not text[match.end() : match.end() + 1].isspace() and match.end() < len(text):
            continue
        if mark[0] == "." and not _ends(text, start, place, match.end()):
            continue
        _add(found, text, start, match.end(), asks="?" in mark or "？" in mark)
        start = match.end()
    _add(found, text, start, len(text), asks=False)
    return found


def _ends(text: str, start: int, place: int, end: int) -> bool:
    """Whether the full stop at ``place`` ends a sentence, rather than an abbreviation or a label such as "B."."""
    if text[max(start, place - 4) : place].isalpha() and place - start >= 4:
        return True
    before = text[max(start, place - 12) : place]
    if _LETTER.search(before):
        after = text[end : end + 2].lstrip(" *")
        if after[:1].islower() or after[:1].isdigit():
            return False
    if place - start <= 12 and _LABEL.search(before):
        return False
    return _ABBREVIATED.search(before) is None


def _add(found: list[Sentence], text: str, start: int, end: int, *, asks: bool) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append(Sentence(start, end, asks))
