"""From pictures to the patches that the vision tower reads, as Qwen2.5-VL's image processor makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from lmms_faith.demo.drawing import GRID, SIDE

PATCH: Final = 14
FRAMES: Final = 2  # a still image counts as two equal frames
MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
DEVIATION: Final = (0.26862954, 0.26130258, 0.27577711)


def to_patches(images: Sequence[Image.Image]) -> Tensor:
    """112 x 112 pictures -> n x 64 x 1176; the four patches of one merged token are neighbours.

    Raises:
        ValueError: A picture of another size.
    """
    for image in images:
        if image.size != (SIDE, SIDE):
            raise ValueError(f"picture of {image.size[0]} x {image.size[1]} pixels: resize it to {SIDE} x {SIDE}")
    pixels = torch.from_numpy(np.stack([np.asarray(image.convert("RGB")) for image in images])).float() / 255
    pixels = (pixels - torch.tensor(MEAN)) / torch.tensor(DEVIATION)
    cells = pixels.view(len(images), GRID, 2, PATCH, GRID, 2, PATCH, 3)
    patches = cells.permute(0, 1, 4, 2, 5, 7, 3, 6).reshape(len(images), 4 * GRID * GRID, 3, 1, PATCH * PATCH)
    return patches.expand(-1, -1, -1, FRAMES, -1).reshape(len(images), 4 * GRID * GRID, -1)
