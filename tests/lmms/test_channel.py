"""The evidence behind a completion's text: there and back, off again, and never a reason to end a run."""

import json
import math
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import LETTERS
from lmms_faith.lmms.channel import FAILURE_MARK, MARK, Evidence, attach, detach, failure

pytestmark = pytest.mark.host

SEEN = Evidence(
    model="m",
    continued=True,
    letters=(-1.5,) * len(LETTERS),
    letter_source="generated",
    conclusion=(-2.5,) * len(LETTERS),
    values=None,
    finish="stop",
)
SCORED = replace(SEEN, letters=None, letter_source=None, conclusion=None, values=(-0.5, -2.25))
TRAILER = attach("", SEEN)


LOGPROBS = st.floats(max_value=0.0, allow_infinity=False, allow_nan=False)


@given(
    st.text(),
    st.booleans(),
    st.sampled_from(["stop", "length"]),
    st.sampled_from([None, "generated", "forced"]),
    st.none() | st.lists(LOGPROBS, min_size=len(LETTERS), max_size=len(LETTERS)).map(tuple),
    st.none() | st.lists(LOGPROBS, max_size=2).map(tuple),
)
def test_what_is_attached_comes_back(text, continued, finish, source, conclusion, values):
    letters = None if source is None else tuple(-float(i) for i in range(len(LETTERS)))
    evidence = Evidence(
        model="é",
        continued=continued,
        letters=letters,
        letter_source=source,
        conclusion=conclusion,
        values=values,
        finish=finish,
        letter_bounds=None if letters is None else (continued, *[True] * (len(LETTERS) - 1)),
        conclusion_bounds=None if conclusion is None else (False,) * len(LETTERS),
    )
    assert detach(attach(text, evidence)) == (text, evidence)
    hash(detach(attach(text, evidence))[1])  # what was frozen is frozen again


def test_a_mark_that_the_model_wrote_itself_stays_in_the_text():
    assert detach(attach(f"so {MARK} said I", SEEN)) == (f"so {MARK} said I", SEEN)


@given(st.text())
def test_text_without_trailer_is_left_alone(text):
    assert detach(text) == (text, None)


BROKEN = {
    "cut": TRAILER[:-20],
    "empty": MARK,
    "no object": MARK + "[1]",
    "a number": MARK + "3",
    "deep": MARK + "[" * 100_000,
    "field missing": MARK + '{"letters": null}',
    "field unknown": TRAILER[:-1] + ', "mood": 1}',
    "letters of text": MARK + json.dumps(asdict(SEEN) | {"letters": ["a"] * len(LETTERS)}),
    "too few letters": MARK + json.dumps(asdict(SEEN) | {"letters": [-1.0]}),
    "too few bounds": MARK + json.dumps(asdict(SEEN) | {"letter_bounds": [True]}),
    "bounds as numbers": MARK + json.dumps(asdict(SEEN) | {"conclusion_bounds": [1] * len(LETTERS)}),
    "letters no list": MARK + json.dumps(asdict(SEEN) | {"letters": 7}),
    "letters not finite": MARK + json.dumps(asdict(SEEN) | {"letters": [math.nan] * len(LETTERS)}),
    "conclusion of text": MARK + json.dumps(asdict(SEEN) | {"conclusion": ["a"] * len(LETTERS)}),
    "too few in the conclusion": MARK + json.dumps(asdict(SEEN) | {"conclusion": [-1.0]}),
    "conclusion no list": MARK + json.dumps(asdict(SEEN) | {"conclusion": 7}),
    "conclusion not finite": MARK + json.dumps(asdict(SEEN) | {"conclusion": [math.nan] * len(LETTERS)}),
    "conclusion missing": MARK + json.dumps({key: value for key, value in asdict(SEEN).items() if key != "conclusion"}),
    "values of text": MARK + json.dumps(asdict(SCORED) | {"values": ["a", -1.0]}),
    "values no list": MARK + json.dumps(asdict(SCORED) | {"values": -1.0}),
    "values an object": MARK + json.dumps(asdict(SCORED) | {"values": {}}),
    "values not finite": MARK + json.dumps(asdict(SCORED) | {"values": [-1.0, -math.inf]}),
    "values missing": MARK + json.dumps({key: value for key, value in asdict(SCORED).items() if key != "values"}),
    "finish": MARK + json.dumps(asdict(SEEN) | {"finish": "later"}),
    "source": MARK + json.dumps(asdict(SEEN) | {"letter_source": "guessed"}),
    "continued": MARK + json.dumps(asdict(SEEN) | {"continued": "yes"}),
    "model": MARK + json.dumps(asdict(SEEN) | {"model": 5}),
}


@pytest.mark.parametrize("trailer", BROKEN.values(), ids=BROKEN.keys())
def test_an_unreadable_trailer_is_a_failure_not_an_exception(trailer):
    text, evidence = detach("<answer>A</answer>" + trailer)
    assert evidence is None
    assert MARK not in text
    assert "generate this completion again" in text
    assert failure(text, evidence) is not None


@given(st.text(), st.text())
def test_detach_and_failure_are_total(text, trailer):
    clean, evidence = detach(text + MARK + trailer)
    failure(clean, evidence)


FAILURES = {
    "[LMMS_EVAL_REQUEST_FAILED after 3 retries] Error code: 500": None,
    "[LMMS_EVAL_BUDGET_EXCEEDED]": None,
    f"{FAILURE_MARK}ANYTHING_ELSE] the answer is B": SEEN,
    "": None,
    " \n ": None,
}


@pytest.mark.parametrize(("text", "evidence"), FAILURES.items(), ids=map(repr, FAILURES))
def test_failures_are_recognised(text, evidence):
    assert failure(text, evidence)


@pytest.mark.parametrize(("text", "evidence"), {"": SEEN, "<answer>A</answer>": None, "[A]": None}.items())
def test_completions_are_no_failures(text, evidence):
    assert failure(text, evidence) is None


def test_letters_and_values_may_be_unknown():
    unknown = replace(SEEN, letters=None, letter_source=None, conclusion=None)
    assert detach(attach("x", unknown)) == ("x", unknown)
