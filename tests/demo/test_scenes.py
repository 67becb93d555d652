"""Scenes: the same for the same seed, balanced, and never shared between training and test."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from lmms_faith.demo.drawing import SIDE, draw, pixels_of, sample_scene
from lmms_faith.demo.questions import CATEGORIES, CONTENTS, facts_of, pose
from lmms_faith.demo.scenes import (
    TEST_SEED,
    VALIDATION_SEED,
    benchmark,
    held_out_layouts,
    read_parquet,
    training_scenes,
)

pytestmark = pytest.mark.host


def test_a_key_gives_the_same_picture_twice() -> None:
    first, second = (pixels_of(draw(sample_scene("a key"))) for _ in range(2))
    assert first.shape == (SIDE, SIDE, 3)
    assert (first == second).all()
    assert (first != pixels_of(draw(sample_scene("another key")))).any()


@pytest.mark.parametrize("seed", [TEST_SEED, VALIDATION_SEED])
def test_items_are_balanced_in_category_content_and_letter(seed: int) -> None:
    rows = benchmark(seed, 300)
    assert len({row.id for row in rows}) == 300
    for category in CATEGORIES:
        of = [row.puzzle for row in rows if row.puzzle.fact.category == category]
        assert len(of) == 100
        golds = Counter(puzzle.fact.gold for puzzle in of)
        assert set(golds) == set(CONTENTS[category])
        assert max(golds.values()) - min(golds.values()) <= 1
        assert set(Counter(puzzle.answer for puzzle in of).values()) == {25}


def test_more_items_begin_with_the_same_items() -> None:
    assert benchmark(5, 12) == benchmark(5, 30)[:12]


def test_no_training_scene_has_the_layout_of_a_held_out_one() -> None:
    held_out = held_out_layouts()
    trained = [scene.things for scene in training_scenes(0, 2_000)]
    assert len(held_out) == 600
    assert not held_out & set(trained)


def test_a_forbidden_layout_is_left_out() -> None:
    first, second = training_scenes(0, 2, forbidden=frozenset())
    assert next(training_scenes(0, 1, forbidden=frozenset({first.things}))) == second


def test_every_fact_is_true_of_its_scene_and_claims_are_templates() -> None:
    for number in range(200):
        scene = sample_scene(f"facts-{number}")
        for fact in facts_of(scene):
            puzzle = pose(fact, Random(number))
            assert puzzle.options[puzzle.answer] == fact.gold
            assert len(set(puzzle.options)) == 4
            assert fact.claim.count("{option}") == 1
            if fact.category == "count":
                assert len(fact.subjects) == int(fact.gold)
            if fact.category == "colour":
                assert fact.subjects[0].colour == fact.gold


@pytest.mark.parametrize(
    ("category", "gold", "weaker", "stronger"),
    [("count", "2", "3", "4"), ("colour", "red", "orange", "green"), ("relation", "above", "left of", "below")],
)
def test_a_plainer_contradiction_is_stronger(category: str, gold: str, weaker: str, stronger: str) -> None:
    facts = (fact for number in range(500) for fact in facts_of(sample_scene(f"s-{number}")))
    fact = next(fact for fact in facts if (fact.category, fact.gold) == (category, gold))
    assert fact.strength(weaker) < fact.strength(stronger)


def test_the_shipped_file_is_what_the_command_makes() -> None:
    shipped = read_parquet()
    rows = benchmark(TEST_SEED, 300)
    assert [row["id"] for row in shipped] == [row.id for row in rows]
    for index in range(0, 300, 50):
        made, held = rows[index].as_record(), dict(shipped[index])
        assert (pixels_of(made.pop("image")) == pixels_of(held.pop("image"))).all()
        assert made == held
