"""The demo model's configuration and its initial weights: an unchanged, very small Qwen2.5-VL."""

from __future__ import annotations

import math
from typing import Any, Final

import torch
from torch import nn
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2Tokenizer

from lmms_faith.demo.tokenizer import END_OF_TEXT, IMAGE_PAD, TURN_END, VIDEO_PAD, VISION_END, VISION_START

WIDTH: Final = 128
LAYERS: Final = 4
HEAD: Final = 32  # vLLM's CPU attention takes 32; mrope_section sums to half of it
BIAS_SCALE: Final = 1.5
OFFSETS: Final = (1, 2, 3)  # tokens back that the first heads of the first layer start out looking
OFFSET_SCALE: Final = 5.0
CONTENT: Final = 0.3  # of those heads' weights on content, at the start
OFFSET_PAIRS: Final = 5  # rotary pairs that tell neighbouring tokens apart; the others turn too slowly
VISION_WIDTH: Final = 96
VISION_LAYERS: Final = 3


def build_config(tokenizer: Qwen2Tokenizer) -> Qwen2_5_VLConfig:
    """The configuration for a tokenizer's vocabulary."""
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in tokenizer.get_vocab()}
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": math.ceil(len(tokenizer) / 8) * 8,
            "hidden_size": WIDTH,
            "intermediate_size": 3 * WIDTH,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": WIDTH // HEAD,
            "num_key_value_heads": WIDTH // HEAD,
            "max_position_embeddings": 2048,
            "rope_theta": 10_000.0,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [4, 6, 6]},
            "rms_norm_eps": 1e-6,
            "tie_word_embeddings": True,
            "bos_token_id": None,
            "eos_token_id": ids[TURN_END],
            "pad_token_id": ids[END_OF_TEXT],
        },
        vision_config={
            "depth": VISION_LAYERS,
            "hidden_size": VISION_WIDTH,
            "num_heads": VISION_WIDTH // HEAD,
            "intermediate_size": 2 * VISION_WIDTH,
            "out_hidden_size": WIDTH,
            "patch_size": 14,
            "temporal_patch_size": 2,
            "spatial_merge_size": 2,
            "window_size": 112,
            "fullatt_block_indexes": list(range(VISION_LAYERS)),
        },
        image_token_id=ids[IMAGE_PAD],
        video_token_id=ids[VIDEO_PAD],
        vision_start_token_id=ids[VISION_START],
        vision_end_token_id=ids[VISION_END],
        tie_word_embeddings=True,
    )


def build_model(config: Qwen2_5_VLConfig, seed: int) -> Qwen2_5_VLForConditionalGeneration:
    """A model with random weights, scaled for this width (Hugging Face's 0.02 is far too small for it).

    Three choices about the text model's attention decide whether the option-letter circuit forms within hundreds of
    steps or not at all: keys start equal to queries, so that a head first looks at its own kind ("mimetic
    initialisation", arXiv 2305.09828); their biases are random, so that heads prefer distances; and three heads of the
    first layer are set to prefer one, two and three tokens back. (One more head is set by hand later: see `looking`.)
    """
    generator = torch.Generator().manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration._from_config(config, attn_implementation="sdpa", dtype=torch.float32)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Linear | nn.Conv3d):
                fan_in = module.weight[0].numel()
                module.weight.normal_(0.0, fan_in**-0.5, generator=generator)
                if module.bias is not None:
                    module.bias.zero_()
        for name, parameter in model.named_parameters():
            if name.endswith(("o_proj.weight", "down_proj.weight", "attn.proj.weight")):
                parameter.mul_((2 * LAYERS) ** -0.5)
        for layer in model.model.language_model.layers:
            attention = layer.self_attn
            attention.k_proj.weight.copy_(attention.q_proj.weight)
            attention.q_proj.bias.normal_(0.0, BIAS_SCALE, generator=generator)
            attention.k_proj.bias.normal_(0.0, BIAS_SCALE, generator=generator)
        _look_back(model.model.language_model.layers[0].self_attn)
        embedding = model.model.language_model.embed_tokens.weight
        embedding.normal_(0.0, 0.5, generator=generator)
        model.model.language_model.norm.weight.fill_(0.2)
    model.tie_weights()
    return model


def _look_back(attention: Any) -> None:
    """Give the first heads biases whose rotary phases agree at one offset each, and little regard for content."""
    half = HEAD // 2
    rates = 10_000.0 ** (-torch.arange(OFFSET_PAIRS) / half)
    for head, offset in enumerate(OFFSETS):
        rows = slice(head * HEAD, (head + 1) * HEAD)
        for projection in (attention.q_proj, attention.k_proj):
            projection.weight[rows] *= CONTENT
            projection.bias[rows] = 0.0
        first, second = head * HEAD, head * HEAD + half
        attention.q_proj.bias[first : first + OFFSET_PAIRS] = OFFSET_SCALE
        attention.k_proj.bias[first : first + OFFSET_PAIRS] = OFFSET_SCALE * torch.cos(rates * offset)
        attention.k_proj.bias[second : second + OFFSET_PAIRS] = OFFSET_SCALE * torch.sin(rates * offset)
