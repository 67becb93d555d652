"""Words by which a thought doubts, settles or turns from what it said."""

from __future__ import annotations

import re

_ADVERBS = r"(?:quite|totally|entirely|completely|necessarily|really|so|too|very|100\s*%)"
_DOUBT = re.compile(
    r"\b(?:wait|hold\s+on|hang\s+on|wrong|mistak\w*|incorrect|actually|second\s+thought|reconsider|recompute|misleading"
    r"|confus\w+|unsure|contradict\w*|toss-up|hard\s+to\s+(?:say|tell|judge))\b"
    rf"|(?:\bnot|n['’]t)\s+(?:(?:look|seem|sound|feel|be|{_ADVERBS})\s+)*(?:right|true|correct|so|sure|certain|the\s+case|accurate"
    r"|possible|hold|add\s+up|fit|match|consistent|convinced|clear|confirm|support|agree|it)\b"
    r"|\bcan(?:not|['’]t)\s+be\b|\btoo\s+\w+(?:\s+and\s+\w+)?\s+(?:for|to\s+be)\s+(?:that|this|it|the|an?)\b"
    r"|\b(?:seems?|looks?|is)\s+too\s+\w+\W*$|\bnothing\b.{0,20}\bsupports?\b|\b(?:maybe|perhaps|or|probably)\s+not\b"
    r"|\b(?:be|is|are|seems?)\s+(?:off|inaccurate|doubtful|questionable)\b|等等|不对|不正确|错了"
)
_TRIGGERS = (
    *(
        "wait",
        "hold on",
        "hang on",
        "hard to",
        "wrong",
        "mistak",
        "incorrect",
        "actually",
        "second thought",
        "reconsider",
    ),
    *("recompute", "misleading", "confus", "unsure", "contradict", "toss-up", "n't", "n’t", "not", "too ", "nothing"),
    *("can't", "can’t", " off", "inaccurate", "doubtful", "questionable", "等", "不", "错"),
)
"""One of these is in every text that _DOUBT finds something in, and to look for them is much quicker."""
_NO_DOUBT = re.compile(
    r"\bno\s+(?:doubt|mistake)\b|\bnothing\s+wrong\b|\b(?:not|isn['’]t)\s+(?:wrong|incorrect|misleading)\b"
)
_OF_CLAIM = re.compile(
    r"\b(?:statement|claim|caption|description|assumption|premise|hint|suggestion)\b[^.;,]*"
    r"|\b(?:initial|first|given|previous|earlier)\s+\w+\s+(?:is|was)\b[^.;,]*"
)
_SETTLED = re.compile(
    r"\b(?:that|this|it|everything|all)\s+(?:all\s+)?"
    r"(?:fits|checks\s+out|adds\s+up|matches|is\s+(?:consistent|confirmed|right|correct))\b"
    r"|\bi['’]?\s?a?m\s+(?:now\s+)?(?:confident|sure|certain)\b|\bconfirm(?:s|ed)\b"
)
_ASKED_BACK = re.compile(
    r"\W*(?:(?:hmm+|wait|but|and|or|so),?\s+)*(?:is|are|am|was|were|does|do|did|could|can|right|really|sure)\b"
)
_BACK_WORDS = 6
_TURN = re.compile(
    r"\b(?:wait|but|however|actually|no|hmm+|alternatively|instead|although|though|yet|second\s+thought"
    r"|look(?:ing)?\s+(?:again|closer|more\s+closely)|recheck|re-check|recount|let\s+me|correction|rather|still|despite"
    r"|in\s+fact|on\s+closer)\b|不过|但"
)
_OPEN = re.compile(
    r"\b(?:not|no|never|cannot|might|could|may|maybe|perhaps|possibly|so|therefore|thus|hence|answer|conclude|conclusion"
    r"|but|however|instead|rather|actually|too\s+\w+|whether|if|different|disagree)\b|n['’]t\b|\?|所以|但|不"
)


def without_assurance(small: str) -> str:
    """A text without what only sounds like a denial: "no doubt", "nothing wrong"."""
    return _NO_DOUBT.sub(" ", small)


def doubts(small: str) -> bool:
    """Whether a text in small letters doubts what was said before it; that a claim is wrong is no such doubt.

    >>> doubts("wait, that doesn't look right."), doubts("there is no doubt."), doubts("the claim is wrong.")
    (True, False, False)
    """
    return any(trigger in small for trigger in _TRIGGERS) and (
        _DOUBT.search(_OF_CLAIM.sub(" ", without_assurance(small))) is not None
    )


def asks_back(small: str) -> bool:
    """Whether a question is short and about what was just said: "hmm, is it?"."""
    return _ASKED_BACK.match(small) is not None and len(small.split()) <= _BACK_WORDS


def settles(small: str) -> bool:
    """Whether a text says that what was said before holds.

    >>> settles("okay, that fits."), settles("i'm confident now.")
    (True, True)
    """
    return _SETTLED.search(small) is not None


def turns(small: str) -> bool:
    """Whether a text turns from what was said before it: "however", "let me look again"."""
    return _TURN.search(small) is not None


def leaves_open(small: str) -> bool:
    """Whether a text has a word with which what was said before it may be taken back or drawn into doubt.

    >>> leaves_open(" that matches the picture."), leaves_open(" but i may err.")
    (False, True)
    """
    return _OPEN.search(small) is not None
