import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import STOP_THINK
from lmms_faith.parsing import parse, unfinished
from tests.strategies import completions

COLOURS = ("blue", "red", "green", "light red")
GIVEN = "<think>Let me look at the image. The dog is red."


@pytest.mark.parametrize(
    ("completion", "prefill", "kept", "lead"),
    [
        pytest.param("<think>It is", "", "<think>It is", "</think><answer>", id="thought open"),
        pytest.param("<think>It is.</think>", "", "<think>It is.</think>", "<answer>", id="thought closed"),
        pytest.param("<think>x</think><answer>hm", "", "<think>x</think>", "<answer>", id="unreadable block dropped"),
        pytest.param("<think>x<answer>hm", "", "<think>x", "</think><answer>", id="block in an open thought dropped"),
        pytest.param(
            "<think><answer>A</answer>?</think>Hm",
            "",
            "<think><answer>A</answer>?</think>Hm",
            "<answer>",
            id="block in the closed thought kept",
        ),
        pytest.param("It is red.", "", "It is red.", "<answer>", id="no tags"),
        pytest.param("", "", "", "<answer>", id="empty"),
        pytest.param(" So", GIVEN, " So", "</think><answer>", id="opened by the prefill"),
        pytest.param("", STOP_THINK, "", "<answer>", id="closed by the prefill"),
        pytest.param("<think>Hm", STOP_THINK, "<think>Hm", "</think><answer>", id="opened again"),
        pytest.param("<answer>?", STOP_THINK, "", "<answer>", id="unreadable block after the prefill"),
    ],
)
def test_what_leads_an_unfinished_completion_to_a_letter(completion: str, prefill: str, kept: str, lead: str) -> None:
    assert unfinished(completion, prefill=prefill) == (kept, lead)


@given(completion=completions(), prefill=st.sampled_from(["", STOP_THINK, GIVEN]))
def test_a_forced_letter_always_parses(completion: str, prefill: str) -> None:
    kept, lead = unfinished(completion, prefill=prefill)
    assert completion.startswith(kept)
    assert parse(f"{kept}{lead}B</answer>", COLOURS, prefill=prefill).prediction == 1


ANSWERED = {
    "behind a thought": ("", "<think>x</think><answer>B</answer>", 34),
    "behind a thought that was started": ("<think>", "x</think><answer>B</answer> more", 27),
    "behind one that was closed": ("<think>x</think>", "<answer>B</answer>", 18),
    "the first of two": ("", "<answer>A</answer><answer>B</answer>", 18),
    "not within the thought": ("<think>", "<answer>A</answer>", None),
    "within the thought, then behind it": ("<think>", "<answer>A</answer></think><answer>B</answer>", 44),
    "not in a thought that is opened again": ("<think>x</think>", "<think><answer>A</answer>", None),
    "not an empty one": ("", "in <answer> </answer>", None),
    "not an open one": ("", "<answer>A", None),
    "not a tag alone": ("", "A</answer>", None),
    "nothing": ("", "", None),
}


@pytest.mark.parametrize(("prefill", "completion", "at"), ANSWERED.values(), ids=ANSWERED.keys())
def test_where_a_completion_has_answered(prefill: str, completion: str, at: int | None) -> None:
    from lmms_faith.parsing import answered_at, until_answered

    assert answered_at(completion, prefill=prefill) == at
    assert until_answered(completion, prefill=prefill) == completion[:at]
