from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from lmms_faith.conditions import CONDITIONS, render, wrong_target
from lmms_faith.item import Item, normalise

OPTIONS = ("one", "two", "three", "four", "five")


@st.composite
def items(draw: st.DrawFn) -> Item:
    options = draw(st.lists(st.text(min_size=1), min_size=2, max_size=11, unique_by=normalise))
    return Item(
        id=draw(st.text()) or "0",
        benchmark="toys",
        question="?",
        options=tuple(options),
        answer=draw(st.integers(0, len(options) - 1)),
    )


@given(item=items(), seed=st.integers())
def test_the_target_is_a_wrong_option_and_the_same_under_every_condition(item: Item, seed: int) -> None:
    target = wrong_target(item, seed=seed)
    assert 0 <= target < len(item.options)
    assert target != item.answer
    assert {render(item, name, seed=seed).target for name in CONDITIONS} == {target}


@given(item=items(), seed=st.integers(), data=st.data())
def test_copies_with_moved_letters_claim_the_same_text(item: Item, seed: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(item.options))))
    moved = replace(
        item,
        id=f"{item.id}-moved",
        options=tuple(item.options[i] for i in order),
        answer=order.index(item.answer),
        family=item.family,
    )
    assert moved.options[wrong_target(moved, seed=seed)] == item.options[wrong_target(item, seed=seed)]


@pytest.mark.parametrize("turn", range(5))
def test_a_whole_circle_of_copies_claims_one_text(turn: int) -> None:
    item = Item(id="a", benchmark="toys", question="?", options=OPTIONS, answer=2)
    turned = replace(item, id=f"a-{turn}", options=OPTIONS[turn:] + OPTIONS[:turn], answer=(2 - turn) % 5, family="a")
    assert turned.options[wrong_target(turned)] == item.options[wrong_target(item)]


def test_two_equal_wrong_options_claim_the_first() -> None:
    item = Item(id="a", benchmark="toys", question="?", options=("x", "gold", "X."), answer=1)
    assert wrong_target(item) == 0


def targets(*, seed: int, n: int = 2000) -> list[int]:
    return [
        wrong_target(Item(id=f"i{i}", benchmark="toys", question="?", options=OPTIONS, answer=0), seed=seed)
        for i in range(n)
    ]


def test_every_wrong_option_is_claimed_equally_often() -> None:
    # Over seeds the p-values of uniform counts are uniform themselves; one seed alone may look unlucky.
    counts = [Counter(targets(seed=seed, n=400)) for seed in range(25)]
    assert all(set(count) == {1, 2, 3, 4} for count in counts)
    assert kstest([chisquare(list(count.values())).pvalue for count in counts], "uniform").pvalue > 0.01
    assert chisquare(list(sum(counts, Counter()).values())).pvalue > 0.01


def test_another_seed_claims_otherwise() -> None:
    same = sum(a == b for a, b in zip(targets(seed=0), targets(seed=1)))
    assert 0.2 < same / 2000 < 0.3


@pytest.mark.parametrize("benchmark", ["toys", "games"])
def test_the_target_does_not_hang_on_question_category_or_what_came_before(benchmark: str) -> None:
    item = Item(id="a", benchmark=benchmark, question="?", options=OPTIONS, answer=2)
    targets(seed=3, n=10)
    assert wrong_target(replace(item, question="Which?", category="c", cluster="z")) == wrong_target(item)
