from collections.abc import Callable

import pytest

from lmms_faith.record import Record
from lmms_faith.summary.thoughts import own_thought, skeleton, thought_code, thought_words

Make = Callable[..., Record]
STOP = "<think>Okay let's see. This should be the final answer.</think>"

OWN = [
    pytest.param("", "It is red.", "It is red.", 3, id="all its own"),
    pytest.param("<think>It is blue.", "It is blue. No, red.", "No, red.", 2, id="what was given is left out"),
    pytest.param("<think>It is blue.", "It is blue.", "", 0, id="closed at once"),
    pytest.param("", None, None, None, id="none"),
    pytest.param(STOP, "Okay let's see. This should be the final answer.", None, None, id="given whole"),
]


@pytest.mark.parametrize(("prefill", "think", "own", "words"), OWN)
def test_own_part(prefill: str, think: str | None, own: str | None, words: int | None, make_record: Make) -> None:
    record = make_record(prefill=prefill, think=think)
    assert own_thought(record) == own
    assert thought_words(record) == words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("There are 3 stars, so red.", "There are 12 stars, so Blue.", True),
        ("There are 3 stars,\n so red.", "there are 3.5 stars, so blue.", True),
        ("It is red.", "It was red.", False),
        ("It is redder.", "It is blue.", False),
    ],
)
def test_two_thoughts_share_a_code_where_only_options_and_numbers_differ(
    one: str, other: str, same: bool, make_record: Make
) -> None:
    first, second = (thought_code(make_record(think=think)) for think in (one, other))
    assert (first == second) is same


def test_the_longest_option_is_masked_first() -> None:
    assert skeleton("It is left of it.", ("left", "left of it")) == "it is @."


def test_a_code_is_exact_as_a_float_and_a_thought_that_is_not_there_has_none(make_record: Make) -> None:
    code = thought_code(make_record())
    assert code is not None
    assert int(float(code)) == code < 2**53
    assert thought_code(make_record(think=None)) is None
    assert thought_code(make_record(prefill="<think>It is red.")) is None
