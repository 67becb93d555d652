import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import STOP_THINK
from lmms_faith.item import LETTERS
from lmms_faith.parsing import Finish, Parsed, Status, parse, unfinished
from tests.strategies import completions

COLOURS = ("blue", "red", "green", "light red")
SWAPPED = ("B", "A", "D", "C")
YES_NO = ("Yes.", "No.")
GIVEN = "<think>Let me look at the image. The dog is red."


@pytest.mark.parametrize(
    ("prefill", "completion", "prediction", "letter_at", "think"),
    [
        pytest.param(
            GIVEN,
            " So B.</think><answer>B</answer>",
            1,
            22,
            "Let me look at the image. The dog is red. So B.",
            id="glued",
        ),
        pytest.param(GIVEN, "</think>B", 1, 8, "Let me look at the image. The dog is red.", id="closed at once"),
        pytest.param(
            GIVEN, " So B.", None, None, "Let me look at the image. The dog is red. So B.", id="the thought stays open"
        ),
        pytest.param(
            STOP_THINK, "<answer>C</answer>", 2, 8, "Okay let's see. This should be the final answer.", id="stop_think"
        ),
        pytest.param(
            STOP_THINK, "\nC", 2, 1, "Okay let's see. This should be the final answer.", id="stop_think, letter"
        ),
        pytest.param(
            STOP_THINK,
            "<think>Hm, C.",
            None,
            None,
            "Okay let's see. This should be the final answer.",
            id="stop_think reopened",
        ),
        pytest.param("<think>x</think><answer>", "C</answer>", 2, 0, "x", id="block opened by the prefill"),
        pytest.param("<think>x</think><answer>C", "</answer>", 2, None, "x", id="letter given by the prefill"),
    ],
)
def test_a_prefill_is_part_of_the_thought_and_never_shifts_the_letter(
    prefill: str, completion: str, prediction: int | None, letter_at: int | None, think: str
) -> None:
    status: Status = "no_answer" if prediction is None else "answered"
    said = None if prediction is None else COLOURS[prediction]
    expected = Parsed(status=status, think=think, prediction=prediction, letter_at=letter_at, said=said)
    assert parse(completion, COLOURS, prefill=prefill) == expected


@pytest.mark.parametrize(
    ("completion", "think"),
    [
        pytest.param("<think>It is red.</think><answer>B</answer>", "It is red.", id="closed"),
        pytest.param("<think>It is red.", "It is red.", id="left open"),
        pytest.param("<think>It is red.<answer>B</answer>", "It is red.", id="left open before the block"),
        pytest.param("It is red.</think><answer>B</answer>", "It is red.", id="opened by the template"),
        pytest.param("<think></think><answer>B</answer>", "", id="empty"),
        pytest.param("<answer>B</answer>", None, id="none"),
        pytest.param("It is red. The answer is B.", None, id="no tags"),
    ],
)
def test_what_a_completion_thinks(completion: str, think: str | None) -> None:
    assert parse(completion, COLOURS).think == think


@pytest.mark.parametrize(
    ("completion", "finish", "failed", "status"),
    [
        pytest.param("<answer>B</answer>", "stop", False, "answered", id="answered"),
        pytest.param("<answer>B</answer> and so", "length", False, "answered", id="cut off after the answer"),
        pytest.param("<think>It is", "length", False, "truncated", id="cut off in the thought"),
        pytest.param("", "length", False, "truncated", id="cut off at once"),
        pytest.param("<think>It is", "stop", False, "no_answer", id="ended without an answer"),
        pytest.param("<think>It is", None, False, "no_answer", id="unknown why it ended"),
        pytest.param("<answer>B</answer>", "stop", True, "failed", id="failed, whatever the text"),
    ],
)
def test_a_completion_ends_in_exactly_one_status(
    completion: str, finish: Finish | None, failed: bool, status: Status
) -> None:
    assert parse(completion, COLOURS, finish=finish, failed=failed).status == status


def test_a_failed_request_has_nothing_else() -> None:
    assert parse("<think>x</think><answer>B</answer>", COLOURS, failed=True) == Parsed(status="failed")


@given(
    completion=completions(),
    prefill=st.sampled_from(["", STOP_THINK, GIVEN]),
    options=st.sampled_from([COLOURS, YES_NO, SWAPPED, None]),
    finish=st.sampled_from([None, *get_args(Finish)]),
)
def test_parsing_is_total_and_only_answers_have_a_prediction(
    completion: str, prefill: str, options: tuple[str, ...] | None, finish: Finish | None
) -> None:
    parsed = parse(completion, options, prefill=prefill, finish=finish)
    assert (parsed.status == "answered") == (parsed.prediction is not None)
    assert (parsed.status == "truncated") <= (finish == "length")
    assert parsed.prediction is None or 0 <= parsed.prediction < len(options or LETTERS)
    if parsed.letter_at is not None:
        assert parsed.prediction is not None
        assert completion[parsed.letter_at].upper() == LETTERS[parsed.prediction]


@pytest.mark.parametrize(
    "piece",
    [
        "(",
        ")",
        "*",
        "_",
        " ",
        "\n",
        "**",
        "<answer>",
        "<think>",
        "Answer: _",
        "A)",
        "answer is",
        "</think>",
        "$",
        "{",
        "\\boxed{",
        "1,",
        "[",
        "=1",
    ],
)
def test_degenerate_repetition_is_read_in_no_time(piece: str) -> None:
    text = "Answer: A" + piece * 4000 + "?"
    started = time.process_time()
    parse(text, COLOURS)
    parse(text, None, kind="integer")
    parse(f"<answer>{text}", None, kind="list")
    unfinished(text)
    assert time.process_time() - started < 1.0
