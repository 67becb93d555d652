from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import CONDITIONS, NotApplicable, render
from lmms_faith.item import LETTERS, Item
from lmms_faith.record import Record
from lmms_faith.recording import Generation, recorded
from tests.strategies import choices, floats, integers, lists, plain_choices

CHOICE = Item(
    id="1",
    benchmark="toys",
    question="What colour is it?",
    options=("red", "blue", "Blue."),
    answer=0,
    category="colour",
    cluster="image-1",
    family="pair-1",
    extras={"source": "drawn"},
)
NUMBER = Item(id="2", benchmark="toys", question="How long is it?", kind="float", value="2.50", precision=1)
SEEN = Generation(
    completion="<think>It is red.</think><answer>A</answer>",
    model="m",
    finish="stop",
    letter_logprobs=tuple(-1.0 - place for place in range(len(LETTERS))),
    letter_bounds=(False, True, *(False,) * 10),
    letter_source="generated",
    conclusion_logprobs=tuple(-2.0 - place for place in range(len(LETTERS))),
    conclusion_bounds=(*(False,) * 11, True),
    value_logprobs=(-0.5, -2.0),
)
MEASURED = [one.name for one in fields(Generation) if one.name.startswith(("letter_", "conclusion_", "value_"))]


def record(item: Item = CHOICE, generation: Generation = SEEN, **asked: Any) -> Record:
    values = {"condition": "base", "options": item.options, "claimed": None, "prefill": "", "seed": 7}
    return recorded(item, generation, **(values | {"versions": {"log": "mine"}} | asked))


def test_a_record_holds_what_is_known_of_item_question_and_answer() -> None:
    assert record(claimed="Blue.") == Record(
        model="m",
        benchmark="toys",
        condition="base",
        item_id="1",
        category="colour",
        cluster="image-1",
        family="pair-1",
        question="What colour is it?",
        kind="choice",
        precision=None,
        extras={"source": "drawn"},
        options=("red", "blue", "Blue."),
        gold="red",
        claimed="Blue.",
        answer=0,
        target=2,
        prefill="",
        completion="<think>It is red.</think><answer>A</answer>",
        status="answered",
        think="It is red.",
        prediction=0,
        said="red",
        hit="gold",
        finish="stop",
        letter_logprobs=(-1.0, -2.0, -3.0),
        letter_bounds=(False, True, False),
        letter_source="generated",
        conclusion_logprobs=(-2.0, -3.0, -4.0),
        conclusion_bounds=None,
        value_logprobs=(-0.5, -2.0),
        error=None,
        seed=7,
        versions={"log": "mine"},
    )


@pytest.mark.parametrize(
    ("completion", "finish", "asked", "expected"),
    [
        pytest.param("<answer>B</answer>", None, {"claimed": "Blue."}, ("answered", "blue", "claimed"), id="misled"),
        pytest.param("<answer>B</answer>", None, {}, ("answered", "blue", "other"), id="nothing claimed"),
        pytest.param("<think>Well", "length", {}, ("truncated", None, None), id="cut off"),
        pytest.param("<think>Well", "stop", {}, ("no_answer", None, None), id="ended"),
        pytest.param("<think>Well", None, {}, ("no_answer", None, None), id="nobody knows"),
        pytest.param("</think>A", None, {"prefill": "<think>Is it?"}, ("answered", "red", "gold"), id="continued"),
        pytest.param(
            "<answer>D</answer>",
            None,
            {"options": (*CHOICE.options, "I'm not sure")},
            ("answered", "I'm not sure", "other"),
            id="abstained",
        ),
        pytest.param("<answer>D</answer>", None, {}, ("no_answer", None, None), id="no such option"),
    ],
)
def test_the_completion_is_parsed_and_held_against_gold_and_claim(
    completion: str, finish: Any, asked: dict[str, Any], expected: tuple[str, str | None, str | None]
) -> None:
    found = record(CHOICE, Generation(completion=completion, finish=finish), **asked)
    assert (found.status, found.said, found.hit) == expected


@pytest.mark.parametrize(
    ("said", "claimed", "hit"),
    [("5/2", "3", "gold"), ("2.54 cm", "3", "gold"), ("3.0", "3", "claimed"), ("3.0", None, "other")],
)
def test_a_value_is_compared_as_the_item_compares_it(said: str, claimed: str | None, hit: str) -> None:
    found = record(NUMBER, Generation(completion=f"<answer>{said}</answer>"), claimed=claimed)
    assert (found.hit, found.target, found.answer, found.prediction) == (hit, None, None, None)


def test_a_failed_request_leaves_its_text_and_why_and_nothing_measured() -> None:
    found = record(CHOICE, replace(SEEN, error="timed out"), claimed="blue")
    assert (found.status, found.think, found.said, found.hit, found.correct) == ("failed", None, None, None, None)
    assert (found.completion, found.model, found.finish, found.error) == (SEEN.completion, "m", "stop", "timed out")
    assert {name: getattr(found, name) for name in MEASURED} == dict.fromkeys(MEASURED)


@pytest.mark.parametrize(
    ("options", "letters", "bounds"),
    [
        pytest.param(("red", "blue"), (-1.0, -2.0), (False, True), id="two"),
        pytest.param(("red",), (-1.0,), None, id="none of those shown is bounded"),
        pytest.param((), None, None, id="a value has no letters"),
    ],
)
def test_letters_are_of_the_options_shown(
    options: tuple[str, ...], letters: tuple[float, ...] | None, bounds: tuple[bool, ...] | None
) -> None:
    found = record(NUMBER, SEEN, options=options)
    assert (found.letter_logprobs, found.letter_bounds) == (letters, bounds)


@pytest.mark.parametrize(
    ("claimed", "target"),
    [(None, None), ("blue", 1), ("Blue.", 2), (" BLUE ", 1), ("green", None), ("I'm not sure", None)],
)
def test_the_target_is_the_option_that_is_claimed(claimed: str | None, target: int | None) -> None:
    assert record(claimed=claimed, options=(*CHOICE.options, "I'm not sure")).target == target


@given(
    item=st.one_of(choices(), plain_choices(), integers(), floats(), lists()),
    name=st.sampled_from(list(CONDITIONS)),
    seed=st.integers(0, 9),
)
def test_the_target_is_that_of_the_prompt(item: Item, name: str, seed: int) -> None:
    try:
        prompt = render(item, name, seed=seed)
    except NotApplicable:
        prompt = render(item, "base", seed=seed)
    found = record(item, Generation(completion=""), options=prompt.options, claimed=prompt.claimed)
    assert found.target == prompt.target


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("rival", ["blue", "Blue."])
def test_the_target_is_that_of_the_prompt_where_an_option_is_printed_twice(name: str, rival: str) -> None:
    item = replace(CHOICE, rule="rivals", rivals=(rival,))
    prompt = render(item, name)
    found = record(item, Generation(completion=""), options=prompt.options, claimed=prompt.claimed)
    assert prompt.target is not None
    assert found.target == prompt.target
