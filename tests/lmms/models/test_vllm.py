"""`faith_vllm` on the real engine: the prompts of `faith_hf`, its answers and letters, in an order for the cache."""

import math
import sys
from dataclasses import replace
from functools import partial

import pytest

from lmms_faith.lmms.channel import detach, failure
from lmms_faith.lmms.models import prefill
from lmms_faith.lmms.models.prefill import token_ids
from lmms_faith.report.logs import read_records

pytestmark = pytest.mark.host

CONDITIONS = ["base", "wrong_think", "stop_think", "wrong_caption", "swapped_image"]
IN_FLOAT32 = 1e-4
BLOCK = 32


@pytest.fixture(scope="session")
def lm(vllm_engine):
    return vllm_engine


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
    assert sorted(list(call.output.prompt_token_ids) for call in calls) == sorted(theirs)


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
    tails = [lm.tokenizer.decode(call.output.prompt_token_ids) for call in calls]
    assert sum(any(tail.endswith(prefill) for prefill in prefills) for tail in tails) == 2
    assert sum(tail.endswith("<|im_start|>assistant\n") for tail in tails) == 2


def test_ids_that_end_in_something_else_are_refused(lm, requests, monkeypatch):
    from lmms_faith.lmms.models.prefill import PrefillRefused

    asked = requests("wrong_think", items=1)
    end = [lm.tokenizer.eos_token_id]
    monkeypatch.setattr(prefill, "token_ids", lambda tokenizer, text: token_ids(tokenizer, text) + end)
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

    asked, step, outputs = requests("base", items=1, max_new_tokens=2), lm.client.llm_engine.step, []

    def changed():
        found = step()
        outputs.extend(found)
        if len(outputs) == 2:
            outputs[1].prompt_token_ids[-1] += 1
        return found

    monkeypatch.setattr(lm.client.llm_engine, "step", changed)
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
    assert [call.params.max_tokens for call in calls] == [5, 5, 1, 1]
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
    pictures = [call.prompt["multi_modal_data"]["image"][0].tobytes() for call in calls]
    runs = [picture for place, picture in enumerate(pictures) if place == 0 or picture != pictures[place - 1]]
    assert len(runs) == len(set(pictures)) < len(pictures)
    assert len({text for text, _ in answers}) > 1
    for one, other in zip(answers[::-1], texts(lm, asked[::-1]), strict=True):
        assert_same(one, other)


def test_how_many_are_under_way_changes_nothing(lm, requests, calls, monkeypatch):
    asked = requests("base", "stop_think", items=3)
    whole = texts(lm, asked)
    for room in (1, 4):
        calls.clear()
        monkeypatch.setattr(lm._engine, "room", room)
        for one, other in zip(whole, texts(lm, asked), strict=True):
            assert_same(one, other)
        assert len(calls) == 6


def test_no_more_are_under_way_than_there_is_room_for_and_the_engine_is_never_left_to_the_last(
    lm, requests, calls, monkeypatch
):
    monkeypatch.setattr(lm._engine, "room", 3)
    monkeypatch.setattr(lm._engine, "slack", 1)
    engine, step, under_way = lm.client.llm_engine, lm.client.llm_engine.step, []

    def watched():
        under_way.append(engine.get_num_unfinished_requests())
        return step()

    monkeypatch.setattr(engine, "step", watched)
    lm.generate_until(requests("base", "stop_think", items=4))  # a long and a short answer to each item
    assert max(under_way) == 3
    last = len(under_way) - under_way[::-1].index(3)
    assert set(under_way[:last]) == {3}


def test_letters_are_asked_for_once_more_where_none_was_written(lm, requests, calls):
    lm.generate_until(requests("stop_think", items=4))
    assert len(calls) == 4
    calls.clear()
    asked = requests("base", "stop_think", items=4, max_new_tokens=4)
    assert [evidence.letter_source for _, evidence in texts(lm, asked)] == ["forced"] * 4 + ["generated"] * 4
    assert sorted(call.params.max_tokens for call in calls) == [1] * 4 + [4] * 8


