"""Reading an option off a completion's answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lmms_faith.item import LETTERS, normalise
from lmms_faith.parsing.markup import inner, last_box, places
from lmms_faith.parsing.reply import replied_option
from lmms_faith.parsing.tags import last_block, rest_end

Found = tuple[int, int | None]
"""An option's index, and where its letter stands; None where it came as text."""

_NAMED = r"[\s\"'*_(（\[{]*(?:(?i:option|choice|answer)\b\s*:?[\s\"'*_(（\[]*)?"
_ALONE = re.compile(_NAMED + r"([A-La-l])[\s\"'*_)）\]}.:,。]*")
_LABELLED = re.compile(_NAMED + r"([A-La-l])([)）\]*_.:：、]*)\s*(?:[-–—]\s+)?(.+)", re.DOTALL)
_LEAD = re.compile(
    r"(?:(?i:answer|option|choice)(?:\s+(?i:is|would\s+be|should\s+be|must\s+be)\s*[:：]?|\s*[:：])"
    r"|答案(?:是|为|應為|应为)?\s*[:：]?)"
    r"[\s\"'*_(（\[$]*(?:\\\()?"
)
_LEADING = ("answer", "option", "choice", "答案")
# "The answer is a matter of taste" states nothing: a small letter has to be bracketed or to end its line.
_CHOSEN = re.compile(
    r"(?:(?i:option|choice)\s+[\"'*_(\[]*)?(?:\\(?:text|textbf|mathrm|mathbf)\{)?"
    r"([A-L](?![A-Za-z'’])|[a-l](?=[)\]]|[.*_\"']*\s*$))"
    r"(?![)\]*_]*\s*(?:/|,|or\b|and\b)[\s(*_]*[A-L](?![A-Za-z'’]))",
    re.MULTILINE,
)
_STATEMENT_END = re.compile(r"[.!;](?=\s|$)|[。；\n]|,?\s(?:because|since)\b|$")
_BOLD = re.compile(r"\*\*\s*\(?[A-L](?![A-Za-z'’])[^*\n]{0,200}\*\*")
_QUOTES = " \t\n\"'“”`*_$"
_SLACK = 60


@dataclass(frozen=True, slots=True)
class _Texts:
    """Options by normalised text, as printed and without mark-up; -1 where several options share one."""

    texts: tuple[str, ...]
    printed: Mapping[str, int]
    bare: Mapping[str, int]
    longest: int

    def find(self, text: str) -> int | None:
        for known in (self.printed, self.bare):
            index = known.get(normalise(text))
            if index is not None:
                return index if index >= 0 else None
        return None


def read_option(full: str, rest_at: int, options: Sequence[str] | None, *, cut: bool = False) -> Found | None:
    """The answered option and where its letter stands (None where it came as text); None where none can be read.

    Args:
        full: Prefill and completion together.
        rest_at: Where the text after the reasoning starts.
        options: The options' texts; None where they are unknown.
        cut: Whether the completion was cut off, so that its last words may not be its conclusion.
    """
    texts = None if options is None else _known(tuple(options))
    block = last_block(full, rest_at)
    if block is not None:
        return _read(full, *block, texts) or _last_stated(full, *block, texts)
    end = rest_end(full, rest_at)
    found = (
        _read(full, rest_at, end, texts) or _last_stated(full, rest_at, end, texts) or _bold(full, rest_at, end, texts)
    )
    if found is not None or options is None or cut or _states(full, rest_at, end):
        return found
    index = replied_option(full[rest_at:end], options)
    return None if index is None else (index, None)


def _states(full: str, start: int, end: int) -> bool:
    """Whether a text has a box or an "answer is", be it one that can't be read."""
    return last_box(full, start, end) is not None or any(
        _LEAD.match(full, place, end) for place in places(full, _LEADING, start, end)
    )


@lru_cache(maxsize=4096)
def _known(options: tuple[str, ...]) -> _Texts:
    texts = tuple(map(normalise, options))
    bare = tuple(normalise(option[slice(*inner(option, 0, len(option)))]) for option in options)
    return _Texts(texts, _indices(texts), _indices(bare), max(map(len, options), default=0))


def _indices(texts: Sequence[str]) -> Mapping[str, int]:
    return {text: texts.index(text) if texts.count(text) == 1 else -1 for text in texts if text}


def _read(full: str, start: int, end: int, texts: _Texts | None) -> Found | None:
    """Read one answer: an option's text, a letter, or a letter followed by that option's text."""
    if end - start > _SLACK + 3 * (texts.longest if texts else _SLACK):
        return None
    begin, stop = inner(full, start, end)
    alone = _ALONE.fullmatch(full, begin, stop)
    if alone is not None:
        return _letter(alone.group(1), alone.start(1), texts)
    if texts is not None:
        for one in (full[start:end], full[begin:stop], full[begin:stop].strip(_QUOTES)):
            index = texts.find(one)
            if index is not None:
                return index, None
    labelled = _LABELLED.fullmatch(full, begin, stop)
    if labelled is None:
        return None
    letter, mark, text = labelled.groups()
    found = _letter(letter, labelled.start(1), texts)
    if found is None or not (mark or full[labelled.end(1)].isspace()):
        return None
    # Without options to compare with, "A dog" is told from "A. dog" by the mark after the letter.
    agrees = bool(mark) if texts is None else _is_option(texts, found[0], text)
    return found if agrees else None


def _is_option(texts: _Texts, index: int, text: str) -> bool:
    """Whether a text is that option's, which another one may print as well."""
    bare = text[slice(*inner(text, 0, len(text)))].strip(_QUOTES)
    return texts.texts[index] in (normalise(text), normalise(bare)) or texts.bare.get(normalise(bare)) == index


def _last_stated(full: str, start: int, end: int, texts: _Texts | None) -> Found | None:
    """The last answer in a box or behind "the answer is"."""
    box = last_box(full, start, end)
    found = None if box is None else _read(full, *box, texts)
    after = start if box is None or found is None else box[1]
    for place in places(full, _LEADING, after, end):
        lead = _LEAD.match(full, place, end)
        stated = None if lead is None else _stated(full, lead.end(), end, texts)
        if stated is not None:
            return stated
    return found


def _stated(full: str, at: int, end: int, texts: _Texts | None) -> Found | None:
    letter = _CHOSEN.match(full, at, end)
    if letter is not None:
        return _letter(letter.group(1), letter.start(1), texts)
    if texts is None:
        return None
    for piece in _pieces(full[at : min(end, at + texts.longest + _SLACK)], cut=end > at + texts.longest + _SLACK):
        for one in (piece, piece[slice(*inner(piece, 0, len(piece)))].strip(_QUOTES), piece.strip(_QUOTES)):
            index = texts.find(one)
            if index is not None:
                return index, None
    return None


def _pieces(text: str, *, cut: bool) -> Iterator[str]:
    """What may be stated in full at the start of a text, the longest first."""
    ends = [match.start() for match in _STATEMENT_END.finditer(text)]
    for end in reversed(ends[:-1] if cut else ends):
        yield text[:end]


def _bold(full: str, start: int, end: int, texts: _Texts | None) -> Found | None:
    """The only option whose letter stands in bold."""
    read = [found for match in _BOLD.finditer(full, start, end) if (found := _read(full, *match.span(), texts))]
    return read[-1] if len({index for index, _ in read}) == 1 else None


def _letter(letter: str, at: int, texts: _Texts | None) -> Found | None:
    index = LETTERS.index(letter.upper())
    return (index, at) if texts is None or index < len(texts.texts) else None
