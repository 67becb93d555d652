from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from lmms_faith.conditions import CONDITIONS, NotApplicable, render, wrong_target
from lmms_faith.equality import same_value
from lmms_faith.item import Item, Rule, normalise
from tests.strategies import choices, free_forms, plain_choices

OPTIONS = ("one", "two", "three", "four", "five")


def item_of(*options: str, rule: Rule = "seeded", id: str = "a", rivals: tuple[str, ...] = ()) -> Item:
    """An item whose first option is gold."""
    return Item(id=id, benchmark="toys", question="?", options=options, answer=0, rule=rule, rivals=rivals)


def claims(*options: str, rule: Rule = "seeded", rivals: tuple[str, ...] = ()) -> set[str | None]:
    """Everything that is claimed over seeds."""
    item = item_of(*options, rule=rule, rivals=rivals)
    return {wrong_target(item, seed=seed) for seed in range(60)}


# rule, options (the first is gold), rivals, what may be claimed
PREFERRED: dict[str, tuple[Rule, tuple[str, ...], tuple[str, ...], set[str]]] = {
    "seeded": ("seeded", ("1", "2", "9"), (), {"2", "9"}),
    "nearest": ("nearest", ("5", "1", "7", "8"), (), {"7"}),
    "nearest, both sides": ("nearest", ("5", "4", "6", "9"), (), {"4", "6"}),
    "nearest, units": ("nearest", ("5 cm", "12 cm", "6.5 cm"), (), {"6.5 cm"}),
    "nearest, thousands": ("nearest", ("1,000", "10", "2,000"), (), {"10"}),
    "nearest, negative": ("nearest", ("-1", "1", "-4"), (), {"1"}),
    "nearest, gold no number": ("nearest", ("many", "1", "2"), (), {"1", "2"}),
    "nearest, others no numbers": ("nearest", ("5", "few", "many"), (), {"few", "many"}),
    "nearest, one other a number": ("nearest", ("5", "few", "99"), (), {"99"}),
    "opposite": ("opposite", ("left", "above", "right"), (), {"right"}),
    "opposite, in a phrase": (
        "opposite",
        ("left of the star", "above the star", "right of the star"),
        (),
        {"right of the star"},
    ),
    "opposite, several words": ("opposite", ("in front of", "left of", "behind"), (), {"behind"}),
    "opposite, two pairs": ("opposite", ("on", "left of", "under"), (), {"under"}),
    "opposite, either half": (
        "opposite",
        ("top left", "top right", "bottom left", "bottom right"),
        (),
        {"top right", "bottom left"},
    ),
    "opposite, case": ("opposite", ("Yes", "Maybe", "No"), (), {"No"}),
    "opposite not offered": ("opposite", ("left", "above", "below"), (), {"above", "below"}),
    "rivals, the first": ("rivals", ("cat", "dog", "cow", "car"), ("cow", "dog"), {"cow"}),
    "rivals, the first offered": ("rivals", ("cat", "dog", "cow"), ("lion", "Dog."), {"dog"}),
    "rivals, gold is none": ("rivals", ("cat", "dog", "cow"), ("cat", "cow"), {"cow"}),
    "rivals, none offered": ("rivals", ("cat", "dog", "cow"), ("lion",), {"dog", "cow"}),
}


@pytest.mark.parametrize(("rule", "options", "rivals", "expected"), PREFERRED.values(), ids=PREFERRED)
def test_what_a_rule_prefers(rule: Rule, options: tuple[str, ...], rivals: tuple[str, ...], expected: set[str]) -> None:
    assert claims(*options, rule=rule, rivals=rivals) == expected


EMPTY = (
    *(
        "None of the above",
        "none of the above.",
        "All of the above",
        "all the above",
        "Both of these",
        "Neither of them",
    ),
    *("None of the choices", "I'm not sure", "Not sure", "Uncertain", "I don't know", "I don’t know.", "can't tell"),
    *("Cannot be determined", "It cannot be determined from the figure", "Can't be answered", "Not enough information"),
    *("Insufficient information to tell", "No correct answer", "This image doesn't feature the object.", "unknown"),
    *("The image does not show the sign", "No answer", "以上都不对", "无法确定", "不能确定"),
)


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("rule", ["seeded", "nearest", "opposite", "rivals"])
def test_what_says_nothing_about_the_picture_is_never_claimed(empty: str, rule: Rule) -> None:
    assert claims("red", empty, "blue", rule=rule, rivals=(empty,)) == {"blue"}
    assert claims("red", empty, rule=rule, rivals=(empty,)) == {None}


