"""The ten further benchmarks: rows of their fixtures, and the items that they have to become."""

from typing import Any

import pytest
from fixtures import FIXTURES

from lmms_faith.benchmarks import benchmark
from lmms_faith.benchmarks.spec import images_of
from lmms_faith.conditions import render, wrong_target
from lmms_faith.item import LETTERS, Item
from lmms_faith.lmms.data import numbered, without_pictures


def made(name: str, row: int, **changed: Any) -> Item:
    """The item of a fixture row, some of whose cells are changed."""
    rows = without_pictures(benchmark(name), numbered(FIXTURES[name]()))
    return benchmark(name).to_item(rows[row] | changed)


def test_mathverse_takes_the_options_out_of_the_question() -> None:
    assert made("mathverse", 0) == Item(
        id="1",
        benchmark="mathverse",
        question="As shown in the figure, line PQ meets circle O, then the size of angle PQO is ()",
        options=("35°", "50°", "70°", "100°"),
        answer=1,
        rule="nearest",
        category="Text Dominant",
        claim="In the picture, the size of angle PQO is {option}.",
        template="blank",
        cluster="1",
        family="1",
        extras={"subject": "Plane Geometry"},
    )


def test_mathverse_in_the_picture_alone_keeps_its_question_there() -> None:
    seen, read = made("mathverse", 1), made("mathverse", 0)
    assert "angle" not in seen.question + str(seen.claim)
    assert (seen.options, seen.answer, seen.family) == (read.options, read.answer, read.family)


@pytest.mark.parametrize(
    ("name", "row", "listed"),
    [("mathverse", 0, True), ("mathverse", 1, False), ("mmmu_pro", 0, True), ("mmmu_pro_vision", 0, False)],
)
def test_options_are_listed_unless_the_picture_shows_them(name: str, row: int, listed: bool) -> None:
    item = made(name, row)
    lines = render(item, "wrong_caption").text.split("\n")
    assert [f"{letter}. {option}" in lines for letter, option in zip(LETTERS, item.options)] == [listed] * len(
        item.options
    )
    assert wrong_target(item) in lines[0].removesuffix(".").split(" is ")


def test_mathverse_without_options_asks_for_a_value() -> None:
    item = made("mathverse", 2)
    assert (item.kind, item.value, item.options) == ("integer", "12", ())


@pytest.mark.parametrize("name", ["mathvision", "mathvision_testmini"])
@pytest.mark.parametrize(
    ("row", "question", "options", "gold", "kind", "template"),
    [
        (0, "How many squares are there in the drawing?", ("3", "4", "5", "6", "7"), "5", "choice", "count"),
        (1, "Which tile completes the pattern?", tuple("ABCDE"), "D", "choice", "marked"),
        (2, "The disc has radius 2. What is the area of the disc in the image?", (), "12.57", "float", "quantity"),
        (3, "A path leads from P to Q. What is the length of the path?", (), "17", "integer", "quantity"),
    ],
)
def test_mathvision(
    name: str, row: int, question: str, options: tuple[str, ...], gold: str, kind: str, template: str
) -> None:
    item = made(name, row)
    assert (item.benchmark, item.question, item.options, item.gold, item.kind, item.template) == (
        name,
        question,
        options,
        gold,
        kind,
        template,
    )


@pytest.mark.parametrize(
    ("row", "question", "options", "gold"),
    [
        (0, "What is the value of the resistance in the image?", ("10 ohm", "20 ohm", "30 ohm", "0 ohm"), "20 ohm"),
        (1, "Which change leads from image 1 to image 2?", ("a flip", "a turn", "a shift", "a cut"), "a flip"),
        (2, "Which drawing belongs to image 1?", ("image 2", "image 3", "neither drawing"), "image 3"),
        (3, "How many discs are there in the image?", (), "2"),
        (4, "What is the value of y in the image?", (), "24/7"),
    ],
)
def test_mmmu(row: int, question: str, options: tuple[str, ...], gold: str) -> None:
    item = made("mmmu_val", row)
    assert (item.question, item.options, item.gold, item.category) == (question, options, gold, "Art Theory")


def test_mmmu_keeps_every_accepted_value() -> None:
    assert made("mmmu_val", 4).extras == {"accepted": "24/7\n3.429"}


