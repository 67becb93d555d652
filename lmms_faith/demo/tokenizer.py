"""The demo model's tokenizer: byte-level BPE in Qwen2's manner, in which every word of the demo is one token."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen2Tokenizer

END_OF_TEXT: Final = "<|endoftext|>"
TURN_START: Final = "<|im_start|>"
TURN_END: Final = "<|im_end|>"
VISION_START: Final = "<|vision_start|>"
VISION_END: Final = "<|vision_end|>"
IMAGE_PAD: Final = "<|image_pad|>"
VIDEO_PAD: Final = "<|video_pad|>"
SPECIAL: Final = (END_OF_TEXT, TURN_START, TURN_END, VISION_START, VISION_END, IMAGE_PAD, VIDEO_PAD)
TAGS: Final = ("<think>", "</think>", "<answer>", "</answer>")  # not special: they survive skip_special_tokens
LETTERS: Final = ("A", "B", "C", "D", "E", "F")
CHAT_TEMPLATE: Final = Path(__file__).with_name("chat_template.jinja")
_QWEN2_SPLIT: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def build_tokenizer(corpus: Iterable[str]) -> Qwen2Tokenizer:
    """A tokenizer in which every pre-token of the corpus is one token, and any other text falls back to bytes.

    Deterministic: pre-tokens are ordered by the trainer's own rules on counts, not by hash.
    """
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_QWEN2_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=10_000,
        min_frequency=1,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    plain = {part for text in corpus for part in re.split("|".join(map(re.escape, (*SPECIAL, *TAGS))), text)}
    core.train_from_iterator(sorted(plain), trainer)
    core.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    core.add_tokens([AddedToken(token, special=False, normalized=False) for token in TAGS])
    return Qwen2Tokenizer(
        tokenizer_object=core,
        eos_token=TURN_END,
        pad_token=END_OF_TEXT,
        unk_token=None,
        bos_token=None,
        padding_side="left",
        model_max_length=2048,
        chat_template=CHAT_TEMPLATE.read_text(),
    )


def letter_ids(tokenizer: Qwen2Tokenizer) -> tuple[int, ...]:
    """Token ids of the option letters as they follow `<answer>`."""
    return tuple(tokenizer.convert_tokens_to_ids(list(LETTERS)))
