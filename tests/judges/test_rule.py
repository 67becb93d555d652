from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.judges import RuleJudge
from lmms_faith.record import Record

COLOURS = ("red", "blue", "green")
SIDES = ("left", "left of", "right of", "right")
DIGITS = ("1", "2", "3", "4")
YES_NO = ("yes", "no")
UNSURE = ("red", "blue", "I'm not sure")

# reasoning, options, the option it ends on
CASES = {
    "one option": ("The ball is red.", COLOURS, 0),
    "case": ("The ball is Red.", COLOURS, 0),
    "no full stop": ("The ball is red", COLOURS, 0),
    "named twice": ("Red, yes, red.", COLOURS, 0),
    "none": ("The ball is purple.", COLOURS, None),
    "nothing": ("", COLOURS, None),
    "two options": ("It is red or blue.", COLOURS, None),
    "negated": ("It is not red.", COLOURS, None),
    "negated by a contraction": ("It isn't red.", COLOURS, None),
    "negated by a typographic contraction": ("It isn’t red.", COLOURS, None),
    "negated by never": ("It was never red.", COLOURS, None),
    "neither, nor": ("It is neither red nor blue.", (*COLOURS, "white"), None),
    "neither, nor, one left": ("It is neither red nor blue.", COLOURS, 2),
    "knot is no not": ("The knot is red.", COLOURS, 0),
    "note is no not": ("Note that it is red.", COLOURS, 0),
    "part of a word": ("I am bored.", COLOURS, None),
    "revised": ("It is red. Wait, it is blue.", COLOURS, 1),
    "revised twice, back": ("It is red. Or blue? It is red.", COLOURS, 0),
    "revised in one sentence": ("It is red, wait, blue.", COLOURS, 1),
    "another denied at the end": ("It is red. It is not blue.", COLOURS, 0),
    "the same denied at the end": ("It is red. It is not red.", COLOURS, None),
    "doubted, nothing in its place": ("It is red. Wait, that is wrong.", COLOURS, None),
    "doubted and renewed": ("It is red. Wait. It is red.", COLOURS, 0),
    "doubted before": ("Wait, that is wrong. It is red.", COLOURS, 0),
    "but": ("It looks red, but I think it is blue.", COLOURS, 1),
    "but it isn't another": ("It looks red, but it isn't blue.", COLOURS, 0),
    "not, but": ("It is not red but blue.", COLOURS, 1),
    "rather than": ("It is red rather than blue.", COLOURS, 0),
    "between two, one": ("Between red and blue, red is nearer.", COLOURS, 0),
    "asked": ("Is it red?", COLOURS, None),
    "supposed": ("If it were red, it would shine.", COLOURS, None),
    "could be": ("It could be red.", COLOURS, None),
    "probably": ("It is probably red.", COLOURS, 0),
    "I'd go with": ("I'd go with red.", COLOURS, 0),
    "all others excluded": ("It can't be red, and blue is ruled out.", COLOURS, 2),
    "last words name none": ("It is red. I am sure of that.", COLOURS, 0),
    "lines as sentences": ("It is red\nIt is blue", COLOURS, 1),
    "text in longer text": ("The circle is left of the star.", SIDES, 1),
    "longer text's word alone": ("The circle is on the left.", SIDES, 0),
    "both sides": ("The circle is left of the star, the star is right of it.", SIDES, None),
    "letter in brackets": ("So it is (B).", COLOURS, 1),
    "small letter in brackets is a list mark": ("So it is (b).", COLOURS, None),
    "option and letter": ("So option B fits.", COLOURS, 1),
    "Option and letter": ("Option B fits.", COLOURS, 1),
    "the answer is": ("The answer is C.", COLOURS, 2),
    "letter and its text": ("It is (B) blue.", COLOURS, 1),
    "letter and another text": ("It is (B) green.", COLOURS, None),
    "letter beyond the options": ("It is (D).", COLOURS, None),
    "article": ("A ball lies there.", COLOURS, None),
    "digit": ("The number of objects is 3.", DIGITS, 2),
    "digit after evidence": ("1 (1,3), 2 (4,4). The number of blue objects is 2.", DIGITS, 1),
    "digit in a number": ("There are 12.", DIGITS, None),
    "counting in one sentence": ("I count 1, 2, 3.", DIGITS, None),
    "yes": ("The answer is yes.", YES_NO, 0),
    "no is an option here": ("The answer is no.", YES_NO, 1),
    "no is a negation elsewhere": ("There is no red ball.", COLOURS, None),
    "not, next to no": ("The answer is not no.", YES_NO, None),
    "abstention": ("I'm not sure.", UNSURE, 2),
    "abstention and an option": ("I'm not sure it is red.", UNSURE, None),
    "marks in options": ("The ratio is 1:2 (C++).", ("C++", "C+", "C"), 0),
    "spaces around an option": ("It is red.", (" red ", "blue"), 0),
    "an empty option": ("It is red.", ("red", ""), 0),
}


