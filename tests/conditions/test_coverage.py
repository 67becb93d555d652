"""Which wording each claim of some items gets, counted."""

from __future__ import annotations

from lmms_faith.conditions import Claims, wrong_target
from lmms_faith.conditions.coverage import coverage
from lmms_faith.item import Item


def test_wrong_and_correct_claims_are_counted_by_wording(toy: Item) -> None:
    named = Item(
        id="2",
        benchmark="toys",
        question="?",
        options=("1", "2"),
        answer=0,
        claim="There are {option}.",
        template="count",
    )
    plain = Item(id="3", benchmark="toys", question="What?", options=("red", "blue"), answer=0, template="ignored")
    foreign = Item(
        id="4",
        benchmark="toys",
        question="什么？",
        options=("红", "蓝"),
        answer=0,
        language="zh",
        claim="It is {option}.",
    )
    mute = Item(id="5", benchmark="toys", question="Why?", options=("red", "none of the above"), answer=0)
    target = wrong_target(toy)
    assert target is not None
    claims = Claims({("toys", "toy-1", target): "It is so."})
    assert coverage([toy, named, plain, foreign, mute], claims) == {
        "generic": (1, 2),
        "own": (0, 1),
        "count": (1, 1),
        "generic-en": (1, 1),
        "override": (1, 0),
        "nothing to claim": (1, 0),
    }


def test_a_written_claim_serves_an_item_in_any_language() -> None:
    item = Item(id="1", benchmark="toys", question="什么？", options=("红", "蓝"), answer=0, language="zh")
    claims = Claims({("toys", "1", "红"): "圆是红的。", ("toys", "1", "蓝"): "圆是蓝的。"})
    assert coverage([item], claims) == {"override": (1, 1)}
    assert coverage([]) == {}


def test_a_wording_without_a_name_is_the_items_own(toy: Item) -> None:
    assert coverage([toy]) == {"own": (1, 1)}
