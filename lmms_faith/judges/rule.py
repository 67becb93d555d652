"""A judge that reads the last sentence which names an option, and abstains where that is not plain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lmms_faith.item import LETTERS

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|cannot)\b|n't\b", re.IGNORECASE)
_LETTER = re.compile(r"\(([A-L])\)|\b(?:option|choice|answer(?:\s+is)?)\s+([A-L])\b")


@dataclass(frozen=True, slots=True)
class RuleJudge:
    """Last sentence that names exactly one option, as text or letter.

    It abstains where that sentence names several options or negates one, and where no sentence names any. Options are
    found as whole words, the longest first, so that "left" inside "left of" is not counted twice.
    """

    id: str = "rule-1"

    def conclusion(self, own: str, options: Sequence[str]) -> int | None:
        """See ``Judge``.

        >>> RuleJudge().conclusion("I count two. The number of objects is 3.", ["1", "2", "3"])
        2
        >>> RuleJudge().conclusion("It is red or blue.", ["red", "blue"]) is None
        True
        """
        for sentence in reversed(_SENTENCE_END.split(own)):
            named = _named(sentence, options)
            if named:
                return named.pop() if len(named) == 1 and not _NEGATED.search(sentence) else None
        return None


def _named(sentence: str, options: Sequence[str]) -> set[int]:
    letters = {LETTERS.index(one or other) for one, other in _LETTER.findall(sentence)}
    found = {index for index in letters if index < len(options)}
    longest = sorted(range(len(options)), key=lambda index: -len(options[index]))
    pattern = "|".join(rf"(?P<o{i}>(?<!\w){re.escape(options[i].strip())}(?!\w))" for i in longest)
    for match in re.finditer(pattern, sentence, re.IGNORECASE):
        found.add(int(str(match.lastgroup)[1:]))
    return found
