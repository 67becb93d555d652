"""Writing the trained model as a directory that `AutoProcessor` and `AutoModelForImageTextToText` load offline."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from transformers import (
    GenerationConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2Tokenizer,
    Qwen2VLImageProcessor,
)
from transformers.models.qwen2_vl.video_processing_qwen2_vl import Qwen2VLVideoProcessor

from lmms_faith.demo.drawing import SIDE
from lmms_faith.demo.tokenizer import CHAT_TEMPLATE, END_OF_TEXT, TURN_END

NAME: Final = "faith-tiny-qwen2.5-vl"  # lmms-eval and vLLM look for "qwen2.5-vl" in the path
PIXELS: Final = SIDE * SIDE


def build_processor(tokenizer: Qwen2Tokenizer) -> Qwen2_5_VLProcessor:
    """A processor that makes every square picture 112 x 112: 16 image tokens."""
    size = {"shortest_edge": PIXELS, "longest_edge": PIXELS}
    sizes = {"size": size, "patch_size": 14, "temporal_patch_size": 2, "merge_size": 2}
    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**sizes),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(**sizes),
        chat_template=CHAT_TEMPLATE.read_text(),
    )


def export(
    model: Qwen2_5_VLForConditionalGeneration,
    tokenizer: Qwen2Tokenizer,
    out: Path,
    *,
    dtype: torch.dtype = torch.bfloat16,
) -> None:
    """Write weights, configurations, tokenizer and processor into a directory; the model is turned into `dtype`."""
    end = tokenizer.convert_tokens_to_ids(TURN_END)
    pad = tokenizer.convert_tokens_to_ids(END_OF_TEXT)
    model.generation_config = GenerationConfig(do_sample=False, eos_token_id=[end, pad], pad_token_id=pad)
    for config in (model.config, model.config.text_config, model.config.vision_config):
        config.dtype = dtype
    model.to(dtype).save_pretrained(out)
    processor = build_processor(tokenizer)
    processor.save_pretrained(out)
    processor.image_processor.save_pretrained(out)  # preprocessor_config.json, which older readers look for
    for path in out.iterdir():
        path.chmod(0o644)
