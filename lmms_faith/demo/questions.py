"""Questions about a scene, with four options, the right one, and the sentence that claims an option."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from lmms_faith.demo.drawing import COLOURS, Scene, Thing

Category = Literal["count", "relation", "colour"]
CATEGORIES: Final[tuple[Category, ...]] = ("count", "relation", "colour")
COUNTS: Final = ("1", "2", "3", "4")
DIRECTIONS: Final = ("left of", "right of", "above", "below")
CLUTTER: Final = 0.12
CONTENTS: Final[dict[Category, tuple[str, ...]]] = {"count": COUNTS, "relation": DIRECTIONS, "colour": COLOURS}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something true of a scene that can be asked: `gold` is the right option, `claim` the sentence around "{option}".

    `subjects` are the things it is about, `evidence` the sentence that lists what is seen before concluding.
    """

    scene: Scene
    category: Category
    question: str
    claim: str
    gold: str
    subjects: tuple[Thing, ...]
    evidence: str

    @property
    def reading(self) -> str:
        """The evidence and the true conclusion."""
        return f"{self.evidence} {self.claim.replace('{option}', self.gold)}"

    def strength(self, claimed: str) -> float:
        """How plainly the picture contradicts a claimed wrong option: 1 (hardly) to 3 (plainly).

        Every object beyond five makes it a little less plain, every one below a little plainer.
        Counts: the difference. Colours: the distance around the hue circle. Relations: half the distance of the
        two things in cells, plus 1 when the claim is the very opposite, plus 1/2.
        """
        return self._contrast(claimed) - CLUTTER * (len(self.scene.things) - 5)

    def _contrast(self, claimed: str) -> float:
        if self.category == "count":
            return float(abs(int(claimed) - int(self.gold)))
        if self.category == "colour":
            apart = abs(COLOURS.index(claimed) - COLOURS.index(self.gold))
            return float(min(apart, len(COLOURS) - apart))
        first, second = self.subjects
        distance = abs(first.row - second.row) + abs(first.column - second.column)
        opposite = DIRECTIONS.index(claimed) // 2 == DIRECTIONS.index(self.gold) // 2
        return 0.5 + 0.5 * distance + opposite


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A fact with its options in a fixed order."""

    fact: Fact
    options: tuple[str, ...]

    @property
    def answer(self) -> int:
        """Index of the right option."""
        return self.options.index(self.fact.gold)


def facts_of(scene: Scene) -> tuple[Fact, ...]:
    """Everything that can be asked about a scene without ambiguity."""
    return (*_counts(scene), *_relations(scene), *_colours(scene))


def pose(fact: Fact, rng: Random) -> Puzzle:
    """The fact with its four options in a random order."""
    contents = CONTENTS[fact.category]
    wrong = rng.sample([option for option in contents if option != fact.gold], 3)
    options = [fact.gold, *wrong]
    rng.shuffle(options)
    return Puzzle(fact, tuple(options))


def _counts(scene: Scene) -> list[Fact]:
    facts = []
    for colour, number in sorted(Counter(thing.colour for thing in scene.things).items()):
        if str(number) not in COUNTS:
            continue
        subjects = tuple(thing for thing in scene.things if thing.colour == colour)
        listed = ", ".join(f"{i} {colour} {thing.place}" for i, thing in enumerate(subjects, start=1))
        facts.append(
            Fact(
                scene,
                "count",
                f"How many {colour} objects are there?",
                f"The number of {colour} objects is {{option}}.",
                str(number),
                subjects,
                f"I see {listed}.",
            )
        )
    return facts


def _relations(scene: Scene) -> list[Fact]:
    """Pairs on one line or in one column only: each other direction is then plainly false."""
    facts = []
    named = [(thing, name) for thing in scene.things if (name := _name(thing, scene)) is not None]
    for first, first_name in named:
        for second, second_name in named:
            gold = _direction(first, second)
            if gold is None:
                continue
            facts.append(
                Fact(
                    scene,
                    "relation",
                    f"Where is the {first_name} relative to the {second_name}?",
                    f"The {first_name} is {{option}} the {second_name}.",
                    gold,
                    (first, second),
                    f"I see {first_name} {first.place}, {second_name} {second.place}.",
                )
            )
    return facts


def _colours(scene: Scene) -> list[Fact]:
    return [
        Fact(
            scene,
            "colour",
            f"What colour is the {thing.shape}?",
            f"The {thing.shape} is {{option}}.",
            thing.colour,
            (thing,),
            f"I see {thing.shape} {thing.place}.",
        )
        for thing in scene.things
        if _name(thing, scene) == thing.shape
    ]


def _name(thing: Thing, scene: Scene) -> str | None:
    """The shortest name that fits nothing else in the scene, or None."""
    twins = [other for other in scene.things if other.shape == thing.shape]
    if len(twins) == 1:
        return thing.shape
    if sum(other.colour == thing.colour for other in twins) == 1:
        return f"{thing.colour} {thing.shape}"
    return None


def _direction(first: Thing, second: Thing) -> str | None:
    if first == second or (first.row != second.row and first.column != second.column):
        return None
    if first.row == second.row:
        return "left of" if first.column < second.column else "right of"
    return "above" if first.row < second.row else "below"
