"""What a question asks for, as far as its words tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lmms_faith.parsing.naming import content, stems

_NEGATIVE = re.compile(r"\b(?:not|except|never|cannot)\b|n['’]t\b", re.IGNORECASE)
_SUPPOSING = re.compile(r"\b(?:if|would|suppose|happens?\s+(?:to|when))\b", re.IGNORECASE)
_YEARS = re.compile(r"\b(?:years?|when|dates?|decade)\b", re.IGNORECASE)
_VERDICTS = frozenset({"true", "false", "yes", "no"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for.

    Attributes:
        words: Its telling words, cut to a stem.
        order: All its words, cut to a stem, in order.
        negative: Whether it asks for what is not so, as in "which is NOT present".
        supposing: Whether it asks what would be the case.
        years: Whether it asks for a year.
    """

    words: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    negative: bool = False
    supposing: bool = False
    years: bool = False


@lru_cache(maxsize=4096)
def asked(question: str) -> Asked:
    """What a question asks for; kept, since an item is met under many conditions.

    >>> asked("Which colour is NOT present?").negative, asked("In which year was it?").years
    (True, True)
    """
    return Asked(
        words=content(question) - _VERDICTS,
        order=stems(question),
        negative=_NEGATIVE.search(question) is not None,
        supposing=_SUPPOSING.search(question) is not None,
        years=_YEARS.search(question) is not None,
    )
