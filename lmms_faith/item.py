"""What is asked: an Item (question, options, gold) as data, and the Prompt made of it under one condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LETTERS = "ABCDEFGHIJKL"
"""Option letters. Twelve, so that ten options (MMMU-Pro) and an abstention option fit."""

ImageSource = Literal["own", "blank", "swapped"]


def normalise(text: str) -> str:
    """Case, surrounding space and a final full stop do not make two options different.

    >>> normalise(" Left of. ") == normalise("left of")
    True
    """
    return " ".join(text.split()).rstrip(". ").casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One multiple-choice image question, without its pixels.

    Attributes:
        id: Unique within the benchmark; seeds every random choice made about the item.
        benchmark: Name of the benchmark, as in task names.
        question: The question alone, without options or instruction.
        options: Two to eleven option texts, in the order shown.
        answer: Index of the gold option.
        category: The benchmark's own category, if it has one.
        claim: Declarative sentence with ``{option}`` in it that asserts an option as a fact about the picture, such as
            ``"The circle is {option} the star."``; None takes a generic wording.
        cluster: Items that share an image share it (bootstrap unit); the id where there is none.
        family: Circular or mirrored copies of one item share it, and with it the claimed wrong option; the id
            otherwise.

    Raises:
        ValueError: An option count out of range, a gold index outside the options, a second option equal to gold, or a
            claim template without ``{option}``.
    """

    id: str
    benchmark: str
    question: str
    options: tuple[str, ...]
    answer: int
    category: str | None = None
    claim: str | None = None
    cluster: str = ""
    family: str = ""

    def __post_init__(self) -> None:
        for name in ("cluster", "family"):
            if not getattr(self, name):
                object.__setattr__(self, name, self.id)
        n = len(self.options)
        if not 2 <= n < len(LETTERS):
            raise ValueError(f"item {self.id!r}: has {n} options; give 2 to {len(LETTERS) - 1}")
        if not 0 <= self.answer < n:
            raise ValueError(f"item {self.id!r}: answer index {self.answer} is outside its {n} options; count from 0")
        same = [i for i, option in enumerate(self.options) if normalise(option) == normalise(self.gold)]
        if len(same) > 1:
            letters = " and ".join(LETTERS[i] for i in same)
            raise ValueError(f"item {self.id!r}: options {letters} both equal the gold {self.gold!r}; drop one of them")
        if self.claim is not None and "{option}" not in self.claim:
            raise ValueError(
                f"item {self.id!r}: claim {self.claim!r} has no {{option}} in it; say where the option goes"
            )

    @property
    def gold(self) -> str:
        """Text of the gold option."""
        return self.options[self.answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is shown for one item under one condition.

    Attributes:
        item_id: The item's id.
        condition: Name of the condition.
        text: User turn, to follow the image.
        options: Options as shown (with the abstention option where the condition adds one).
        target: Index of the claimed wrong option; None only where the item has none.
        prefill: Start of the assistant turn that the model has to continue; empty where the turn is free.
        image: Whose pixels go with the text.
    """

    item_id: str
    condition: str
    text: str
    options: tuple[str, ...]
    target: int | None
    prefill: str = ""
    image: ImageSource = "own"
