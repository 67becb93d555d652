"""The fields of an Item that follow from what its row asks, offers and takes for right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lmms_faith.benchmarks.patterns import worded
from lmms_faith.benchmarks.rows import Gold, gold
from lmms_faith.benchmarks.wordings import Wordings
from lmms_faith.item import Kind


class Asked(Gold):
    """What ``Gold`` has, the question, the claim with the name of its wording, and wrong answers to prefer."""

    question: str
    claim: str | None
    template: str
    rivals: tuple[str, ...]


def asked(
    question: str,
    options: Sequence[str],
    answer: str | int,
    wordings: Wordings = (),
    *,
    kind: Kind | None = None,
    rivals: Mapping[str, tuple[str, ...]] | None = None,
) -> Asked:
    """Question, options, gold, target rule and claim of an item.

    Args:
        question: The question alone.
        options: The options' texts; none for a free-form item.
        answer: Letter or index of the right option; the value of a free-form item.
        wordings: The benchmark's own wordings, which come before those for any question.
        kind: What a free-form answer is; read off the value where the data do not say.
        rivals: Wrong answers to prefer, by the name of the wording that the claim gets.

    Raises:
        ValueError: There are options and the answer is no letter.

    >>> asked("How many cups are there?", ["2", "3"], "(B)")["claim"]
    'The number of cups in the picture is {option}.'
    """
    claim, template = worded(question, options, wordings)
    preferred = (rivals or {}).get(template, ())
    right = gold(options, answer, kind)
    if preferred:
        right["rule"] = "rivals"
    return {"question": question, "claim": claim, "template": template, "rivals": preferred, **right}


def form_hint(kind: Kind, precision: int | None) -> str | None:
    """What form a value takes, where a model could not know it; None where any form will do.

    >>> form_hint("float", 2)
    'Hint: The value asked for is a number with 2 decimal places.'
    """
    if kind == "list":
        return "Hint: The value asked for is a Python list, such as [1, 2, 3]."
    if kind == "float" and precision is not None:
        return f"Hint: The value asked for is a number with {precision} decimal place{'s' * (precision != 1)}."
    return None
