"""On which answer a passage of prose ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lmms_faith.item import Kind
from lmms_faith.parsing.doubt import asks_back, doubts, leaves_open, settles, turns
from lmms_faith.parsing.figures import Figures
from lmms_faith.parsing.naming import Mention, content, known
from lmms_faith.parsing.questions import Asked, asked
from lmms_faith.parsing.reading import Finder, Reading
from lmms_faith.parsing.sayings import Sayings
from lmms_faith.parsing.stance import Taken

_OTHER = re.compile(r"\b(?:other|another)\b")
_POINTS_BACK = re.compile(r"\b(?:it|this|that|these|they|he|she)\b")
_WORD = re.compile(r"[^\W_]+")
_BEING = frozenset({"is", "was", "are", "were", "be", "been", "seems", "appears", "looks", "a", "an", "the"})
_SHORT = 6
_NOBODY = Asked()


@dataclass(frozen=True, slots=True)
class Ending:
    """The option a passage ends on.

    Attributes:
        index: The option's; None where none can be told.
        note: Why none can be told; None where one can.
        singled: Whether the passage marks it as its conclusion ("so", "the answer is", a letter).
        left_over: Whether it was not asserted, but left over by the denial of all others.
        denied: Options that the passage denies at its end.
    """

    index: int | None
    note: str | None = None
    singled: bool = False
    left_over: bool = False
    denied: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Value:
    """The value a passage ends on.

    Attributes:
        text: The value as written; None where none can be told.
        note: Why none can be told; None where one can.
        singled: Whether the passage marks it as its conclusion, or as what a calculation comes to.
    """

    text: str | None
    note: str | None = None
    singled: bool = False


def ending(text: str, options: Sequence[str], *, given: int = 0, question: str = "") -> Ending:
    """On which option a passage ends: the last one that it asserts, as long as nothing behind that takes it back.

    Args:
        text: The passage.
        options: The options' texts.
        given: How many characters at its start were written by somebody else; a claim in there counts where the rest
            names no other option and doubts nothing.
        question: What was asked; it tells "closer than" from "further than", and what yes and no stand for.

    >>> ending("It is not red but blue. Or green? No.", ["red", "blue", "green"]).index
    1
    >>> ending("It is red or blue.", ["red", "blue", "green"]).note
    'options are asked about or held possible, none is asserted'
    """
    about = asked(question) if question else _NOBODY
    names = known(tuple(options))
    finder = Figures(list(options), years=about.years) if names.numbers else None
    found = _Walk(Reading.of(text, names, about, finder), given).ending()
    if found.index is not None and found.index >= len(options):
        return Ending(None, "what is asserted last is a number that no option has")
    return found


def value_ending(text: str, kind: Kind, *, given: int = 0, question: str = "") -> Value:
    """On which value of a kind a passage ends; see ``ending``.

    >>> value_ending("There are 3 rows of 4, so 12 in all, not 15.", "integer").text
    '12'
    """
    about = asked(question) if question else _NOBODY
    finder: Finder
    if kind in ("integer", "float"):
        finder = Figures([], years=about.years)
    else:
        finder = Sayings([], question=question, lists=kind == "list")
    found = _Walk(Reading.of(text, known(()), about, finder), given).ending()
    if found.index is None:
        return Value(None, found.note)
    return Value(finder.values[found.index], singled=found.singled)


@dataclass(slots=True)
class _Walk:
    """From the last sentence back to the first; what was met on the way."""

    reading: Reading
    given: int
    denied: set[int] = field(default_factory=set)
    possible: set[int] = field(default_factory=set)
    supposed: set[int] = field(default_factory=set)
    doubted: bool = False
    settled: bool = False

    def ending(self) -> Ending:
        for place in range(len(self.reading.parts) - 1, -1, -1):
            mentions = self.reading.mentions(place)
            if not mentions:
                self._pass(place)
                continue
            found = self.reading.taken(place, mentions)
            if found.kept:
                return self._decided(place, mentions, found)
            self._keep(place, mentions, found)
        return self._left_over()

    def _pass(self, place: int) -> None:
        """Note what a sentence that names nothing says of what stands before it."""
        low = self.reading.low(place)
        if not self.reading.parts[place].asks:
            self._weigh(low)
        elif not self.settled and asks_back(low):
            self.doubted = True

    def _weigh(self, low: str) -> None:
        if not self.settled and doubts(low):
            self.doubted = True
        elif not self.doubted and settles(low):
            self.settled = True

    def _keep(self, place: int, mentions: Sequence[Mention], found: Taken) -> None:
        """Note what a sentence does that asserts nothing; what it denies beside the question is no answer denied."""
        aside = not any(mention.lettered for mention in mentions) and self._is_beside(place, mentions)
        self.denied |= frozenset() if aside else found.denied
        self.possible |= found.possible - found.denied
        self.supposed |= found.supposed

    def _decided(self, place: int, mentions: Sequence[Mention], found: Taken) -> Ending:
        if len(found.asserted) > 1:
            return self._none("the last sentence that asserts an answer asserts several")
        part, index = self.reading.parts[place], found.kept[-1].index
        own = part.start + max(found.after, 1) > self.given
        self._weigh(self.reading.low(place)[found.after :])
        return (
            self._taken_back(index)
            or (self._unsure(place, index, found) if own else self._not_let_stand(place, mentions, found))
            or Ending(index, singled=found.singled, denied=frozenset(self.denied))
        )

    def _taken_back(self, index: int) -> Ending | None:
        if index in self.denied:
            return self._none("what is asserted last is denied afterwards")
        if self.doubted:
            return self._none("what is asserted last is doubted afterwards")
        if index in self.possible or self.possible - self.denied:
            return self._none("an answer is asked about or held possible at the end")
        return None

    def _not_let_stand(self, place: int, mentions: Sequence[Mention], found: Taken) -> Ending | None:
        """Why a given claim is not the conclusion; None where it was let stand."""
        start, index = self.reading.parts[place].start, found.kept[-1].index
        own = {mention.index for mention in mentions if start + mention.start >= self.given} - found.denied
        if (self.supposed | own) - self.denied - {index}:
            return self._none("the given claim is followed by another answer, which is not asserted")
        rest = max(self.given, start + found.after)
        if not self.denied and leaves_open(self.reading.small[rest:]):
            return self._none("the given claim is followed by words that may take it back")
        return None

    def _unsure(self, place: int, index: int, found: Taken) -> Ending | None:
        """Why what a sentence of the model's own asserts may not be what it concludes."""
        low = self.reading.low(place)
        answers = any(m.lettered for m in found.kept) or (found.singled and "answer" in low)
        if self.reading.asked.negative and not answers:
            return self._none("the question asks for what is not so")
        if self._is_turned_round(low, found):
            return self._none("what is asserted last is said of the other thing")
        if found.singled:
            return None
        if self.reading.finder is None and self._has_rival(place, index, found):
            return self._none("two answers are asserted, and nothing tells which is meant")
        if self._is_beside(place, found.kept):
            return self._none("what is asserted last has nothing of the question in it")
        return None

    def _has_rival(self, place: int, index: int, last: Taken) -> bool:
        """Whether a sentence before asserts another option of something else, and no word between turns from it."""
        if turns(self.reading.low(place)):
            return False
        subject, denied = _subject(self.reading.low(place), last), set(self.denied)
        for before in range(place - 1, -1, -1):
            if self.reading.parts[before].end <= self.given:
                return False
            low, mentions = self.reading.low(before), self.reading.mentions(before)
            found = self.reading.taken(before, mentions) if mentions else Taken()
            if index not in found.asserted and found.asserted - denied:
                return not turns(low[found.after :]) and subject != _subject(low, found)
            if found.asserted == {index} or turns(low):
                return False
            denied |= found.denied
        return False

    def _is_turned_round(self, low: str, found: Taken) -> bool:
        """Whether a relation is said of what the question names second, to what it names first."""
        about, last = self.reading.asked, found.kept[-1]
        if last.lettered or not self.reading.options.relations:
            return False
        before, after = content(low[: last.start]) & about.words, content(low[last.end :]) & about.words
        return bool(before and after) and min(map(about.order.index, before)) > min(map(about.order.index, after))

    def _is_beside(self, place: int, mentions: Sequence[Mention]) -> bool:
        """Whether a sentence has, beside what it names, no word of the question and none that points back."""
        low, words = self.reading.low(place), self.reading.asked.words
        if not words:
            return False
        if _OTHER.search(low) and not content(low) & words:
            return True
        if len(low.split()) <= _SHORT or turns(low) or _POINTS_BACK.search(low):
            return False
        rest = content(low[: mentions[0].start]) | content(low[mentions[-1].end :])
        return bool(rest) and not rest & words

    def _left_over(self) -> Ending:
        """The one answer that is left where all others are denied, or of several held possible all others."""
        reading, open_yet = self.reading, self.possible - self.denied
        if not self.doubted and not reading.asked.negative:
            left = set(range(reading.options.count)) - self.denied
            if self.denied and len(left) == 1 and (reading.finder is None or not self.possible):
                return Ending(left.pop(), left_over=True)
            if len(open_yet) == 1 and len(self.possible) > 1:
                return Ending(open_yet.pop(), left_over=True)
        if self.possible:
            return self._none("options are asked about or held possible, none is asserted")
        if self.denied:
            return self._none("options are denied, none is asserted")
        return self._none("answers are compared or supposed, none is asserted" if self.supposed else "names no answer")

    def _none(self, note: str) -> Ending:
        return Ending(None, note, denied=frozenset(self.denied))


def _subject(low: str, found: Taken) -> tuple[str, ...]:
    """What a sentence says before it names an option, but for the verb: "it was red" and "it is blue" are of one
    thing."""
    return tuple(word for word in _WORD.findall(low[: found.kept[0].start]) if word not in _BEING)
