"""From training texts to tensors: token ids padded on the right, and where and how much the loss counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from transformers import Qwen2Tokenizer

from lmms_faith.demo.forward import IMAGE_TOKENS
from lmms_faith.demo.mixture import Sample
from lmms_faith.demo.tokenizer import IMAGE_PAD, LETTERS, TURN_END, TURN_START, VISION_END, VISION_START

HEAD: Final = f"{TURN_START}user\n{VISION_START}"
LETTER_WEIGHT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text; `weights[i]` is the weight of predicting `ids[i]`."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]
    scene: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts of like length; `weights` is aligned with `ids`, 0 where nothing is learned."""

    ids: Tensor
    weights: Tensor
    scenes: Tensor


def encode(samples: Sequence[Sample], tokenizer: Qwen2Tokenizer) -> list[Encoded]:
    """Tokenise; prompt and target apart, because at test time the model continues an already tokenised prefill."""
    prompts = [prompt_text(sample) for sample in samples]
    targets = [f"{sample.target}{TURN_END}" for sample in samples]
    letters = frozenset(tokenizer.convert_tokens_to_ids(list(LETTERS)))
    tag = tokenizer.convert_tokens_to_ids("<answer>")
    encoded = []
    rows = zip(tokenizer(prompts)["input_ids"], tokenizer(targets)["input_ids"], samples, strict=True)
    for prompt, target, sample in rows:
        weights = [
            LETTER_WEIGHT if token in letters and target[i - 1] == tag else 1.0 for i, token in enumerate(target)
        ]
        encoded.append(Encoded((*prompt, *target), (*([0.0] * len(prompt)), *weights), sample.scene))
    return encoded


def prompt_text(sample: Sample) -> str:
    """The chat template's output for one image, a user turn and the started assistant turn."""
    pads = IMAGE_PAD * IMAGE_TOKENS
    prompt = sample.prompt
    return f"{HEAD}{pads}{VISION_END}{prompt.text}{TURN_END}\n{TURN_START}assistant\n{prompt.prefill}"


def collate(rows: Sequence[Encoded], pad_id: int) -> Batch:
    """Pad to the longest."""
    length = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), length), pad_id)
    weights = torch.zeros(len(rows), length)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        weights[i, : len(row.weights)] = torch.tensor(row.weights)
    return Batch(ids, weights, torch.tensor([row.scene for row in rows]))
