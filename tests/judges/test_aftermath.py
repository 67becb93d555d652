"""What stands between a thought and its answer."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import STOP_THINK
from lmms_faith.judges.aftermath import answer_place, conclusion_slot, speaks
from lmms_faith.parsing import parse
from lmms_faith.parsing.tags import reasoning
from lmms_faith.record import Record

THOUGHT = "<think>It is red.</think>"
GIVEN = "<think>Let me look. It is blue."

BETWEEN = {
    "nothing": ("", False),
    "the answer tag": ("\n\n<answer>", False),
    "an announcement": (" The answer is (", False),
    "a heading": ("\n### Final Answer\n", False),
    "a bold heading": ("\n\n**Final answer:** **", False),
    "a line that ends on a colon": ("\nBased on what I see in the picture, the answer is:\n", False),
    "a box": (" \\boxed{", False),
    "an interjection": (" Sure. The answer is ", False),
    "a numbered list's number": ("\n1. ", False),
    "a number with a point": (" It is 2.5 cm long, so ", False),
    "a sentence": (" So we see that it is red. The answer is (", True),
    "a sentence and nothing more": (" So we see that it is red.", True),
    "a sentence in bold": ("\n**The ball is red.**\nAnswer: ", True),
    "a sentence in quotation marks": (' "The ball is red." Answer: ', True),
    "a question": (" Is the ball red? ", True),
    "a sentence in the block": ("<answer>The ball is red.\n", True),
    "a sentence over two lines": ("\nThe ball\nis red. ", False),
    "Chinese": ("图中有两个球。答案是", True),
    "a Chinese announcement": ("答案是", False),
}


@pytest.mark.parametrize(("text", "expected"), BETWEEN.values(), ids=BETWEEN)
def test_whether_more_than_an_announcement_is_said(text: str, expected: bool) -> None:
    assert speaks(text) is expected


MORE = " So we see that it is red."
# completion, prefill, the text that forces a letter right after the thought
SLOTS: dict[str, tuple[str, str, str | None]] = {
    "usual": (f"{THOUGHT}<answer>B</answer>", "", None),
    "announced": (f"{THOUGHT}\n\nThe answer is (B).", "", None),
    "more said": (f"{THOUGHT}{MORE} The answer is (B)", "", f"{THOUGHT} <answer>"),
    "the model's own space is kept": (f"{THOUGHT}\n\nThe ball is red.\n**B**", "", f"{THOUGHT}\n\n<answer>"),
    "given thought": (f"</think>{MORE} The answer is (B)", GIVEN, "</think> <answer>"),
    "given thought, went on": (f" No wait.</think>{MORE} So (B)", GIVEN, " No wait.</think> <answer>"),
    "given and closed": (f"{MORE} The answer is (B)", STOP_THINK, None),
    "no thought": (f"{MORE} The answer is (B)", "", None),
    "empty thought": (f"<think> </think>{MORE} The answer is (B)", "", None),
    "thought left open": ("<think>Red.<answer>Well, it is red. Answer: B", "", "<think>Red.</think><answer>"),
    "thought cut off": ("<think>It is", "", None),
    "no answer, nothing said": (f"{THOUGHT}", "", None),
    "no letter, more said": (f"{THOUGHT}{MORE} It is red.", "", f"{THOUGHT} <answer>"),
    "no letter in the block": (f"{THOUGHT}<answer>red</answer>", "", None),
    "a second thought": (f"{THOUGHT}<think>Or is it blue? It is", "", f"{THOUGHT}<answer>"),
    "an answer inside the thought": (
        f"<think>Red. <answer>B</answer></think>{MORE} So (A)",
        "",
        "<think>Red. <answer>B</answer></think> <answer>",
    ),
}


@pytest.mark.parametrize(("completion", "prefill", "expected"), SLOTS.values(), ids=SLOTS)
def test_where_a_letter_is_forced_right_after_the_thought(completion: str, prefill: str, expected: str | None) -> None:
    at = parse(completion, None, prefill=prefill).letter_at
    assert conclusion_slot(completion, prefill=prefill, letter_at=at) == expected


TURNS = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<answer>", "</answer>", " It is red. ", "The answer is (B)", "B", "\n", " A dog "]
    ),
    max_size=9,
).map("".join)


@given(turn=TURNS, cut=st.integers(0, 90))
def test_a_slot_closes_the_same_thought_and_adds_nothing_to_it(turn: str, cut: int) -> None:
    prefill, completion = turn[:cut], turn[cut:]
    parsed = parse(completion, None, prefill=prefill)
    slot = conclusion_slot(completion, prefill=prefill, letter_at=parsed.letter_at)
    if slot is not None:
        kept = slot.removesuffix("<answer>")
        assert slot != kept
        assert completion.startswith(kept) or completion.startswith(kept.removesuffix("</think>"))
        assert reasoning(prefill + slot)[0] in (parsed.think, (parsed.think or "").rstrip())


PLACES: dict[str, tuple[dict[str, Any], str | None]] = {
    "a letter": ({"completion": f"{THOUGHT}<answer>B</answer>"}, "B</answer>"),
    "a letter further on": ({"completion": f"{THOUGHT} I see it. The answer is (B)."}, "B)."),
    "a text in a block": ({"completion": f"{THOUGHT}<answer>blue</answer>", "said": "blue"}, "blue</answer>"),
    "a text, stated": ({"completion": f"{THOUGHT} The answer is Blue.", "said": "blue"}, "Blue."),
    "the thought does not count": ({"completion": "<think>blue?</think> So blue", "said": "blue"}, "blue"),
    "behind what was given": ({"prefill": GIVEN, "completion": "</think><answer>C</answer>"}, "C</answer>"),
    "extracted elsewhere": ({"completion": f"{THOUGHT} The second one.", "said": "blue"}, None),
    "no answer": ({"completion": f"{THOUGHT} Blue.", "said": None, "prediction": None}, None),
}


@pytest.mark.parametrize(("changed", "rest"), PLACES.values(), ids=PLACES)
def test_where_the_answer_begins(changed: dict[str, Any], rest: str | None, make_record: Callable[..., Record]) -> None:
    record = make_record(**changed)
    place = answer_place(record)
    assert (None if place is None else (record.prefill + record.completion)[place:]) == rest


@given(completion=TURNS, said=st.text(min_size=1, max_size=4))
def test_finding_the_answer_is_total(completion: str, said: str, make_record: Callable[..., Record]) -> None:
    place = answer_place(make_record(completion=completion, said=said))
    assert place is None or 0 <= place <= len(completion)