def test_forced_letters_are_served_from_the_prefix_cache(lm, requests, calls):
    lm.client.reset_prefix_cache()
    lm.generate_until(requests("base", items=12, max_new_tokens=4))
    forced = [call.output for call in calls if call.params.max_tokens == 1]
    assert len(forced) == 12
    for output in forced:
        full_blocks = (len(output.prompt_token_ids) - 1) // BLOCK
        assert output.num_cached_tokens >= (full_blocks - 1) * BLOCK > 0


def test_a_prompt_that_is_too_long_is_a_failed_request_and_the_others_are_answered(lm, requests, monkeypatch):
    asked = requests("base", items=3)
    alone, turn = texts(lm, asked[1:]), lm._turn

    def longer(request):
        found = turn(request)
        return replace(found, ids=found.ids * 40) if request is asked[0] else found

    monkeypatch.setattr(lm, "_turn", longer)
    (failed, seen), *others = texts(lm, asked)
    assert failure(failed, seen).startswith("[LMMS_EVAL_REQUEST_FAILED] ")
    assert "2048" in failed
    assert (seen.model, seen.continued, seen.letters) == (lm._name, False, None)
    for one, other in zip(alone, others, strict=True):
        assert_same(one, other)
    with pytest.raises(ValueError, match=r"the engine refuses every request: .*2048"):
        lm.generate_until(asked[:1])


@pytest.mark.parametrize(("times", "fails"), [(1, False), (2, False), (3, True)])
def test_a_request_that_the_engine_breaks_off_is_sent_again(lm, requests, calls, monkeypatch, times, fails):
    """As it does with pictures that it has lost, and only where it is a process of its own."""
    (asked,) = requests("base", items=1)
    (alone,) = texts(lm, [asked])
    calls.clear()
    step, broken = lm.client.llm_engine.step, []

    def breaking():
        outputs = step()
        if len(broken) < times:
            broken.extend(outputs)
            for output in outputs:
                output.outputs[0].finish_reason = "error"
        return outputs

    monkeypatch.setattr(lm.client.llm_engine, "step", breaking)
    if fails:
        with pytest.raises(ValueError, match="the engine refuses every request: the engine ended the request: error"):
            lm.generate_until([asked])
    else:
        assert_same(alone, *texts(lm, [asked]))
    assert len(calls) == min(times + 1, 3)


def test_letters_behind_an_answer_that_fills_the_context_are_unknown(lm, requests, monkeypatch):
    (request,) = requests("base", items=1)
    turn, ids = lm._turn, partial(token_ids, lm.tokenizer)

    def longest(request):
        found = turn(request)
        text = found.text
        while len(ids(text)) < lm.client.llm_engine.model_config.max_model_len - 30:
            text += " Look."
        one_word = {"ignore_eos": True, "allowed_token_ids": ids(" Look")[:1]}
        return replace(found, text=text, ids=ids(text), sampling=found.sampling | one_word)

    monkeypatch.setattr(lm, "_turn", longest)
    ((text, seen),) = texts(lm, [request])
    assert text
    assert (seen.letters, seen.letter_source, seen.finish) == (None, None, "length")


def test_after_a_stop_the_engine_has_nothing_left_to_do(lm, requests, calls, monkeypatch):
    engine, step, steps = lm.client.llm_engine, lm.client.llm_engine.step, []

    def stopped():
        steps.append(step())
        if len(steps) == 3:
            raise KeyboardInterrupt
        return steps[-1]

    asked = requests("base", items=4)
    monkeypatch.setattr(engine, "step", stopped)
    with pytest.raises(KeyboardInterrupt):
        lm.generate_until(asked)
    assert not engine.has_unfinished_requests()
    monkeypatch.setattr(engine, "step", step)
    assert len(texts(lm, asked)) == 4


