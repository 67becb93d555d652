"""Claims for benchmarks whose categories do not fix what is asked: read off the question's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmms_faith.benchmarks.patterns import Wording, claim_by, either_or, whether

IN_PICTURE = "The question is written in the picture."
"""Question text of items that ask in the picture alone."""
ASKED_IN_PICTURE = "What the picture asks for is {option}."

_MARKED = "What fits is marked {option} in the picture."
_PHRASE = r"(?:(?!\b(?:what|which|how|who|why|when|following|picture|image|figure|diagram)\b)[^?.;,\"]){1,100}?"
_HERE = r"(?: (?:shown |given )?in (?:the|this) (?:picture|image|figure|diagram|photo))?"
_ROUNDED = r"(?:,? (?:to the nearest|if|when|such that|using|rounded|correct to|in terms of)\b[^.?]*)?"
_FIND = r"\b(?:find|determine|calculate|compute)"
_BLANK = r"(?: is| equals| is equal to| are| =) ?(?:\( *\)|_{2,})?[.?]?$"
_MEASURE = (
    r"(?:\w+ )?(?:amount|angle|area|average|breadth|capacity|charge|circumference|colou?r|concentration|cost|current"
    r"|degree|density|depth|diameter|difference|distance|force|frequency|height|length|magnitude|mass|maximum|mean"
    r"|measure|median|minimum|name|number|percentage|perimeter|position|pressure|price|probability|product|radius|range"
    r"|ratio|resistance|shape|size|slope|speed|style|sum|temperature|thickness|title|total|type|value|velocity|voltage"
    r"|volume|weight|width)"
)
_SYMBOL = r"(?!the |out |an? )[^\s.?,]{1,20}(?: (?-i:(?![a-z]))[^\s.?,]{1,20})*?"
_AT = r"(?:in|on|at|behind|under|with|to)"
_BARE_NOUN = re.compile(r"(?!(?:the|an?|in|on|at|to|all|both|none|no|yes|it|they)\b)[a-z]+(?: [a-z]+)?")
_WORDINGS: tuple[Wording, ...] = (
    (
        "count",
        rf"\bhow many (?P<x>{_PHRASE}) (?:is|are) (?:there|shown|visible|seen|depicted|present){_HERE}\??$",
        "The number of {x} in the picture is {option}.",
    ),
    ("count", rf"\bhow many (?P<x>{_PHRASE}) (?:is|are){_HERE}\??$", "The number of {x} in the picture is {option}."),
    (
        "count",
        rf"\bhow many (?P<x>{_PHRASE}) (?:is|are) (?:there |shown |visible )?(?P<y>{_AT} {_PHRASE})\??$",
        "The number of {x} {y} is {option}.",
    ),
    (
        "colour",
        rf"\bwhat colou?r (?:is|are) (?:the )?(?P<the_x>{_PHRASE}){_HERE}\??$",
        "The colour of {the_x} is {option}.",
    ),
    (
        "quantity",
        rf"\bwhat(?: is|'s) the (?P<x>{_MEASURE} (?:of|between|from|in) {_PHRASE}){_HERE}\??$",
        "In the picture, the {x} is {option}.",
    ),
    ("quantity", rf"{_FIND} the (?P<x>{_PHRASE}){_HERE}{_ROUNDED}(?:[.?]|$)", "In the picture, the {x} is {option}."),
    (
        "quantity",
        rf"{_FIND} (?P<x>{_SYMBOL}){_HERE}{_ROUNDED}(?:[.?]|$)",
        "In the picture, {x} is {option}.",
    ),
    (
        "blank",
        rf"(?:^|[,.;] ?)(?:then |so |thus )*the (?P<x>{_PHRASE}){_BLANK}",
        "In the picture, the {x} is {option}.",
    ),
    ("blank", rf"(?:[,.;] ?)(?:then |so |thus )*(?P<x>{_PHRASE}){_BLANK}", "In the picture, {x} is {option}."),
    (
        "which",
        rf"(?:^|[.,!] )which of (?P<x>(?:these|the) {_PHRASE}) is (?P<y>(?!the ){_PHRASE}){_HERE}\??$",
        "Of {x}, the one that is {y} is {option}.",
    ),
    (
        "which",
        rf"(?:^|[.,!] )which (?P<x>(?!of |direction|way |side ){_PHRASE})"
        rf" is (?P<y>(?!(?:the|this|that) ){_PHRASE}){_HERE}\??$",
        "In the picture, the {x} that is {y} is {option}.",
    ),
    (
        "represents",
        rf"\bwhat does (?P<x>{_PHRASE}) (?P<y>represent|show|depict|indicate|illustrate|denote)\??$",
        "In the picture, {x} {y}s {option}.",
    ),
    ("where", rf"\bwhere is the (?P<x>{_PHRASE}){_HERE}\??$", "In the picture, the {x} is {option}."),
)


def worded(question: str, options: Sequence[str] = ()) -> tuple[str | None, str]:
    """Claim template and its name, from the question's wording; None and ``generic`` where no wording fits.

    >>> worded("How many cups are there in the image?")
    ('The number of cups in the picture is {option}.', 'count')
    >>> worded("As shown, AB is a diameter, then the size of angle ABC is ( )")
    ('In the picture, the size of angle ABC is {option}.', 'blank')
    >>> worded("Which part is it?", ["A", "B"])
    ('What fits is marked {option} in the picture.', 'marked')
    >>> worded("Why is it so?")
    (None, 'generic')
    """
    if options and all(re.fullmatch(r"\(?[A-Z]\)?", option) for option in options):
        return _MARKED, "marked"
    for claim, template in (_named(question, options), either_or(question, options), whether(question)):
        if claim is not None:
            return claim, template
    return None, "generic"


def _named(question: str, options: Sequence[str]) -> tuple[str | None, str]:
    """The claim of a wording; options that are bare common nouns get an article where a thing is named."""
    claim, template = claim_by(_WORDINGS, question)
    if claim and template in ("which", "represents") and options and all(map(_BARE_NOUN.fullmatch, options)):
        claim = claim.replace("{option}", "the {option}")
    return claim, template
