"""`faith_hf`, `faith_vllm` and `faith_openai` before vLLM's server: the same prompts, texts and letters from each."""

import json
import urllib.request

import pytest

from lmms_faith.conditions import CONDITIONS
from lmms_faith.lmms.channel import detach
from lmms_faith.lmms.task import shown_options

pytestmark = [pytest.mark.host, pytest.mark.slow]

IN_FLOAT32 = 1e-4
BOTH = ("vllm", "openai")
CASES = {
    "a choice under every condition": ("shapes", tuple(CONDITIONS), {}, BOTH),
    "a choice that is cut off": ("shapes", ("base", "stop_think", "wrong_think"), {"max_new_tokens": 2}, BOTH),
    # The API leaves the text that it stops at out of the completion.
    "a choice that stops at a text": ("shapes", ("base", "wrong_think"), {"until": ["</think>"]}, ("vllm",)),
    "a choice without a picture": ("shapes", ("base", "stop_think", "wrong_think"), {}, BOTH),
    "several pictures": ("blink_jigsaw", ("base", "wrong_think", "blank_image"), {"max_new_tokens": 8}, BOTH),
    "a value to write": ("spatial_mm_multihop", ("base", "stop_think", "wrong_think", "wrong_caption"), {}, BOTH),
}
"""Benchmark, conditions, arguments of the generation, and the backends that are held against `faith_hf`."""


@pytest.fixture(scope="module")
def backends(model, vllm_engine, vllm_server):
    from lmms_faith.lmms.models.openai import FaithOpenAI

    return {"hf": model, "vllm": vllm_engine, "openai": FaithOpenAI("tiny", vllm_server, timeout=120)}


@pytest.fixture
def requests(case, task, backends, with_drawn_data):
    """A case's requests of two items under each condition, which each backend can look up."""
    benchmark, conditions, generation, _ = CASES[case]
    found = []
    for name in conditions:
        one, lm = task(name, benchmark, fresh=True), backends["hf"]
        if case == "a choice without a picture":
            one._visuals = lambda doc: []
        one.config.generation_kwargs.update({"max_new_tokens": 96} | generation)
        one.build_all_requests(limit=2)
        for lm in backends.values():
            lm.task_dict[one.config.task] = one.dataset
        found += one.instances
    return found


def messages_of(request, lm):
    _, doc_to_messages, _, doc_id, task, split = request.args
    return doc_to_messages(lm.task_dict[task][split][doc_id])


def tokenized(url, messages):
    """The prompt's token ids as the server makes them."""
    from lmms_faith.lmms.models.wire import CONTINUE, outgoing

    more = CONTINUE if messages[-1]["role"] == "assistant" else {"add_generation_prompt": True}
    body = json.dumps({"model": "tiny", "messages": outgoing(messages), **more}).encode()
    asked = urllib.request.Request(f"{url.removesuffix('/v1')}/tokenize", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as reply:
        return json.load(reply)["tokens"]


@pytest.mark.parametrize("case", CASES)
def test_the_prompt_ids_are_the_same(requests, backends, calls, vllm_server):
    hf, engine = backends["hf"], backends["vllm"]
    by_hf = [hf._inputs([hf._turn(request)], [""])["input_ids"][0].tolist() for request in requests]
    engine.generate_until(requests)
    sent = [engine._turn(request).ids for request in requests]  # and no forced ones
    by_vllm = [list(call.output.prompt_token_ids) for call in calls if call.prompt["prompt_token_ids"] in sent]
    by_server = [tokenized(vllm_server, messages_of(request, hf)) for request in requests]
    assert sorted(by_vllm) == sorted(by_hf)
    assert by_server == by_hf


@pytest.mark.parametrize("case", CASES)
def test_texts_and_letters_are_the_same(case, requests, backends):
    def answers(name):
        return [detach(result.text) for result in backends[name].generate_until(requests)]

    by_hf = answers("hf")
    assert all(seen.letters or seen.values for _, seen in by_hf)
    for name in CASES[case][-1]:
        for request, (text, seen), (its_text, its) in zip(requests, by_hf, answers(name), strict=True):
            where = (name, request.task_name)
            assert its_text == text, where
            for field in ("continued", "letter_source", "finish"):
                assert getattr(its, field) == getattr(seen, field), (*where, field)
            shown = shown_options(request)
            assert_close(its.letters, seen.letters, where, shown)
            assert_close(its.conclusion, seen.conclusion, where, shown)
            if name == "vllm":
                assert_close(its.values, seen.values, where, 2)


def assert_close(found, expected, where, shown):
    assert (found is None) == (expected is None), where
    if found is not None:
        assert found[:shown] == pytest.approx(expected[:shown], abs=IN_FLOAT32), where
