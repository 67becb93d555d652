"""Where a sentence names an option, by its text or by its letter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lmms_faith.equality import as_number
from lmms_faith.item import LETTERS, normalise
from lmms_faith.parsing.markup import inner


@dataclass(frozen=True, slots=True)
class Mention:
    """One option named at one place.

    Attributes:
        index: The option's.
        start, end: Where in the sentence.
        lettered: Whether it is named by its letter.
        owner: Whether it is named as whose something is, as in "the red boat's hull".
    """

    index: int
    start: int
    end: int
    lettered: bool = False
    owner: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the options of an item may be called.

    Attributes:
        count: How many options there are.
        names: Small text and index, the longest first; a text that fits several options is left out.
        skeletons: Telling words of the options that have several, for sentences that put other words between them.
        verdicts: Index of "yes" or "true", and of "no" or "false"; None where either is missing.
        letters: Whether letters name options, which they don't where they are also what other options say.
        numbers: Whether all options are numbers; they have no names then, since a number is read for what it is.
        relations: Whether all options say how one thing lies to another.
        marks: Whether every option's text is its letter, as where the picture shows the options.
    """

    count: int
    names: tuple[tuple[str, int], ...]
    skeletons: tuple[tuple[tuple[str, ...], int], ...]
    verdicts: tuple[int, int] | None
    letters: bool
    numbers: bool
    relations: bool
    marks: bool


_ARTICLE = re.compile(r"^(?:an?|the|because|that)\s+")
_PLACE = re.compile(r"^(?:in|on|at|to|by)\s+the\s+")
_ACT = re.compile(r"^to\s+(\w+)(?=\s)")
_PAIR = re.compile(r"^(\w+) and (\w+)$")
_SAID = {"yes": True, "true": True, "no": False, "false": False}
_DULL_WORDS = (
    "a an the of to in on at by is are was were it its he she they them this that these those and or for with as be"
    " because from there what which who whom whose where when why how do does did many much following image picture"
    " photo show shown"
)
_DULL = frozenset(_DULL_WORDS.split())
_WORD = re.compile(r"[^\W_]+")
_ALIKE = {
    "below": ("under", "underneath", "beneath"),
    "under": ("below", "underneath", "beneath"),
    "above": ("on top of", "on top"),
    "behind": ("in back of", "at the back of"),
    "in front of": ("in the front of",),
    "gray": ("grey",),
    "grey": ("gray",),
}
_RELATION = re.compile(
    r"\b(?:left|right|above|below|under|over|behind|front|back|inside|outside|next|beside|on|top|beneath|north|south|east|west)\b"
)
_MARKED_UP = re.compile(r"[$\\*`]")

