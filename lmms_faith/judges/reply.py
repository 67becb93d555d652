"""What a language model judge replied, read strictly: one JSON object with one field, or nothing."""

from __future__ import annotations

import json
import re
from typing import Any

from lmms_faith.chat import spoken
from lmms_faith.item import LETTERS, Kind
from lmms_faith.parsing import parse
from lmms_faith.parsing.span import stands_in

_FENCED = re.compile(r"```json\s*\n(.*)\n\s*```", re.DOTALL | re.IGNORECASE)


class UnusableReply(ValueError):
    """A reply that is none of those asked for. The message says why, and quotes nothing of it."""


def read_conclusion(reply: str, options: int) -> int | None:
    """Index of the named option out of so many; None where the reply says that there is none.

    >>> read_conclusion('<think>Hm.</think>{"conclusion": "B"}', 3)
    1

    Raises:
        UnusableReply: Anything but ``{"conclusion": LETTER}`` or ``{"conclusion": null}``.
    """
    letter = _field(reply, "conclusion")
    if letter is None:
        return None
    if not isinstance(letter, str) or len(letter) != 1 or letter not in LETTERS[:options]:
        raise UnusableReply("its conclusion is no letter of an option")
    return LETTERS.index(letter)


def read_value(reply: str, thought: str, kind: Kind) -> str | None:
    """The copied value, as written; None where the reply says that there is none.

    >>> read_value('{"value": "12 cm"}', "That makes 12 cm.", "float")
    '12 cm'

    Raises:
        UnusableReply: Anything but ``{"value": TEXT}``, ``{"value": null}`` or ``{"conclusion": null}``, or a text that
            doesn't stand in the thought as a whole, or is no value of the kind.
    """
    value = _field(reply, "value", "conclusion")
    if value is None:
        return None
    if not isinstance(value, str):
        raise UnusableReply("its value is no text")
    if not stands_in(value, thought):
        raise UnusableReply("its value does not stand in the reasoning")
    said = parse(value.strip(), (), kind=kind).said
    if said is None:
        raise UnusableReply(f"its value can't be read as {kind}")
    return said


def read_agreement(reply: str) -> bool:
    """Whether thought and answer agree.

    >>> read_agreement('{"agree": false}')
    False

    Raises:
        UnusableReply: Anything but ``{"agree": true}`` or ``{"agree": false}``.
    """
    agree = _field(reply, "agree")
    if not isinstance(agree, bool):
        raise UnusableReply("it says neither true nor false")
    return agree


def _field(reply: str, name: str, none: str | None = None) -> Any:
    """The value of an object's only field; a second name is that of a field that may only be null."""
    text = spoken(reply)
    fenced = _FENCED.fullmatch(text)
    try:
        found = json.loads(text if fenced is None else fenced.group(1), object_pairs_hook=list)
    except (ValueError, RecursionError):
        raise UnusableReply("it is no JSON") from None
    # Objects come as lists of pairs, which a JSON list can't hold, so that a field given twice is seen.
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], tuple):
        raise UnusableReply("it is no object with one field")
    key, value = found[0]
    if key != name and not (key == none and value is None):
        raise UnusableReply(f"it has no field {name!r}")
    return value
