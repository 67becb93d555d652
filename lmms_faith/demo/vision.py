"""Training of the vision tower alone: each image token learns to be the sum of the words for what it shows.

A token's target is the text model's own embedding of its colour plus that of its shape, plus a fixed random vector for
its row and one for its column. A word in the question can then find the token that shows it by likeness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from PIL.Image import Image
from torch import Tensor
from torch.nn import functional
from transformers import Qwen2Tokenizer

from lmms_faith.demo.drawing import COLOURS, GRID, SHAPES, Scene
from lmms_faith.demo.forward import IMAGE_TOKENS, image_tokens, vision_hidden
from lmms_faith.demo.pixels import to_patches


@dataclass(frozen=True, slots=True)
class Meanings:
    """Vectors whose sum a token should be: colours and shapes (0 is empty), rows and columns; each classes x width."""

    colours: Tensor
    shapes: Tensor
    rows: Tensor
    columns: Tensor

    @classmethod
    def of(cls, embedding: Tensor, tokenizer: Qwen2Tokenizer, generator: torch.Generator) -> Meanings:
        """The words' embeddings as they are now, and new vectors of the same size for places."""
        table = embedding.detach().clone()
        empty = torch.zeros(1, table.shape[1])
        colours, shapes = (torch.cat([empty, table[_ids(words, tokenizer)]]) for words in (COLOURS, SHAPES))
        places = torch.randn(2, GRID, table.shape[1], generator=generator) * table.std()
        return cls(colours, shapes, places[0], places[1])

    def labels(self, scenes: Sequence[Scene]) -> tuple[Tensor, Tensor]:
        """Colour and shape of each token, 0 where it is empty: twice batch x 16."""
        colours = torch.zeros(len(scenes), IMAGE_TOKENS, dtype=torch.long)
        shapes = torch.zeros_like(colours)
        for number, scene in enumerate(scenes):
            for thing in scene.things:
                colours[number, thing.row * GRID + thing.column] = COLOURS.index(thing.colour) + 1
                shapes[number, thing.row * GRID + thing.column] = SHAPES.index(thing.shape) + 1
        return colours, shapes

    def targets(self, labels: tuple[Tensor, Tensor]) -> Tensor:
        """What tokens with these labels should be: batch x 16 x width."""
        cells = torch.arange(IMAGE_TOKENS)
        colours, shapes = labels
        places = self.rows[cells // GRID] + self.columns[cells % GRID]
        return self.colours[colours] + self.shapes[shapes] + places


def meaning_loss(
    visual: Any, patches: Tensor, targets: Tensor, words: tuple[Tensor, Tensor], labels: tuple[Tensor, Tensor]
) -> Tensor:
    """Squared error in units of the targets' variance, plus a tenth of the cross-entropy of reading them as words."""
    tokens = image_tokens(visual, vision_hidden(visual, patches))
    error = functional.mse_loss(tokens, targets) / targets.var()
    for table, label in zip(words, labels):
        error = error + 0.1 * functional.cross_entropy((tokens @ table.T).flatten(0, 1), label.flatten())
    return error


@torch.no_grad()  # type: ignore[untyped-decorator]
def cache_hidden(visual: Any, pictures: Iterable[Image], *, chunk: int = 256) -> Tensor:
    """The merger's hidden layer of every picture, in half precision: n x 16 x 4 vision widths."""
    parts, left = [], iter(pictures)
    while some := list(islice(left, chunk)):
        patches = to_patches(some)
        parts.append(vision_hidden(visual, patches).half())
    return torch.cat(parts)


def _ids(words: Sequence[str], tokenizer: Qwen2Tokenizer) -> list[int]:
    return [tokenizer(f" {word}")["input_ids"][0] for word in words]
