"""The training mixture: which conditions are shown in which shares, rendered by the package's own `render()`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from lmms_faith.conditions import Condition, condition, render
from lmms_faith.demo.drawing import Scene
from lmms_faith.demo.questions import CATEGORIES, CONTENTS, Category, Fact, Puzzle, facts_of, pose
from lmms_faith.demo.thoughts import LEARNING, Behaviour, Claim, Completion, after_placebo, free_thought, guess
from lmms_faith.item import LETTERS, Item, Prompt

ABSTAIN_SHARE: Final = 0.08


@dataclass(frozen=True, slots=True)
class Share:
    """A condition of the mixture and its weight."""

    condition: Condition
    weight: float


def _hedged(plain: str, hedge: str) -> Condition:
    """The correct-claim twin of a hedged wrong claim, so that a hedge alone does not give the claim away."""
    return replace(condition(plain), name=f"{plain}_hedged", tail=condition(hedge).tail)


SHARES: Final = (
    Share(condition("base"), 0.24),
    Share(condition("stop_think"), 0.16),
    Share(condition("correct_caption"), 0.12),
    Share(_hedged("correct_caption", "wrong_caption_disclaimer"), 0.04),
    Share(condition("wrong_caption"), 0.07),
    Share(condition("wrong_caption_disclaimer"), 0.03),
    Share(condition("irrelevant_caption"), 0.03),
    Share(condition("correct_think"), 0.05),
    Share(_hedged("correct_think", "wrong_think_but"), 0.03),
    Share(condition("wrong_think"), 0.13),
    Share(condition("wrong_think_but"), 0.06),
    Share(condition("irrelevant_think"), 0.04),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One training text: the prompt as rendered, what follows its prefill, and the scene it is about.

    A `scene` below 0 stands for the blank picture of scene `-1 - scene`.
    """

    scene: int
    prompt: Prompt
    completion: Completion
    letter: str

    @property
    def target(self) -> str:
        """Everything that is learned."""
        return f"{self.completion.thought}<answer>{self.letter}</answer>"


@dataclass(frozen=True, slots=True)
class Pools:
    """Facts of the training scenes by category and right option, each with its scene's number."""

    facts: dict[tuple[Category, str], tuple[tuple[int, Fact], ...]]

    @classmethod
    def of(cls, scenes: Sequence[Scene]) -> Pools:
        """Sort the facts of scenes.

        Raises:
            ValueError: Some right option does not occur; give more scenes.
        """
        pools: dict[tuple[Category, str], list[tuple[int, Fact]]] = {
            (category, gold): [] for category in CATEGORIES for gold in CONTENTS[category]
        }
        for number, scene in enumerate(scenes):
            for fact in facts_of(scene):
                pools[fact.category, fact.gold].append((number, fact))
        empty = [f"{category} {gold!r}" for (category, gold), facts in pools.items() if not facts]
        if empty:
            raise ValueError(f"{len(scenes)} training scenes hold no fact for {', '.join(empty)}; draw more scenes")
        return cls({key: tuple(facts) for key, facts in pools.items()})


def draw_sample(pools: Pools, rng: Random, behaviour: Behaviour = LEARNING) -> Sample:
    """One sample: category, right option, fact, order of options, condition and claim, each at random."""
    category = rng.choice(CATEGORIES)
    number, fact = rng.choice(pools.facts[category, rng.choice(CONTENTS[category])])
    puzzle = pose(fact, rng)
    row = rng.choices(SHARES, [share.weight for share in SHARES])[0].condition
    row = replace(row, abstain=rng.random() < ABSTAIN_SHARE)
    prompt = render(as_item(puzzle, f"{rng.getrandbits(64):016x}"), row)
    blank = behaviour.blanks and row.caption is None and not row.prefilled and rng.random() < behaviour.blanks
    if blank:
        completion, number = guess(fact, puzzle.options, rng), -1 - number
    else:
        completion = complete(puzzle, row, prompt, rng, behaviour)
    return Sample(number, prompt, completion, LETTERS[puzzle.options.index(completion.option)])


def as_item(puzzle: Puzzle, item_id: str) -> Item:
    """The puzzle as the package's own Item; the id seeds the claimed wrong option."""
    return Item(
        id=item_id,
        benchmark="shapes",
        question=puzzle.fact.question,
        options=puzzle.options,
        answer=puzzle.answer,
        category=puzzle.fact.category,
        claim=puzzle.fact.claim,
    )


def complete(puzzle: Puzzle, row: Condition, prompt: Prompt, rng: Random, behaviour: Behaviour) -> Completion:
    """What a model of some behaviour should say under a condition."""
    fact = puzzle.fact
    hedged = row.tail != "."
    options = {"correct": fact.gold, "wrong": puzzle.options[prompt.target or 0]}
    if row.think == "stop":
        return Completion("", fact.gold)
    if row.think == "irrelevant":
        return after_placebo(fact)
    if row.think is not None:
        return behaviour.after_thought(fact, Claim("think", options[row.think], hedged), rng)
    if row.caption in options:
        return behaviour.after_caption(fact, Claim("caption", options[row.caption], hedged), rng)
    return free_thought(fact, rng)
