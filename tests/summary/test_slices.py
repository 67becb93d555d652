from collections.abc import Callable

import pytest

from lmms_faith.record import Record
from lmms_faith.summary.cells import Items
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.gathering import gather
from lmms_faith.summary.slices import named, slices


@pytest.fixture
def items(make_record: Callable[..., Record]) -> Items:
    records = [
        make_record(item_id="a", category="count"),
        make_record(item_id="b", category="count", options=("red", "blue")),
        make_record(item_id="c"),
    ]
    return gather(map(Judged, records)).items["toys"]


def test_all_items_come_first_then_categories_then_numbers_of_options(items: Items) -> None:
    found = [(part.category, part.arity, part.inside.tolist()) for part in slices(items)]
    assert found == [
        ("all", "all", [True, True, True]),
        ("count", "all", [True, True, False]),
        ("all", "2", [False, True, False]),
        ("all", "3", [True, False, True]),
    ]


def test_items_are_parted_by_what_was_asked_for(items: Items) -> None:
    assert [(part.category, part.arity) for part in slices(items, ("category",))] == [("all", "all"), ("count", "all")]
    assert len(list(slices(items, ()))) == 1
    with pytest.raises(ValueError, match="can't be parted by 'colour'; choose from: category, arity"):
        list(slices(items, ("colour",)))


def test_a_part_is_found_by_name(items: Items) -> None:
    assert named(items, category="count", arity="3").inside.tolist() == [True, False, False]
    assert named(items).inside.all()
    with pytest.raises(ValueError, match="no item has category 'depth'; choose one of: count"):
        named(items, category="depth")
    with pytest.raises(ValueError, match=r"no item has arity 'free'; choose one of: 2, 3"):
        named(items, arity="free")
