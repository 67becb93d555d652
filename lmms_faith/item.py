"""What is asked: an Item (question, options, gold) as data, and the Prompt made of it under one condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

LETTERS = "ABCDEFGHIJKL"
"""Option letters. Twelve, so that ten options (MMMU-Pro) and an abstention option fit."""

ImageSource = Literal["own", "blank", "swapped"]
Kind = Literal["choice", "integer", "float", "list", "text"]
Rule = Literal["seeded", "nearest", "opposite", "rivals"]


def normalise(text: str) -> str:
    """Case, surrounding space and a final full stop do not make two options different.

    >>> normalise(" Left of. ") == normalise("left of")
    True
    """
    return " ".join(text.split()).rstrip(". ").casefold()


def option_index(text: str, options: tuple[str, ...]) -> int | None:
    """Index of the option with a text, the one that is printed just so before one that differs in case or space."""
    if text in options:
        return options.index(text)
    same = [place for place, option in enumerate(options) if normalise(option) == normalise(text)]
    return same[0] if same else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One image question, without its pixels: multiple choice with options, or free-form with a gold value.

    Attributes:
        id: Unique within the benchmark; seeds every random choice made about the item.
        benchmark: Name of the benchmark, as in task names.
        question: The question alone, without options or instruction.
        options: Two to eleven option texts, in the order shown; none for a free-form item.
        answer: Index of the gold option; None for a free-form item.
        options_shown: Whether the options are listed as text; False where the picture shows them with their letters.
        kind: ``choice``, or what a free-form answer is: ``integer``, ``float``, ``list`` or ``text``.
        value: Gold of a free-form item, written as its scorer takes it; None for a choice.
        unit: Unit of a free-form number, if the data name one.
        precision: Decimals to which a ``float`` answer is rounded before it is compared.
        context: Text that the benchmark puts before the question, such as a hint.
        category: The benchmark's own category, if it has one.
        claim: Declarative sentence with ``{option}`` in it that asserts an answer as a fact about the picture, such as
            ``"The circle is {option} the star."``; None takes a generic wording.
        template: Name of the claim's wording, by which its coverage is counted.
        rule: How the claimed wrong answer is chosen; see ``conditions.targets``.
        rivals: Wrong answers to prefer, best first; what rule ``rivals`` chooses from.
        language: Language of the question, as an ISO 639-1 code.
        cluster: Items that share an image share it (bootstrap unit); the id where there is none.
        family: Circular or mirrored copies of one item share it, and with it the claimed wrong option; the id
            otherwise.
        extras: What the benchmark's official score needs to know of the item.

    Raises:
        ValueError: An option count out of range, a gold index outside the options, a second option equal to gold,
            a free-form item without a value, or a claim template without ``{option}``.
    """

    id: str
    benchmark: str
    question: str
    options: tuple[str, ...] = ()
    answer: int | None = None
    options_shown: bool = True
    kind: Kind = "choice"
    value: str | None = None
    unit: str | None = None
    precision: int | None = None
    context: str | None = None
    category: str | None = None
    claim: str | None = None
    template: str = "generic"
    rule: Rule = "seeded"
    rivals: tuple[str, ...] = ()
    language: str = "en"
    cluster: str = ""
    family: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("cluster", "family"):
            if not getattr(self, name):
                object.__setattr__(self, name, self.id)
        if self.kind == "choice":
            self._check_options()
        elif self.options or self.answer is not None or not (self.value or "").strip():
            raise ValueError(
                f"item {self.id!r}: a {self.kind} item takes a value and no options; value is {self.value!r}"
            )
        if self.claim is not None and "{option}" not in self.claim:
            raise ValueError(
                f"item {self.id!r}: claim {self.claim!r} has no {{option}} in it; say where the option goes"
            )

    def _check_options(self) -> None:
        n = len(self.options)
        if not 2 <= n < len(LETTERS):
            raise ValueError(f"item {self.id!r}: has {n} options; give 2 to {len(LETTERS) - 1}")
        if self.answer is None or not 0 <= self.answer < n:
            raise ValueError(f"item {self.id!r}: answer index {self.answer} is outside its {n} options; count from 0")
        same = [i for i, option in enumerate(self.options) if normalise(option) == normalise(self.gold)]
        if len(same) > 1:
            letters = " and ".join(LETTERS[i] for i in same)
            raise ValueError(f"item {self.id!r}: options {letters} both equal the gold {self.gold!r}; drop one of them")

    @property
    def gold(self) -> str:
        """Gold as text: the right option's, or the value."""
        if self.answer is not None:
            return self.options[self.answer]
        return str(self.value)

    @property
    def is_binary(self) -> bool:
        """Whether there are just two options, so that the claimed wrong one is forced."""
        return len(self.options) == 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is shown for one item under one condition.

    Attributes:
        item_id: The item's id.
        condition: Name of the condition.
        text: User turn, to follow the image.
        options: Options as shown (with the abstention option where the condition adds one).
        target: Index of the claimed wrong option; None for a free-form item and where nothing wrong can be claimed.
        claimed: The claimed wrong option or value as text; None where nothing wrong can be claimed.
        prefill: Start of the assistant turn that the model has to continue; empty where the turn is free.
        image: Whose pixels go with the text.
    """

    item_id: str
    condition: str
    text: str
    options: tuple[str, ...]
    target: int | None
    claimed: str | None
    prefill: str = ""
    image: ImageSource = "own"
