"""Open assistant turns: rendered by the model's template, verified on token ids, refused with a remedy."""

import pytest

from lmms_faith.lmms.channel import detach

pytestmark = pytest.mark.host

PREFILL = "<think>Let me look at the image. The circle is red."
USER = {"role": "user", "content": [{"type": "image", "image": None}, {"type": "text", "text": "Which colour?"}]}
STARTED = [USER, {"role": "assistant", "content": [{"type": "text", "text": PREFILL}]}]
PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
_TURNS = (
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% for p in m.content %}{{ p.text or '"
    + PICTURE
    + "' }}"
)
TEMPLATES = {
    "strips the assistant": "{% for m in messages if m.role == 'user' %}{{ '" + PICTURE + "' }}{% endfor %}assistant:",
    "rewrites the thought": _TURNS.replace("p.text or", "(p.text or '').replace('<think>', '') or")
    + "{% endfor %}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' if add_generation_prompt }}",
    "raises": "{{ raise_exception('roles must be user') }}",
    "opens elsewhere": "{% for m in messages %}{{ m.role + ': ' }}{% for p in m.content %}{{ p.text or '"
    + PICTURE
    + "' }}{% endfor %}\n{% endfor %}{{ 'ASSISTANT SAYS' if add_generation_prompt }}",
}


@pytest.fixture(scope="module")
def prefill():
    from lmms_faith.lmms.models import prefill

    return prefill


@pytest.fixture
def processor(model, monkeypatch):
    """The tiny model's processor, whose chat template a test may replace."""
    monkeypatch.setattr(model.processor, "chat_template", model.processor.chat_template)
    return model.processor


def test_the_template_continues_the_turn(prefill, processor):
    opening = prefill.render_turn(processor, [USER], model="m")
    assert opening.endswith("Which colour?<|im_end|>\n<|im_start|>assistant\n")
    assert prefill.render_turn(processor, STARTED, model="m") == opening + PREFILL


def test_the_hosts_own_way_would_close_it(prefill, processor):
    closed = processor.apply_chat_template(STARTED, tokenize=False, add_generation_prompt=True)
    assert closed.endswith(f"{PREFILL}<|im_end|>\n<|im_start|>assistant\n")
    ids = processor.tokenizer(closed)["input_ids"]
    with pytest.raises(prefill.PrefillRefused):
        prefill.verify(processor.tokenizer, ids, PREFILL, model="m")


class Closing:
    """A processor that does not know `continue_final_message`, as remote code and old ones don't."""

    def __init__(self, processor):
        self._processor = processor

    def apply_chat_template(self, messages, *, continue_final_message=False, **options):
        return self._processor.apply_chat_template(messages, **options)


def test_a_turn_that_is_closed_is_refused(prefill, processor):
    with pytest.raises(
        prefill.PrefillRefused, match=r"model 'm': its chat template renders .* in place of the open turn"
    ):
        prefill.render_turn(Closing(processor), STARTED, model="m")
    by_append = prefill.render_turn(Closing(processor), STARTED, model="m", how="append")
    assert by_append == prefill.render_turn(processor, STARTED, model="m")


def test_append_writes_the_same_prompt(prefill, processor):
    assert prefill.render_turn(processor, STARTED, model="m", how="append") == prefill.render_turn(
        processor, STARTED, model="m"
    )


def test_append_does_not_open_a_thought_twice(prefill, processor):
    processor.chat_template += "{%- if add_generation_prompt -%}{{ '<think>\n' }}{%- endif -%}"
    rendered = prefill.render_turn(processor, STARTED, model="m", how="append")
    assert rendered.endswith("<|im_start|>assistant\n<think>\n" + PREFILL.removeprefix("<think>"))
    prefill.verify(processor.tokenizer, processor.tokenizer(rendered)["input_ids"], PREFILL, model="m")


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_a_template_that_can_not_is_refused_by_name_and_with_a_remedy(prefill, processor, template):
    processor.chat_template = template
    with pytest.raises(prefill.PrefillRefused) as refused:
        prefill.render_turn(processor, STARTED, model="my/model")
    message = str(refused.value)
    assert "model 'my/model': its chat template" in message
    assert "--model_args prefill=append" in message
    assert "chat_template=FILE" in message


@pytest.mark.parametrize("name", ["strips the assistant", "rewrites the thought", "opens elsewhere"])
def test_append_is_a_remedy(prefill, processor, name):
    processor.chat_template = TEMPLATES[name]
    rendered = prefill.render_turn(processor, STARTED, model="m", how="append")
    assert rendered.endswith(PREFILL)
    prefill.verify(processor.tokenizer, processor.tokenizer(rendered)["input_ids"], PREFILL, model="m")


def test_no_template_at_all_is_refused(prefill, processor, monkeypatch):
    monkeypatch.setattr(processor.tokenizer, "chat_template", None)
    processor.chat_template = None
    for messages in ([USER], STARTED):
        with pytest.raises(prefill.PrefillRefused, match="model 'm': its chat template fails"):
            prefill.render_turn(processor, messages, model="m")


TAILS = {
    "as it is": ("{prefill}", True),
    "closed": ("{prefill}<|im_end|>\n<|im_start|>assistant\n", False),
    "closed without a new turn": ("{prefill}<|im_end|>", False),
    "cut": ("<think>Let me look at the image. The circle is", False),
    "nothing": ("", False),
    "more": ("{prefill} Yes.", False),
}


@pytest.mark.parametrize(("tail", "holds"), TAILS.values(), ids=TAILS.keys())
def test_verify_reads_the_tail_of_the_ids(prefill, processor, tail, holds):
    ids = processor.tokenizer("<|im_start|>assistant\n" + tail.format(prefill=PREFILL))["input_ids"]
    if holds:
        prefill.verify(processor.tokenizer, ids, PREFILL, model="m")
    else:
        with pytest.raises(prefill.PrefillRefused, match="tokenises to a prompt that ends in"):
            prefill.verify(processor.tokenizer, ids, PREFILL, model="m")


def test_refusal_comes_before_the_first_forward_pass(prefill, processor, model, ask, monkeypatch):
    calls = []
    monkeypatch.setattr(type(model._model), "generate", lambda *args, **options: calls.append(1))
    processor.chat_template = TEMPLATES["strips the assistant"]
    with pytest.raises(prefill.PrefillRefused):
        ask("base", "blank_image", "wrong_think")
    assert calls == []


def test_append_answers_as_the_template_does(model, ask, monkeypatch):
    by_template = ask("wrong_think", "stop_think")
    monkeypatch.setattr(model, "_how", "append")
    assert ask("wrong_think", "stop_think") == by_template
    assert all(evidence.continued for _, evidence in by_template)


def test_without_prefill_nothing_is_said_to_be_continued(ask):
    assert [evidence.continued for _, evidence in ask("base", "wrong_caption")] == [False] * 4
    assert detach("x") == ("x", None)
