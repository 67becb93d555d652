"""The mixin on the host's own chat class: end to end, and beside `faith_hf`."""

import math
import re
from argparse import Namespace

import pytest

from lmms_faith.lmms.channel import MARK

pytestmark = pytest.mark.host

TASKS = [f"faith_shapes_{name}" for name in ("base", "wrong_think", "stop_think")]


IN_BFLOAT16 = 0.15
"""How far a probability may be off: the host loads its models in bfloat16, faith_hf runs here in float32."""


def probabilities(record):
    return [math.exp(number) for number in record.letter_logprobs]


@pytest.fixture(scope="module")
def by_faith_hf(evaluate, records):
    return records(evaluate(TASKS, limit=4))


@pytest.mark.parametrize("batch_size", [1, 4])
def test_the_mixin_gives_the_same_two_abilities(evaluate, records, by_faith_hf, batch_size):
    results = evaluate(TASKS, model="faith_qwen2_5_vl", batch_size=batch_size, limit=4)
    found = records(results)
    assert [(r.condition, r.item_id) for r in found] == [(r.condition, r.item_id) for r in by_faith_hf]
    for record, other in zip(found, by_faith_hf):
        assert record.status == "answered", record.completion
        assert (record.error, record.finish) == (None, "stop")
        assert record.letter_source == "generated"
        assert (record.prefill, record.model) == (other.prefill, other.model)
        if record.completion == other.completion:
            assert probabilities(record) == pytest.approx(probabilities(other), abs=IN_BFLOAT16)
        assert not record.completion.startswith("<think>") or not record.prefill
    assert sum(one.completion == other.completion for one, other in zip(found, by_faith_hf)) >= 8
    assert sum(one.prediction == other.prediction for one, other in zip(found, by_faith_hf)) >= 9
    for samples in results["samples"].values():
        assert all(MARK.strip() not in str(sample) for sample in samples)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_answers_are_kept_and_only_what_is_missing_is_generated(
    evaluate, records, model_args, tmp_path, monkeypatch, batch_size
):
    from lmms_eval.models.chat.qwen2_5_vl import Qwen2_5_VL

    seen, generate = [], Qwen2_5_VL.generate_until

    def watched(self, requests):
        seen.append(len(requests))
        if sum(seen) > lasts:
            raise KeyboardInterrupt
        return generate(self, requests)

    monkeypatch.setattr(Qwen2_5_VL, "generate_until", watched)
    named = {"model": "faith_qwen2_5_vl", "batch_size": batch_size, "limit": 3}
    kept = f"{model_args['faith_qwen2_5_vl']},store={tmp_path / 'answers'}"
    lasts = 4
    with pytest.raises(KeyboardInterrupt):
        evaluate(TASKS, **named, model_args=kept)
    done = sum(seen[:-1])
    assert 3 <= done <= 4
    assert max(seen) == batch_size
    lasts = 10**6
    seen.clear()
    whole = records(evaluate(TASKS, **named, model_args=kept))
    assert sum(seen) == 9 - done
    seen.clear()
    assert records(evaluate(TASKS, **named, model_args=kept)) == whole
    assert seen == []
    plain = records(evaluate(TASKS, **named))
    assert [one.completion for one in plain] == [one.completion for one in whole]
    assert records(evaluate(TASKS, **named, model_args=kept, gen_kwargs="max_new_tokens=20")) != whole
    assert sum(seen) == 9 + 9


def test_letters_are_forced_where_none_was_written(evaluate, records):
    results = evaluate(TASKS[:2], model="faith_qwen2_5_vl", gen_kwargs="max_new_tokens=2")
    forced = records(results)
    other = records(evaluate(TASKS[:2], gen_kwargs="max_new_tokens=2"))
    for record, beside in zip(forced, other):
        assert (record.status, record.letter_source, record.finish) == ("truncated", "forced", "length")
        assert record.completion != beside.completion or probabilities(record) == pytest.approx(
            probabilities(beside), abs=IN_BFLOAT16
        )


def test_the_stock_class_would_close_the_turn(evaluate, records, monkeypatch):
    """What the mixin is for: let through, the stock class answers anew, and no record of it is scored."""
    from lmms_eval.models import get_model

    monkeypatch.setattr(get_model("qwen2_5_vl"), "continues_prefill", True, raising=False)
    results = evaluate(TASKS[1:2], model="qwen2_5_vl", batch_size=1)
    assert {record.status for record in records(results)} == {"failed"}
    assert results["results"][TASKS[1]]["acc,none"] in (None, "N/A")


def test_classes_that_mix_up_a_batch_ask_for_batch_size_1(model_args):
    from lmms_faith.lmms.models.internvl_hf import FaithInternVLHf
    from lmms_faith.lmms.models.llava_hf import FaithLlavaHf
    from lmms_faith.lmms.models.qwen2_5_vl import FaithQwen2_5_VL
    from lmms_faith.lmms.models.qwen3_vl import FaithQwen3VL

    mixed = {kind: kind.one_at_a_time for kind in (FaithInternVLHf, FaithLlavaHf, FaithQwen2_5_VL, FaithQwen3VL)}
    assert mixed == {FaithInternVLHf: True, FaithLlavaHf: True, FaithQwen2_5_VL: False, FaithQwen3VL: False}

    class OneAtATime(FaithQwen2_5_VL):
        one_at_a_time = True

    with pytest.raises(ValueError, match=r"batch_size 2: this host class mixes up .* give --batch_size 1"):
        OneAtATime.create_from_arg_string(model_args["faith_qwen2_5_vl"], {"batch_size": 2})


def test_a_thought_is_not_cut_out_of_the_answer():
    """The host's Qwen3 class would strip it, beyond recovery."""
    from lmms_eval.models.chat.qwen3_vl import Qwen3_VL

    from lmms_faith.lmms.models.qwen3_vl import FaithQwen3VL

    text = "<think>Red.</think><answer>A</answer>"
    thinking = Namespace(enable_thinking=True)
    assert Qwen3_VL._strip_thinking(thinking, text) == "<answer>A</answer>"
    assert FaithQwen3VL._strip_thinking(thinking, text) == text


def test_beams_are_refused(evaluate):
    with pytest.raises(ValueError, match="num_beams 2: letter probabilities need num_beams=1"):
        evaluate(TASKS[:1], model="faith_qwen2_5_vl", gen_kwargs="num_beams=2")


def test_one_bar_is_shown_for_all_chunks(evaluate, model_args, tmp_path, monkeypatch, capfd):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    kept = f"{model_args['faith_qwen2_5_vl']},store={tmp_path / 'answers'}"
    evaluate(TASKS[:1], model="faith_qwen2_5_vl", batch_size=1, limit=2, model_args=kept)
    said = capfd.readouterr().err
    assert "faith_qwen2_5_vl faith-tiny-qwen2.5-vl: 2/2" in said
    assert "Model Responding" not in said
    evaluate(TASKS[:2], model="faith_qwen2_5_vl", batch_size=1, limit=2, model_args=kept)
    assert re.search(r": 4/4, [\d.]+ items/s, \S+ gone, 2 from the store\n", capfd.readouterr().err)
