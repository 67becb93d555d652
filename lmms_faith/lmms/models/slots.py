"""Where the letters of one completion are read: at the step that wrote one, or behind a text that forces one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from lmms_faith.item import LETTERS
from lmms_faith.judges.aftermath import conclusion_slot
from lmms_faith.parsing import parse, unfinished, until_answered
from lmms_faith.parsing.listed import FORMS


@dataclass(frozen=True, slots=True)
class Slots:
    """Places of one completion; exactly one of ``step`` and ``forced`` is known.

    Attributes:
        step: Generation step, from 0, that wrote the answer's letter.
        forced: Text between prompt and letter that forces one, where no step wrote one.
        conclusion: Text between prompt and letter that has one follow right after the thought; see ``conclusion_slot``.
    """

    step: int | None
    forced: str | None
    conclusion: str | None


def slots(tokenizer: Any, ids: Sequence[int], *, prefill: str, letters: Collection[int]) -> Slots:
    """Find the places in a generated row.

    Args:
        tokenizer: The model's tokenizer.
        ids: What was generated, without the prompt.
        prefill: Start of the assistant turn that the model continued.
        letters: Ids of the letters' tokens.
    """
    text = completion_of(tokenizer, ids, prefill=prefill)
    at = parse(text, None, prefill=prefill).letter_at
    step = None if at is None else _step(tokenizer, ids, at, letters)
    forced = "".join(unfinished(text, prefill=prefill)) if step is None else None
    return Slots(step, forced, conclusion_slot(text, prefill=prefill, letter_at=at))


def letter_token_ids(tokenizer: Any) -> list[list[int]]:
    """Ids of every single-token form of each letter ("A", " A", "(A", " (A"), letter by letter.

    `A` and ` A` are different tokens, and which of them follows ``<answer>`` is the model's habit; their probabilities
    add.
    """
    table = []
    for letter in LETTERS:
        encoded = (tokenizer.encode(form.format(letter), add_special_tokens=False) for form in FORMS)
        table.append(sorted({ids[0] for ids in encoded if len(ids) == 1}))
    return table


def all_letter_token_ids(tokenizer: Any, *, name: str) -> list[list[int]]:
    """As ``letter_token_ids``.

    Raises:
        ValueError: A letter is no single token; ``name`` is the model's, for the message.
    """
    table = letter_token_ids(tokenizer)
    missing = [letter for letter, ids in zip(LETTERS, table) if not ids]
    if missing:
        raise ValueError(
            f"model {name!r}: letters {missing} are no single token, so they have no probability; check its tokenizer "
            "files"
        )
    return table


def completion_of(tokenizer: Any, ids: Any, *, prefill: str) -> str:
    """What a record keeps of generated ids: their text until the answer is closed; see ``parsing.answered_at``."""
    return until_answered(decode(tokenizer, ids), prefill=prefill)


def decode(tokenizer: Any, ids: Any) -> str:
    """The text of generated ids, without special tokens and with its white space as it was written."""
    return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _step(tokenizer: Any, ids: Sequence[int], at: int, letters: Collection[int]) -> int | None:
    """Step that wrote the character at a place of the text; None where its token is no form of a letter."""
    low, high = 0, len(ids) - 1
    while low < high:
        middle = (low + high) // 2
        if len(decode(tokenizer, ids[: middle + 1])) > at:
            high = middle
        else:
            low = middle + 1
    return low if int(ids[low]) in letters else None