_KEY = r"(?:[Oo]ption|[Cc]hoice|[Aa]nswer|OPTION|ANSWER)"
_ISNT_ARTICLE = r"(?![A-Za-z'’]|(?<=A)\s+(?!(?:because|since|as|with|and|or|is|was|for|in|seems|can|fits)\b)[a-z])"
_LETTER = re.compile(
    r"[(（\[]\s*(?:[Oo]ption\s+)?([A-L])\s*[)）\]]"
    r"|\\boxed\{\s*(?:\\text\{)?\(?([A-L])(?=[)}.:])"
    rf"|\b{_KEY}s?\b[\"'*:：\s]*(?:(?:is|was|are|to\s+be|(?:would|should|must|will|has\s+to)\s+be)\b\s*:?\s*)?"
    r"(?:(?:definitely|clearly|probably|likely|therefore|thus|hence|indeed|now|not|either|most\s+likely)\s+)?"
    rf"(?:(?:option|choice|letter)\s+)?[\"'“‘*(（$]*([A-L]){_ISNT_ARTICLE}"
    rf"|\b{_KEY}\b[^.:,;]{{0,60}}\bis\s+([A-L])(?=[\"'*)]*\s*(?:[.!,]|$))"
    r"|(?:选项?|答案[是为：:]*)\s*[（(]?([A-L])(?![A-Za-z])"
    r"|\b(?:go(?:ing)?\s+(?:with|for)|choos(?:e|ing)|pick(?:ing)?|select(?:ing)?)\s+"
    rf"[\"'*(]*([A-L]){_ISNT_ARTICLE}"
    r"|(?:\b(?:[Ss]o|[Tt]hus|[Hh]ence|[Tt]herefore|[Ii]t['’]s|[Ii]t\s+is|be)[,:]?\s+)"
    r"[\"'*]*([A-L])(?=[\"'*]*(?:[.!,]|$))"
    r"|(?<![\w'’])([A-L])"
    r"(?=\s+(?:is|seems|would\s+be|must\s+be)\s+(?:the\s+)?(?:correct|right|best|answer|wrong|incorrect))"
    r"|^[\s*\"']*([A-L])[\s*\"'.)]*$"
)
_SMALL_LETTER = re.compile(r"\b(?:answer|option|choice)\b\s*(?:is|:)?\s*[\"'(*‘“]*([a-l])[\"')*’”]*[.!]?$")
_NEXT_LETTER = re.compile(
    r"[)）\"'*]*\s*(?:,|/|、|,?\s*(?:or|and|nor)\b|和|或)\s*(?:or\s+|and\s+|option\s+)?[(（\"'*]*([A-L])(?![A-Za-z'’])"
)
_MARK = re.compile(r"(?:\b(?:marked|labell?ed)|\bshows:)\s+[\"'(]*([a-l])(?=[\"')]*(?:[.,!]|\s+in\b|$))")
_LONE = re.compile(r"(?<![A-Za-z'’])[A-L](?![A-Za-z'’])")
_SMALL_CUE = re.compile(r"\b(?:answer|option|choice)\b")
_VERDICT = re.compile(
    r"(?:^[\"'*“\s]*|[,:(—–]\s*|\b(?:so|thus|hence|therefore|is|says|shows?|answer|be)[,:]?\s+)[\"'*“]*"
    r"(yes|no|true|false)(?=[\"'*”]*\s*(?:[.,!:;)—–]|-\s|$))"
)
_AIMLESS = re.compile(r"\bwait[,.]?\s*$")
_RIGHT_NEXT = re.compile(
    r"\s+(?:answers?|options?|choices?|one|ones|value|now|away|next|in|at|on|behind|there|here|angles?|angled|triangles?"
    r"|above|below|under|before|after|order)\b|\s*[?!]"
)
_AGREED = re.compile(r"(?:\b(?:all|that['’]s|that is|is that|you['’]re|i['’]m|['’]t|not)\s+|[.?!]\s*|^)$")
_LAST = re.compile(r"[\s.!*]*$")
_NEAR = 40
"""Characters before a name that are looked at; all of a long sentence before every name would take its square."""


@lru_cache(maxsize=4096)
def known(options: tuple[str, ...]) -> Known:
    """What the options may be called; kept, since an item is met under many conditions."""
    said = [normalise(option) for option in options]
    names: dict[str, set[int]] = {}
    for index, option in enumerate(options):
        for name in _names(option):
            names.setdefault(name, set()).add(index)
    plain = {}
    for name, indices in names.items():
        exact = [index for index in sorted(indices) if said[index] == name]
        if len(indices) == 1 or exact:
            plain[name] = exact[0] if exact else min(indices)
    verdicts = {_SAID[text]: index for index, text in reversed(list(enumerate(said))) if text in _SAID}
    lone = {index: text.strip("() ").upper() for index, text in enumerate(said) if len(text.strip("() ")) == 1}
    letters = {index: text for index, text in lone.items() if text in LETTERS}
    swapped = any(LETTERS[index : index + 1] != text for index, text in letters.items())
    for text in [*_SAID, *(text.lower() for text in letters.values())]:
        plain.pop(text, None)
    numbers = bool(options) and all(as_number(option) is not None for option in options)
    if numbers:
        plain = {}
    return Known(
        count=len(options),
        names=tuple(sorted(plain.items(), key=lambda entry: (-len(entry[0]), entry[0]))),
        skeletons=_skeletons(said),
        verdicts=(verdicts[True], verdicts[False]) if len(verdicts) == 2 else None,
        letters=not swapped,
        numbers=numbers,
        marks=bool(options) and len(letters) == len(options) and not swapped,
        relations=all(_RELATION.search(text) for text in said) and bool(said),
    )


