from lmms_faith.conditions import render
from lmms_faith.item import normalise
from lmms_faith.simulation.parameters import Parameters
from lmms_faith.simulation.questions import FAMILIES, answers_by_role, choice_items, value_items

OF = Parameters(images=40, each=3, options=5)


def test_items_come_image_by_image_and_are_the_same_every_time() -> None:
    for items in (choice_items(OF), value_items(OF)):
        assert [item.cluster for item in items[:4]] == ["image-0", "image-0", "image-0", "image-1"]
        assert len({item.id for item in items}) == OF.items
    assert choice_items(OF) == choice_items(OF)
    assert value_items(OF) == value_items(OF)


def test_gold_stands_everywhere_and_every_family_is_asked() -> None:
    items = choice_items(OF)
    assert {item.answer for item in items} == set(range(OF.options))
    assert {item.category for item in items} == {family.category for family in FAMILIES}


def test_every_answer_has_one_role() -> None:
    for item in (*choice_items(OF), *value_items(OF)):
        claimed = render(item, "wrong_caption").claimed
        assert claimed is not None
        answers = answers_by_role(item, claimed, OF)
        assert len({normalise(answer) for answer in answers}) == OF.options
        assert answers[:2] == (item.gold, claimed)
        assert not item.options or set(answers) == set(item.options)
