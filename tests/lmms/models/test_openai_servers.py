"""`faith_openai` against servers that people run: vLLM's continues a prefill, transformers' does not."""

from dataclasses import replace

import pytest

from lmms_faith.lmms.task import PrefillUnsupported

pytestmark = [pytest.mark.host, pytest.mark.slow]

TASKS = [f"faith_shapes_{name}" for name in ("base", "wrong_think", "stop_think", "wrong_caption", "swapped_image")]
LOGPROBS = ("letter_logprobs", "conclusion_logprobs")


@pytest.fixture(scope="module")
def run(evaluate, records):
    """The records of a run through the host."""

    def call(url, tasks=TASKS, model="tiny", args="timeout=120,pause=0.05"):
        return records(evaluate(tasks, model="faith_openai", model_args=f"model={model},base_url={url},{args}"))

    return call


@pytest.fixture(scope="module")
def answered(run, vllm_server):
    """What a run that nothing disturbs gives."""
    return run(vllm_server)


def test_vllm_gives_the_records_of_faith_hf(answered, evaluate, records):
    theirs = records(evaluate(TASKS, batch_size=1))
    assert len(answered) == len(theirs) == 3 * len(TASKS)
    for one, other in zip(answered, theirs):
        for name in ("condition", "item_id", "prefill", "completion", "status", "finish", "letter_source", "error"):
            assert getattr(one, name) == getattr(other, name), (name, one.condition)
        assert one.letter_logprobs == pytest.approx(other.letter_logprobs, abs=1e-4)
        assert (one.conclusion_logprobs is None) == (other.conclusion_logprobs is None)


def test_with_faults_before_vllm_every_record_is_that_of_the_faultless_run(run, answered, vllm_server, faulty):
    url, did = faulty(vllm_server, hang=4)
    found = run(url, args="timeout=3,pause=0.01,concurrency=8")
    assert {"none", "error", "busy", "cut", "short", "truncated", "hang"} == set(did), did
    assert sum(did.values()) - did["none"] > 0.2 * sum(did.values())
    assert_same_or_failed(found, answered)
    assert sum(one.status == "failed" for one in found) <= 1


def test_with_one_try_what_meets_a_fault_is_a_failed_record(run, answered, vllm_server, faulty):
    url, _ = faulty(vllm_server, seed=1)
    found = run(url, args="timeout=60,pause=0.01,tries=1")
    assert_same_or_failed(found, answered)
    failed = [one for one in found if one.status == "failed"]
    assert 0 < len(failed) < len(found)
    assert {one.error.split("]")[0] for one in failed} == {"[LMMS_EVAL_REQUEST_FAILED"}
    assert {(one.correct, one.prediction, one.letter_logprobs) for one in failed} == {(None, None, None)}


def assert_same_or_failed(found, answered):
    """Equal records but for the last digits of log-probabilities, which depend on what the engine has in a batch."""
    assert len(found) == len(answered)
    for one, other in zip(found, answered):
        assert (one.condition, one.item_id) == (other.condition, other.item_id)
        if one.status == "failed":
            continue
        for name in LOGPROBS:
            numbers, expected = getattr(one, name), getattr(other, name)
            assert numbers == (None if expected is None else pytest.approx(expected, abs=1e-4)), name
        unmeasured = dict.fromkeys(LOGPROBS)
        assert replace(one, **unmeasured) == replace(other, **unmeasured)


def test_transformers_serves_what_needs_no_prefill_alone(run, transformers_server, model_path, evaluate, records):
    with pytest.raises(PrefillUnsupported, match="continue_final_message"):
        run(transformers_server, ["faith_shapes_base", "faith_shapes_wrong_think"], str(model_path))
    found = run(transformers_server, ["faith_shapes_base"], str(model_path))
    theirs = records(evaluate(["faith_shapes_base"], batch_size=1))
    assert [one.completion for one in found] == [one.completion for one in theirs]
    assert {(one.status, one.letter_logprobs, one.error) for one in found} == {("answered", None, None)}
