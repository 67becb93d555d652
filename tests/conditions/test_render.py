from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import ABSTENTION, CONDITIONS, INSTRUCTION, STOP_THINK, assertion, placebo, render
from lmms_faith.item import LETTERS, Item, normalise

TEXT = st.one_of(st.text(min_size=1, max_size=30), st.text(alphabet="{}option. \nA", min_size=1, max_size=20))


@st.composite
def items(draw: st.DrawFn) -> Item:
    options = draw(st.lists(TEXT, min_size=2, max_size=11, unique_by=normalise))
    return Item(
        id=draw(st.text(min_size=1, max_size=5)),
        benchmark="toys",
        question=draw(TEXT),
        options=tuple(options),
        answer=draw(st.integers(0, len(options) - 1)),
        claim=draw(st.one_of(st.none(), st.tuples(TEXT, TEXT).map("{option}".join))),
    )


@pytest.mark.parametrize("name", CONDITIONS)
@given(item=items(), seed=st.integers(0, 9))
def test_a_prompt_differs_from_base_only_where_its_condition_says_so(name: str, item: Item, seed: int) -> None:
    row, base, prompt = CONDITIONS[name], render(item, "base", seed=seed), render(item, name, seed=seed)
    text = prompt.text
    if row.abstain:
        added = f"\n{LETTERS[len(item.options)]}. {ABSTENTION}\n{INSTRUCTION}"
        assert text.endswith(added)
        text = text.removesuffix(added) + "\n" + INSTRUCTION
    if row.caption:
        assert text.endswith("\n" + base.text)
        assert text != "\n" + base.text
        text = base.text
    assert text == base.text
    assert prompt.options == (*item.options, ABSTENTION)[: len(item.options) + row.abstain]
    assert bool(prompt.prefill) is (row.think is not None)
    assert prompt.image == {"blank_image": "blank", "swapped_image": "swapped"}.get(name, "own")
    assert (prompt.item_id, prompt.condition, prompt.target) == (item.id, name, base.target)


@pytest.mark.parametrize("name", CONDITIONS)
@given(item=items())
def test_the_same_seed_gives_the_same_prompt(name: str, item: Item) -> None:
    assert render(item, name, seed=7) == render(item, CONDITIONS[name], seed=7)


def test_another_seed_can_give_another_claim(toy: Item) -> None:
    assert len({render(toy, "wrong_caption", seed=seed).text for seed in range(30)}) == 3


def test_the_base_prompt_has_question_options_and_instruction_and_no_prefill(toy: Item) -> None:
    prompt = render(toy, "base")
    assert prompt.text.split("\n") == [
        "Where is the circle?",
        "A. left of the star",
        "B. right of the star",
        "C. above the star",
        "D. below the star",
        INSTRUCTION,
    ]
    assert prompt.prefill == ""


@pytest.mark.parametrize(
    ("name", "claimed"),
    [
        ("wrong_caption", "target"),
        ("wrong_think", "target"),
        ("correct_caption", "gold"),
        ("correct_think", "gold"),
        ("irrelevant_caption", "placebo"),
        ("irrelevant_think", "placebo"),
    ],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_each_condition_claims(name: str, claimed: str, seed: int, toy: Item) -> None:
    prompt = render(toy, name, seed=seed)
    assert prompt.target is not None
    sentence = {
        "target": assertion(toy, prompt.target),
        "gold": "The circle is right of the star.",
        "placebo": placebo(toy, seed=seed),
    }[claimed]
    if CONDITIONS[name].caption:
        assert prompt.text.split("\n")[0] == sentence
    else:
        assert prompt.prefill == f"<think>Let me look at the image. {sentence}"


@pytest.mark.parametrize("name", [name for name, row in CONDITIONS.items() if row.think])
def test_only_stop_think_closes_the_thought(name: str, toy: Item) -> None:
    prefill = render(toy, name).prefill
    assert prefill.startswith("<think>")
    assert ("</think>" in prefill) is (prefill == STOP_THINK) is name.startswith("stop_think")


def test_an_unknown_condition_is_refused_by_name(toy: Item) -> None:
    with pytest.raises(ValueError, match="unknown condition 'wrongthink'; choose one of: base, "):
        render(toy, "wrongthink")


def test_a_condition_of_ones_own_renders_without_being_in_the_table(toy: Item) -> None:
    mine = replace(CONDITIONS["wrong_caption"], name="mine", tail=", they say.")
    assert render(toy, mine).text.split("\n")[0].endswith("the star, they say.")
