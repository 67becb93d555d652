"""Probabilities of whole values at the answer slot: against an independent forward pass, whatever shares the batch."""

import math

import pytest
from fixtures import FIXTURES

from lmms_faith.parsing import unfinished

pytestmark = pytest.mark.host

CLOSING = "</answer>"
IN_BFLOAT16 = 0.15
"""How far a probability may be off: the host loads its models in bfloat16, faith_hf runs here in float32."""
OPEN = "<think>I look.</think><answer>"
VALUES = ("1", "12", "3.50", "-4", "red", "[1, 2]", "left of the bench", "1900年", " 7")


@pytest.fixture(scope="module")
def prompt(model, task):
    """Text and picture of a rendered prompt of `shapes`, by the item's place."""

    def rendered(place):
        one = task("base")
        messages = one.doc_to_messages(one.task_docs[place])
        return model.rendered(messages), [part["url"] for part in messages[0]["content"] if part["type"] == "image"]

    return rendered


@pytest.fixture(scope="module")
def reference(model):
    """Log-probability of the end of a text, by a plain forward pass over all of it, one row, no hook."""
    import torch

    def whole(text, images, value):
        text += value + CLOSING
        inputs = model.processor(text=[text], images=images, return_tensors="pt")
        with torch.inference_mode():
            logits = model._model(**inputs).logits[0].float()
        # Tokens that end behind the slot, found by their places in the text and not by comparing ids.
        places = model.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        n = sum(end > len(text) - len(value + CLOSING) for _, end in places)
        ids = inputs["input_ids"][0]
        picked = torch.log_softmax(logits, dim=-1)[:-1].gather(1, ids[1:, None])[:, 0]
        return float(picked[-n:].sum())

    return whole


@pytest.fixture(scope="module")
def score(model, prompt):
    """Values at a slot behind some prompts, as one batch."""
    from lmms_faith.lmms.models.values import value_logprobs

    def scored(places, slots, values):
        prompts = [prompt(place) for place in places]

        def inputs_for(texts):
            return model.processor(
                text=[text + more for (text, _), more in zip(prompts, texts)],
                images=[image for _, images in prompts for image in images],
                padding=True,
                return_tensors="pt",
            )

        return value_logprobs(model._model, model.tokenizer, inputs_for=inputs_for, slots=slots, values=values)

    return scored


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_what_a_plain_forward_pass_says(score, prompt, reference, value):
    text, images = prompt(0)
    [logprob] = score([0], [OPEN], [value])
    assert logprob == pytest.approx(reference(text + OPEN, images, value), abs=1e-4)
    assert logprob < 0


def test_a_batch_gives_what_one_by_one_gives(score, prompt, reference):
    places = [0, 1, 0, 2, 3, 0]
    slots = [OPEN, f"<think>{'I look again. ' * 9}</think><answer>", "</think><answer>", OPEN, "<answer>", OPEN]
    values = ["1", "12", "left of the bench", "[1, 2]", "red", "3"]
    together = score(places, slots, values)
    for place, slot, value, logprob in zip(places, slots, values, together, strict=True):
        text, images = prompt(place)
        assert score([place], [slot], [value]) == pytest.approx([logprob], abs=1e-4)
        assert logprob == pytest.approx(reference(text + slot, images, value), abs=1e-4)


def test_a_number_is_not_credited_with_those_that_begin_with_it(model, score, prompt):
    import torch

    text, images = prompt(0)
    inputs = model.processor(text=[text + OPEN], images=images, return_tensors="pt")
    with torch.inference_mode():
        first = torch.log_softmax(model._model(**inputs).logits[0, -1].float(), dim=-1)
    [one] = model.tokenizer("1", add_special_tokens=False)["input_ids"]
    numbers = ["1", *(f"1{digit}" for digit in range(10))]
    sums = sum(map(math.exp, score([0] * len(numbers), [OPEN] * len(numbers), numbers)))
    assert sums <= math.exp(first[one].item()) + 1e-6


def test_only_the_last_positions_reach_the_output_embedding(model, score, prompt):
    """Logits of whole prompts would take gigabytes."""
    shapes = []
    head = model._model.get_output_embeddings()
    handle = head.register_forward_hook(lambda _module, args, output: shapes.append((args[0].shape, output.shape)))
    try:
        score([0, 1], [OPEN, OPEN], ["1", "[1, 2]"])
    finally:
        handle.remove()
    [(seen, logits)] = shapes
    longest = len(model.tokenizer("[1, 2]" + CLOSING, add_special_tokens=False)["input_ids"])
    assert seen[:2] == logits[:2]
    assert seen[0] == 2
    assert longest < seen[1] <= longest + 3
    assert len(model.tokenizer(prompt(0)[0])["input_ids"]) > 2 * seen[1]


def test_the_models_own_forward_is_as_before(model, score, prompt):
    text, images = prompt(0)
    inputs = model.processor(text=[text], images=images, return_tensors="pt")
    score([0], [OPEN], ["1"])
    assert model._model(**inputs).logits.shape[1] == inputs["input_ids"].shape[1]


# From the requests of a task


