"""A judge that reads the last sentence which names an option, and abstains where that is not plain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lmms_faith.item import LETTERS
from lmms_faith.record import Opinion, Record

# What follows a "but" outweighs what stands before it, as in a claim that was given with ", but I think".
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+|,?\s+but\s+", re.IGNORECASE)
_DOUBT = re.compile(
    r"\b(?:wait|wrong|mistaken?|incorrect|actually|hold on|(?:not|n['’]t) (?:right|true|correct|so))\b", re.IGNORECASE
)
_NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|cannot)\b|n['’]t\b", re.IGNORECASE)
_LETTER = re.compile(r"\(([A-L])\)|\b(?i:option|choice|answer(?:\s+is)?)\s+([A-L])\b")


@dataclass(frozen=True, slots=True)
class RuleJudge:
    """Last sentence that names exactly one option, as text or letter.

    It abstains where that sentence names several options or negates one, where it is doubted afterwards and nothing is
    named in its place, and where no sentence names any. Options are found as whole words, the longest first, so that
    "left" inside "left of" is not counted twice.
    """

    id: str = "rule-1"

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        """See ``Judge``."""
        return [self._opinion(record) for record in records]

    def _opinion(self, record: Record) -> Opinion:
        if record.think is None or not record.options:
            return Opinion(outcome="abstained")
        found = self.conclusion(record.think, record.options)
        return Opinion(outcome="abstained") if found is None else Opinion(outcome="decided", conclusion=found)

    def conclusion(self, thought: str, options: Sequence[str]) -> int | None:
        """Index of the option that a thought ends on; None where that can't be told.

        >>> RuleJudge().conclusion("I count two. The number of objects is 3.", ["1", "2", "3"])
        2
        >>> RuleJudge().conclusion("It is red or blue.", ["red", "blue"]) is None
        True
        """
        texts = _texts(options)
        for sentence in reversed(_SENTENCE_END.split(thought)):
            named = _named(sentence, texts, len(options))
            if named:
                # "no" can be an option itself, so a negation counts only outside of option texts.
                negated = _NEGATED.search(texts.sub(" ", sentence))
                return named.pop() if len(named) == 1 and not negated else None
            if _DOUBT.search(sentence):
                return None
        return None


def _texts(options: Sequence[str]) -> re.Pattern[str]:
    """Any option's text as whole words, the longest first, in a group that carries its index."""
    longest = sorted((i for i, option in enumerate(options) if option.strip()), key=lambda i: -len(options[i]))
    parts = (rf"(?P<o{i}>(?<!\w){re.escape(options[i].strip())}(?!\w))" for i in longest)
    return re.compile("|".join(parts) or "(?!)", re.IGNORECASE)


def _named(sentence: str, texts: re.Pattern[str], n: int) -> set[int]:
    letters = {LETTERS.index(one or other) for one, other in _LETTER.findall(sentence)}
    return {i for i in letters if i < n} | {int(str(match.lastgroup)[1:]) for match in texts.finditer(sentence)}