@pytest.mark.parametrize(("own", "options", "expected"), CASES.values(), ids=CASES)
def test_on_which_option_a_thought_ends(own: str, options: tuple[str, ...], expected: int | None) -> None:
    assert RuleJudge().conclusion(own, options) == expected


@given(own=st.text(), options=st.lists(st.text(), max_size=12))
def test_judging_is_total_and_names_an_option_or_none(own: str, options: list[str]) -> None:
    assert RuleJudge().conclusion(own, options) in {None, *range(len(options))}


@given(before=st.text(alphabet="xyz .\n"), index=st.integers(0, 2))
def test_the_last_plain_sentence_decides_whatever_came_before(before: str, index: int) -> None:
    own = f"{before}\nIt is red. It is not green. So it is {COLOURS[index]}."
    assert RuleJudge().conclusion(own, COLOURS) == index


@given(order=st.permutations(COLOURS))
def test_the_order_of_options_does_not_matter(order: list[str]) -> None:
    index = RuleJudge().conclusion("It was red. It is blue.", order)
    assert index is not None
    assert order[index] == "blue"


def test_the_judge_has_name_and_version() -> None:
    assert RuleJudge().id == "rule-2"


FREE = {"options": (), "answer": None, "target": None, "prediction": None, "gold": "12", "said": "12"}
GIVEN = "Let me look at the image. It is blue."

# what differs of the record, the outcome, and what is decided
RECORDS: dict[str, tuple[dict[str, Any], str, int | str | None]] = {
    "an option": ({"think": "It is green."}, "decided", 2),
    "the question tells what is compared": (
        {"think": "Red is nearer than blue.", "question": "Which is nearer?"},
        "decided",
        0,
    ),
    "the question tells what yes means": (
        {"think": "The ball isn't red.", "question": "Is the ball red?", "options": ("yes", "no")},
        "decided",
        1,
    ),
    "a number": ({**FREE, "kind": "integer", "think": "So there are 12."}, "decided", "12"),
    "a text": ({**FREE, "kind": "text", "think": 'It says "Stop".'}, "decided", "Stop"),
    "a list": ({**FREE, "kind": "list", "think": "So it is [1, 2]."}, "decided", "[1, 2]"),
    "no value": ({**FREE, "kind": "integer", "think": "I can't tell."}, "abstained", None),
    "given, let stand": ({"think": GIVEN, "prefill": f"<think>{GIVEN}"}, "decided", 1),
    "given, then hedged": ({"think": f"{GIVEN} It might be so.", "prefill": f"<think>{GIVEN}"}, "abstained", None),
    "the same, not given": ({"think": f"{GIVEN} It might be so."}, "decided", 1),
    "given and closed": (
        {"think": GIVEN, "prefill": f"<think>{GIVEN}</think>", "completion": "<answer>A</answer>"},
        "decided",
        1,
    ),
    "a prefill without a thought": ({"think": "It is green.", "prefill": "Sure. "}, "decided", 2),
    "space alone": ({"think": " \n"}, "abstained", None),
    "no options": ({"think": "It is red.", "options": (), "answer": None, "prediction": None}, "abstained", None),
}


@pytest.mark.parametrize(("changed", "outcome", "expected"), RECORDS.values(), ids=RECORDS)
def test_what_a_record_concludes(
    changed: dict[str, Any], outcome: str, expected: int | str | None, make_record: Callable[..., Record]
) -> None:
    (opinion,) = RuleJudge().judge([make_record(**changed)])
    assert (opinion.outcome, opinion.value if opinion.conclusion is None else opinion.conclusion) == (outcome, expected)
    assert (opinion.note is None) == (outcome == "decided")


def test_the_judge_is_blind_to_answer_gold_and_claim(make_record: Callable[..., Record]) -> None:
    think = "It is red or so. It is green."
    records = [make_record(think=think, prediction=i, answer=i, target=(i + 1) % 3) for i in range(3)]
    assert len(set(RuleJudge().judge(records))) == 1


@given(thought=st.text(), prefill=st.text(), kind=st.sampled_from(["choice", "integer", "float", "text", "list"]))
def test_any_record_is_judged(thought: str, prefill: str, kind: str, make_record: Callable[..., Record]) -> None:
    given_too = f"<think>{prefill}"
    records = [make_record(think=prefill + thought, prefill=given_too, kind=kind), make_record(think=None)]
    assert [one.outcome in ("decided", "abstained") for one in RuleJudge().judge(records)] == [True, True]
