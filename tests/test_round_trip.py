"""From an item over its prompt and a model's answer to what the record says of it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import CONDITIONS, NotApplicable, render
from lmms_faith.hits import hit
from lmms_faith.item import LETTERS, Item, Prompt
from lmms_faith.parsing import parse
from tests.strategies import choices, free_forms, plain_choices

pytestmark = pytest.mark.slow

ITEMS = st.one_of(choices(), plain_choices(), free_forms())
FORMS = {
    "asked": "<answer>{}</answer>",
    "spaced": "\n<answer>\n{}\n</answer>\n",
    "full stop": "<answer>{}.</answer>",
    "bold": "<answer>**{}**</answer>",
    "boxed": r"<answer>\boxed{{{}}}</answer>",
    "boxed outside": r"So it is $\boxed{{{}}}$.",
    "stray tag": "<answer>{}</answer></think>",
    "stated": "The answer is {}.",
}


def prompt_of(item: Item, name: str) -> Prompt | None:
    try:
        return render(item, name)
    except NotApplicable:
        return None


def completed(prompt: Prompt, answer: str, form: str = "asked") -> str:
    """What a model writes that answers so, after whatever it was given."""
    if prompt.prefill.endswith("</think>"):
        return FORMS[form].format(answer)
    return ("" if prompt.prefill else "<think>") + " I see.</think>" + FORMS[form].format(answer)


def outcome(item: Item, prompt: Prompt, answer: str, form: str = "asked") -> str | None:
    parsed = parse(
        completed(prompt, answer, form), prompt.options or None, kind=item.kind, prefill=prompt.prefill, finish="stop"
    )
    return hit(parsed.said, item, prompt.claimed)


@pytest.mark.parametrize("name", CONDITIONS)
@given(item=ITEMS)
def test_the_right_answer_hits_gold_under_every_condition(name: str, item: Item) -> None:
    prompt = prompt_of(item, name)
    if prompt is not None:
        assert outcome(item, prompt, item.gold if item.answer is None else LETTERS[item.answer]) == "gold"


@pytest.mark.parametrize("name", CONDITIONS)
@given(item=ITEMS)
def test_the_claimed_answer_hits_the_claim_under_every_condition(name: str, item: Item) -> None:
    prompt = prompt_of(item, name)
    if prompt is not None and prompt.claimed is not None:
        answer = prompt.claimed if prompt.target is None else LETTERS[prompt.target]
        assert outcome(item, prompt, answer) == "claimed"


@pytest.mark.parametrize("form", FORMS)
@given(item=st.one_of(plain_choices(), free_forms()))
def test_however_an_answer_is_written_it_hits_the_same(form: str, item: Item) -> None:
    prompt = render(item, "base")
    assert outcome(item, prompt, item.gold if item.answer is None else LETTERS[item.answer], form) == "gold"
    if prompt.claimed is not None:
        assert (
            outcome(item, prompt, prompt.claimed if prompt.target is None else LETTERS[prompt.target], form)
            == "claimed"
        )


@given(item=plain_choices())
def test_an_options_text_hits_what_its_letter_hits(item: Item) -> None:
    prompt = render(item, "base")
    for index, text in enumerate(item.options):
        assert outcome(item, prompt, text) == outcome(item, prompt, LETTERS[index])


@given(item=ITEMS)
def test_no_answer_hits_nothing(item: Item) -> None:
    assert hit(parse("<think>Hm.", None, kind=item.kind).said, item, render(item, "base").claimed) is None


def test_another_answer_is_other() -> None:
    choice = Item(id="a", benchmark="toys", question="?", options=("red", "blue", "green"), answer=0)
    prompt = render(choice, "base")
    assert prompt.target is not None
    assert outcome(choice, prompt, LETTERS[3 - prompt.target]) == "other"
    value = Item(id="a", benchmark="toys", question="?", kind="integer", value="5")
    assert outcome(value, render(value, "base"), "77") == "other"


def test_further_golds_hit_gold() -> None:
    item = Item(id="a", benchmark="toys", question="?", kind="text", value="sofa", extras={"accepted": "sofa\ncouch"})
    prompt = replace(render(item, "base"), claimed="chair")
    assert [outcome(item, prompt, answer) for answer in ("a couch", "chair", "bed")] == ["gold", "claimed", "other"]
