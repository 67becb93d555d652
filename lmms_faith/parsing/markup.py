"""The mark-up around an answer: which part of a text is the answer itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

BOX = "\\boxed{"
WIDE = str.maketrans("０１２３４５６７８９．，－（）：。％", "0123456789.,-():.%")
"""Full-width digits and marks, as ASCII; a translation keeps every place."""

_BRACES = ("\\text{", "\\textbf{", "\\mathrm{", "\\mathbf{", "\\fbox{")
_PAIRS = (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$"), ("**", "**"), ("__", "__"), ("`", "`"))
_STRAY = ("</answer>", "</think>")
_STOPS = frozenset(".。")
_DEEPEST = 8
_BRACE = re.compile(r"[{}]")


def inner(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the answer stands in ``text[start:end]``: without the mark-up around all of it, space and full stop.

    >>> text = "It is **$B$**."
    >>> text[slice(*inner(text, 6, len(text)))]
    'B'
    """
    start, end = _trimmed(text, start, end)
    for _ in range(_DEEPEST):
        found = _unwrapped(text, start, end)
        if found is None:
            break
        start, end = _trimmed(text, *found)
    return start, end


def last_box(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the content of the last box stands, one that is cut off included; None where there is no box."""
    box = text.rfind(BOX, start, end)
    return None if box < 0 else (box + len(BOX), _closing(text, box, end))


def places(text: str, words: Sequence[str], start: int, end: int) -> list[int]:
    """Where any of some words stands, small, capitalised or in capitals; the last place first.

    Finds of fixed words, since a pattern that ignores case takes many times as long over a long completion.
    """
    found = []
    for form in {form for word in words for form in (word, word.capitalize(), word.upper())}:
        place = text.find(form, start, end)
        while place >= 0:
            found.append(place)
            place = text.find(form, place + len(form), end)
    return sorted(found, reverse=True)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while True:
        while end > start and (text[end - 1].isspace() or text[end - 1] in _STOPS):
            end -= 1
        tag = next((tag for tag in _STRAY if text.endswith(tag, start, end)), None)
        if tag is None:
            break
        end -= len(tag)
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _unwrapped(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without its outermost wrapper; None where there is none around all of it."""
    if text.startswith(BOX, start, end) and _closing(text, start, end) >= end - 1:
        return start + len(BOX), min(end, _closing(text, start, end))  # one that is cut off included
    if text.startswith("\\", start, end) and text.endswith("}", start, end):
        for opening in _BRACES:
            if text.startswith(opening, start, end) and _closing(text, start, end) == end - 1:
                return start + len(opening), end - 1
    for opening, closing in _PAIRS:
        first, last = start + len(opening), end - len(closing)
        if (
            first <= last
            and text.startswith(opening, start, end)
            and text.endswith(closing, start, end)
            and text.find(closing, first, last) < 0
        ):
            return first, last
    return None


def _closing(text: str, start: int, end: int) -> int:
    """Where the first brace that opens behind ``start`` closes; ``end`` where it does not."""
    depth = 0
    for match in _BRACE.finditer(text, start, end):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.start()
    return end
