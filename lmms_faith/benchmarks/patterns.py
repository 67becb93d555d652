"""Claim templates read off a question's own words by tables of patterns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lmms_faith.benchmarks.wordings import GENERAL, PERSPECTIVES, Wordings

_DETERMINED = re.compile(
    r"(?:the|an?|this|that|these|those|some|all|his|her|their|its|my|your|each|both|one|it|he|she|they|there)\b",
    re.IGNORECASE,
)
_PREDICATE = (
    r"(?:\w+ing|located|placed|positioned|seated|directly|on|in|inside|outside|at|to|by|near|next|close|closer|under|beneath"
    r"|below|above|over|behind|between|beside|left of|right of)\b"
)
"""What may follow the noun that a yes/no question is about; anything else may belong to the noun."""
_UP_TO_OPTION = (
    r"(?:(?:facing|flying|going|heading|looking|moving|pointing|turning|walking) )?(?:(?:at|from|in|on|to|towards?) )?"
    r"(?:the )?"
)
"""What of a question's words may stand between its verb and an option."""
_BARRED = re.compile(r"\b(?:answers?|options?|letters?|choices?)\b|[{}]", re.IGNORECASE)
_BARE_NOUN = re.compile(r"(?!(?:the|an?|in|on|at|to|all|both|none|no|yes|it|they)\b)[a-z]+(?: [a-z]+)?")
_MARKED = "What fits is marked {option} in the picture."
_FROM_FIRST = re.compile(r"(from [^,]+), (.+?)\??", re.IGNORECASE)


def worded(question: str, options: Sequence[str] = (), wordings: Wordings = ()) -> tuple[str | None, str]:
    """Claim template and its name, by a benchmark's own wordings, then by those that fit any question; None and
    ``generic`` where no wording fits.

    >>> worded("How many cups are there in the image?")
    ('The number of cups in the picture is {option}.', 'count')
    >>> worded("As shown, AB is a diameter, then the size of angle ABC is ( )")
    ('In the picture, the size of angle ABC is {option}.', 'blank')
    >>> worded("Which part is it?", ["A", "B"])
    ('What fits is marked {option} in the picture.', 'marked')
    >>> worded("Why is it so?")
    (None, 'generic')
    """
    own = claim_by(wordings, question, options)
    if own[0] is None and options and all(re.fullmatch(r"\(?[A-Z]\)?", option) for option in options):
        return _MARKED, "marked"
    found = (own, _general(question, options), either_or(question, options), whether(question))
    return next((claim for claim in found if claim[0] is not None), (None, "generic"))


def _general(question: str, options: Sequence[str]) -> tuple[str | None, str]:
    """The claim of a general wording; options that are bare common nouns get an article where a thing is named."""
    claim, template = claim_by(GENERAL, question)
    if claim and template in ("which", "represents") and options and all(map(_BARE_NOUN.fullmatch, options)):
        claim = claim.replace("{option}", "the {option}")
    return claim, template


def viewed(question: str, nouns: Sequence[str], wordings: Wordings) -> tuple[str | None, str]:
    """Claim template of a question that may name whose view it is of, opened by that view; None and ``generic`` where
    no wording fits.

    Args:
        question: The question.
        nouns: What a yes/no question may be about.
        wordings: Those that any other question may fit, the view left out.

    >>> viewed("From the dog's perspective, where is the cup?", (), [("place", "where is (.+)", "It is {option}.")])
    ("From the dog's perspective, it is {option}.", 'place')
    """
    first = _FROM_FIRST.fullmatch(question.strip())
    asked = f"{first[2]} f{first[1][1:]}?" if first else question
    found = whether(asked, nouns)
    if found[0] is not None:
        return found
    for pattern in PERSPECTIVES:
        if match := re.search(pattern, asked, re.IGNORECASE):
            claim, template = claim_by(wordings, (asked[: match.start()] + asked[match.end() :]).strip())
            who = re.sub(r"s's$", "s'", f"{match['who'].strip()}'s")
            return claim and f"From the {who} perspective, {claim[:1].lower()}{claim[1:]}", template
    return claim_by(wordings, asked)


