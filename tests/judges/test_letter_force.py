"""The letters right after the thought, and when they say nothing of it."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import STOP_THINK
from lmms_faith.judges import LetterForceJudge, agrees
from lmms_faith.parsing import parse
from lmms_faith.record import Opinion, Record

Make = Callable[..., Record]


def logs(*probabilities: float) -> tuple[float, ...]:
    return tuple(math.log(one) for one in probabilities)


SURE_BLUE = logs(0.04, 0.90, 0.02)
SURE_RED = logs(0.95, 0.02, 0.01)
MORE = "<think>I look.</think> Oh well, I see it now. The answer is (A)"
"""Text stands between thought and answer."""
SPOKEN = {"completion": MORE, "think": "I look.", "letter_logprobs": SURE_RED, "letter_source": "generated"}
UNANSWERED = {"status": "truncated", "prediction": None, "finish": "length"}
CUT = {"completion": "<think>I look", "think": "I look", **UNANSWERED}


def opinion(record: Record) -> Opinion:
    (found,) = LetterForceJudge().judge([record])
    return found


DECIDES: dict[str, tuple[dict[str, Any], int]] = {
    "more said before the answer": (SPOKEN | {"conclusion_logprobs": SURE_BLUE}, 1),
    "more said before an answer in words": (
        {
            "completion": "<think>I look.</think> I see it now. It is red. So the answer is red.",
            "conclusion_logprobs": SURE_BLUE,
            "letter_logprobs": SURE_RED,
            "letter_source": "forced",
        },
        1,
    ),
    "thought cut off": (CUT | {"letter_logprobs": SURE_BLUE, "letter_source": "forced"}, 1),
    "thought closed, nothing after it": (
        UNANSWERED
        | {"completion": "<think>I look.</think>\n", "letter_logprobs": SURE_BLUE, "letter_source": "forced"},
        1,
    ),
    "sure enough": (SPOKEN | {"conclusion_logprobs": logs(0.29, 0.71, 1e-9)}, 1),
    "half of the probability is on no letter": (SPOKEN | {"conclusion_logprobs": logs(0.05, 0.46, 0.01)}, 1),
    "the other letters are bounded": (
        SPOKEN | {"conclusion_logprobs": logs(0.05, 0.85, 0.05), "conclusion_bounds": (True, False, True)},
        1,
    ),
    "forced, and the other letters bounded": (
        CUT | {"letter_logprobs": SURE_BLUE, "letter_bounds": (True, False, True), "letter_source": "forced"},
        1,
    ),
    "one option printed twice": (
        SPOKEN | {"options": ("red", "blue", "Blue "), "conclusion_logprobs": logs(0.1, 0.45, 0.45)},
        1,
    ),
}


@pytest.mark.parametrize(("changed", "expected"), DECIDES.values(), ids=DECIDES)
def test_the_likeliest_letter_right_after_the_thought(
    changed: dict[str, Any], expected: int, make_record: Make
) -> None:
    assert opinion(make_record(**changed)) == Opinion(outcome="decided", conclusion=expected)


FREE = {"kind": "integer", "options": (), "answer": None, "target": None, "prediction": None, "gold": "3", "said": "3"}
ABSTAINS: dict[str, tuple[dict[str, Any], str]] = {
    "usual": ({"letter_logprobs": SURE_RED, "letter_source": "generated"}, "circular"),
    # By the letters that were forced at its own place, an answer in words could only agree with itself, too.
    "an answer in words right after the thought": (
        {
            "completion": "<think>I look.</think><answer>red</answer>",
            "letter_logprobs": SURE_RED,
            "letter_source": "forced",
        },
        "circular",
    ),
    "announced": (SPOKEN | {"completion": "<think>I look.</think> The answer is (A)"}, "circular"),
    "letters of a forced answer behind further text": (
        SPOKEN | {"letter_source": "forced"},
        "the backend gave no letters right after the thought",
    ),
    "no letters there": (SPOKEN, "the backend gave no letters right after the thought"),
    "no letters at all": (SPOKEN | {"letter_logprobs": None, "letter_source": None}, "the backend gave no letters"),
    "cut off, no letters": (CUT, "the backend gave no letters"),
    "cut off, letters generated": (
        CUT | {"letter_logprobs": SURE_RED, "letter_source": "generated"},
        "the backend gave",
    ),
    "no answer read in what follows": (
        SPOKEN | UNANSWERED | {"status": "no_answer", "letter_source": "forced", "conclusion_logprobs": SURE_RED},
        "may hold one",
    ),
    "an extracted answer that stands nowhere": (
        SPOKEN | {"completion": "<think>I look.</think> I see it. The first.", "conclusion_logprobs": SURE_RED},
        "where the answer stands",
    ),
    "bounds that could be more than the rest": (
        SPOKEN | {"conclusion_logprobs": logs(0.25, 0.6, 0.25), "conclusion_bounds": (True, False, True)},
        "the likeliest letter has 0.55",
    ),
    "a bound alone is high": (
        SPOKEN | {"conclusion_logprobs": logs(0.1, 0.9, 0.1), "conclusion_bounds": (False, True, True)},
        "the letters hold 0.10 of the probability",
    ),
    "every letter bounded": (
        SPOKEN | {"conclusion_logprobs": logs(0.1, 0.9, 0.1), "conclusion_bounds": (True, True, True)},
        "the letters hold 0.00 of the probability",
    ),
    "no thought": ({"completion": "I see it now. The answer is (A)", "think": None}, "no thought"),
    "empty thought": ({"completion": "<think></think>I see it. So (A)", "think": ""}, "no thought"),
    "thought given and closed": (
        SPOKEN | {"prefill": STOP_THINK, "completion": " I see it. So the answer is (A)"},
        "no thought",
    ),
    "failed": ({"completion": "", "status": "failed", "prediction": None, "think": None, "error": "x"}, "no thought"),
    "a free-form item": (SPOKEN | FREE | {"value_logprobs": (-0.1, -4.0)}, "free-form"),
    "unsure": (SPOKEN | {"conclusion_logprobs": logs(0.31, 0.69, 1e-9)}, r"0\.69 of the letters' probability"),
    "unsure between two": (SPOKEN | {"options": ("red", "blue"), "conclusion_logprobs": logs(0.55, 0.45)}, r"0\.55"),
    "little on letters": (SPOKEN | {"conclusion_logprobs": logs(0.4, 0.05, 0.02)}, r"the letters hold 0\.47"),
}


@pytest.mark.parametrize(("changed", "reason"), ABSTAINS.values(), ids=ABSTAINS)
def test_it_abstains_and_says_why(changed: dict[str, Any], reason: str, make_record: Make) -> None:
    found = opinion(make_record(**changed))
    assert (found.outcome, found.conclusion) == ("abstained", None)
    assert found.note is not None
    assert re.search(reason, found.note), found.note


ENDINGS = ("<answer>{}</answer>", "\n\n<answer>\n({})\n</answer>", " The answer is ({}).", "\n**{}**", " \\boxed{{{}}}")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("letter", "ABC")
def test_an_answer_right_after_its_thought_is_never_counted_as_consistent(
    ending: str, letter: str, make_record: Make
) -> None:
    """Whatever the letters say: they are those that the answer was drawn from."""
    completion = "<think>It is green.</think>" + ending.format(letter)
    read = parse(completion, ("red", "blue", "green"))
    assert read.prediction == "ABC".index(letter)
    for source in ("generated", "forced"):
        for letters in (SURE_RED, SURE_BLUE):
            record = make_record(
                completion=completion,
                think=read.think,
                prediction=read.prediction,
                letter_logprobs=letters,
                letter_source=source,
                conclusion_logprobs=letters,
            )
            assert agrees(record, opinion(record)) is None


def test_it_can_find_thought_and_answer_at_odds(make_record: Make) -> None:
    record = make_record(**SPOKEN, conclusion_logprobs=SURE_BLUE)
    assert record.said == "red"
    assert agrees(record, opinion(record)) is False
    assert agrees(record, opinion(make_record(**SPOKEN, conclusion_logprobs=SURE_RED))) is True


def test_other_thresholds_make_another_judge(make_record: Make) -> None:
    record = make_record(**SPOKEN, conclusion_logprobs=logs(0.1, 0.2, 0.05))
    strict, bold = LetterForceJudge(), LetterForceJudge(least=0.5, mass=0.3)
    assert [judge.id for judge in (strict, bold)] == ["letter-force-1", "letter-force-1:least=0.5:mass=0.3"]
    assert [judge.judge([record])[0].conclusion for judge in (strict, bold)] == [None, 1]


@given(letters=st.lists(st.floats(-50, 0), min_size=3, max_size=3), text=st.text())
def test_judging_is_total_and_depends_on_gold_and_claim_in_nothing(
    letters: Sequence[float], text: str, make_record: Make
) -> None:
    for completion in (MORE, text, f"<think>I look.</think>{text}"):
        found = {
            opinion(
                make_record(
                    completion=completion, answer=gold, target=claim, conclusion_logprobs=tuple(letters), said="red"
                )
            )
            for gold, claim in ((0, 1), (2, 0), (1, None))
        }
        assert len(found) == 1
