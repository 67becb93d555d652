"""The numbers of a sentence, and which of them it comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from lmms_faith.equality import UNITS, as_number
from lmms_faith.parsing.markup import WIDE
from lmms_faith.parsing.naming import Mention, content
from lmms_faith.parsing.questions import Asked
from lmms_faith.parsing.stance import Taken

_DIGITS = r"(?:\d{1,3}(?:(?:,|\{,\})\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_FIGURE = re.compile(
    rf"(?<![A-Za-z0-9.,:/^_\\−])(?:(?<![\d)\s])[-−]|(?<=\s)[-−](?=[\d.])|^[-−])?(?:{_DIGITS})(?:\s*/\s*\d+)?"
)
_BOXED = re.compile(r"\\(?:boxed|text|textbf|mathbf)\{$")
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_AT = r"(?:at|in|on|behind|near|next|more|under)\b"
_WORD = re.compile(
    rf"\b(?:{'|'.join(_WORDS[2:])}|zero)\b(?![-'’]|\s+(?:times|sides?|ends?|hundred|thousand|million))"
    r"|(?<=\bonly )one\b|(?<=\bexactly )one\b|(?<=\bjust )one\b|(?<=\bis )one\b(?!\s+of)"
    rf"|\bone\b(?=\s+{_AT})|(?<=\ba )(?:third|fourth|fifth|sixth)\b|(?<=\bthe )(?:third|fourth|fifth|sixth)\s+one\b"
)
_PASSING = re.compile(rf"one\s+{_AT}|third|fourth|fifth|sixth")
_BOUND = re.compile(
    r"\b(?:(?:more|less|fewer|greater|larger|smaller|higher|lower)\s+than|at\s+(?:least|most)|above|below|over|under)\s+$"
)
_ORDINALS = {"third": "3", "fourth": "4", "fifth": "5", "sixth": "6"}
_LABELS = re.compile(
    r"\b(?:steps?|figures?|fig\.?|points?|cases?|rows?|columns?|images?|labels?|angles?|no\.?|number|page|section|part"
    r"|question|option|vertex|line|item|frame|panel|the)\s*#?$"
)
_DATED = re.compile(r"\b(?:in|since|from|by|until|during|of|year|and|for)\s+$")
_OPERATOR = re.compile(r"(?:[-+−–×*·÷^√<>]|\\(?:times|cdot|div|sqrt|pm)|(?<=\s)x(?=\s)|(?<=\d)\s*:\s*(?=\d)|/)\s*$")
_OPERATES = re.compile(
    r"\s*(?:[+×*·÷^=≈<>(]|[-−–]\s*(?=[\d\\(a-z])|\\(?:times|cdot|div|pm|approx|sqrt|pi)|x\s+\d|/)"
    r"|\s+(?:times|divided|plus|minus)\b"
)
_RESULT = re.compile(
    r"(?:=|≈|\\approx|\\to|→|->|\bequals|\bmakes?|\bgives?|\byields?|\badds?\s+up\s+to|\bsums?\s+to)\s*"
    r"(?:about\s+|a\s+total\s+of\s+|us\s+|\\?\$)*$"
)
_ABOUT = r"\s*(?:[\"'*$(]|(?:about|approximately|around|only|exactly|roughly|now|then|indeed|clearly)\s+)*$"
_LED = re.compile(
    r"(?:\b(?:is|are|was|were|be|it['’]s|that['’]s|there['’]s|equals?|get|got|shows?|says?|reads?|costs?|total(?:\s+of)?|value"
    rf"|answer|makes?|obtain|picture\s+shows|say|so|exactly)|[:=≈]){_ABOUT}"
)
_LED_LOOSELY = re.compile(
    rf"\b(?:have|has|reaches|reach|of|to|at|in|with|only|contains?|counts?|up\s+to|just|find|found|see|but){_ABOUT}"
)
_CHECKED = re.compile(r"\b(?:check(?:ing)?|verify(?:ing)?|verification|indeed)\b")
_NAMED = re.compile(r"(?<![\w^+*/-])([a-z∠]{1,3}|[a-z]{4,})\s*(?:=|≈|\\approx)\s*\\?\$?$")
_LATEX = re.compile(r"(?:=|≈|\\approx|\bis)\s*\$?((?:\d+\s*)?\\(?:d?frac|sqrt|pi)[^=≈,;]*?)[\s$.\\)\]]*$")
_ABSCISSA = re.compile(r"\s*,\s*[-−]?\d")
_ORDINATE = re.compile(r"\(\s*[-−]?\d+(?:\.\d+)?,\s*$")
_LISTED = re.compile(r"\s*(?:,|,?\s*(?:and|or)\b)\s*")
_ADDED = re.compile(r"\b(?:and|or|plus)\b")
_CLAUSE_END = re.compile(r"[,.;:(]")
_FOLLOWING = 4
_NEAR = 80


@dataclass(slots=True)
class Figures:
    """The numbers met in a passage, each with an index of its own.

    Attributes:
        values: The numbers met, as written; those of options first.
        years: Whether a year is asked for; otherwise "in 2019" only dates what is said.
    """

    values: list[str]
    years: bool = False

    def named(self, sentence: str, small: str) -> list[Mention]:
        """Every number of a sentence, without operands, labels and dates."""
        return [
            Mention(self._index(text), start, end, owner=_in_passing(small, start))
            for start, end, text in _figures(sentence.translate(WIDE), small, years=self.years)
        ]

    def narrowed(self, small: str, found: Taken, asked: Asked) -> Taken:
        """What a sentence asserts, without the numbers that it only mentions on the way to another."""
        kept, comes = come_to(small, found.kept, asked.words, singled=found.singled)
        rest = found.asserted - {mention.index for mention in kept}
        return replace(found, kept=tuple(kept), singled=found.singled or comes, supposed=found.supposed | rest)

    def _index(self, text: str) -> int:
        number = as_number(text)
        for index, known in enumerate(self.values):
            if known == text or (number is not None and as_number(known) == number):
                return index
        self.values.append(text)
        return len(self.values) - 1


def come_to(
    small: str, kept: Sequence[Mention], asked: frozenset[str], *, singled: bool
) -> tuple[Sequence[Mention], bool]:
    """Which of some asserted numbers the sentence comes to (none where it only mentions them, several where it does
    not say), and whether as a result.

    >>> small = "3 blue cubes and 2 red balls are there."
    >>> kept, _ = come_to(small, [Mention(3, 0, 1), Mention(2, 17, 18)], content("blue cubes"), singled=False)
    >>> [mention.index for mention in kept]
    [3]
    """
    lettered = [m for m in kept if m.lettered]
    if lettered:
        return lettered, True
    kept = [m for m in kept if not _CHECKED.search(_before(small, m.start))]
    if not kept:
        return (), False
    results = _results(small, kept, asked)
    if results:
        return results, True
    if len({m.index for m in kept}) == 1:
        anchored = singled or (
            len(kept) == 1 and (_lead(small, kept[0]) > 0 or _overlap(small, kept[0], asked, ()) > 0)
        )
        return (kept[-1:] if anchored or len(small.split()) <= 4 else ()), False
    if any(_LISTED.fullmatch(small, one.end, other.start) for one, other in pairwise(kept)):
        return kept, False
    scores = [_overlap(small, m, asked, kept) for m in kept]
    best = [m for m, score in zip(kept, scores) if score == max(scores)]
    if max(scores) and len({m.index for m in best}) == 1:
        return best[-1:], False
    if max(scores):
        return kept, False
    leads = [_lead(small, m) > 1 for m in kept]
    apart = _ADDED.search(small[kept[0].end : kept[-1].start]) is None
    if leads[-1] or (apart and sum(leads) == 1):
        return [m for m, led in zip(kept, leads) if led][-1:], False
    return kept, False


def _results(small: str, kept: Sequence[Mention], asked: frozenset[str]) -> Sequence[Mention]:
    """The number that a calculation comes to; several where there are several of them."""
    results = [m for m in kept if _RESULT.search(_before(small, m.start))]
    if len({m.index for m in results}) <= 1 or _chained(small, results):
        return results[-1:]
    names = [_NAMED.search(_before(small, m.start)) for m in results]
    for wanted in (asked, None):
        fitting = [m for m, name in zip(results, names) if name and (wanted is None or name.group(1) in wanted)]
        if len({m.index for m in fitting}) == 1:
            return fitting[-1:]
    return results


def _lead(small: str, mention: Mention) -> int:
    """2 where "is", "total" or the like leads to a number, 1 where a looser word does."""
    return (
        2
        if _LED.search(_before(small, mention.start))
        else 1
        if _LED_LOOSELY.search(_before(small, mention.start))
        else 0
    )


def _overlap(small: str, mention: Mention, asked: frozenset[str], kept: Sequence[Mention]) -> int:
    """How many of the words that follow a number are in the question."""
    end = next((m.start for m in kept if m.start > mention.start), len(small))
    return len(
        asked & content(" ".join(_CLAUSE_END.split(small[mention.end : end], maxsplit=1)[0].split()[:_FOLLOWING]))
    )


def _chained(small: str, results: Sequence[Mention]) -> bool:
    """Whether every result goes into the next one, as in "16 + 8 = 24, and 24 + 13 = 37"."""
    return all(small[one.start : one.end] in small[one.end : other.start] for one, other in pairwise(results))


def _figures(sentence: str, small: str, *, years: bool) -> Iterator[tuple[int, int, str]]:
    found = []
    latex = _LATEX.search(sentence)
    for match in _FIGURE.finditer(sentence):
        if latex is not None and match.start() >= latex.start():
            break
        start, end = match.span()
        unit = UNITS.match(sentence, end)
        stop = end if unit is None else unit.end()
        if _is_value(sentence, small, start, stop) and (years or not _dates(small, start, match.group())):
            found.append((start, end, match.group()))
    if latex is not None:
        found.append((latex.start(1), latex.end(1), latex.group(1).strip(" $")))
    for match in _WORD.finditer(small):
        word = match.group().split()[0]
        text = _ORDINALS.get(word) or str(_WORDS.index(word))
        if not _OPERATES.match(small, match.end()):
            found.append((match.start(), match.end(), text))
    return iter(sorted(found))


def _in_passing(small: str, start: int) -> bool:
    """Whether a number is a bound, or a step in counting."""
    return _PASSING.match(small, start) is not None or _BOUND.search(_before(small, start)) is not None


def _is_value(sentence: str, small: str, start: int, stop: int) -> bool:
    """Whether a number is a value, rather than an operand, a label, a place or a part of a name."""
    after = sentence[stop : stop + 1]
    if (after.isalpha() and after < "⺀") or (after in ".," and sentence[stop + 1 : stop + 2].isdigit()):
        return False
    before = _before(small, start).rstrip("$ ")
    if before.endswith("{") and not _BOXED.search(before):
        return False
    if _OPERATOR.search(before) or _OPERATES.match(small, stop) or _LABELS.search(before):
        return False
    if start == 0 and sentence[stop : stop + 1] in ".):" and sentence[stop + 1 : stop + 2].isspace():
        return False
    if start and sentence[start - 1] == "(" and _ABSCISSA.match(sentence, stop):
        return False
    return not (sentence[stop : stop + 1] == ")" and _ORDINATE.search(_before(sentence, start)))


def _dates(small: str, start: int, text: str) -> bool:
    """Whether a number is a year that tells when something was."""
    year = text.isdigit() and len(text) == 4 and 1900 <= int(text) <= 2100
    return year and (start == 0 or _DATED.search(_before(small, start)) is not None)


def _before(small: str, start: int) -> str:
    """What stands before a place, as far as it is looked at: all of it for every number would take the square of it."""
    return small[max(0, start - _NEAR) : start]