@pytest.mark.parametrize("said", ["both", "none", "no", "not red", "above these clouds", "unknown soldier", "all red"])
def test_what_only_looks_like_it_is_claimed(said: str) -> None:
    assert claims("red", said) == {said}


def test_gold_may_be_none_of_the_above() -> None:
    assert claims("None of the above", "red") == {"red"}


@given(item=st.one_of(choices(), plain_choices(), free_forms()), seed=st.integers())
def test_the_target_is_wrong_and_the_same_under_every_condition(item: Item, seed: int) -> None:
    target = wrong_target(item, seed=seed)
    if target is not None and item.kind == "choice":
        assert target in item.options
        assert normalise(target) != normalise(item.gold)
    elif target is not None:
        assert not same_value(target, item.gold, item)
    for name in CONDITIONS:
        try:
            prompt = render(item, name, seed=seed)
        except NotApplicable:
            continue
        assert prompt.claimed == target
        assert prompt.target == (item.options.index(target) if target in item.options else None)


@given(item=st.one_of(choices(), plain_choices()), seed=st.integers(), data=st.data())
def test_copies_with_moved_letters_claim_the_same_text(item: Item, seed: int, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(item.options))))
    assert item.answer is not None
    options = tuple(item.options[i] for i in order)
    moved = replace(item, id=f"{item.id}-moved", options=options, answer=order.index(item.answer), family=item.family)
    assert wrong_target(moved, seed=seed) == wrong_target(item, seed=seed)


@pytest.mark.parametrize("rule", ["seeded", "nearest", "opposite", "rivals"])
@pytest.mark.parametrize("turn", range(5))
def test_a_whole_circle_of_copies_claims_one_text(turn: int, rule: Rule) -> None:
    item = Item(id="a", benchmark="toys", question="?", options=OPTIONS, answer=2, rule=rule, rivals=("five",))
    turned = replace(item, id=f"a-{turn}", options=OPTIONS[turn:] + OPTIONS[:turn], answer=(2 - turn) % 5, family="a")
    assert wrong_target(turned) == wrong_target(item)


def test_two_equal_wrong_options_count_once_and_claim_one_of_them_always() -> None:
    assert claims("gold", "x", "X.") == claims("gold", "X.", "x")
    assert len(claims("gold", "x", "X.")) == 1


def targets(*, seed: int, n: int = 2000) -> list[int]:
    items = (item_of(*OPTIONS, id=f"i{i}") for i in range(n))
    return [OPTIONS.index(str(wrong_target(item, seed=seed))) for item in items]


def test_every_wrong_option_is_claimed_equally_often() -> None:
    # Over seeds the p-values of uniform counts are uniform themselves; one seed alone may look unlucky.
    counts = [Counter(targets(seed=seed, n=400)) for seed in range(25)]
    assert all(set(count) == {1, 2, 3, 4} for count in counts)
    assert kstest([chisquare(list(count.values())).pvalue for count in counts], "uniform").pvalue > 0.01
    assert chisquare(list(sum(counts, Counter()).values())).pvalue > 0.01


@pytest.mark.parametrize("rule", ["seeded", "nearest", "opposite", "rivals"])
def test_the_letter_of_the_target_is_balanced_over_shuffled_items(rule: Rule) -> None:
    rng, letters = Random(0), Counter[int | None]()
    for i in range(2000):
        options = rng.sample(("1 left", "2 right", "3 left", "4 right"), 4)
        item = Item(
            id=str(i), benchmark="toys", question="?", options=tuple(options), answer=rng.randrange(4), rule=rule,
            rivals=("2 right", "3 left"),
        )  # fmt: skip
        letters[render(item, "wrong_caption").target] += 1
    assert chisquare(list(letters.values())).pvalue > 0.01


def test_another_seed_claims_otherwise() -> None:
    same = sum(a == b for a, b in zip(targets(seed=0), targets(seed=1)))
    assert 0.2 < same / 2000 < 0.3


@pytest.mark.parametrize("benchmark", ["toys", "games"])
def test_the_target_does_not_hang_on_question_category_or_what_came_before(benchmark: str) -> None:
    item = Item(id="a", benchmark=benchmark, question="?", options=OPTIONS, answer=2)
    targets(seed=3, n=10)
    assert wrong_target(replace(item, question="Which?", category="c", cluster="z")) == wrong_target(item)