def named(sentence: str, small: str, options: Known) -> list[Mention]:
    """Every option named in a sentence, in order, without overlaps; the longest text counts.

    Args:
        sentence: The sentence.
        small: The same in small letters, character by character.
        options: What the options may be called.

    >>> options = known(("left", "left of the plate"))
    >>> [(m.index, m.lettered) for m in named("Left of the plate, so (B).", "left of the plate, so (b).", options)]
    [(1, False), (1, True)]
    """
    found: list[Mention] = []
    taken = bytearray(len(small))
    for name, index in options.names:
        place = small.find(name)
        while place >= 0:
            end = place + len(name)
            if _apart(small, place, end, name) and not any(taken[place:end]):
                taken[place:end] = b"\1" * len(name)
                found.append(Mention(index, place, end, owner=_owns(small, end)))
            place = small.find(name, end)
    if not found and options.skeletons:
        found.extend(_by_skeleton(small, options))
    if options.verdicts is not None:
        found.extend(_verdicts(small, options.verdicts))
    if options.letters and (_LONE.search(sentence) or _SMALL_CUE.search(small)):
        found.extend(_lettered(sentence, options.count))
    if options.marks:
        found.extend(_marked(small, options.count))
    if len(found) > 1:
        found.sort(key=lambda mention: mention.start)
    return found


def may_name(text: str, small: str, options: Known) -> bool:
    """Whether a text can name an option at all; a quick look that saves the reading of most texts that don't."""
    return (
        any(name in small for name, _ in options.names)
        or options.numbers
        or options.verdicts is not None
        or options.marks
        or any(words[0] in small for words, _ in options.skeletons)
        or (options.letters and _LONE.search(text) is not None and _LETTER.search(text) is not None)
        or (options.letters and _SMALL_LETTER.search(small) is not None)
    )


def small_letters(text: str) -> str:
    """The text in small letters, as long as before: what gets longer in small letters stays as it is.

    >>> small_letters("İS"), len("İS".lower())
    ('İs', 3)
    """
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def content(text: str) -> frozenset[str]:
    """The telling words of a text, cut to a stem.

    >>> sorted(content("Is the man wearing a helmet?"))
    ['helmet', 'man', 'wear']
    """
    return frozenset(stem(word) for word in _WORD.findall(text.lower()) if word not in _DULL)


def stems(text: str) -> tuple[str, ...]:
    """All words of a text in order, cut to a stem."""
    return tuple(stem(word) for word in _WORD.findall(text.lower()))


def stem(word: str) -> str:
    """A small word without a plural or verbal ending, roughly."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def _names(option: str) -> Iterator[str]:
    """An option's text and what else it may be called, in small letters."""
    text = " ".join(option.split()).rstrip(". ").casefold()
    bare = " ".join(_MARKED_UP.sub("", option[slice(*inner(option, 0, len(option)))]).split()).rstrip(". ").casefold()
    forms = [text]
    if _MARKED_UP.search(option):
        forms.append(" ".join(option[slice(*inner(option, 0, len(option)))].split()).rstrip(". ").casefold())
    if bare and "\\" not in option:
        forms.append(bare)
    for form in tuple(forms):
        forms.append(_ARTICLE.sub("", form))
        forms.append(_PLACE.sub("", form))
        if act := _ACT.match(form):
            verb, rest = act.group(1), form[act.end() :]
            forms += [f"{verb}{rest}", f"{verb}s{rest}", f"{verb.removesuffix('e')}ing{rest}"]
    forms += _ALIKE.get(text, ())
    for form in tuple(forms):
        forms += [form.replace("-", " "), form.replace(" is ", "'s ").replace(" are ", "'re ")]
        if pair := _PAIR.match(form):
            one, other = pair.groups()
            forms += [f"{one} and {article} {other}" for article in ("a", "an", "the", "his", "her")]
    return iter({form for form in forms if form and (len(form) > 1 or not form.isascii() or form.isdigit())})


