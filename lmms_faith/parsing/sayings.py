"""The words and lists that a sentence holds out as a value: quoted, in brackets, or behind "the answer is"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lmms_faith.equality import as_list, canonical
from lmms_faith.parsing.naming import Mention, content
from lmms_faith.parsing.questions import Asked
from lmms_faith.parsing.stance import Taken

_QUOTED = re.compile(r"\"([^\"\n]{1,120})\"|“([^”\n]{1,120})”|\*\*([^*\n]{1,120})\*\*|「([^」\n]{1,120})」")
_STATED = re.compile(
    r"(?:\banswer(?:\s+is|:)|\bpicture\s+shows:|\bpicture\s+is|\bis\s+written\s+is|\b(?:text|title|word|name|reading)\s+is)\s+"
    r"([^\"“*:?]{1,80}?)(?=,\s+but\b|[.!]*$)",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\bis\s+([^\s,:;\"“*]+(?:\s+[^\s,:;\"“*]+){0,2}?)(?=,\s+but\b|[.!]?$)")
_LIST = re.compile(r"\[[^\[\]\n]{0,300}\]")
_WORDS = 6


@dataclass(slots=True)
class Sayings:
    """The texts or lists met in a passage, each with an index of its own.

    Attributes:
        values: The texts met, as written.
        question: What was asked, which is no value where a sentence quotes it.
        lists: Whether lists are looked for rather than texts.
    """

    values: list[str]
    question: str
    lists: bool

    def named(self, sentence: str, small: str) -> list[Mention]:
        """Every text or list that a sentence holds out."""
        found = _listed(sentence) if self.lists else self._said(sentence)
        return [Mention(self._index(text), start, end, lettered=True) for start, end, text in found]

    def narrowed(self, small: str, found: Taken, asked: Asked) -> Taken:
        """What a sentence asserts, as it is: what is held out is never only mentioned."""
        return found

    def _said(self, sentence: str) -> Iterator[tuple[int, int, str]]:
        stated = _STATED.search(sentence) or (_TAIL.search(sentence) if self._answers(sentence) else None)
        for match in _QUOTED.finditer(sentence):
            text = next(group for group in match.groups() if group is not None).strip(" .,:")
            if text and text.strip("?") != self.question.strip("? ") and not match.group().endswith(":**"):
                yield match.start(), match.end(), text
        if stated is not None and len(stated.group(1).split()) <= _WORDS and "**" not in sentence[stated.start() :]:
            yield stated.start(1), stated.end(1), stated.group(1).strip()

    def _answers(self, sentence: str) -> bool:
        """Whether a sentence has three of four telling words of the question: "the colour of the coat is grey"."""
        words = content(self.question)
        return bool(words) and 4 * len(words & content(sentence)) >= 3 * len(words)

    def _index(self, text: str) -> int:
        for index, known in enumerate(self.values):
            if canonical(known) == canonical(text):
                return index
        self.values.append(text)
        return len(self.values) - 1


def _listed(sentence: str) -> Iterator[tuple[int, int, str]]:
    for match in _LIST.finditer(sentence):
        if as_list(match.group()) is not None:
            yield match.start(), match.end(), match.group()
