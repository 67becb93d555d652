"""What a completion says between its thought and its answer."""

from __future__ import annotations

import re

from lmms_faith.parsing import parse, unfinished
from lmms_faith.parsing.tags import ANSWER, CLOSE, last_block, reasoning
from lmms_faith.record import Record

_WORDS = 3
"""Words that make a sentence; "Sure." and "1." are none."""
_TAG = re.compile(r"</?\w+>")
# A number's point ends no sentence, so a space has to follow; in Chinese and Japanese none does.
_SENTENCE = re.compile(r"[^\n]*?(?:[.!?][*_\"'”’)\]]*(?=\s|$)|[。！？])")
_WORD = re.compile(r"[㐀-鿿぀-ヿ]|[^\W_㐀-鿿぀-ヿ]+")


def speaks(text: str) -> bool:
    """Whether a text that leads up to an answer holds a whole sentence of three words or more.

    What only announces the answer does not: a heading, a line that ends on a colon, the start of the sentence in which
    the answer stands.

    >>> speaks(" So we see that it is red. The answer is (")
    True
    >>> speaks("\\n\\n**Final answer:** The answer is (")
    False
    """
    return any(len(_WORD.findall(one)) >= _WORDS for one in _SENTENCE.findall(_TAG.sub("\n", text)))


def conclusion_slot(completion: str, *, prefill: str = "", letter_at: int | None) -> str | None:
    """The text between prompt and letter that has an option letter follow right after the thought.

    Args:
        completion: What the model wrote after ``prefill``.
        prefill: Start of the assistant turn that the model continued.
        letter_at: Where in the completion the answer's letter stands; None where there is none.

    Returns:
        The completion up to the end of its thought, led to an answer. None where the letter, or the place where one is
        forced if there is none, is that very place: nothing but the answer's announcement stands between. None, too,
        where there is no thought, or where all of it was given.

    >>> conclusion_slot("<think>Red.</think> I do see red there. So (A)", letter_at=44)
    '<think>Red.</think> <answer>'
    >>> conclusion_slot("<think>Red.</think><answer>A</answer>", letter_at=27) is None
    True
    """
    full = prefill + completion
    rest_at = thought_end(full, given=len(prefill))
    at = len(unfinished(completion, prefill=prefill)[0]) if letter_at is None else letter_at
    if rest_at is None or not speaks(full[rest_at : len(prefill) + at]):
        return None
    rest = full[rest_at:]
    space = rest[: len(rest) - len(rest.lstrip())]
    return full[len(prefill) : rest_at] + space + (ANSWER if full.endswith(CLOSE, 0, rest_at) else CLOSE + ANSWER)


def thought_end(full: str, *, given: int) -> int | None:
    """Where a turn's thought ends, its closing tag included.

    Args:
        full: The assistant's turn.
        given: How many characters of it were prefilled.

    Returns:
        None where there is no thought, or where it was given and closed before the model wrote anything.
    """
    think, rest_at = reasoning(full)
    return rest_at if think and think.strip() and rest_at > given else None


def answer_place(record: Record) -> int | None:
    """Where in a record's turn, prefill and completion, the answer's letter or text begins; None where that can't be
    told, or where there is no answer."""
    if record.said is None:
        return None
    full, given = record.prefill + record.completion, len(record.prefill)
    read = parse(record.completion, record.options, kind=record.kind, prefill=record.prefill, finish=record.finish)
    if read.letter_at is not None:
        return given + read.letter_at
    _, rest_at = reasoning(full)
    block = last_block(full, rest_at)
    if block is not None:
        return block[0]
    # Lower case may be longer than its capital ("İ"), and the place would be off.
    found = re.compile(re.escape(record.said.strip()), re.IGNORECASE).search(full, rest_at)
    return None if found is None else found.start()
