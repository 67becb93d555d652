"""What simulated items ask: options and values of some families of questions, without pixels."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from lmms_faith.item import Item
from lmms_faith.simulation.parameters import Parameters

CHOICES: Final = "simulated"
VALUES: Final = "simulated_values"
"""Names of the two benchmarks: items with options, and free-form ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Questions of one kind: their category, wording, claim and what may be answered."""

    category: str
    question: str
    claim: str
    answers: tuple[str, ...]


FAMILIES: Final = (
    Family(
        category="colour",
        question="What colour is the car?",
        claim="The car is {option}.",
        answers=("red", "blue", "green", "yellow", "black", "white", "orange", "purple"),
    ),
    Family(
        category="place",
        question="Where is the cup?",
        claim="The cup is {option}.",
        answers=(
            *("on the table", "under the chair", "behind the door", "inside the box"),
            *("above the sink", "beside the plate", "in front of the oven", "on top of the fridge"),
        ),
    ),
    Family(
        category="animal",
        question="Which animal is in the picture?",
        claim="The animal is a {option}.",
        answers=("dog", "cat", "horse", "cow", "sheep", "goat", "bear", "zebra"),
    ),
)
COUNT: Final = Family(
    category="count",
    question="How many people are in the picture?",
    claim="There are {option} people in the picture.",
    answers=(),
)


def choice_items(parameters: Parameters) -> list[Item]:
    """Items with options, image by image; the same for the same parameters."""
    return [_choice(parameters, at) for at in range(parameters.items)]


def value_items(parameters: Parameters) -> list[Item]:
    """Free-form items, image by image: whole numbers from 20 to 79."""
    return [
        Item(
            id=f"value-{at}",
            benchmark=VALUES,
            question=COUNT.question,
            kind="integer",
            value=str(Random(f"simulated value {at}").randrange(20, 80)),
            category=COUNT.category,
            claim=COUNT.claim,
            cluster=f"image-{at // parameters.each}",
        )
        for at in range(parameters.items)
    ]


def answers_by_role(item: Item, claimed: str, parameters: Parameters) -> tuple[str, ...]:
    """Answers to an item by their role: gold, the claimed one, the other wrong ones in the order shown."""
    if item.kind != "choice":
        others = (str(value) for value in range(101, 101 + parameters.options - 2))
    else:
        others = (option for option in item.options if option not in (item.gold, claimed))
    return item.gold, claimed, *others


def _choice(parameters: Parameters, at: int) -> Item:
    random = Random(f"simulated choice {at}")
    family = random.choice(FAMILIES)
    return Item(
        id=f"choice-{at}",
        benchmark=CHOICES,
        question=family.question,
        options=tuple(random.sample(family.answers, parameters.options)),
        answer=random.randrange(parameters.options),
        category=family.category,
        claim=family.claim,
        cluster=f"image-{at // parameters.each}",
    )