def test_mmmu_pro_has_ten_options() -> None:
    item = made("mmmu_pro", 0)
    assert (len(item.options), item.gold, item.category, item.rule) == (10, "20 ohm", "Art_Theory", "nearest")


def test_mmmu_pro_in_the_picture_has_no_question() -> None:
    item = made("mmmu_pro_vision", 0)
    assert item.question == "The question is written in the picture."
    assert (item.gold, item.template, item.category) == ("lute", "asked", "Music")


@pytest.mark.parametrize(
    ("task", "gold", "claim"),
    [
        ("art_style", "the second image", "The painting in the same style as the first image is {option}."),
        ("counting", "0", "The number of yellow kites in the picture is {option}."),
        ("relative_depth", "A is closer", "Of the two marked points, {option}."),
        ("multi_view_reasoning", "left", "From the first image to the second the camera moves {option}."),
        ("spatial_relation", "yes", "As to whether the kite is above the tree, the picture says {option}."),
    ],
)
def test_blink(task: str, gold: str, claim: str) -> None:
    item = made(f"blink_{task}", 0)
    assert (item.gold, item.claim) == (gold, claim)


def test_blink_shows_the_pictures_that_are_there() -> None:
    name = "blink_jigsaw"
    assert len(images_of(benchmark(name), FIXTURES[name]()[0], made(name, 0))) == 3


@pytest.mark.parametrize(
    ("row", "question", "gold", "category"),
    [
        (0, "Which shape is left of the disc?", "square", "coarse perception"),
        (1, "How many discs are visible in the image?", "2", "instance reasoning"),
        (2, "What is the color of the disc?", "Gold", "fine-grained perception"),
    ],
)
def test_mmstar(row: int, question: str, gold: str, category: str) -> None:
    item = made("mmstar", row)
    assert (item.question, item.gold, item.category, len(item.options)) == (question, gold, category, 4)


def test_ai2d_names_equal_questions_by_their_rows() -> None:
    first, last = made("ai2d", 0), made("ai2d", 2)
    assert (first.question, first.options) == (last.question, last.options)
    assert [(item.id, item.gold) for item in (first, last)] == [("0", "leaf"), ("2", "stem")]


def test_scienceqa_puts_its_hint_before_the_question() -> None:
    assert made("scienceqa_img", 0).context is None
    item = made("scienceqa_img", 2)
    assert (item.context, item.gold, item.category) == ("The chart shows rain by month.", "June", "natural science")


@pytest.mark.parametrize(
    ("row", "question", "options", "gold", "kind"),
    [
        (
            0,
            "Where is the bus from our view?",
            ("To the left", "To the right", "Straight ahead"),
            "To the right",
            "choice",
        ),
        (1, "How many cyclists are there?", (), "3", "integer"),
        (2, "Is the traffic light ahead green?", (), "No", "text"),
    ],
)
def test_realworldqa(row: int, question: str, options: tuple[str, ...], gold: str, kind: str) -> None:
    item = made("realworldqa", row)
    assert (item.question, item.options, item.gold, item.kind) == (question, options, gold, kind)
    assert item.cluster == f"{row}.webp"


def test_geometry3k() -> None:
    item = made("geometry3k", 1)
    assert (item.id, item.question, item.gold, item.rule, item.claim) == (
        "1",
        "Find the area of the kite. Round to the nearest tenth.",
        "41.0",
        "nearest",
        "In the picture, the area of the kite is {option}.",
    )


@pytest.mark.parametrize(
    ("name", "changed", "message"),
    [
        ("mathverse", {"question": "What is x?"}, "no options found in"),
        ("mathvision", {"answer": "42"}, "'42' is no option letter"),
        ("mmmu_val", {"options": "10 ohm"}, "is no list of options"),
        ("mmmu_pro_vision", {"answer": "H"}, "answer index 7 is outside its 4 options"),
        ("blink_jigsaw", {"answer": "hidden"}, "'hidden' is no option letter"),
        ("ai2d", {"answer": "7"}, "answer index 7 is outside its 4 options"),
        ("scienceqa_img", {"choices": ["one"]}, "has 1 options"),
        ("geometry3k", {"choices": ["7", "7", "9", "9"]}, "both equal the gold"),
    ],
)
def test_a_row_that_cannot_be_asked_is_refused(name: str, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        made(name, 0, **changed)
