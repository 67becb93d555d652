"""Training of the demo model from nothing, with one command: `python -m lmms_faith.demo.train --seed 0 --out DIR`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

import torch
import typer
from transformers import Qwen2Tokenizer

from lmms_faith.demo.architecture import build_config, build_model
from lmms_faith.demo.export import NAME, export
from lmms_faith.demo.mixture import Pools, draw_sample
from lmms_faith.demo.scenes import training_scenes
from lmms_faith.demo.stage import run
from lmms_faith.demo.stages import (
    Kit,
    Recipe,
    circuit_stage,
    features,
    grounding_stage,
    joint_stage,
    settling_stage,
    vision_stage,
)
from lmms_faith.demo.tokenizer import build_tokenizer

CORPUS_SCENES: Final = 2_000
CORPUS_TEXTS: Final = 4_000
# glibc gives freed megabytes back to the kernel at once by default, which costs a quarter of the training time
MALLOC: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
    "MALLOC_TOP_PAD_": str(2**28),
}


def corpus() -> list[str]:
    """Texts whose words make the vocabulary; the same whatever the training seed."""
    pools = Pools.of(list(training_scenes(0, CORPUS_SCENES, forbidden=frozenset())))
    rng = Random("corpus")
    samples = [draw_sample(pools, rng) for _ in range(CORPUS_TEXTS)]
    texts = [text for sample in samples for text in (sample.prompt.text, sample.prompt.prefill, sample.target)]
    return [*texts, "user\n", "assistant\n", "system\n", "E\nF\n"]


def demo_tokenizer() -> Qwen2Tokenizer:
    """The demo model's tokenizer."""
    return build_tokenizer(corpus())


def train(
    out: Path, *, seed: int = 0, recipe: Recipe | None = None, compiled: Callable[[Any], Any] | None = None
) -> Path:
    """Train, or go on training, with checkpoints under `out`; returns the exported model's directory."""
    recipe = recipe or Recipe()
    torch.set_flush_denormal(True)
    tokenizer = demo_tokenizer()
    model = build_model(build_config(tokenizer), seed)
    kit = Kit(model, tokenizer, seed, recipe, compiled or (lambda f: torch.compile(f, dynamic=True)))
    folder = out / "checkpoints"
    scenes = list(training_scenes(seed, recipe.scenes))
    run(circuit_stage(kit), folder)
    run(vision_stage(kit, scenes), folder)
    hidden = features(kit, scenes, blanks=True)
    run(grounding_stage(kit, scenes, hidden), folder)
    run(joint_stage(kit, scenes, hidden), folder)
    run(settling_stage(kit, scenes, hidden), folder)
    export(model, tokenizer, out / NAME)
    return out / NAME


def main(
    out: Annotated[Path, typer.Option(help="Directory for checkpoints and the exported model.")],
    seed: Annotated[int, typer.Option(help="Seed of weights, scenes and texts.")] = 0,
    steps: Annotated[int, typer.Option(help="Steps of the joint stage.")] = Recipe().joint_steps,
    threads: Annotated[int, typer.Option(help="Processor threads.")] = 2,
) -> None:
    """Train the demo model; run it again after a kill to go on from the last checkpoint."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(threads)
    train(out, seed=seed, recipe=Recipe(joint_steps=steps))


if __name__ == "__main__":
    if not MALLOC.items() <= os.environ.items():  # read by the C library at start, so start once more
        os.environ.update(MALLOC)
        os.execv(sys.executable, [sys.executable, "-m", "lmms_faith.demo.train", *sys.argv[1:]])
    typer.run(main)
