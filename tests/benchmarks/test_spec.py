from collections.abc import Sequence
from dataclasses import FrozenInstanceError

import pytest

from lmms_faith.benchmarks.spec import Benchmark, Row, images_of
from lmms_faith.item import Item

ITEM = Item(id="a", benchmark="toys", question="?", options=("x", "y"), answer=0)


def toys(images: Sequence[object]) -> Benchmark:
    def to_item(row: Row) -> Item:
        return ITEM

    return Benchmark(
        name="toys",
        title="Toys",
        columns={},
        to_item=to_item,
        to_images=lambda row: images,
        dataset_path="me/toys",
        split="test",
        licence="MIT",
    )


def test_images_come_in_order() -> None:
    assert images_of(toys(("one", "two")), {}, ITEM) == ["one", "two"]


@pytest.mark.parametrize("images", [(), (None,), ("one", None)], ids=["none", "missing", "one of two missing"])
def test_an_item_without_all_its_images_is_refused_by_name(images: Sequence[object]) -> None:
    with pytest.raises(ValueError, match="item 'a' of toys: has no image; check the image column of me/toys"):
        images_of(toys(images), {}, ITEM)


def test_a_benchmark_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        toys(()).split = "train"  # type: ignore[misc]


def test_extra_dataset_arguments_default_to_none() -> None:
    assert toys(()).dataset_kwargs == {}
    assert toys(()).dataset_name is None