@pytest.fixture
def asked(model, task, with_drawn_data):
    """Clean text and evidence of every drawn item of a benchmark, with what they were asked."""
    from lmms_faith.lmms.channel import detach

    def answers(benchmark, condition, *, batch_size=4, **generation):
        one = task(condition, benchmark, fresh=True)
        one.config.generation_kwargs.update({"max_new_tokens": 24} | generation)
        build(one, model)
        model.task_dict[one.config.task] = one.dataset
        size, model.batch_size = model.batch_size, batch_size
        try:
            results = model.generate_until(one.instances)
        finally:
            model.batch_size = size
        docs = [one.task_docs[instance.doc_id] for instance in one.instances]
        return [(one, doc, *detach(result.text)) for doc, result in zip(docs, results)]

    def build(one, lm):  # the task finds `lm` here, as in the host's evaluator
        one.build_all_requests()

    return answers


@pytest.mark.parametrize("condition", ["base", "wrong_think", "stop_think"])
@pytest.mark.parametrize("max_new_tokens", [2, 24], ids=["cut", "whole"])
@pytest.mark.parametrize("benchmark", ["mathvista", "spatial_mm_multihop"])
def test_gold_and_the_claimed_are_scored_at_the_answer_slot(
    model, asked, reference, benchmark, condition, max_new_tokens
):
    free = 0
    for one, doc, text, evidence in asked(benchmark, condition, max_new_tokens=max_new_tokens):
        item, prompt = one.item(doc), one.prompt(doc)
        if item.options:
            assert (evidence.values, len(evidence.letters)) == (None, 12)
            continue
        free += 1
        assert (evidence.letters, evidence.letter_source) == (None, None)
        messages = one.doc_to_messages(doc)
        images = [part["url"] for part in messages[0]["content"] if part["type"] == "image"]
        before = model.rendered(messages) + "".join(unfinished(text, prefill=prompt.prefill))
        assert before.endswith("<answer>")
        wanted = [reference(before, images, value) for value in (item.gold, prompt.claimed) if value is not None]
        assert evidence.values == pytest.approx(wanted, abs=1e-3)
    assert free > 1


def test_the_size_of_the_batch_does_not_matter(asked):
    # More than one picture an item, some items with options and some without.
    def values(size):
        return [(text, evidence.values) for _, _, text, evidence in asked("mmmu_val", "wrong_think", batch_size=size)]

    for one, other in zip(values(1), values(5), strict=True):
        assert one[0] == other[0]
        assert other[1] == pytest.approx(one[1], abs=1e-4)


def test_no_letter_is_forced_where_there_are_none(model, asked, monkeypatch):
    passes, generate = [], type(model._model).generate
    monkeypatch.setattr(
        type(model._model), "generate", lambda self, **options: passes.append(1) or generate(self, **options)
    )
    asked("spatial_mm_multihop", "base", max_new_tokens=2)
    assert len(passes) == 1


def test_what_overflows_is_unknown_and_ends_no_run(model, asked):
    import torch

    head = model._model.get_output_embeddings()
    handle = head.register_forward_hook(lambda _module, _args, output: torch.full_like(output, math.nan))
    try:
        found = asked("spatial_mm_multihop", "base", max_new_tokens=2)
    finally:
        handle.remove()
    for _, _, text, evidence in found:
        assert evidence is not None, text
        assert evidence.values is None


# The host's own class


def test_the_mixin_scores_the_same_values(evaluate, records, with_drawn_data):
    tasks = [f"faith_{name}" for name in ("mathvista_base", "mathvista_wrong_think", "mmmu_val_base")]
    short = {"limit": None, "gen_kwargs": "max_new_tokens=2"}
    found = records(evaluate(tasks, model="faith_qwen2_5_vl", **short))
    beside = records(evaluate(tasks, **short))
    assert len(found) == len(beside) > 12
    compared = 0
    for record, other in zip(found, beside):
        assert (record.benchmark, record.item_id, record.error) == (other.benchmark, other.item_id, None)
        assert (record.value_logprobs is None) == (record.kind == "choice")
        if record.value_logprobs and record.completion == other.completion:
            compared += 1
            # Bfloat16 errors add up over a value's tokens; of likely values the probability is compared as well.
            assert record.value_logprobs == pytest.approx(other.value_logprobs, rel=0.1, abs=1.0)
            probabilities = [list(map(math.exp, one.value_logprobs)) for one in (record, other)]
            assert probabilities[0] == pytest.approx(probabilities[1], abs=IN_BFLOAT16)
    assert compared > 3


@pytest.mark.parametrize("model", ["faith_hf", "faith_qwen2_5_vl"])
def test_items_that_share_question_and_picture_keep_their_own_values(evaluate, records, tmp_path, monkeypatch, model):
    """A conversation does not say whose it is; taken by its text, each would be asked about the other's gold."""
    rows = FIXTURES["realworldqa"]()
    [counted] = [row for row in rows.to_list() if row["answer"] == "3"]
    same = [counted | {"answer": answer} for answer in ("3", "5 red buses", "8")]
    type(rows).from_list(same, features=rows.features).to_parquet(str(tmp_path / "realworldqa.parquet"))
    monkeypatch.setenv("LMMS_FAITH_DATA", str(tmp_path))

    def golds(batch_size):
        found = records(
            evaluate(["faith_realworldqa_base"], model=model, batch_size=batch_size, gen_kwargs="max_new_tokens=2")
        )
        assert [record.gold for record in found] == ["3", "5 red buses", "8"]
        return [record.value_logprobs[0] for record in found]

    together, alone = golds(3), golds(1)
    assert len({round(logprob, 2) for logprob in together}) == 3
    assert together == pytest.approx(alone, abs=1e-3 if model == "faith_hf" else 1.0)
    assert together[1] < min(together[0], together[2])
