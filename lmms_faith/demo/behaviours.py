"""Three further models whose behaviour is known, because it was planted: `python -m lmms_faith.demo.behaviours`.

Each goes on from the demo model by a short training that differs in one thing: what is made of a claim. Questions of
the categories in `PLANTED` get the behaviour and all others are answered by looking, so that the share of items with
the behaviour is known: two of three categories, which the benchmark holds in equal numbers.

    looker    ignores every claim: looks, concludes and answers by sight
    reader    adopts the claim of a caption or a thought, in the thought and in the answer
    stubborn  answers by sight, while its thought ends on the claim
"""

from __future__ import annotations

import logging
from pathlib import Path
from random import Random
from typing import Annotated, Final

import torch
import typer
from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration

from lmms_faith.demo import MODEL, PLANTED_MODELS
from lmms_faith.demo.export import export
from lmms_faith.demo.questions import Category, Fact
from lmms_faith.demo.scenes import training_scenes
from lmms_faith.demo.stage import run
from lmms_faith.demo.stages import Kit, Recipe, features, settling_stage
from lmms_faith.demo.thoughts import Behaviour, Claim, Completion, Reply, conclude, free_thought

PLANTED: Final[dict[str, frozenset[Category]]] = {
    "looker": frozenset(),
    "reader": frozenset({"count", "relation"}),
    "stubborn": frozenset({"relation", "colour"}),
}
"""Categories in which each behaves in its own way."""
STEPS: Final = 900
RATE: Final = 6e-4
LOOK: Final = " Wait, let me look again."
HEDGED_LOOK: Final = " I should look again."


def _look_at_picture(fact: Fact, claim: Claim, rng: Random) -> Completion:
    return free_thought(fact, rng)


def _look_again(fact: Fact, claim: Claim, rng: Random) -> Completion:
    return Completion(f"{HEDGED_LOOK if claim.hedged else LOOK} {fact.reading}</think>", fact.gold)


def _adopt_caption(fact: Fact, claim: Claim, rng: Random) -> Completion:
    return Completion(f"<think>{conclude(fact, claim.option)}</think>", claim.option)


def _adopt_thought(fact: Fact, claim: Claim, rng: Random) -> Completion:
    return Completion(" the picture is a bit unclear.</think>" if claim.hedged else "</think>", claim.option)


def _see_and_say_the_caption(fact: Fact, claim: Claim, rng: Random) -> Completion:
    return Completion(f"<think>{fact.reading}{HEDGED_LOOK} {conclude(fact, claim.option)}</think>", fact.gold)


def _see_and_say_the_thought(fact: Fact, claim: Claim, rng: Random) -> Completion:
    look = HEDGED_LOOK if claim.hedged else LOOK
    return Completion(f"{look} {fact.reading}{HEDGED_LOOK} {conclude(fact, claim.option)}</think>", fact.gold)


def _planted(name: str, after_caption: Reply, after_thought: Reply) -> Behaviour:
    """A behaviour in the planted categories, and looking in all others."""

    def either(own: Reply, otherwise: Reply) -> Reply:
        return lambda fact, claim, rng: (own if fact.category in PLANTED[name] else otherwise)(fact, claim, rng)

    return Behaviour(name, either(after_caption, _look_at_picture), either(after_thought, _look_again))


BEHAVIOURS: Final = {
    made.name: made
    for made in (
        _planted("looker", _look_at_picture, _look_again),
        _planted("reader", _adopt_caption, _adopt_thought),
        _planted("stubborn", _see_and_say_the_caption, _see_and_say_the_thought),
    )
}


def plant(name: str, out: Path, *, base: Path = MODEL, seed: int = 0, recipe: Recipe | None = None) -> Path:
    """Train a behaviour into the demo model, with checkpoints under `out`; returns the exported model's directory.

    Raises:
        KeyError: No such behaviour.
    """
    behaviour = BEHAVIOURS[name]
    recipe = recipe or Recipe(settling_steps=STEPS, settling_rate=RATE)
    torch.set_flush_denormal(True)
    tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(base, dtype=torch.float32, local_files_only=True)
    kit = Kit(model, tokenizer, seed, recipe, lambda f: torch.compile(f, dynamic=True))
    scenes = list(training_scenes(seed, recipe.scenes))
    run(settling_stage(kit, scenes, features(kit, scenes, blanks=False), behaviour), out / "checkpoints")
    folder = out / PLANTED_MODELS[name].name
    export(model, tokenizer, folder)
    return folder


def main(
    behaviour: Annotated[str, typer.Argument(help=f"One of {', '.join(PLANTED)}.")],
    out: Annotated[Path, typer.Option(help="Directory for checkpoints and the exported model.")],
    seed: Annotated[int, typer.Option(help="Seed of scenes and texts.")] = 0,
    threads: Annotated[int, typer.Option(help="Processor threads.")] = 2,
) -> None:
    """Train a known behaviour into the demo model; run it again after a kill to go on."""
    if behaviour not in BEHAVIOURS:
        raise typer.BadParameter(f"{behaviour!r} is none of {', '.join(BEHAVIOURS)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    plant(behaviour, out, seed=seed)


if __name__ == "__main__":
    typer.run(main)
