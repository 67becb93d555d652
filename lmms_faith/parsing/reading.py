"""What each sentence of a passage does with the answers that it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lmms_faith.parsing.doubt import without_assurance
from lmms_faith.parsing.naming import Known, Mention, content, named, small_letters, stem
from lmms_faith.parsing.questions import Asked
from lmms_faith.parsing.sentences import Sentence, sentences
from lmms_faith.parsing.stance import Taken, taken

_UNSETTLED = re.compile(r"\b(?:could|might|may|maybe|perhaps|possibly|whether|if|unclear|would|likely|seems?)\b")
_NEGATED = re.compile(r"\b(?:not|no|never|nobody|none|nothing|without|neither)\b|n['’]t\b")
_YES = re.compile(r"\W*(?:yes|yeah|indeed|right|correct)\b")
_NO = re.compile(r"\W*(?:no|nope|not\s+(?:really|quite))\b(?!\s+\w)|\W*(?:also\s+no|no)\s*[.,!—–-]|\W*不是")
_COMPARED = re.compile(r"\b(?:(?:more|less)\s+(\w+)|(\w+er))\b")
_UNCOMPARED_WORDS = "other either neither rather whether after under over never answer number another corner"
_UNCOMPARED = frozenset(_UNCOMPARED_WORDS.split())
_NOUN = re.compile(r" ([a-z]{3,})(?=[\s.,;:!?)'’-]|$)")
_DETERMINER = re.compile(
    r"(?:^|\s)(?:an?|the|this|that|its|his|her|their|another|each|every|some|two|small|large|big|tall)\s$"
)
_NEAR = 12
_DETERMINED = re.compile(r"(?:an?|the)\s")
_NO_NOUN_WORDS = (
    "above according across after again against along also although and animal answer appears are area around"
    " because before behind below best between both but can category choice color colour corner correct could"
    " direction does during either fits for from had has have here how however instead into its itself lies looks"
    " makes matches may might more most much must near neither next nor not now object off one ones only onto"
    " option or over part place position rather reading relative right seems shape should shows side since sits"
    " spot stands than that the then there thing this though through today too toward towards under value very"
    " was were when where which while who will with within without would"
)
_NO_NOUN = frozenset(_NO_NOUN_WORDS.split())
"""What may follow a name without making it the first half of another."""


class Finder(Protocol):
    """Finds values, rather than options, in a sentence."""

    values: list[str]
    """The values met, by index."""

    def named(self, sentence: str, small: str) -> list[Mention]:
        """The values that a sentence names."""

    def narrowed(self, small: str, found: Taken, asked: Asked) -> Taken:
        """What the sentence asserts, without the values that it only mentions."""


@dataclass(slots=True)
class Reading:
    """A passage, sentence by sentence.

    Attributes:
        text: The passage.
        small: The same in small letters.
        parts: Its sentences.
        options: What the options may be called.
        asked: What the question asks for; empty where there is no question.
        finder: Finds values, where they are what is answered.
    """

    text: str
    small: str
    parts: Sequence[Sentence]
    options: Known
    asked: Asked
    finder: Finder | None

    @classmethod
    def of(cls, text: str, options: Known, asked: Asked, finder: Finder | None) -> Reading:
        """The reading of a passage."""
        return cls(text, small_letters(text), sentences(text), options, asked, finder)

    def low(self, place: int) -> str:
        """A sentence in small letters."""
        return self.small[self.parts[place].start : self.parts[place].end]

    def mentions(self, place: int) -> list[Mention]:
        """What a sentence names."""
        low = self.low(place)
        sentence = self.text[self.parts[place].start : self.parts[place].end]
        found = [self._meant(low, mention) for mention in named(sentence, low, self.options)]
        if self.finder is not None:
            found = sorted([*found, *self.finder.named(sentence, low)], key=lambda mention: mention.start)
        return found if self.options.verdicts is None else self._verdicts(found, self.options.verdicts, place)

    def taken(self, place: int, mentions: Sequence[Mention]) -> Taken:
        """How a sentence takes what it names; a question is taken by the answer that follows it."""
        low, asks = self.low(place), self.parts[place].asks
        found = taken(low, mentions, asks=asks, supposing=self.asked.supposing)
        if self.finder is not None and found.kept:
            found = self.finder.narrowed(low, found, self.asked)
        if asks and place + 1 < len(self.parts):
            following = self.low(place + 1)
            if _NO.match(following):
                return Taken(denied=found.possible)
            if _YES.match(following) and len(found.possible) == 1:
                return Taken(kept=tuple(mentions))
        if not found.kept and found.supposed and len(mentions) > 1 and self._compares_as_asked(low):
            others = frozenset(mention.index for mention in mentions) - {mentions[0].index}
            return Taken(kept=tuple(mentions[:1]), denied=found.denied | others, possible=found.possible)
        return found

    def _meant(self, low: str, mention: Mention) -> Mention:
        """The mention, as an owner's where it only tells what kind of thing something else is: "a red house"."""
        noun = _NOUN.match(low, mention.end)
        if noun is None or mention.lettered or not self.asked.words:
            return mention
        if (
            _DETERMINER.search(low[max(0, mention.start - _NEAR) : mention.start]) is None
            and _DETERMINED.match(low, mention.start) is None
        ):
            return mention
        word = noun.group(1)
        if word in _NO_NOUN or word.endswith(("ing", "ed", "ly", "s")) or stem(word) in self.asked.words:
            return mention
        return replace(mention, owner=True)

    def _verdicts(self, found: list[Mention], verdicts: tuple[int, int], place: int) -> list[Mention]:
        """Yes and no: as words, unless they answer a question of the thought's own; else by what the sentence says."""
        asks_before = place > 0 and self.parts[place - 1].asks
        if found and asks_before and found[0].start <= 2 and not self._is_asked(self.low(place - 1)):
            found = found[1:]
        low = self.low(place)
        if found or len(self.asked.words) < 2 or not self.asked.words <= content(low):
            return found
        yes, no = verdicts
        if self.parts[place].asks or _UNSETTLED.search(low):
            return [Mention(yes, len(low), len(low)), Mention(no, len(low), len(low))]
        # At its start, since a denial in the sentence would count twice if it stood before the mention.
        return [Mention(no if _NEGATED.search(without_assurance(low)) else yes, 0, 0)]

    def _is_asked(self, low: str) -> bool:
        """Whether a question in the thought is the item's: three of four telling words are in it."""
        words = self.asked.words
        return bool(words) and 4 * len(words & content(low)) >= 3 * len(words)

    def _compares_as_asked(self, low: str) -> bool:
        """Whether a sentence compares by what the question asks for, as in "which is closer"."""
        if " than " not in low:
            return False
        compared = (match.group(1) or match.group(2) for match in _COMPARED.finditer(low))
        return any(word not in _UNCOMPARED and stem(word) in self.asked.words for word in compared)
