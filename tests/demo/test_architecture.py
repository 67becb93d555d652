"""What the text model's attention does before anything is learned."""

from __future__ import annotations

import pytest
import torch
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import rotate_half

from lmms_faith.demo.architecture import HEAD, OFFSETS, WIDTH, build_config, build_model
from lmms_faith.demo.forward import rotary_tables
from lmms_faith.demo.train import demo_tokenizer

pytestmark = pytest.mark.host
LENGTH = 40


@torch.no_grad()
def test_the_first_heads_of_the_first_layer_look_back_by_their_offsets() -> None:
    text = build_model(build_config(demo_tokenizer()), 0).model.language_model
    attention = text.layers[0].self_attn
    states = torch.randn(1, LENGTH, WIDTH, generator=torch.Generator().manual_seed(0))
    cos, sin = (table[:LENGTH] for table in rotary_tables(text, LENGTH, None))

    def turned(projection: torch.nn.Linear) -> torch.Tensor:
        heads = projection(states).view(1, LENGTH, -1, HEAD).transpose(1, 2)
        return heads * cos + rotate_half(heads) * sin

    scores = (turned(attention.q_proj) @ turned(attention.k_proj).mT)[0] / HEAD**0.5
    future = torch.triu(torch.ones(LENGTH, LENGTH, dtype=torch.bool), 1)
    weights = scores.masked_fill(future, -torch.inf).softmax(-1)
    for head, offset in enumerate(OFFSETS):
        assert weights[head].diagonal(-offset).mean() > 0.7
    assert weights[len(OFFSETS)].diagonal(-1).mean() < 0.3
