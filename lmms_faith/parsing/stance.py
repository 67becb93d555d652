"""How a sentence takes what it names: asserts it, denies it, holds it possible, or only supposes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from lmms_faith.parsing.naming import Mention

Stance = Literal["asserted", "denied", "possible", "supposed", "compared"]

# "not so red", "so far": a bare "so" joins nothing; one behind a comma or at the start does.
_JOINT = re.compile(
    r"[;:—→⇒]|\s–\s|\s-\s|->|=>|\\(?:Rightarrow|rightarrow|implies)\b|，\s*(?=而是|是|所以|因此|但|那)"
    r"|(?:^|,|\band)\s*(?:so|then)\b(?!\s+(?:far|much|many|small|large|that\b))"
    r"|(?:,\s*)?\b(?:but|however|yet|therefore|thus|hence|consequently|actually|meaning"
    r"|which\s+(?:means|makes|leaves|gives|is))\b"
    r"|,\s*(?:wait|no|hmm|though|making|giving|leaving|totall?ing|for\s+a\s+total)\b,?"
)
_UNDER = re.compile(
    r"(?:^\W*|,\s*|\s)(because|since|although|though|even\s+though|despite|unlike|given\s+that|so\s+that)\b"
)
_LIST = re.compile(
    r"[\s,/、和或与\"'*)）(（]*"
    r"(?:\b(?:or|and|nor|either|both|also|then|the|an?|it|as\s+well\s+as|option|to|in|on|at|not)\b[\s,\"'*(]*)*"
)
_DOING = re.compile(
    r"[\s\"'*)]*(?:is|are|was|were|isn|aren|wasn|has|have|looks?|seems?|appears?|fits?|matches|can|could|must|should"
    r"|would|might|does|do|lies?|stands?|sits?|says|shows)\b"
)
_COMMA = re.compile(r"\s*,\s*(?:(?:the|an?)\s+)?")
_VERB = re.compile(r"\s+[a-z]{3,}s\b(?<!ss)")
_INSTEAD = re.compile(r"(?:,|\band|\bbut)?\s*\b(?:not|rather\s+than|instead\s+of|as\s+opposed\s+to|over|unlike)\b")
_THAN = re.compile(r"\bthan\b")
_AS_MUCH = re.compile(r"[^,;:]*\b(?:just|equally|almost|nearly|about|roughly)\s+as\b")
_OR = re.compile(r"\bor\b|/|或")
_NOR = re.compile(r"\b(?:nor|neither|not)\b")
_CLAUSE = re.compile(
    r"\band\s+(?:it|this|that|so|there|he|she|they|we|i)\b(?=['’\s])"
    r"|,\s+(?:and\s+|or\s+)?(?:it|this|that|these|those|they|he|she|we|i|you|there|here|one|both|my|his|her|its|only|just"
    r"|what|the|an?|then)\b(?=['’\w\s])"
)
_NO_DENIAL = re.compile(
    r"\b(?:no\s+(?:doubt|question|wonder|need)|not\s+(?:only|just|hard|far)|without\s+(?:a\s+)?doubt"
    r"|nothing\s+(?:but|else)|none\s+other)\b|^\W*no\s*,|\bdoubt\b"
)
_DENIAL = re.compile(
    r"\b(?:not|never|neither|nor|no|cannot|without|nowhere|nothing|exclud(?:e|es|ed|ing)|rul(?:e|es|ed|ing)\s+out"
    r"|eliminat\w+|reject\w*|dismiss\w*|except|instead\s+of|rather\s+than|unlike|other\s+than|opposed\s+to|far\s+from"
    r"|anything\s+but)\b|n['’]t\b|不是?|没有?|并非|非"
)
_MAYBE = re.compile(
    r"\b(?:could|might|may|maybe|perhaps|possibl[ey]|either|whether|between|toss-up|candidates?|can\s+be|not\s+sure|unsure"
    r"|unclear|consider|weighing|compare|comparing|options\s+(?:are|include))\b|可能|也许"
)
_SUPPOSED = re.compile(
    r"\b(?:if|suppose|supposing|assume|assuming|imagine|unless|at\s+first|first\s+(?:glance|sight|impression|thought)"
    r"|initially|originally|tempting|were|(?:one|you)\s+(?:could|might|would)\s+think"
    r"|(?:the|this|that|your|a)\s+(?:caption|hint|statement|claim|description|prompt|user|question)"
    r"\s+(?:says|said|claims|claimed|states|stated|suggests|asks|mentions))\b|如果|假如"
)
_WOULD = re.compile(
    r"\bwould\b(?!\s+(?:be\s+)?(?:the\s+)?(?:best|right|correct|answer|say|choose|go|pick|guess|conclude))"
    r"|\w['’]d\b(?!\s+(?:say|go|choose|pick|guess|answer|conclude))"
)
_ANSWERED = re.compile(
    r"\b(?:answer|choice|option)\s+(?:would|should|must)\b|^\W*(?:so\s+|and\s+)?(?:that|this|which)\s+would\s+be\b"
)
_TOPIC = re.compile(
    r"\b(?:look(?:ing)?\s+at|regarding|as\s+for|check(?:ing)?|evaluat(?:e|ing)|examin(?:e|ing)|tak(?:e|ing)"
    r"|start(?:ing)?\s+with)\s+(?:(?:the|an?|option|choice)\s+)*$"
)
_LATER = r"[\s\"'”’*)\]:]*(?:\([^()]*\)[\s,:*]*)?"
_ADVERBS = r"(?:(?:also|just|simply|clearly|definitely|therefore|thus|really|still|both|all)\s+)*"
_DENIED_LATER = re.compile(
    rf"{_LATER}{_ADVERBS}(?:"
    rf"(?:is|are|was|were|has|have|does|do|did|can|could|would|will|must|should)\s*{_ADVERBS}(?:n['’]t\b|not\b)"
    r"|cannot\b|doesn\b"
    r"|(?:is|are|was|were|looks?|seems?|sounds?|gets?"
    r"|(?:can|could|may|might|must|has\s+to|have\s+to)\s+(?:therefore\s+|thus\s+|also\s+)?be)\s+"
    rf"{_ADVERBS}(?:wrong|incorrect|false|excluded|ruled\s+out|eliminated|discarded|dismissed|rejected|out\b(?!\s+of)"
    r"|impossible|unlikely|implausible|too\b|no\b|nowhere|absent|missing|invalid|less\b|out\s+of\s+the\s+question"
    r"|misleading|tempting)"
    r"|[?:]?\s*no\b|不)"
)
_MAYBE_LATER = re.compile(
    rf"{_LATER}{_ADVERBS}(?:could|might|may|can)\b"
    rf"|{_LATER}(?:is|are|seems?)\s+(?:also\s+)?(?:possible|plausible\b(?!\s+option)|an\s+option|a\s+candidate)"
)
_WOULD_LATER = re.compile(
    rf"{_LATER}(?:would|['’]d)\b(?!\s+(?:then\s+)?be\s+(?:the\s+)?(?:best|correct|right|answer|most))"
    rf"|{_LATER}(?:was|were)\s+my\s+first"
)
_PREFERRED = re.compile(r"\b(?:likely|plausible|probable|better|rather|fitting|suitable)\b")
_SINGLED = re.compile(
    r"\b(?:so|therefore|thus|hence|consequently|answers?|conclu\w+|final(?:ly)?|must|ha(?:s|ve)\s+to|definitely|correct|best"
    r"|go(?:ing)?\s+(?:with|for)|choose|choosing|pick|select|decid\w+|settl\w+|means?|(?:that|this|which)\s+"
    r"(?:puts|places|makes|tells|gives)|i\s+think|i['’]d\s+say|leav(?:es|ing)|remain(?:s|ing)|corresponds?|confirms?|likely"
    r"|probably|picture\s+(?:says|shows)|right\s+(?:option|choice|one|answer)|only)\b|所以|因此|答案|选|应该|->|→"
)
_SINGLED_LATER = re.compile(
    rf"{_LATER}(?:is|are|must\s+be|would\s+be|seems?(?:\s+to\s+be)?)\s+{_ADVERBS}"
    r"(?:(?:the\s+)?(?:(?:most\s+)?(?:correct|right|best|likely|plausible)|answer|only)|left\b"
    r"|my\s+(?:final\s+)?(?:answer|choice))"
    rf"|{_LATER}(?:fits|matches)\b|{_LATER}it\s+(?:is|must\s+be)\W*$"
)
_LISTED = re.compile(r"\W*(?:option\s+)?\(?[a-l](?:[.:)]|\*\*)")
_BULLET = re.compile(r"\s*(?:[-*•+]|\d+[.)])\s*\**|\s*")
_HEADS = re.compile(r"\**\s*(?:\([^()]*\)\s*)?\**\s*:")
_AFFIRMED = re.compile(
    r"[\s,:;—–>=-]*(?:(?:so|and)\s+)?"
    r"(?:yes\b|✓|✔|correct\b|(?:this|that|it|which)\s+(?:fits|matches|is\s+(?:it|correct|right)))"
)
_DISMISSED = re.compile(
    r"[\s,:;—–>=-]*(?:(?:so|therefore|thus|hence|and|this|that|it|which)\s+)*(?:is\s+)?(?:no\b|not\b|wrong|impossible|excluded|ruled\s+out)"
)
_NEAR = 200
"""Characters before a name that are looked at, where all of a long sentence before every name would take its square."""
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Taken:
    """What one sentence does with what it names.

    Attributes:
        kept: The names in its last part that asserts anything.
        singled: Whether it marks that as its conclusion ("so", "the answer is", a letter).
        denied: What it denies.
        possible: What it holds possible or asks about.
        supposed: What it only supposes, compares or lists.
    """

    kept: tuple[Mention, ...] = ()
    singled: bool = False
    denied: frozenset[int] = _NONE
    possible: frozenset[int] = _NONE
    supposed: frozenset[int] = _NONE

    @property
    def asserted(self) -> frozenset[int]:
        """What it asserts in its last part that asserts anything; several, where it leaves that open."""
        return frozenset(mention.index for mention in self.kept)

    @property
    def after(self) -> int:
        """Where the last asserted name ends; 0 where there is none."""
        return self.kept[-1].end if self.kept else 0


def taken(small: str, mentions: Sequence[Mention], *, asks: bool = False, supposing: bool = False) -> Taken:
    """How a sentence takes what it names.

    Args:
        small: The sentence, in small letters.
        mentions: What is named in it, in order.
        asks: Whether it is a question, which asserts nothing.
        supposing: Whether what was asked is itself what would be the case.

    >>> red, blue = Mention(0, 10, 13), Mention(1, 18, 22)
    >>> taken("it is not red but blue.", [red, blue]).asserted
    frozenset({1})
    """
    if asks:
        return Taken(possible=frozenset(m.index for m in mentions))
    joints = [0, *(match.start() for match in _JOINT.finditer(small)), len(small)]
    asserted: list[tuple[int, Mention]] = []
    others: dict[Stance, set[int]] = {"denied": set(), "possible": set(), "supposed": set(), "compared": set()}
    for part, (start, end) in enumerate(pairwise(joints)):
        inside = [m for m in mentions if start <= m.start < end]
        if not inside:
            continue
        for mention, stance in zip(inside, _stances(small, start, end, inside, supposing=supposing)):
            if stance == "asserted":
                asserted.append((part, mention))
            else:
                others[stance].add(mention.index)
    ends_apart = bool(asserted) and asserted[-1][0] < len(joints) - 2
    if ends_apart and _DISMISSED.match(small, joints[-2]):
        others["denied"].update(m.index for _, m in asserted)
        asserted = []
    kept = _last_part(small, joints, asserted)
    affirmed = ends_apart and _AFFIRMED.match(small, joints[-2]) is not None
    if kept and not affirmed and _is_listed(small, mentions[0]) and not _marked(small, kept):
        others["supposed"].update(m.index for m in kept)
        kept = []
    return Taken(
        kept=tuple(kept),
        singled=affirmed or any(m.lettered for m in kept) or _marked(small, kept),
        denied=frozenset(others["denied"]),
        possible=frozenset(others["possible"]),
        supposed=frozenset(others["supposed"] | others["compared"]),
    )


def _is_listed(small: str, first: Mention) -> bool:
    """Whether a sentence is a line of a list of options, headed by one of them."""
    if _LISTED.match(small):
        return True
    return _BULLET.fullmatch(small, 0, first.start) is not None and _HEADS.match(small, first.end) is not None


def _marked(small: str, kept: Sequence[Mention]) -> bool:
    if not kept:
        return False
    return _SINGLED.search(small, 0, kept[-1].start) is not None or any(
        _SINGLED_LATER.match(small, m.end) for m in kept
    )


def _last_part(small: str, joints: Sequence[int], asserted: Sequence[tuple[int, Mention]]) -> list[Mention]:
    """What the last part of a sentence asserts, reasons given and things granted aside."""
    main = [(part, m) for part, m in asserted if not _is_under(small, joints[part], m)] or list(asserted)
    if not main:
        return []
    last = main[-1][0]
    kept = [m for part, m in main if part == last]
    if len({m.index for m in kept}) > 1:
        after = [m for m in kept if _SINGLED_LATER.match(small, m.end)]
        kept = after or kept
    return kept


def _is_under(small: str, start: int, mention: Mention) -> bool:
    """Whether a name stands in a clause that gives a reason or grants something."""
    under = None
    for match in _UNDER.finditer(small, max(start, mention.start - _NEAR), mention.start):
        under = match
    return (
        under is not None
        and _CLAUSE.search(small, under.end(), mention.start) is None
        and not (under.start() <= start + 2 and "," in small[under.end() : mention.start])
    )


def _stances(small: str, start: int, end: int, inside: Sequence[Mention], *, supposing: bool) -> list[Stance]:
    found: list[Stance] = []
    chain = 0  # where the list begins that the name before is the last of
    for place, mention in enumerate(inside):
        following = inside[place + 1].start if place + 1 < len(inside) else end
        later = _later(small, mention, following)
        later = None if supposing and later == "supposed" else later
        gap = small[inside[place - 1].end if place else start : mention.start]
        listed = place > 0 and _is_list(small, gap, mention)
        chain = chain if listed else place
        if listed and later is not None and not _INSTEAD.match(gap.strip()):
            found[chain:] = [later if stance == "asserted" else stance for stance in found[chain:]]
        joined = (
            _joined(small[max(start, mention.start - _NEAR) : mention.start], gap, found, listed=listed)
            if place and later is None
            else None
        )
        found.append(later or joined or _by_cues(small, gap, mention, following, supposing=supposing))
    return found


def _is_list(small: str, gap: str, mention: Mention) -> bool:
    """Whether a name only continues the list that the one before it is in."""
    if _LIST.fullmatch(gap) is None:
        return False
    return not (_COMMA.fullmatch(gap) and (_DOING.match(small, mention.end) or _VERB.match(small, mention.end)))


def _joined(before: str, gap: str, found: list[Stance], *, listed: bool) -> Stance | None:
    """The stance of a name by how it is joined to the one before; None where it stands on its own."""
    if _THAN.search(gap):
        if found[-1] == "compared" or (found[-1] == "asserted" and not _PREFERRED.search(before)):
            found[-1] = "compared"
            return "compared"
        return "denied"
    if listed:
        if _NOR.search(gap):
            return "denied"
        if _OR.search(gap) and found[-1] == "asserted":
            found[-1] = "possible"
        return found[-1]
    if _INSTEAD.match(gap.strip()) and _CLAUSE.search(gap) is None:
        return "denied"
    return None


def _later(small: str, mention: Mention, following: int) -> Stance | None:
    """The stance that follows from what stands right behind a name."""
    tail = small[mention.end : following]
    if _DENIED_LATER.match(tail):
        return "denied"
    if _MAYBE_LATER.match(tail):
        return "possible"
    if _WOULD_LATER.match(tail):
        return "supposed"
    return None


def _by_cues(small: str, gap: str, mention: Mention, following: int, *, supposing: bool) -> Stance:
    clause = None
    for match in _CLAUSE.finditer(gap):
        clause = match
    near = gap if clause is None else gap[clause.start() :]
    if _TOPIC.search(near):
        return "supposed"
    if not supposing and (_SUPPOSED.search(gap) or (_WOULD.search(near) and not _ANSWERED.search(near))):
        return "supposed"
    if _MAYBE.search(near):
        return "possible"
    if _DENIAL.search(_NO_DENIAL.sub(" ", near)):
        return "denied"
    if mention.owner or _AS_MUCH.match(small, mention.end, following):
        return "compared"
    if _THAN.search(small[mention.end : following]) and not _PREFERRED.search(near + small[mention.end : following]):
        return "compared"
    return "asserted"