def test_a_stop_that_ends_the_engines_process_as_well_is_a_stop(lm, requests, monkeypatch):
    from vllm.v1.engine.exceptions import EngineDeadError

    engine, abort = lm.client.llm_engine, lm.client.llm_engine.abort_request

    def dead(names):
        abort(names)
        raise EngineDeadError

    def stopped():
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "step", stopped)
    monkeypatch.setattr(engine, "abort_request", dead)
    with pytest.raises(KeyboardInterrupt):
        lm.generate_until(requests("base"))


def test_a_version_without_enqueue_is_asked_through_its_engine(lm, requests, monkeypatch):
    asked = requests("base", "stop_think", max_new_tokens=4)
    whole = texts(lm, asked)

    class Older:
        def __init__(self, llm):
            self.llm_engine, self.request_counter = llm.llm_engine, llm.request_counter

    monkeypatch.setattr(lm._engine, "_llm", Older(lm.client))
    for one, other in zip(whole, texts(lm, asked), strict=True):
        assert_same(one, other)


def test_ranks_that_share_a_model_are_handed_what_all_of_them_ask(lm, requests, calls, monkeypatch):
    """As the host does it under torchrun with tensor parallel, which takes GPUs: the other rank's share is planted."""
    own, other = requests("base", items=5), requests("stop_think", items=5)
    alone, others, parts = texts(lm, own), list(other), []

    def synced(local, run):
        of_other = [None, *(lm._turn(others.pop(0)) for _ in local[1:])]
        parts.append(len(local) - 1)
        return run([*of_other, *local])[len(of_other) :]

    monkeypatch.setattr(lm, "_tp_world_size", 2)
    monkeypatch.setattr(lm, "_tp_group_cpu", object())
    monkeypatch.setattr(lm, "_run_tp_synced", synced)
    monkeypatch.setattr(lm._engine, "room", 2)
    calls.clear()
    for one, shared in zip(alone, texts(lm, own), strict=True):
        assert_same(one, shared)
    assert len(parts) == 3
    assert sum(parts) == 5
    assert len(calls) == 10


def test_the_image_stands_before_the_text_and_reaches_the_engine_pixel_by_pixel(lm, requests, calls, monkeypatch):
    monkeypatch.setenv("LMMS_IMAGE_ENCODE_FORMAT", "JPEG")
    asked = requests("base", items=1)
    lm.generate_until(asked)
    (call,) = calls
    _, doc_to_messages, _, doc_id, name, split = asked[0].args
    original = doc_to_messages(lm.task_dict[name][split][doc_id])[0]["content"][0]["url"]
    assert call.prompt["multi_modal_data"]["image"][0].tobytes() == original.tobytes()
    text = lm.tokenizer.decode(call.output.prompt_token_ids)
    assert text.startswith("<|im_start|>user\n<|vision_start|><|image_pad|>")


def test_without_named_tokens_letters_are_measured_or_bounded(lm, requests, monkeypatch):
    asked = requests("stop_think", items=3)
    named = [detach(result.text)[1].letters for result in lm.generate_until(asked)]
    monkeypatch.setattr(lm._inquiry, "letter_sampling", {"logprobs": -1})  # the whole vocabulary
    for known, other in zip(named, lm.generate_until(asked), strict=True):
        assert detach(other.text)[1].letters == pytest.approx(known, abs=1e-6)
    monkeypatch.setattr(lm._inquiry, "letter_sampling", {"logprobs": 5})
    for known, other in zip(named, lm.generate_until(asked), strict=True):
        evidence = detach(other.text)[1]
        assert any(evidence.letter_bounds)
        assert evidence.letter_source == "generated"
        for exact, seen, bound in zip(known, evidence.letters, evidence.letter_bounds, strict=True):
            assert exact <= seen + 1e-4 if bound else exact == pytest.approx(seen, abs=0.011)


