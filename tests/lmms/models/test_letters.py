"""Letter probabilities: against an independent forward pass, whatever else the generation does."""

import math

import pytest

from lmms_faith.item import LETTERS

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def reference(model, task):
    """Log-softmax of the bare model at the position after a condition's prompt and a continuation."""
    import torch

    def next_token(condition, position, continuation):
        one = task(condition)
        messages = one.doc_to_messages(one.task_docs[position])
        inputs = model.processor(
            text=[model.rendered(messages) + continuation],
            images=[messages[0]["content"][0]["url"]],
            return_tensors="pt",
        )
        with torch.inference_mode():
            return torch.log_softmax(model._model(**inputs).logits[0, -1].float(), dim=-1)

    return next_token


def summed(tokenizer, row):
    """Each letter's probability over all of its single-token forms, written out by hand."""
    found = []
    for letter in LETTERS:
        forms = {letter, f" {letter}", f"({letter}", f" ({letter}"}
        ids = {tuple(tokenizer.encode(form, add_special_tokens=False)) for form in forms}
        found.append(sum(math.exp(row[single[0]].item()) for single in ids if len(single) == 1))
    return found


def probabilities(letters):
    return [math.exp(number) for number in letters]


@pytest.mark.parametrize("condition", ["base", "wrong_think", "stop_think", "base_abstain"])
def test_letters_at_the_generated_answer(model, ask, reference, condition):
    for position, (text, evidence) in enumerate(ask(condition, items=3)):
        assert evidence.letter_source == "generated", text
        row = reference(condition, position, text[: text.rindex("<answer>") + len("<answer>")])
        assert probabilities(evidence.letters) == pytest.approx(summed(model.tokenizer, row), abs=1e-5)
        assert sum(probabilities(evidence.letters)) <= 1 + 1e-6  # over the whole vocabulary: the rest is off-letter


@pytest.mark.parametrize("condition", ["base", "wrong_think"])
def test_letters_are_forced_only_where_none_was_written(model, ask, reference, condition):
    for position, (text, evidence) in enumerate(ask(condition, items=3, max_new_tokens=2)):
        assert (evidence.letter_source, evidence.finish) == ("forced", "length")
        row = reference(condition, position, forced(text))
        assert probabilities(evidence.letters) == pytest.approx(summed(model.tokenizer, row), abs=1e-5)


def forced(text):
    """A cut text, led to its answer letter."""
    kept = text.split("<answer>")[0]
    return kept + ("<answer>" if "</think>" in kept else "</think><answer>")


def test_a_batch_forces_some_rows_and_not_others(model, ask, reference):
    """stop_think answers within a few tokens, base thinks first."""
    answers = ask("stop_think", "base", items=2, max_new_tokens=4)
    assert [evidence.letter_source for _, evidence in answers] == ["generated"] * 2 + ["forced"] * 2
    for position, (text, evidence) in enumerate(answers[2:]):
        row = reference("base", position, forced(text))
        assert probabilities(evidence.letters) == pytest.approx(summed(model.tokenizer, row), abs=1e-5)


def test_one_pass_where_the_letter_was_written(model, ask, monkeypatch):
    passes, generate = [], type(model._model).generate
    monkeypatch.setattr(
        type(model._model), "generate", lambda self, **options: passes.append(1) or generate(self, **options)
    )
    ask("base", items=2)
    assert len(passes) == 1
    ask("base", items=2, max_new_tokens=2)
    assert len(passes) == 3


@pytest.mark.parametrize("temperature", [0.3, 5.0])
def test_temperature_does_not_touch_the_raw_probabilities(ask, temperature):
    """With only the likeliest token to sample from, the text is the greedy one at any temperature."""
    greedy = ask("wrong_think", items=1)
    assert ask("wrong_think", items=1, temperature=temperature, top_k=1) == greedy


def test_every_form_of_a_letter_counts(model):
    from lmms_faith.lmms.models.letters import letter_token_ids

    class Tokenizer:
        """Knows "(A" and " A" as single tokens beside the bytes."""

        def encode(self, text, add_special_tokens):
            known = {"A": 1, " A": 2, "(A": 3}
            return [known[text]] if text in known else list(map(ord, text))

    ids = letter_token_ids(Tokenizer())
    assert ids[0] == [1, 2, 3]
    assert ids[1] == [ord("B")]
    assert all(letter_token_ids(model.tokenizer))


def test_a_tokenizer_without_the_letters_is_named(model):
    from lmms_faith.lmms.models.letters import LetterReader

    class Tokenizer:
        def encode(self, text, add_special_tokens):
            return [1, 2]

    with pytest.raises(ValueError, match=r"model 'odd': letters .* are no single token"):
        LetterReader(model._model, Tokenizer(), name="odd")


def test_finish(ask):
    [(text, stopped)] = ask("stop_think", items=1)
    [(_, cut)] = ask("stop_think", items=1, max_new_tokens=1)
    assert (stopped.finish, cut.finish) == ("stop", "length")
    assert text.endswith("</answer>")


def test_a_stop_string_is_a_stop_and_not_a_cut(ask):
    for text, evidence in ask("stop_think", "base", until=["<answer>"]):
        assert text.endswith("<answer>")
        assert (evidence.finish, evidence.letter_source) == ("stop", "forced")
    # A stopped row has no end token, only padding while others go on.
    beside = ask("stop_think", "base", until=["<answer>"], max_new_tokens=4)
    assert [evidence.finish for _, evidence in beside] == ["stop", "stop", "length", "length"]


def test_overflowed_logits_are_unknown_and_end_no_run(model, ask):
    import torch

    head = model._model.get_output_embeddings()
    handle = head.register_forward_hook(lambda *_: torch.full((1, 1, head.out_features), math.nan), prepend=True)
    try:
        [(_, evidence)] = ask("base", items=1, max_new_tokens=2)
    finally:
        handle.remove()
    assert (evidence.letters, evidence.letter_source) == (None, None)
