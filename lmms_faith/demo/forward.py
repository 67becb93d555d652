"""The demo model's forward pass for training: Hugging Face's weights and maths in plain batched tensor code.

Hugging Face's own forward spends most of its time on bookkeeping when the model is this small. These functions read
the very parameters of a `Qwen2_5_VLForConditionalGeneration`. They assume that every image is 8 x 8 patches at the same
place in the prompt and that padding is on the right. A test holds them to Hugging Face's logits.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

PATCHES: Final = 64
IMAGE_TOKENS: Final = 16


def vision_hidden(visual: Any, patches: Tensor) -> Tensor:
    """Patches (batch x 64 x 1176) -> the merger's hidden layer (batch x 16 x 4 vision widths)."""
    cos, sin = _vision_rotary(visual)
    weight = visual.patch_embed.proj.weight
    x = patches @ weight.view(weight.shape[0], -1).T
    for block in visual.blocks:
        heads, head_dim = block.attn.num_heads, block.attn.head_dim
        qkv = block.attn.qkv(_norm(block.norm1, x)).view(x.shape[0], PATCHES, 3, heads, head_dim)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = functional.scaled_dot_product_attention(_rotate(q, cos, sin), _rotate(k, cos, sin), v)
        x = x + block.attn.proj(mixed.transpose(1, 2).reshape(x.shape))
        x = x + _mlp(block.mlp, _norm(block.norm2, x))
    merged = _norm(visual.merger.ln_q, x).view(x.shape[0], IMAGE_TOKENS, -1)
    hidden: Tensor = visual.merger.mlp[1](visual.merger.mlp[0](merged))
    return hidden


def image_tokens(visual: Any, hidden: Tensor) -> Tensor:
    """The merger's hidden layer -> image token embeddings (batch x 16 x text width)."""
    tokens: Tensor = visual.merger.mlp[2](hidden)
    return tokens


def text_hidden(text: Any, embeddings: Tensor, cos: Tensor, sin: Tensor, keep: Tensor) -> Tensor:
    """Embeddings (batch x length x width) -> hidden states after the final norm, causal attention.

    Only the positions in `keep` (indices into batch x length, flattened) come back, as kept x width: the others' last
    layer is not worth computing.
    """
    x = embeddings
    batch, length, width = x.shape
    last = len(text.layers) - 1
    for number, layer in enumerate(text.layers):
        attention = layer.self_attn
        shape = (batch, length, -1, attention.head_dim)
        h = _norm(layer.input_layernorm, x)
        q = _rotate(attention.q_proj(h).view(shape).transpose(1, 2), cos, sin)
        k = _rotate(attention.k_proj(h).view(shape).transpose(1, 2), cos, sin)
        v = attention.v_proj(h).view(shape).transpose(1, 2)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        mixed = mixed.transpose(1, 2).reshape(batch, length, width)
        if number == last:
            x, mixed = x.flatten(0, 1)[keep], mixed.flatten(0, 1)[keep]
        x = x + attention.o_proj(mixed)
        x = x + _mlp(layer.mlp, _norm(layer.post_attention_layernorm, x))
    return _norm(text.norm, x)


def rotary_tables(text: Any, length: int, image_at: int | None) -> tuple[Tensor, Tensor]:
    """Cosine and sine (length x head size) for a prompt whose image tokens start at `image_at` (None: no image).

    Qwen2.5-VL counts an image's tokens by frame, row and column; the text after it goes on from the largest of these.
    """
    if image_at is None:
        places = torch.arange(length).expand(3, length)
    else:
        side = int(IMAGE_TOKENS**0.5)
        cells = torch.arange(IMAGE_TOKENS)
        image = torch.stack([torch.zeros_like(cells), cells // side, cells % side]) + image_at
        before = torch.arange(image_at).expand(3, image_at)
        after = torch.arange(length - image_at - IMAGE_TOKENS).expand(3, -1) + image_at + side
        places = torch.cat([before, image, after], dim=1)
    cos, sin = text.rotary_emb(torch.zeros(1), places[:, None, :])
    return cos[0], sin[0]


def _vision_rotary(visual: Any) -> tuple[Tensor, Tensor]:
    cells = torch.arange(IMAGE_TOKENS)
    side = int(IMAGE_TOKENS**0.5)
    inner = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    corner = torch.stack([cells // side, cells % side], dim=1) * 2
    places = (corner[:, None, :] + inner[None]).view(PATCHES, 2)
    cos, sin = visual.rotary_pos_emb(torch.zeros(1), places)
    return cos, sin


def _norm(norm: nn.Module, x: Tensor) -> Tensor:
    weight: Tensor = norm.weight
    return functional.rms_norm(x, weight.shape, weight, 1e-6)


def _mlp(mlp: Any, x: Tensor) -> Tensor:
    out: Tensor = mlp.down_proj(functional.silu(mlp.gate_proj(x)) * mlp.up_proj(x))
    return out


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    left, right = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-right, left), dim=-1) * sin