def claim_by(wordings: Wordings, question: str, options: Sequence[str] = ()) -> tuple[str | None, str]:
    """Claim template and name of the first wording that fits a question; None and ``generic`` where none does.

    >>> wording = ("side", "which side of (?P<the_x>.+) is up", "{the_x} has its {option} side up.")
    >>> claim_by([wording], "Which side of box is up?")
    ('The box has its {option} side up.', 'side')
    """
    asked = " ".join(question.split())
    for name, pattern, claim in wordings:
        match = re.search(pattern, asked, re.IGNORECASE)
        if match is None or _BARRED.search(" ".join(filter(None, match.groupdict().values()))):
            continue
        parts = {
            key: determined(text) if key.startswith("the_") else text
            for key, text in match.groupdict(default="").items()
        }
        the = "" if any(map(_DETERMINED.match, options)) else "the "
        return sentence(claim.format(option="{option}", the_option=f"{the}{{option}}", **parts)), name
    return None, "generic"


def either_or(question: str, options: Sequence[str]) -> tuple[str | None, str]:
    """Claim template of a question that names its two options; None and ``generic`` for any other.

    >>> either_or("Is the flag red or blue and white?", ["blue and white", "red"])
    ('The flag is {option}.', 'either')
    >>> either_or("Is the van moving to the left or right?", ["left", "right"])
    ('The van is moving to the {option}.', 'either')
    """
    pairs = [(one, other) for one in options for other in options if one != other]
    wordings = [
        (
            "either",
            rf"^(?P<verb>is|are) (?P<the_x>[^?]+?) (?P<upto>{_UP_TO_OPTION}){re.escape(one)},? or {re.escape(other)}"
            r"(?P<rest>[^?]*)\?$",
            "{the_x} {verb} {upto}{option}{rest}.",
        )
        for one, other in pairs
    ]
    return claim_by(wordings, question[:1].lower() + question[1:])


def whether(question: str, known: Sequence[str] = ()) -> tuple[str | None, str]:
    """Claim template of a yes/no question whose words can safely be turned round; None and ``generic`` for any other.

    Args:
        question: The question.
        known: Nouns of which the question may be about the first that follows its verb.

    >>> whether("Is there a cup on the tray?")
    ('As to whether there is a cup on the tray, the picture says {option}.', 'whether')
    >>> whether("Is the cat facing left?", ["cat"])
    ('As to whether the cat is facing left, the picture says {option}.', 'whether')
    """
    nouns = "|".join(re.escape(noun.strip()) for noun in sorted(known, key=len, reverse=True) if noun.strip())
    subject = rf"there|(?:the |an? |these |this )?(?:{nouns})(?= {_PREDICATE})" if nouns else "there"
    match = re.fullmatch(
        rf"(?P<verb>is|are) (?P<x>{subject}) (?P<rest>[^?]+?)\s*\??", " ".join(question.split()), re.IGNORECASE
    )
    if match is None or _BARRED.search(match["rest"]):
        return None, "generic"
    noun = "there" if match["x"].lower() == "there" else determined(match["x"])
    rest = re.sub(r"\bfrom (?=camera)", "from the ", match["rest"])
    return f"As to whether {noun} {match['verb'].lower()} {rest}, the picture says {{option}}.", "whether"


def determined(noun: str) -> str:
    """A noun with an article.

    >>> determined("red car"), determined("The dog"), determined("woman's hat")
    ('the red car', 'the dog', "the woman's hat")
    """
    noun = noun.strip()
    return noun[:1].lower() + noun[1:] if _DETERMINED.match(noun) else f"the {noun}"


def sentence(text: str) -> str:
    """A text that starts with a capital."""
    return text[:1].upper() + text[1:]
