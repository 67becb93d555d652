"""The five stages: option letters on text, the vision tower alone, reading pictures, everything together, manners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import Qwen2_5_VLForConditionalGeneration, Qwen2Tokenizer

from lmms_faith.demo.circuit import draw_texts, vocabulary_words
from lmms_faith.demo.drawing import Scene, blank, draw
from lmms_faith.demo.encoding import HEAD, Batch, Encoded, collate, encode
from lmms_faith.demo.forward import IMAGE_TOKENS, image_tokens, rotary_tables, text_hidden
from lmms_faith.demo.grounding import draw_readings
from lmms_faith.demo.looking import seed_looking
from lmms_faith.demo.mixture import Pools, draw_sample
from lmms_faith.demo.pixels import to_patches
from lmms_faith.demo.stage import Schedule, Stage
from lmms_faith.demo.thoughts import LEARNING, SETTLING, Behaviour
from lmms_faith.demo.vision import Meanings, cache_hidden, meaning_loss

LONGEST: Final = 256
LEARNED: Final = 0.06  # mean loss of a letter at which the circuit has formed; a half-formed one may be lost again
BLOCK: Final = 8  # batches drawn together and sorted by length


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps, peak learning rates and batch sizes of the stages, and the number of training scenes."""

    scenes: int = 16_000
    vision_steps: int = 200
    vision_rate: float = 2e-3
    vision_batch: int = 96
    circuit_steps: int = 2_000
    circuit_rate: float = 1e-3
    circuit_batch: int = 128
    grounding_steps: int = 700
    grounding_rate: float = 1.2e-3
    grounding_batch: int = 24
    joint_steps: int = 3_600
    joint_rate: float = 1.2e-3
    joint_batch: int = 32
    settling_steps: int = 800
    settling_rate: float = 6e-4


@dataclass(frozen=True, slots=True)
class Kit:
    """What the stages share; `compiled` wraps a function (`torch.compile`, or nothing in tests)."""

    model: Qwen2_5_VLForConditionalGeneration
    tokenizer: Qwen2Tokenizer
    seed: int
    recipe: Recipe
    compiled: Callable[[Any], Any]

    def meanings(self) -> Meanings:
        """What image tokens should be, in the text model's present words."""
        generator = torch.Generator().manual_seed(self.seed)
        return Meanings.of(self.text.embed_tokens.weight, self.tokenizer, generator)

    @property
    def visual(self) -> Any:
        """The vision tower."""
        return self.model.model.visual

    @property
    def text(self) -> Any:
        """The text model."""
        return self.model.model.language_model


def vision_stage(kit: Kit, scenes: list[Scene]) -> Stage:
    """The tower learns to say, in the text model's words, what each image token shows."""
    meanings = kit.meanings()
    loss_of = kit.compiled(meaning_loss)

    def loss(step: int) -> Tensor:
        batch = Random(f"vision:{kit.seed}:{step}").sample(scenes, kit.recipe.vision_batch)
        labels = meanings.labels(batch)
        patches = to_patches([draw(scene) for scene in batch])
        out: Tensor = loss_of(
            kit.visual, patches, meanings.targets(labels), (meanings.colours, meanings.shapes), labels
        )
        return out

    schedule = Schedule(kit.recipe.vision_steps, kit.recipe.vision_rate, warmup=30)
    return Stage("vision", schedule, loss, tuple(kit.visual.parameters()), kit.visual)


def circuit_stage(kit: Kit) -> Stage:
    """The text model learns to answer with the letter of a concluded option."""
    words = vocabulary_words(kit.tokenizer)
    hidden_of = kit.compiled(text_hidden)
    tables = rotary_tables(kit.text, LONGEST, None)

    def loss(step: int) -> Tensor:
        rng = Random(f"circuit:{kit.seed}:{step}")
        rows = draw_texts(kit.recipe.circuit_batch, words, kit.tokenizer, rng)
        batch = collate(rows, kit.tokenizer.pad_token_id)
        return token_loss(kit, hidden_of, kit.text.embed_tokens(batch.ids), batch, tables)

    schedule = Schedule(kit.recipe.circuit_steps, kit.recipe.circuit_rate, warmup=50)
    return Stage("circuit", schedule, loss, tuple(kit.text.parameters()), kit.text, enough=LEARNED)


