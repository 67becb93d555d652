"""Reading the answer of a short reply in words, without tags, box or "the answer is"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmms_faith.item import Kind, normalise
from lmms_faith.parsing.naming import known, may_name, small_letters
from lmms_faith.parsing.prose import ending, value_ending
from lmms_faith.parsing.sentences import sentences

_LONGEST = 600
_BRIEF = 200
"""Characters up to which a reply may name its answer in passing; a longer one has to mark it as what it concludes."""
_WORDS = 4
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")
_OPENING = re.compile(r"\s*(?:[.!:\n—–]|-\s|$)")
_VERDICT = re.compile(r"[\"'*\s]*(yes|no|true|false)(?=[\"'*]*\s*(?:[,.!:;\n—–]|-\s|$))")
_ASIDE = re.compile(r"\s*\([^()]*\)")
_QUOTE = re.compile(r"\b(?:is|reads|says|called|titled)\b[^\"“”:]{0,20}[\"“]([^\"“”]{1,100})[\"”][.!]?\s*$")


def replied_option(text: str, options: Sequence[str]) -> int | None:
    """The option that a reply asserts; None where it asserts none or several, and where it is long and marks none.

    >>> replied_option("The car in front of the house is black.", ["white", "black"])
    1
    >>> replied_option("The car could be black.", ["white", "black"]) is None
    True
    """
    reply = text.strip()
    if not reply or len(reply) > _LONGEST or not may_name(reply, small_letters(reply), known(tuple(options))):
        return None
    found = {index for index in (_opening(reply, options), _bold(reply, options)) if index is not None}
    concluded = ending(reply, options)
    if len(found) == 1:
        only = found.pop()
        return only if concluded.index in (None, only) and only not in concluded.denied else None
    if found or concluded.index is None or concluded.left_over:
        return _compared(reply, options) if not found else None
    return concluded.index if concluded.singled or len(reply) <= _BRIEF else None


def replied_value(text: str, kind: Kind) -> str | None:
    """The value that a reply asserts; None where it asserts none or several.

    >>> replied_value("Norway won **37** medals: 16 gold, 8 silver and 13 bronze.", "integer")
    '37'
    """
    reply = text.strip()
    if not reply or len(reply) > _LONGEST:
        return None
    if kind == "text":
        quoted = _QUOTE.search(reply)
        return None if quoted is None or reply.count('"') > 2 else quoted.group(1).strip(" .")
    if kind == "list":
        return None
    bold = {value for match in _BOLD.finditer(reply) if (value := value_ending(match.group(1), kind).text) is not None}
    if bold:
        return bold.pop() if len(bold) == 1 else None
    plain = _ASIDE.sub("", reply)
    found = value_ending(plain, kind)
    return found.text if found.singled or len(plain.split()) <= _WORDS else None


def _opening(reply: str, options: Sequence[str]) -> int | None:
    """The option that a reply begins with, as a sentence of its own."""
    names = known(tuple(options))
    small = small_letters(reply).lstrip("\"'*“ ")
    verdict = _VERDICT.match(small)
    if verdict is not None and names.verdicts is not None:
        return names.verdicts[0 if verdict.group(1) in ("yes", "true") else 1]
    for name, index in names.names:
        if small.startswith(name) and _OPENING.match(small.lstrip("\"'*”"), len(name)):
            return index
    return None


def _bold(reply: str, options: Sequence[str]) -> int | None:
    """The only option whose text stands in bold."""
    texts = [normalise(option) for option in options]
    names = dict(known(tuple(options)).names)
    found = set()
    for match in _BOLD.finditer(reply):
        said = normalise(match.group(1).strip(" :"))
        index = texts.index(said) if texts.count(said) == 1 else names.get(said)
        if index is not None:
            found.add(index)
    return found.pop() if len(found) == 1 else None


def _compared(reply: str, options: Sequence[str]) -> int | None:
    """What a reply of one sentence says to be more of something than another option: that was what was asked."""
    if len(sentences(reply)) != 1 or " than " not in reply:
        return None
    before, _, after = reply.partition(" than ")
    first, second = ending(f"{before}.", options), ending(f"{after.rstrip('.')}.", options)
    return (
        first.index
        if first.index is not None and not first.left_over and second.index not in (None, first.index)
        else None
    )
