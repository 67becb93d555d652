"""From a completion to its thought, its answer and exactly one status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lmms_faith.item import LETTERS, Kind
from lmms_faith.parsing.option import read_option
from lmms_faith.parsing.tags import reasoning
from lmms_faith.parsing.value import read_value

Status = Literal["answered", "no_answer", "truncated", "failed"]
Finish = Literal["stop", "length"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a completion says.

    Attributes:
        status: ``answered``, ``no_answer`` (it ended without one), ``truncated`` (it was cut off before one) or
            ``failed`` (the request never produced a completion).
        think: The reasoning, prefilled part included; None where there is none.
        prediction: Index of the answered option; None unless answered.
        letter_at: Where in the completion the answer's letter stands; None where the answer came as an option's text.
        said: The answer as text: the option's, or the value as written; None unless answered.
    """

    status: Status
    think: str | None = None
    prediction: int | None = None
    letter_at: int | None = None
    said: str | None = None


def parse(
    completion: str,
    options: Sequence[str] | None,
    *,
    kind: Kind = "choice",
    prefill: str = "",
    finish: Finish | None = None,
    failed: bool = False,
) -> Parsed:
    """Read a completion; total on any text, and never guesses.

    The last ``<answer>`` block after the reasoning counts. Without one, a stated answer after the reasoning does
    (``\\boxed{B}``, "the answer is (B)", the only letter in bold, a lone letter or an option's text), and failing that
    the one option or value that a short reply in words asserts, unless it was cut off. A letter beyond the options, a
    letter whose text is another option's, or an unreadable block is no answer: nothing falls back to a random or
    nearest option.

    Args:
        completion: What the model wrote after ``prefill``.
        options: The options as shown; None takes any letter at its word and knows no option texts.
        kind: What the item asks for; anything but ``choice`` is read as a value.
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
    think, rest_at = reasoning(full)
    unanswered = Parsed(status="truncated" if finish == "length" else "no_answer", think=think)
    if kind != "choice":
        value = read_value(full, rest_at, kind, cut=finish == "length")
        return unanswered if value is None else Parsed(status="answered", think=think, said=value)
    found = read_option(full, rest_at, options, cut=finish == "length")
    if found is None:
        return unanswered
    prediction, at = found
    letter_at = None if at is None or at < len(prefill) else at - len(prefill)
    said = LETTERS[prediction] if options is None else options[prediction]
    return Parsed(status="answered", think=think, prediction=prediction, letter_at=letter_at, said=said)