def _skeletons(texts: Sequence[str]) -> tuple[tuple[tuple[str, ...], int], ...]:
    words = [tuple(stem(word) for word in _WORD.findall(text) if word not in _DULL) for text in texts]
    return tuple(
        (those, index) for index, those in enumerate(words) if 3 <= len(those) <= 8 and words.count(those) == 1
    )


def _by_skeleton(small: str, options: Known) -> Iterator[Mention]:
    """An option whose telling words stand in order, with at most three others between two of them."""
    words = [(stem(match.group()), match.start(), match.end()) for match in _WORD.finditer(small)]
    for wanted, index in options.skeletons:
        if wanted[0] not in small:
            continue
        for first, (word, start, _) in enumerate(words):
            if word == wanted[0] and (last := _run(words, wanted, first)) is not None:
                yield Mention(index, start, words[last][2])
                break


def _run(words: Sequence[tuple[str, int, int]], wanted: Sequence[str], place: int) -> int | None:
    for word in wanted[1:]:
        following = (i for i in range(place + 1, min(place + 5, len(words))) if words[i][0] == word)
        found = next(following, None)
        if found is None:
            return None
        place = found
    return place


def _apart(small: str, start: int, end: int, name: str) -> bool:
    """Whether a name stands as words of its own, and means the option rather than "correct" or "remaining"."""
    if start and name[0].isalnum() and _joins(small[start - 1], small[max(0, start - 2) : start - 1]):
        return False
    if end < len(small) and name[-1].isalnum() and _joins(small[end], small[end + 1 : end + 2]):
        return False
    if name == "right":
        return not (
            _RIGHT_NEXT.match(small, end)
            or (_AGREED.search(small[max(0, start - _NEAR) : start]) and _LAST.match(small, end))
        )
    if name == "left":
        return not (_LAST.match(small, end) and "only" in small[max(0, start - _NEAR) : start])
    return True


def _joins(char: str, beyond: str) -> bool:
    """Whether a character next to a name makes a longer word or number of it, with the one beyond."""
    if char.isalnum() or char == "_":
        return char < "⺀"
    if char == "-":
        return beyond.isalnum() and beyond < "⺀"
    return char in ".,/" and beyond.isdigit()


def _owns(small: str, end: int) -> bool:
    return small.startswith(("'s ", "’s "), end)


def _lettered(sentence: str, count: int) -> Iterator[Mention]:
    """Letters behind words that say that an option is meant, and those listed with them."""
    last = -1
    for match in _LETTER.finditer(sentence):
        group = match.lastindex or 0
        if match.start(group) < last:
            continue
        one, place = match, group
        while True:
            last = one.end(place)
            index = LETTERS.index(one.group(place))
            if index < count:
                yield Mention(index, one.start(place), last, lettered=True)
            following = _NEXT_LETTER.match(sentence, last)
            if following is None:
                break
            one, place = following, 1
    small = _SMALL_LETTER.search(sentence) if last < 0 else None
    if small is not None and LETTERS.index(small.group(1).upper()) < count:
        yield Mention(LETTERS.index(small.group(1).upper()), small.start(1), small.end(1), lettered=True)


def _marked(small: str, count: int) -> Iterator[Mention]:
    for match in _MARK.finditer(small):
        index = LETTERS.index(match.group(1).upper())
        if index < count:
            yield Mention(index, match.start(1), match.end(1), lettered=True)


def _verdicts(small: str, verdicts: tuple[int, int]) -> Iterator[Mention]:
    if small.startswith(("no, wait", "no wait")):
        return
    for match in _VERDICT.finditer(small):
        start, end = match.span(1)
        if _AIMLESS.search(small[max(0, start - _NEAR) : start]) is None:
            yield Mention(verdicts[0 if _SAID[match.group(1)] else 1], start, end, lettered=True)
