"""The model that ships: small, complete, free of machine paths, and the same through our forward as through theirs."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

import lmms_faith.demo
from lmms_faith.demo.drawing import draw
from lmms_faith.demo.evaluate import evaluate
from lmms_faith.demo.export import NAME
from lmms_faith.demo.forward import image_tokens, rotary_tables, text_hidden, vision_hidden
from lmms_faith.demo.pixels import to_patches
from lmms_faith.demo.scenes import TEST_SEED, benchmark

pytestmark = pytest.mark.host

FOLDER = Path(lmms_faith.demo.__file__).parent / NAME
ROWS = benchmark(TEST_SEED, 24)


@cache
def _loaded() -> tuple[Any, Any]:
    model = AutoModelForImageTextToText.from_pretrained(FOLDER, dtype=torch.float32, local_files_only=True)
    return model, AutoProcessor.from_pretrained(FOLDER, local_files_only=True)


def test_it_is_small_and_complete() -> None:
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert set(files) >= {
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "processor_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert sum(files.values()) <= 6_000_000


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_no_file_names_a_machine_path(path: Path) -> None:
    assert not any(part in path.read_text() for part in ("/work", "/home", "/root", "/tmp"))


def test_patches_are_the_image_processors() -> None:
    _, processor = _loaded()
    images = [draw(row.puzzle.fact.scene) for row in ROWS[:3]]
    theirs = processor.image_processor(images, return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(to_patches(images).flatten(0, 1), theirs, atol=1e-5, rtol=0)


@torch.no_grad()
def test_our_forward_gives_hugging_faces_logits() -> None:
    model, processor = _loaded()
    images = [draw(row.puzzle.fact.scene) for row in ROWS[:2]]
    text = "<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|>What colour is the star?<|im_end|>\n"
    inputs = processor(text=[text, text], images=images, return_tensors="pt")
    theirs = model(**inputs).logits
    visual, language = model.model.visual, model.model.language_model
    ids = inputs["input_ids"]
    at = int((ids[0] == model.config.image_token_id).nonzero()[0])
    embeddings = language.embed_tokens(ids)
    embeddings[:, at : at + 16] = image_tokens(visual, vision_hidden(visual, to_patches(images)))
    cos, sin = rotary_tables(language, ids.shape[1], at)
    states = text_hidden(language, embeddings, cos, sin, torch.arange(ids.numel()))
    ours = (states @ language.embed_tokens.weight.T).view_as(theirs)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_it_looks_and_it_also_reads() -> None:
    model, processor = _loaded()
    results = evaluate(model, processor, ROWS, ["base", "wrong_think"], batch=len(ROWS))
    assert results["base"].acc >= 0.7
    assert results["base"].answered == 1
    assert results["wrong_think"].acc < results["base"].acc
