from itertools import product
from random import Random

import pytest

from lmms_faith.parsing import parse
from lmms_faith.parsing.prose import ending
from lmms_faith.simulation.questions import FAMILIES
from lmms_faith.simulation.wording import (
    LETTERED,
    OPEN_ENDED,
    STATED,
    UNANSWERED,
    UNREAD,
    VALUED,
    completion,
    thought,
)

OPTIONS = [family.answers for family in FAMILIES]


@pytest.mark.parametrize("options", OPTIONS, ids=[family.category for family in FAMILIES])
def test_what_is_stated_is_what_is_read(options: tuple[str, ...]) -> None:
    for form, (this, that) in product(STATED, product(range(8), repeat=2)):
        if this != that:
            text = form.format(this=options[this], that=options[that])
            assert ending(f"I look at the clock near the wall and lamp. {text}", options).index == this, text


@pytest.mark.parametrize("options", OPTIONS, ids=[family.category for family in FAMILIES])
def test_what_is_left_open_is_read_as_open(options: tuple[str, ...]) -> None:
    for form, (this, that) in product(OPEN_ENDED, product(range(8), repeat=2)):
        if this != that:
            text = form.format(this=options[this], that=options[that])
            assert ending(f"I look at the clock near the wall and lamp. {text}", options).index is None, text


@pytest.mark.parametrize("form", LETTERED)
def test_every_answer_by_letter_is_read(form: str) -> None:
    for options, place in product(OPTIONS, range(8)):
        said = form.format(letter="ABCDEFGH"[place], text=options[place])
        parsed = parse(f"<think>Hm.</think>\n{said}", options)
        assert (parsed.prediction, parsed.letter_at is None) == (place, False)


@pytest.mark.parametrize("form", VALUED)
def test_every_value_is_read(form: str) -> None:
    assert parse(f"<think>Hm.</think>\n{form.format(text=37)}", None, kind="integer").said == "37"


@pytest.mark.parametrize("rest", [UNREAD.format(span="B"), UNREAD.format(span="37"), UNANSWERED])
def test_what_holds_no_answer_for_a_rule_is_read_as_none(rest: str) -> None:
    text = f"<think>So it is blue.</think>\n{rest}"
    assert parse(text, ["red", "blue", "green"], finish="stop").status == "no_answer"
    assert parse(text, None, kind="integer", finish="stop").status == "no_answer"


@pytest.mark.parametrize("ends", [True, False, None])
@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("words", [20, 30, 31, 47, 200])
def test_a_thought_has_as_many_words_as_asked_for(words: int, template: bool, ends: bool | None) -> None:
    for seed in range(20):
        found = thought(Random(seed), "on the table", "in front of the oven", words=words, template=template, ends=ends)
        assert len(found.split()) == words


def test_a_template_repeats_and_other_thoughts_do_not() -> None:
    def several(template: bool) -> set[str]:
        return {thought(Random(seed), "red", "blue", words=30, template=template, ends=True) for seed in range(200)}

    assert len(several(True)) == 1
    assert len(several(False)) == 200


@pytest.mark.parametrize(
    ("prefill", "rest", "expected"),
    [
        ("", "<answer>B</answer>", "<think>Hm.</think>\n<answer>B</answer>"),
        ("<think>It is red.", "<answer>B</answer>", " Hm.</think>\n<answer>B</answer>"),
        ("", None, "<think>Hm."),
    ],
)
def test_a_completion_goes_on_from_its_prefill(prefill: str, rest: str | None, expected: str) -> None:
    assert completion(prefill, "Hm.", rest) == expected
