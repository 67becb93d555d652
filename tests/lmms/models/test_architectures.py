"""Other architectures than the shipped model's, tiny and with random weights: `faith_hf` and the mixin on each."""

import pytest

pytestmark = pytest.mark.host

TASKS = ["faith_shapes_base", "faith_shapes_wrong_think"]
_PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
_TEXT = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
}
_VISION = {"hidden_size": 32, "intermediate_size": 64}


def vocabulary(tokenizer):
    return {
        "vocab_size": len(tokenizer),
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def qwen3_vl(tokenizer):
    from transformers import Qwen2VLImageProcessor, Qwen3VLConfig, Qwen3VLForConditionalGeneration, Qwen3VLProcessor
    from transformers.models.qwen3_vl.video_processing_qwen3_vl import Qwen3VLVideoProcessor

    rope = {"rope_type": "default", "mrope_section": [4, 6, 6], "mrope_interleaved": True}
    places = {"num_position_embeddings": 64, "deepstack_visual_indexes": [0]}
    config = Qwen3VLConfig(
        text_config={**_TEXT, **vocabulary(tokenizer), "head_dim": 32, "rope_scaling": rope},
        vision_config={**_VISION, **places, "depth": 2, "num_heads": 2, "patch_size": 16, "out_hidden_size": 64},
        image_token_id=tokenizer.convert_tokens_to_ids("<|image_pad|>"),
        video_token_id=tokenizer.convert_tokens_to_ids("<|video_pad|>"),
        vision_start_token_id=tokenizer.convert_tokens_to_ids("<|vision_start|>"),
        vision_end_token_id=tokenizer.convert_tokens_to_ids("<|vision_end|>"),
    )
    processor = Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(patch_size=16, size={"shortest_edge": 16384, "longest_edge": 16384}),
        tokenizer=tokenizer,
        video_processor=Qwen3VLVideoProcessor(),
        chat_template=tokenizer.chat_template,
    )
    return Qwen3VLForConditionalGeneration(config), processor, "min_pixels=16384,max_pixels=16384"


def llava_hf(tokenizer):
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    config = LlavaConfig(
        text_config=LlamaConfig(**_TEXT, **vocabulary(tokenizer)),
        vision_config=CLIPVisionConfig(
            **_VISION, num_hidden_layers=2, num_attention_heads=2, image_size=112, patch_size=14, projection_dim=32
        ),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        vision_feature_layer=-1,
    )
    processor = LlavaProcessor(
        image_processor=CLIPImageProcessor(size={"shortest_edge": 112}, crop_size={"height": 112, "width": 112}),
        tokenizer=tokenizer,
        patch_size=14,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        image_token="<image>",
        chat_template=tokenizer.chat_template.replace(_PICTURE, "<image>"),
    )
    return LlavaForConditionalGeneration(config), processor, "dtype=float32"


def internvl_hf(tokenizer):
    from transformers import (
        GotOcr2ImageProcessor,
        InternVLConfig,
        InternVLForConditionalGeneration,
        InternVLProcessor,
        InternVLVideoProcessor,
        InternVLVisionConfig,
        Qwen2Config,
    )

    named = {
        "start_image_token": "<img>",
        "end_image_token": "</img>",
        "context_image_token": "<IMG_CONTEXT>",
        "video_token": "<video>",
    }
    tokenizer = type(tokenizer).from_pretrained(tokenizer.name_or_path, extra_special_tokens=named)
    config = InternVLConfig(
        text_config=Qwen2Config(**_TEXT, **vocabulary(tokenizer)),
        vision_config=InternVLVisionConfig(
            **_VISION, num_hidden_layers=2, num_attention_heads=2, image_size=[112, 112], patch_size=[14, 14]
        ),
        image_token_id=tokenizer.convert_tokens_to_ids("<IMG_CONTEXT>"),
        image_seq_length=16,
    )
    size = {"height": 112, "width": 112}
    processor = InternVLProcessor(
        image_processor=GotOcr2ImageProcessor(size=size, crop_to_patches=False),
        tokenizer=tokenizer,
        video_processor=InternVLVideoProcessor(size=size),
        image_seq_length=16,
        chat_template=tokenizer.chat_template.replace(_PICTURE, "<IMG_CONTEXT>\n"),
    )
    return InternVLForConditionalGeneration(config), processor, ""


@pytest.fixture(scope="module", params=[qwen3_vl, llava_hf, internvl_hf], ids=lambda make: make.__name__)
def folder(request, model_path, tmp_path_factory):
    """The mixin's name, a model folder, and the host class's further arguments."""
    import torch
    from transformers import AutoTokenizer

    torch.manual_seed(0)
    model, processor, arguments = request.param(AutoTokenizer.from_pretrained(model_path))
    path = tmp_path_factory.mktemp(request.param.__name__)
    model.save_pretrained(path)
    processor.save_pretrained(path)
    return f"faith_{request.param.__name__}", path, arguments


def test_both_continue_the_prefill_and_read_the_same_letters(evaluate, records, folder):
    name, path, arguments = folder
    # Too short for an answer, which random weights would not give: the forced pass is what is read.
    options = {"limit": 2, "gen_kwargs": "max_new_tokens=1"}
    by_mixin = records(
        evaluate(
            TASKS,
            model=name,
            model_args=f"pretrained={path},device=cpu,device_map=cpu,{arguments}",
            batch_size=1,
            **options,
        )
    )
    by_faith_hf = records(
        evaluate(TASKS, model_args=f"pretrained={path},device=cpu,dtype=float32", batch_size=2, **options)
    )
    assert len(by_mixin) == len(by_faith_hf) == 4
    for record, other in zip(by_mixin, by_faith_hf):
        assert record.error is other.error is None
        assert record.letter_source == other.letter_source == "forced"
        if record.completion == other.completion:
            assert record.letter_logprobs == pytest.approx(other.letter_logprobs, abs=0.1)
    assert any(record.completion == other.completion for record, other in zip(by_mixin, by_faith_hf))


def test_values_are_scored_and_several_pictures_are_sent(evaluate, records, folder, with_drawn_data):
    name, path, arguments = folder
    tasks = ["faith_spatial_mm_multihop_base", "faith_blink_jigsaw_base"]
    options = {"limit": 2, "gen_kwargs": "max_new_tokens=1"}
    host = f"pretrained={path},device=cpu,device_map=cpu,{arguments}"
    by_mixin = records(evaluate(tasks, model=name, model_args=host, batch_size=1, **options))
    by_faith_hf = records(
        evaluate(tasks, model_args=f"pretrained={path},device=cpu,dtype=float32", batch_size=2, **options)
    )
    assert [record.kind for record in by_mixin].count("choice") == 2
    for record, other in zip(by_mixin, by_faith_hf, strict=True):
        assert (record.benchmark, record.item_id, record.error) == (other.benchmark, other.item_id, None)
        assert (record.letter_logprobs is None) == (record.value_logprobs is not None) == (record.kind != "choice")
        if record.completion == other.completion:
            assert (record.letter_logprobs or record.value_logprobs) == pytest.approx(
                other.letter_logprobs or other.value_logprobs, rel=0.02, abs=0.1
            )
