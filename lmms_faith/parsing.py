"""From a completion to its thought, its answer and exactly one status; the only answer patterns in the package."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lmms_faith.item import LETTERS, normalise

Status = Literal["answered", "no_answer", "truncated", "failed"]
Finish = Literal["stop", "length"]

_BLOCK = re.compile(r"<answer>(.*?)(?:</answer>|\Z)", re.DOTALL)
_OPEN, _CLOSE = "<think>", "</think>"
_LETTER = r"[\s\"'*_(\[{]*([A-La-l])[\s\"'*_)\]}.:,]*"
_ALONE = re.compile(_LETTER)
_LABELLED = re.compile(r"[\s\"'*_(\[]*([A-La-l])([)\]*_.:]*)\s+(.+?)\s*", re.DOTALL)
# "The answer is a matter of taste" states nothing: a small letter has to be bracketed or to end its line.
_CHOSEN = r"([A-L](?![A-Za-z'’])|[a-l](?=[)\]]|[.*_\"']*\s*$))"
_ALTERNATIVE = r"(?![)\]*_]*\s*(?:/|,|or\b|and\b)[\s(*_]*[A-L](?![A-Za-z'’]))"
_STATED = (
    re.compile(r"\\boxed\{\s*(?:\\text\{)?\s*\(?([A-L])\)?\s*\}"),
    re.compile(
        r"(?i:answer|option|choice)(?i:\s+is\s*:?|\s*:)[\s\"'*_(\[]*(?:(?i:option|choice)\s+[\"'*_(\[]*)?"
        + _CHOSEN
        + _ALTERNATIVE,
        re.MULTILINE,
    ),
)
_BOLD = re.compile(r"\*\*\s*\(?([A-L])\)?[.:]?\s*\*\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a completion says.

    Attributes:
        status: ``answered``, ``no_answer`` (it ended without one), ``truncated`` (it was cut off before one) or
            ``failed`` (the request never produced a completion).
        think: The reasoning, prefilled part included; None where there is none.
        prediction: Index of the answered option; None unless answered.
        letter_at: Where in the completion the answer's letter stands; None where the answer came as an option's text.
    """

    status: Status
    think: str | None = None
    prediction: int | None = None
    letter_at: int | None = None


def parse(
    completion: str,
    options: Sequence[str] | None,
    *,
    prefill: str = "",
    finish: Finish | None = None,
    failed: bool = False,
) -> Parsed:
    """Read a completion; total on any text, and never guesses.

    The last ``<answer>`` block after the reasoning counts. Without one, a stated answer after the reasoning does
    (``\\boxed{B}``, "the answer is (B)", the only letter in bold, a lone letter or an option's text). A letter beyond
    the options, a letter whose text is another option's, or an unreadable block is no answer: nothing falls back to a
    random or nearest option.

    Args:
        completion: What the model wrote after ``prefill``.
        options: The options as shown; None takes any letter at its word and knows no option texts.
        prefill: Start of the assistant turn that the model continued.
        finish: Why generation ended, where known; tells ``truncated`` from ``no_answer``.
        failed: Whether the request failed, whatever text came with it.

    >>> parse("<think>It is red.</think><answer>B</answer>", ["blue", "red"]).prediction
    1
    >>> parse("I can't tell.", ["blue", "red"]).status
    'no_answer'
    """
    if failed:
        return Parsed(status="failed")
    full = prefill + completion
    think, rest_at = _reasoning(full)
    found = _answer(full, rest_at, options)
    if found is None:
        return Parsed(status="truncated" if finish == "length" else "no_answer", think=think)
    prediction, at = found
    letter_at = None if at is None or at < len(prefill) else at - len(prefill)
    return Parsed(status="answered", think=think, prediction=prediction, letter_at=letter_at)


def unfinished(completion: str, *, prefill: str = "") -> tuple[str, str]:
    """Split a completion without answer into the part to keep and what leads from there to an answer letter.

    Returns:
        The completion up to its first answer block (or all of it), and the text that forces a letter next:
        ``"</think><answer>"`` where the reasoning is still open, else ``"<answer>"``.
    """
    full = prefill + completion
    _, rest_at = _reasoning(full)
    block = full.find("<answer>", rest_at)
    kept = completion if block < len(prefill) else completion[: block - len(prefill)]
    still_open = (prefill + kept).rfind(_OPEN) > (prefill + kept).rfind(_CLOSE)
    return kept, "</think><answer>" if still_open else "<answer>"


def _reasoning(full: str) -> tuple[str | None, int]:
    """The reasoning (None without tags) and where the text after it starts."""
    close = full.rfind(_CLOSE)
    start = full.find(_OPEN)
    if close >= 0:
        begin = start + len(_OPEN) if 0 <= start < close else 0
        return full[begin:close], close + len(_CLOSE)
    if start >= 0:
        block = full.rfind("<answer>", start)
        end = block if block >= 0 else len(full)
        return full[start + len(_OPEN) : end], end
    return None, 0


def _answer(full: str, rest_at: int, options: Sequence[str] | None) -> tuple[int, int | None] | None:
    blocks = list(_BLOCK.finditer(full, rest_at))
    if blocks:
        return _read(full, blocks[-1].start(1), blocks[-1].end(1), options)
    # A model whose thought was closed for it may open another; what it says in there is no answer.
    reopened = full.find(_OPEN, rest_at)
    end = reopened if reopened >= 0 else len(full)
    whole = _read(full, rest_at, end, options)
    if whole is not None:
        return whole
    stated = [match for pattern in _STATED for match in pattern.finditer(full, rest_at, end)]
    bold = list(_BOLD.finditer(full, rest_at, end))
    if not stated and len({match.group(1) for match in bold}) == 1:
        stated = bold
    if not stated:
        return None
    last = max(stated, key=lambda match: match.start(1))
    return _letter(last.group(1), last.start(1), options)


def _read(full: str, start: int, end: int, options: Sequence[str] | None) -> tuple[int, int | None] | None:
    """Read one answer: an option's text, a letter, or a letter followed by that option's text."""
    inside = full[start:end]
    texts = [normalise(option) for option in options or ()]
    if inside.strip() and texts.count(normalise(inside)) == 1:
        alone = _ALONE.fullmatch(inside)
        if alone is None:
            return texts.index(normalise(inside)), None
    alone = _ALONE.fullmatch(full, start, end)
    if alone is not None:
        return _letter(alone.group(1), alone.start(1), options)
    labelled = _LABELLED.fullmatch(full, start, end)
    if labelled is None:
        return None
    found = _letter(labelled.group(1), labelled.start(1), options)
    if found is None:
        return None
    # Without options to compare with, "A dog" is told from "A. dog" by the mark after the letter.
    agrees = bool(labelled.group(2)) if options is None else texts[found[0]] == normalise(labelled.group(3))
    return found if agrees else None


def _letter(letter: str, at: int, options: Sequence[str] | None) -> tuple[int, int | None] | None:
    index = LETTERS.index(letter.upper())
    return (index, at) if options is None or index < len(options) else None
