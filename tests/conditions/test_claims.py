import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import assertion, placebo, render
from lmms_faith.conditions.claims import PLACEBOS, with_tail
from lmms_faith.item import Item


def item_of(options: tuple[str, ...], *, claim: str | None, question: str = "What is it?") -> Item:
    return Item(id="x", benchmark="toys", question=question, options=options, answer=0, claim=claim)


@pytest.mark.parametrize(
    ("claim", "options", "question", "sentence"),
    [
        pytest.param("It is {option}.", ("red", "blue"), "?", "It is blue.", id="own template"),
        pytest.param(None, ("1", "2"), "How many?", 'For "How many?", the picture shows: 2.', id="generic"),
        pytest.param("{option} is it, {option}.", ("a", "b"), "?", "b is it, b.", id="option twice"),
        pytest.param("It is {option}.", ("Red.", "Blue."), "?", "It is Blue.", id="option with a full stop"),
        pytest.param("It is {option} there.", ("red.", " blue. "), "?", "It is blue there.", id="full stop amid"),
        pytest.param("It is {option}.", ("x", "{option}"), "?", "It is {option}.", id="option '{option}'"),
        pytest.param("It is {option}.", ("x", "{0} {y"), "?", "It is {0} {y.", id="braces in the option"),
        pytest.param("A {set} of {option}.", ("x", "y"), "?", "A {set} of y.", id="braces in the template"),
        pytest.param("The sky says {option}.", ("Yes", "No"), "?", "The sky says no.", id="a verdict keeps no capital"),
        pytest.param("It is in {option}.", ("Rome", "Nome"), "?", "It is in Nome.", id="a name keeps its capital"),
        pytest.param(None, ("x", "y"), "{option}?", 'For "{option}?", the picture shows: y.', id="'{option}' asked"),
        pytest.param(
            None, ("x", "{question}"), "{a}}", 'For "{a}}", the picture shows: {question}.', id="braces in both"
        ),
    ],
)
def test_how_an_option_is_asserted(claim: str | None, options: tuple[str, ...], question: str, sentence: str) -> None:
    assert assertion(item_of(options, claim=claim, question=question), options[1]) == sentence


@pytest.mark.parametrize(
    ("sentence", "tail", "whole"),
    [
        ("It is red.", ".", "It is red."),
        ("It is red", ".", "It is red."),
        ("It is red.", ", but I think", "It is red, but I think"),
        ("It is red", ", but I could be wrong.", "It is red, but I could be wrong."),
    ],
)
def test_a_tail_takes_the_place_of_the_full_stop(sentence: str, tail: str, whole: str) -> None:
    assert with_tail(sentence, tail) == whole


@pytest.mark.parametrize("options", [("left", "right"), ("Left.", "Right.")], ids=["plain", "with full stops"])
@pytest.mark.parametrize("claim", ["The dog looks {option}.", "{option} is where it looks", None])
@pytest.mark.parametrize("name", ["wrong_think_but", "wrong_caption_disclaimer"])
def test_tails_are_joined_by_one_comma(name: str, claim: str | None, options: tuple[str, ...]) -> None:
    prompt = render(item_of(options, claim=claim), name)
    said = prompt.prefill or prompt.text.split("\n", 1)[0]
    assert re.search(r"[A-Za-z], but I (think|could be wrong\.)$", said)


USUAL = {
    *("red", "green", "blue", "yellow", "purple", "orange", "black", "white"),
    *("circle", "square", "triangle", "star", "dog", "cat", "person", "car", "tree"),
    *("left", "right", "above", "below", "front", "behind", "near", "far", "bigger", "smaller"),
    *("yes", "no", "true", "false", "zero", "one", "two", "three", "four", "five", *"012345"),
}


@pytest.mark.parametrize("sentence", PLACEBOS)
def test_a_placebo_names_no_usual_option(sentence: str) -> None:
    assert not set(re.findall(r"\w+", sentence.lower())) & USUAL


@pytest.mark.parametrize("sentence", PLACEBOS)
def test_a_placebo_is_about_as_long_as_a_claim(sentence: str, toy: Item) -> None:
    assert abs(len(sentence.split()) - len(assertion(toy, toy.gold).split())) <= 3


@pytest.mark.parametrize("sentence", PLACEBOS)
def test_a_placebo_is_one_sentence(sentence: str) -> None:
    assert re.fullmatch(r"[A-Z][^.]*\.", sentence)


def test_one_item_has_one_placebo_and_items_share_them_out(toy: Item) -> None:
    caption = render(toy, "irrelevant_caption").text.split("\n", 1)[0]
    assert render(toy, "irrelevant_think").prefill.endswith(caption)
    assert {placebo(replace(toy, id=str(i), family=str(i))) for i in range(60)} == set(PLACEBOS)


@given(
    option=st.text(min_size=1).filter(lambda text: text.strip(". \n\t") and text == text.strip()),
    before=st.text(),
    after=st.text(),
)
def test_any_option_text_is_claimed_word_for_word(option: str, before: str, after: str) -> None:
    item = item_of(
        ("gold", option) if option.casefold() != "gold" else ("x", option), claim=f"{before}{{option}}{after}"
    )
    # White space is folded, a final full stop dropped, and the four verdicts lose their capitals.
    said = " ".join(option.split()).removesuffix(".")
    said = said.lower() if said.lower() in ("yes", "no", "true", "false") else said
    expected = (before + "{option}" + after).replace("{option}", said)
    assert assertion(item, option) == expected