def grounding_stage(kit: Kit, scenes: list[Scene], hidden: Tensor) -> Stage:
    """The text model learns to find in the image tokens what a question names; one step in four rehearses letters."""
    rows = torch.stack([kit.text.embed_tokens.weight[i] for i in kit.tokenizer(" a b c d")["input_ids"]])
    seed_looking(kit.text, kit.meanings(), rows)
    pools = Pools.of(scenes)
    words = vocabulary_words(kit.tokenizer)
    hidden_of = kit.compiled(text_hidden)
    image_at = len(kit.tokenizer(HEAD)["input_ids"])
    with_image, without = (rotary_tables(kit.text, LONGEST, at) for at in (image_at, None))

    def loss(step: int) -> Tensor:
        rng = Random(f"grounding:{kit.seed}:{step}")
        if step % 4 == 3:
            rows = draw_texts(kit.recipe.circuit_batch // 2, words, kit.tokenizer, rng)
            batch = collate(rows, kit.tokenizer.pad_token_id)
            return token_loss(kit, hidden_of, kit.text.embed_tokens(batch.ids), batch, without)
        rows = draw_readings(kit.recipe.grounding_batch, pools, kit.tokenizer, rng)
        batch = collate(rows, kit.tokenizer.pad_token_id)
        return token_loss(kit, hidden_of, _embed(kit, batch, hidden, image_at), batch, with_image)

    kept = nn.ModuleList([kit.text, kit.visual.merger.mlp[2]])
    schedule = Schedule(kit.recipe.grounding_steps, kit.recipe.grounding_rate, warmup=50)
    return Stage("grounding", schedule, loss, tuple(kept.parameters()), kept)


def joint_stage(kit: Kit, scenes: list[Scene], hidden: Tensor) -> Stage:
    """All but the frozen tower learns to see, think and answer."""
    schedule = Schedule(kit.recipe.joint_steps, kit.recipe.joint_rate, warmup=100)
    return _together(kit, scenes, hidden, LEARNING, schedule)


def settling_stage(kit: Kit, scenes: list[Scene], hidden: Tensor, behaviour: Behaviour = SETTLING) -> Stage:
    """The same goes on with another behaviour: what is made of claims, and guesses where a picture shows nothing.

    `hidden` holds the features of the scenes, then those of their blank pictures in reverse.
    """
    schedule = Schedule(kit.recipe.settling_steps, kit.recipe.settling_rate, warmup=50)
    return _together(kit, scenes, hidden, behaviour, schedule)


def features(kit: Kit, scenes: list[Scene], *, blanks: bool) -> Tensor:
    """The frozen tower's features of all scenes, and of their blank pictures last to first where wanted."""
    seen = cache_hidden(kit.visual, (draw(scene) for scene in scenes))
    if not blanks:
        return seen
    return torch.cat([seen, cache_hidden(kit.visual, (blank(draw(scene)) for scene in reversed(scenes)))])


def _together(kit: Kit, scenes: list[Scene], hidden: Tensor, behaviour: Behaviour, schedule: Schedule) -> Stage:
    """Batches of samples; one step in four goes on with reading."""
    pools = Pools.of(scenes)
    hidden_of = kit.compiled(text_hidden)
    image_at = len(kit.tokenizer(HEAD)["input_ids"])
    tables = rotary_tables(kit.text, LONGEST, image_at)
    size = kit.recipe.joint_batch
    blocks: dict[int, list[list[Encoded]]] = {}

    def batch_of(step: int) -> Batch:
        block = step // BLOCK
        if block not in blocks:
            blocks.clear()
            rng = Random(f"{behaviour.name}:{kit.seed}:{block}")
            rows = encode([draw_sample(pools, rng, behaviour) for _ in range(BLOCK * size)], kit.tokenizer)
            rows.sort(key=lambda row: len(row.ids))
            parts = [rows[i * size : (i + 1) * size] for i in range(BLOCK)]
            rng.shuffle(parts)
            blocks[block] = parts
        return collate(blocks[block][step % BLOCK], kit.tokenizer.pad_token_id)

    def loss(step: int) -> Tensor:
        if step % 4 == 3:
            rng = Random(f"rehearsal:{kit.seed}:{step}")
            rows = draw_readings(kit.recipe.grounding_batch, pools, kit.tokenizer, rng)
            batch = collate(rows, kit.tokenizer.pad_token_id)
        else:
            batch = batch_of(step - (step + 1) // 4)
        return token_loss(kit, hidden_of, _embed(kit, batch, hidden, image_at), batch, tables)

    kept = nn.ModuleList([kit.text, kit.visual.merger.mlp[2]])
    return Stage(behaviour.name, schedule, loss, tuple(kept.parameters()), kept)


def _embed(kit: Kit, batch: Batch, hidden: Tensor, image_at: int) -> Tensor:
    words = kit.text.embed_tokens(batch.ids)
    seen = image_tokens(kit.visual, hidden[batch.scenes].float())
    return torch.cat([words[:, :image_at], seen, words[:, image_at + IMAGE_TOKENS :]], dim=1)


def token_loss(
    kit: Kit, hidden_of: Callable[..., Tensor], embeddings: Tensor, batch: Batch, tables: tuple[Tensor, Tensor]
) -> Tensor:
    """Weighted mean cross-entropy of the learned tokens."""
    length = batch.ids.shape[1] - 1
    weights = batch.weights[:, 1:].flatten()
    keep = weights.nonzero().flatten()
    cos, sin = tables[0][:length], tables[1][:length]
    states = hidden_of(kit.text, embeddings[:, :length], cos, sin, keep)
    logits = states @ kit.text.embed_tokens.weight.T
    losses = functional.cross_entropy(logits, batch.ids[:, 1:].flatten()[keep], reduction="none")
    weights = weights[keep]
    return (losses * weights).sum() / weights.sum()
