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


@pytest.fixture
def dictated(model, task, monkeypatch):
    """Evidence of dictated completions, (condition, text) each on the first item, and how many rows each generation
    had. The model is the real one; only which tokens it chooses is laid down."""
    import torch

    def dictate(*rows, alternatives=()):
        turns = [task(condition).doc_to_messages(task(condition).task_docs[0]) for condition, _ in rows]
        prompts = [model.rendered(messages) for messages in turns]
        pictures = [messages[0]["content"][0]["url"] for messages in turns]
        ids = [[*model.tokenizer.encode(text), model.tokenizer.eos_token_id] for _, text in rows]

        def inputs(places, texts):
            return model.processor(
                text=[prompts[place] + text for place, text in zip(places, texts)],
                images=[pictures[place] for place in places],
                padding=True,
                return_tensors="pt",
            )

        start = inputs(range(len(rows)), [""] * len(rows))
        written = start["input_ids"].shape[1]

        def choose(so_far, scores):
            step = so_far.shape[1] - written
            chosen = [row[step] if step < len(row) else model.tokenizer.pad_token_id for row in ids]
            return torch.full_like(scores, -math.inf).scatter(1, torch.tensor(chosen)[:, None], 0.0)

        sizes, generate = [], type(model._model).generate

        def counting(self, **options):
            sizes.append(len(options["input_ids"]))
            return generate(self, **options)

        with monkeypatch.context() as patch, torch.inference_mode():
            patch.setattr(type(model._model), "generate", counting)
            _, completions, evidence = model._reader.generate(
                start,
                prefills=[messages[1]["content"][0]["text"] if len(messages) > 1 else "" for messages in turns],
                alternatives=[alternatives] * len(rows),
                force=inputs,
                pad_token_id=model.tokenizer.pad_token_id,
                max_new_tokens=max(map(len, ids)),
                do_sample=False,
                logits_processor=[choose],
            )
        assert completions == [text for _, text in rows]
        return evidence, sizes

    return dictate


SPOKEN = " So we see that it is red. The answer is (B)"
MORE = {
    "own thought": ("base", "<think>It is red.</think>" + SPOKEN, "<think>It is red.</think> <answer>"),
    "given thought": ("wrong_think", " No wait.</think>" + SPOKEN, " No wait.</think> <answer>"),
    "given thought, closed at once": (
        "wrong_think",
        "</think>\n\n**Let me see.**\n\nThe answer is B",
        "</think>\n\n<answer>",
    ),
    "inside the answer block": (
        "base",
        "<think>It is red.</think>\n<answer>Well, it is red. The answer is B</answer>",
        "<think>It is red.</think>\n<answer>",
    ),
    "thought left open": (
        "base",
        "<think>It is red.<answer>Well, it is red. The answer is B</answer>",
        "<think>It is red.</think><answer>",
    ),
}


@pytest.mark.parametrize(("condition", "text", "slot"), MORE.values(), ids=MORE)
def test_letters_right_after_the_thought_where_more_was_said_before_the_answer(
    model, dictated, reference, condition, text, slot
):
    [evidence], sizes = dictated((condition, text))
    assert (evidence.letter_source, sizes) == ("generated", [1, 1])
    expected = summed(model.tokenizer, reference(condition, 0, slot))
    assert probabilities(evidence.conclusion) == pytest.approx(expected, abs=1e-5)
    at_answer = summed(model.tokenizer, reference(condition, 0, text[: text.rindex("B")]))
    assert probabilities(evidence.letters) == pytest.approx(at_answer, abs=1e-5)
    assert expected != pytest.approx(at_answer, abs=1e-3)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("base", "<think>It is red.</think><answer>B</answer>"),
        ("base", "<think>It is red.</think>\n\n**Final answer:** The answer is (B)."),
        ("base", "So we see that it is red. The answer is (B)"),
        ("base", "<think></think>" + SPOKEN),
        ("wrong_think", " No wait.</think>\n<answer>B</answer>"),
        ("stop_think", SPOKEN),
    ],
    ids=["usual", "announced", "no thought", "empty thought", "thought that was given", "thought given and closed"],
)
def test_no_further_pass_where_the_answer_follows_the_thought_or_there_is_none(dictated, condition, text):
    [evidence], sizes = dictated((condition, text))
    assert (evidence.conclusion, evidence.letter_source, sizes) == (None, "generated", [1])


def test_one_forced_pass_serves_a_batch_and_is_never_larger(model, dictated, reference):
    usual = ("base", "<think>It is red.</think><answer>B</answer>")
    cut = ("base", "<think>It is")
    more = ("wrong_think", "</think>" + SPOKEN)
    words = ("wrong_think", "</think> So we see that it is red. It is red.")  # neither a letter nor right after

    (first, second, third), sizes = dictated(usual, cut, more)
    assert sizes == [3, 2]
    assert [one.letter_source for one in (first, second, third)] == ["generated", "forced", "generated"]
    assert [one.conclusion is None for one in (first, second, third)] == [True, True, False]

    (alone, other), sizes = dictated(words, cut)
    assert sizes == [2, 2, 1]
    assert (alone.letter_source, other.conclusion) == ("forced", None)
    for found, slot in ((alone.letters, words[1] + "<answer>"), (alone.conclusion, "</think> <answer>")):
        expected = summed(model.tokenizer, reference("wrong_think", 0, slot))
        assert probabilities(found) == pytest.approx(expected, abs=1e-5)
    assert third.conclusion == pytest.approx(alone.conclusion, abs=1e-4)


def test_an_item_without_options_has_no_letters_after_its_thought_either(dictated):
    [evidence], sizes = dictated(("base", "<think>It is red.</think>" + SPOKEN), alternatives=("3", "4"))
    assert (evidence.letters, evidence.letter_source, evidence.conclusion, sizes) == (None, None, None, [1])
    assert len(evidence.values) == 2


@pytest.mark.parametrize("temperature", [0.3, 5.0])
def test_temperature_does_not_touch_the_raw_probabilities(ask, temperature):
    """With only the likeliest token to sample from, the text is the greedy one at any temperature."""
    greedy = ask("wrong_think", items=1)
    assert ask("wrong_think", items=1, temperature=temperature, top_k=1) == greedy


def test_every_form_of_a_letter_counts(model):
    from lmms_faith.lmms.models.slots import letter_token_ids

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
    handle = head.register_forward_hook(lambda _module, _args, output: torch.full_like(output, math.nan), prepend=True)
    try:
        [(_, evidence)] = ask("base", items=1, max_new_tokens=2)
    finally:
        handle.remove()
    assert (evidence.letters, evidence.letter_source) == (None, None)
