"""The part of a thought that the model wrote itself."""

from __future__ import annotations

import hashlib
import re

from lmms_faith.parsing.tags import CLOSE, OPEN
from lmms_faith.record import Record

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def own_thought(record: Record) -> str | None:
    """What the model wrote of its thought, without what was prefilled; empty where it closed the thought at once.

    Returns:
        None where there is no thought, and where all of it was given and closed, as by Stop-Think.
    """
    if record.think is None or CLOSE in record.prefill:
        return None
    given = record.prefill.partition(OPEN)[2]
    return record.think.removeprefix(given).strip()


def skeleton(thought: str, options: tuple[str, ...]) -> str:
    """A thought with its numbers and the options' texts masked, and case and white space made alike.

    >>> skeleton("I count  3 stars. So it is Red.", ("red", "blue"))
    'i count # stars. so it is @.'
    """
    texts = sorted((re.escape(text.strip()) for text in options if text.strip()), key=len, reverse=True)
    if texts:
        thought = re.sub(rf"(?<!\w)(?:{'|'.join(texts)})(?!\w)", "@", thought, flags=re.IGNORECASE)
    return " ".join(_NUMBER.sub("#", thought).split()).casefold()


def thought_code(record: Record) -> int | None:
    """A whole number below 2**53 that two records share where their own thoughts have one skeleton; None without one.

    Two skeletons share a code by chance once in 2**53.
    """
    thought = own_thought(record)
    if not thought:
        return None
    digest = hashlib.blake2b(skeleton(thought, record.options).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> 11


def thought_words(record: Record) -> int | None:
    """Words of the model's own thought, as white space parts them; None without one."""
    thought = own_thought(record)
    return None if thought is None else len(thought.split())