def test_doctor_knows_whether_letters_are_named_or_among_the_likeliest(lm, monkeypatch):
    from lmms_faith.lmms.doctor import _likeliest

    assert _likeliest(lm) is None
    monkeypatch.setattr(lm._inquiry, "letter_sampling", {"logprobs": 20})
    assert _likeliest(lm) == 20


@pytest.fixture
def kept(lm, monkeypatch, tmp_path):
    """Gives the backend a store that knows what is on the disk, as a new process would."""
    from lmms_faith.lmms.store import Store

    def open_again(**options):
        monkeypatch.setattr(lm, "_store", Store(tmp_path / "answers"))
        monkeypatch.setattr(lm, "_identity", lm._identify({"dtype": "float32"} | options))

    open_again()
    return open_again


def test_answers_are_kept_as_they_come_and_served_as_they_were(lm, requests, calls, kept, monkeypatch):
    monkeypatch.setattr(lm._engine, "room", 4)
    asked = requests("base", "stop_think", items=5)
    step = lm.client.llm_engine.step

    def stopped():
        if lm._store.kept == 3:
            raise KeyboardInterrupt
        return step()

    with monkeypatch.context() as patch:
        patch.setattr(lm.client.llm_engine, "step", stopped)
        with pytest.raises(KeyboardInterrupt):
            lm.generate_until(asked)
    assert len(calls) <= 3 + 4
    calls.clear()
    kept()
    whole = texts(lm, asked)
    assert len(calls) == 7
    assert (lm._expense.items, lm._expense.served) == (10, 3)
    calls.clear()
    kept()
    assert texts(lm, asked) == whole
    assert calls == []
    kept(gpu_memory_utilization=0.5)  # changes how fast it is
    assert texts(lm, asked) == whole
    assert calls == []
    kept(quantization="fp8")
    assert len(texts(lm, asked)) == 10
    assert len(calls) == 10


def test_another_prompt_or_sampling_is_never_served_an_old_answer(lm, requests, calls, kept):
    lm.generate_until(requests("base", "stop_think"))
    for changed in ({"max_new_tokens": 95}, {"until": ["</think>"]}, {"temperature": 0.5}):
        calls.clear()
        lm.generate_until(requests("base", "stop_think", **changed))
        assert sum(call.params.max_tokens > 1 for call in calls) == 4
    calls.clear()
    lm.generate_until(requests("base", "wrong_think"))
    assert len(calls) == 2


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


END_TO_END = [f"faith_shapes_{name}" for name in ("base", "wrong_think", "stop_think")]


def assert_same_records(by_vllm, by_hf):
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


def test_end_to_end_through_the_hosts_evaluator(evaluate, records, lm):
    results = evaluate(END_TO_END, model=lm, limit=4)
    assert_same_records(records(results), records(evaluate(END_TO_END, limit=4)))
    for name in END_TO_END:
        assert math.isfinite(results["results"][name]["acc,none"])


def test_a_model_over_two_workers_gives_the_same_records(evaluate, records, shell, vllm_args, tmp_path):
    """Tensor parallel as users start it, on a CPU: the engine and both workers in processes of their own."""
    halved = f"{vllm_args},tensor_parallel_size=2,mm_encoder_tp_mode=data"  # the encoder's three heads can't be halved
    where = ["--limit", "4", "--gen_kwargs", "max_new_tokens=96", "--output_path", str(tmp_path)]
    asked = ["--model", "faith_vllm", "--model_args", halved, "--tasks", ",".join(END_TO_END), *where]
    processes = {"VLLM_ENABLE_V1_MULTIPROCESSING": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
    ran = shell("lmms-faith", "run", *asked, **processes)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = sorted(read_records(tmp_path), key=lambda record: (record.condition, record.item_id))
    assert_same_records(found, records(evaluate(END_TO_END, limit=4)))


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
