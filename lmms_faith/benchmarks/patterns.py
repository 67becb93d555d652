"""Claim templates read off a question by a table of patterns."""

from __future__ import annotations

import re
from collections.abc import Sequence

Wording = tuple[str, str, str]
"""Name, pattern and claim. A group whose name starts with ``the_`` is given an article where it has none, and so is
``{the_option}``."""

_DETERMINED = re.compile(
    r"(?:the|an?|this|that|these|those|some|all|his|her|their|its|my|your|each|both|one)\b", re.IGNORECASE
)
_PREDICATE = (
    r"(?:\w+ing|located|placed|positioned|seated|directly|on|in|inside|outside|at|to|by|near|next|close|closer|under|beneath"
    r"|below|above|over|behind|between|beside|left of|right of)\b"
)
"""What may follow the noun that a yes/no question is about; anything else may belong to the noun."""
_BARRED = re.compile(r"\b(?:answers?|options?|letters?|choices?)\b|[{}]", re.IGNORECASE)


def claim_by(wordings: Sequence[Wording], question: str, options: Sequence[str] = ()) -> tuple[str | None, str]:
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
    """
    pairs = [(one, other) for one in options for other in options if one != other]
    wordings = [
        (
            "either",
            rf"^(?P<verb>is|are) (?P<the_x>[^?]+?) {re.escape(one)},? or {re.escape(other)}(?P<rest>[^?]*)\?$",
            "{the_x} {verb} {option}{rest}.",
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
