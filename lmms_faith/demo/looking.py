"""The attention head that is set by hand to find: from a colour or shape word to the image tokens that show it.

Finding a named object among image tokens is the last thing that this small a model learns: it stayed at chance for the
thousands of steps that a demo can afford. So one head of the first layer starts out doing it, and is trained on like
all other weights. What is made of the object found (place, comparison, count, letter) is learned.
"""

from __future__ import annotations

from typing import Any, Final

import torch

from lmms_faith.demo.architecture import HEAD
from lmms_faith.demo.vision import Meanings

NUMBER: Final = 3  # of the head
MATCH: Final = 15.0  # attention score of a token that shows the word
IMAGE: Final = 20.0  # attention score of being an image token at all, so that equal words in the text lose
SLOW: Final = 10  # rotary pairs from here on turn too slowly for the distance to the image to matter


@torch.no_grad()  # type: ignore[untyped-decorator]
def seed_looking(text: Any, meanings: Meanings, row_words: torch.Tensor) -> None:
    """Set head `NUMBER` of the first layer.

    It writes what it finds as embeddings: the row's word (`row_words`, 4 x width), and colour, shape and column as in
    `meanings`.
    """
    colours, shapes = meanings.colours[1:], meanings.shapes[1:]
    basis = torch.cat([colours, shapes, meanings.rows, meanings.columns])
    read = torch.linalg.pinv(basis).T  # what x @ read.T says: how much of each meaning x holds
    attention = text.layers[0].self_attn
    norm = text.layers[0].input_layernorm.weight
    here = slice(NUMBER * HEAD, (NUMBER + 1) * HEAD)
    root = HEAD**0.5
    words = torch.zeros(HEAD, basis.shape[1])
    words[SLOW : SLOW + len(colours)] = read[: len(colours)]
    words[HEAD - len(shapes) :] = read[len(colours) : len(colours) + len(shapes)]
    # a word by itself is normalised to twice its embedding, an image token holds four meanings at once
    query = words * (MATCH * root / 2) ** 0.5
    key = words * (MATCH * root / 2) ** 0.5
    flag = HEAD // 2 + SLOW  # a slow dimension that no word uses
    key[flag] = read[-8:].sum(0)
    bias = torch.zeros(HEAD)
    bias[flag] = IMAGE * root / 2
    value = torch.zeros(HEAD, basis.shape[1])
    value[: len(basis)] = read
    written = torch.cat([colours, shapes, row_words, meanings.columns])
    attention.q_proj.weight[here] = query / norm
    attention.q_proj.bias[here] = bias
    attention.k_proj.weight[here] = key / norm
    attention.k_proj.bias[here] = 0.0
    attention.v_proj.weight[here] = value / norm
    attention.v_proj.bias[here] = 0.0
    attention.o_proj.weight[:, here] = 0.0
    attention.o_proj.weight[:, NUMBER * HEAD : NUMBER * HEAD + len(basis)] = written.T
