import base64
import io
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from PIL import Image

from lmms_faith.benchmarks.spec import Benchmark, Row, contract, images_of
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


ONE, TWO = Image.new("RGB", (4, 3)), Image.new("RGB", (5, 3))


@pytest.mark.parametrize(
    ("columns", "row", "images"),
    [
        ({"picture": "image", "text": "string"}, {"picture": ONE, "text": "x"}, [ONE]),
        ({"image_1": "image", "image_2": "image"}, {"image_2": TWO, "image_1": ONE}, [ONE, TWO]),
        ({"image_1": "image", "image_2": "image"}, {"image_1": ONE, "image_2": None}, [ONE]),
        ({"images": "images"}, {"images": [TWO, ONE]}, [TWO, ONE]),
    ],
    ids=["one", "several", "some empty", "a list"],
)
def test_images_are_what_the_image_columns_hold(columns: Any, row: Row, images: list[Any]) -> None:
    assert images_of(replace(toys(()), to_images=None, columns=columns), row, ITEM) == images


@pytest.mark.parametrize("form", ["{}", "data:image/png;base64,{}"])
def test_an_image_may_be_base64_text(form: str) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(buffer, "PNG")
    one = replace(toys(()), to_images=None, columns={"bytes": "image"})
    (picture,) = images_of(one, {"bytes": form.format(base64.b64encode(buffer.getvalue()).decode())}, ITEM)
    assert (picture.size, picture.getpixel((0, 0))) == ((4, 3), (255, 0, 0))


@pytest.mark.parametrize("row", [{"image": None}, {"image": []}], ids=["empty", "an empty list"])
def test_a_row_without_a_stored_image_is_refused(row: Row) -> None:
    one = replace(toys(()), to_images=None, columns={"image": "images"})
    with pytest.raises(ValueError, match="item 'a' of toys: has no image"):
        images_of(one, row, ITEM)


def test_a_contract_names_columns_by_kind() -> None:
    assert contract(strings="choices", key="idx", string=("question", "multi choice")) == {
        "idx": "key",
        "question": "string",
        "multi choice": "string",
        "choices": "strings",
    }
    with pytest.raises(ValueError, match="no column kind text; choose from: image, images, string"):
        contract(text="question")


@pytest.mark.parametrize(("free", "free_form"), [(0.0, False), (0.5, False), (None, False), (1.0, True)])
def test_free_form_is_what_has_no_item_with_options(free: float | None, free_form: bool) -> None:
    assert replace(toys(()), free=free).free_form is free_form


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
