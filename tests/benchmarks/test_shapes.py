from typing import Any

import pytest

from lmms_faith.benchmarks import benchmark
from lmms_faith.benchmarks.spec import images_of
from lmms_faith.conditions import CONDITIONS, render
from lmms_faith.item import Item

ROW: dict[str, Any] = {
    "id": "count-7",
    "question": "How many circles are there?",
    "options": ["1", "2", "3", "4"],
    "answer": 2,
    "category": "count",
    "claim": "The number of circles is {option}.",
    "cluster": "scene-7",
}


def test_a_row_becomes_an_item_without_its_image() -> None:
    assert benchmark("shapes").to_item(ROW) == Item(
        id="count-7",
        benchmark="shapes",
        question="How many circles are there?",
        options=("1", "2", "3", "4"),
        answer=2,
        category="count",
        claim="The number of circles is {option}.",
        template="count",
        cluster="scene-7",
    )


def test_its_claim_is_what_conditions_say() -> None:
    item = benchmark("shapes").to_item(ROW)
    assert render(item, "correct_caption").text.startswith("The number of circles is 3.\n")


@pytest.mark.parametrize("name", CONDITIONS)
def test_its_items_render_under_every_condition(name: str) -> None:
    assert render(benchmark("shapes").to_item(ROW), name).item_id == "count-7"


def test_a_row_has_one_image() -> None:
    shapes, picture = benchmark("shapes"), object()
    assert images_of(shapes, ROW | {"image": picture}, shapes.to_item(ROW)) == [picture]


def test_a_missing_image_is_refused_by_item() -> None:
    shapes = benchmark("shapes")
    with pytest.raises(ValueError, match="item 'count-7' of shapes: has no image; check the image column of parquet"):
        images_of(shapes, ROW | {"image": None}, shapes.to_item(ROW))
