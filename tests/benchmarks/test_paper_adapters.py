import base64
import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lmms_faith.benchmarks import cv_bench, mathvista, mmbench, mme_realworld, spatial_mm, threedsr, vstar, whatsup
from lmms_faith.benchmarks.rows import letter_index, split_options
from lmms_faith.benchmarks.spec import Benchmark, images_of
from lmms_faith.conditions import assertion, wrong_target
from lmms_faith.item import Item

MODULES = (mathvista, threedsr, cv_bench, spatial_mm, whatsup, vstar, mme_realworld, mmbench)
BENCHMARKS = {one.name: one for module in MODULES for one in module.BENCHMARKS}
PLACES = "Consider the real-world 3D locations of the objects. "
POSES = "Consider the real-world 3D locations and orientations of the objects. "
TURNS = "Consider the real-world 3D orientations of the objects. "
BOXES = "(highlighted by a blue box)"


def math(
    question: str, answer: str, choices: list[str] | None = None, kind: str = "text", **changed: Any
) -> dict[str, Any]:
    facts = {"task": "figure question answering", "language": "english", "source": "Invented", "grade": "daily life"}
    row: dict[str, Any] = {"pid": "7", "question": question, "image": "images/7.jpg", "choices": choices, "unit": None}
    row |= {"precision": None, "answer": answer, "answer_type": kind, "metadata": facts}
    return row | changed


def dsr(question: str, answer: str, *options: str, qid: str = "AAAA1111", category: str = "c") -> dict[str, Any]:
    cells = dict(zip("ABCD", (*options, None, "nan")))
    return {"index": qid, "qid": qid, "question": question, **cells, "answer": answer, "category": category}


def cv(question: str, answer: str, *choices: str, task: str = "Count") -> dict[str, Any]:
    return {"idx": 3, "question": question, "choices": list(choices), "answer": answer, "task": task, "source": "COCO"}


def obj(question: str, answer: str, one: str = "", two: str = "") -> dict[str, Any]:
    return {"image_name": "ab12.jpg", "question": question, "answer": answer, "object1": one, "object2": two}


def hop(question: str, answer: str, reasoning: str = "{[cup near jug], [cup is red]}") -> dict[str, Any]:
    return {"image_name": "cd34.jpeg", "question": question, "answer": answer, "reasoning": reasoning, "hop": 2}


def small(text: str, label: str, category: str = "direct_attributes") -> dict[str, Any]:
    return {"text": text, "label": label, "category": category, "question_id": 5}


def real(question: str, answer: str, *options: str) -> dict[str, Any]:
    labelled = [
        f"({letter}) {text}" for letter, text in zip("ABCDE", (*options, "The image does not feature the object."))
    ]
    row = {
        "index": "perception/ocr_cc/sign/0001",
        "question": question,
        "multi-choice options": labelled,
        "answer": answer,
    }
    return row | {"category": "Perception/OCR with Complex Context", "l2-category": "sign"}


def bench(question: str, answer: str, *options: str, **changed: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"index": 3000241, "question": question, "hint": "nan", "answer": answer, "category": "c"}
    return row | dict(zip("ABCD", (*options, "nan", "nan"))) | {"L2-category": "perception"} | changed


def captions(*options: str) -> dict[str, Any]:
    return {"faith_row": 0, "caption_options": list(options)}


def item(name: str, row: dict[str, Any]) -> Item:
    return BENCHMARKS[name].to_item(row)


# Name, row, template, rule, what is claimed of gold, what is claimed of the target. Read each one.
CLAIMS: tuple[tuple[str, dict[str, Any], str, str, str, str | None], ...] = (
    (
        "mathvista",
        math("Is Dark Teal the minimum?", "no", ["yes", "no"]),
        "whether",
        "opposite",
        "As to whether Dark Teal is the minimum, the picture says no.",
        "As to whether Dark Teal is the minimum, the picture says yes.",
    ),
    (
        "mathvista",
        math("Is the disc right of the square?", "no", ["yes", "no"]),
        "generic",
        "opposite",
        'For "Is the disc right of the square?", the picture shows: no.',
        'For "Is the disc right of the square?", the picture shows: yes.',
    ),
    (
        "mathvista",
        math("Is Dark Teal less than Rose?", "yes", ["yes", "no"]),
        "whether",
        "opposite",
        "As to whether Dark Teal is less than Rose, the picture says yes.",
        "As to whether Dark Teal is less than Rose, the picture says no.",
    ),
    (
        "mathvista",
        math("Does Dark Teal intersect Rose?", "yes", ["yes", "no"]),
        "whether",
        "opposite",
        "As to whether Dark Teal intersects Rose, the picture says yes.",
        "As to whether Dark Teal intersects Rose, the picture says no.",
    ),
    (
        "mathvista",
        math("Does Rose have the lowest value?", "no", ["yes", "no"]),
        "whether",
        "opposite",
        "As to whether Rose has the lowest value, the picture says no.",
        "As to whether Rose has the lowest value, the picture says yes.",
    ),
    (
        "mathvista",
        math("What is the age gap between these two people in image?", "7", kind="integer", unit="years"),
        "age_gap",
        "seeded",
        "The age gap between these two people is 7 years.",
        "The age gap between these two people is 6 years.",
    ),
    (
        "mathvista",
        math("Subtract all red balls. How many objects are left?", "3", kind="integer"),
        "left_over",
        "seeded",
        "The number of objects that are left is 3.",
        "The number of objects that are left is 4.",
    ),
    (
        "mathvista",
        math("What time is shown? It is (_) after nine.", "quarter", ["half", "quarter", "o'clock", "quarter to"]),
        "time",
        "rivals",
        "The time that the clock shows is quarter after nine.",
        "The time that the clock shows is half after nine.",
    ),
    (
        "mathvista",
        math("What time is shown? It is (_) nine.", "half past", ["half past", "quarter past", "quarter to"]),
        "time_to",
        "rivals",
        "The time that the clock shows is half past nine.",
        "The time that the clock shows is quarter past nine.",
    ),
    (
        "mathvista",
        math("The pin is about (_) inches long.", "3", kind="integer"),
        "measure",
        "seeded",
        "The length in the picture is about 3 inches long.",
        "The length in the picture is about 4 inches long.",
    ),
    (
        "mathvista",
        math("Which team has the highest score?", "Reds", ["Reds", "Blues"]),
        "preference",
        "seeded",
        "In the picture, the team that has the highest score is Reds.",
        "In the picture, the team that has the highest score is Blues.",
    ),
    (
        "mathvista",
        math("Which line is longest?", "B", ["A", "B"]),
        "marked",
        "seeded",
        "What fits is marked B in the picture.",
        "What fits is marked A in the picture.",
    ),
    (
        "mathvista",
        math("Which years?", "[2014, 2016]", kind="list"),
        "generic",
        "seeded",
        'For "Which years?", the picture shows: [2014, 2016].',
        'For "Which years?", the picture shows: [2012, 2014].',
    ),
    (
        "3dsrbench",
        dsr(PLACES + "Which object has a higher location?", "B", "lamp", "hat of the man in red"),
        "height",
        "seeded",
        "Of the two objects, the one with the higher location is the hat of the man in red.",
        "Of the two objects, the one with the higher location is the lamp.",
    ),
    (
        "3dsrbench",
        dsr(PLACES + "Is the kite directly above the red bus?", "B", "yes", "no"),
        "whether",
        "opposite",
        "As to whether the kite is directly above the red bus, the picture says no.",
        "As to whether the kite is directly above the red bus, the picture says yes.",
    ),
    (
        "3dsrbench",
        dsr(PLACES + "Which object is closer to the camera, the sink or the cup?", "B", "the sink", "the cup"),
        "camera",
        "seeded",
        "Of the two, the one closer to the camera is the cup.",
        "Of the two, the one closer to the camera is the sink.",
    ),
    (
        "3dsrbench",
        dsr(
            PLACES + "Are the bus and the tree next to each other or far away from each other?",
            "A",
            "next to each other",
            "far away from each other",
        ),
        "next_to",
        "seeded",
        "The bus and the tree are next to each other.",
        "The bus and the tree are far away from each other.",
    ),
    (
        "3dsrbench",
        dsr(
            POSES
            + "If I stand at the dog's position facing where it is facing, is the man in front of me or behind me?",
            "A",
            "in front of",
            "behind",
        ),
        "front",
        "opposite",
        "For a viewer at the dog's position who faces where it is facing, the man is in front of that viewer.",
        "For a viewer at the dog's position who faces where it is facing, the man is behind that viewer.",
    ),
    (
        "3dsrbench",
        dsr(
            POSES
            + "If I stand at the dog's position facing where it is facing, is the sign on the left or right of me?",
            "B",
            "on the left",
            "on the right",
        ),
        "side",
        "opposite",
        "For a viewer at the dog's position who faces where it is facing, the sign is on the right.",
        "For a viewer at the dog's position who faces where it is facing, the sign is on the left.",
    ),
    (
        "3dsrbench",
        dsr(POSES + "Which side of the van in the back is facing the camera?", "D", "front", "left", "back", "right"),
        "viewpoint",
        "opposite",
        "The right side of the van in the back is facing the camera.",
        "The left side of the van in the back is facing the camera.",
    ),
    (
        "3dsrbench",
        dsr(PLACES + "Which is closer to the sink, the soap or the towel?", "A", "soap", "towel"),
        "closer",
        "seeded",
        "Of the two, the one closer to the sink is the soap.",
        "Of the two, the one closer to the sink is the towel.",
    ),
    (
        "3dsrbench",
        dsr(POSES + "Which object is the girl facing towards, the screen or the vase?", "A", "screen", "vase"),
        "facing",
        "seeded",
        "The girl is facing towards the screen.",
        "The girl is facing towards the vase.",
    ),
    (
        "3dsrbench",
        dsr(
            TURNS + "What is the relationship between the orientations of the bike and the cart, parallel of "
            "perpendicular to each other?",
            "A",
            "parallel",
            "perpendicular",
        ),
        "parallel",
        "seeded",
        "The orientations of the bike and the cart are parallel to each other.",
        "The orientations of the bike and the cart are perpendicular to each other.",
    ),
    (
        "3dsrbench",
        dsr(
            TURNS + "Are the kid and the bear facing same or similar directions, or very different directions?",
            "B",
            "same or similar directions",
            "very different directions",
        ),
        "direction",
        "seeded",
        "The kid and the bear are facing very different directions.",
        "The kid and the bear are facing same or similar directions.",
    ),
    (
        "cv_bench",
        cv("How many lamps are in the image?", "(D)", "0", "9", "3", "4"),
        "count",
        "nearest",
        "The number of lamps in the image is 4.",
        "The number of lamps in the image is 3.",
    ),
    (
        "cv_bench",
        cv(
            "Considering the relative positions of the cup (annotated by the red box) and the jug in the image "
            "provided, where is the cup (annotated by the red box) located with respect to the jug?",
            "(A)",
            "above",
            "below",
            task="Relation",
        ),
        "relation",
        "opposite",
        "The position of the cup (annotated by the red box) with respect to the jug is above.",
        "The position of the cup (annotated by the red box) with respect to the jug is below.",
    ),
    (
        "cv_bench",
        cv(
            "Which object is closer to the camera taking this photo, the desk (highlighted by a red box) "
            f"or the bed {BOXES}?",
            "(B)",
            "desk",
            "bed",
            task="Depth",
        ),
        "depth",
        "seeded",
        "Of the two objects, the one closer to the camera is the bed.",
        "Of the two objects, the one closer to the camera is the desk.",
    ),
    (
        "cv_bench",
        cv(
            "Estimate the real-world distances between objects in this image. Which object is closer to the van "
            f"(highlighted by a red box), the bus {BOXES} or the car (highlighted by a green box)?",
            "(B)",
            "bus",
            "car",
            task="Distance",
        ),
        "distance",
        "seeded",
        "Of the two objects, the one closer to the van (highlighted by a red box) is the car.",
        "Of the two objects, the one closer to the van (highlighted by a red box) is the bus.",
    ),
    (
        "spatial_mm_one_obj",
        obj(
            "Which direction is fox looking at from camera's perspective?\nA. left\nB. front\nC. right\nD. down",
            "C. right",
            "fox",
        ),
        "direction",
        "opposite",
        "From the camera's perspective, the direction in which the fox is looking is right.",
        "From the camera's perspective, the direction in which the fox is looking is left.",
    ),
    (
        "spatial_mm_one_obj",
        obj(
            "Where is the kite located from camera's perspective?\nA. bottom right\nB. bottom left\nC. top",
            "B. bottom left",
            "kite",
        ),
        "position",
        "opposite",
        "From the camera's perspective, the position of the kite is bottom left.",
        "From the camera's perspective, the position of the kite is bottom right.",
    ),
    (
        "spatial_mm_one_obj",
        obj("Is there a pear on the left from camera's perspective?\nA. yes\nB. no", "B. no", "pear"),
        "whether",
        "opposite",
        "As to whether there is a pear on the left from the camera's perspective, the picture says no.",
        "As to whether there is a pear on the left from the camera's perspective, the picture says yes.",
    ),
    (
        "spatial_mm_one_obj",
        obj("From which viewpoint are the jars shown?\nA. above\nB. below", "A. above", "jars"),
        "viewpoint",
        "opposite",
        "The viewpoint from which the jars are shown is above.",
        "The viewpoint from which the jars are shown is below.",
    ),
    (
        "spatial_mm_two_obj",
        obj("In which hand is the man holding cup?\nA. left\nB. right", "B. right", "man", "cup"),
        "hand",
        "opposite",
        "The man is holding the cup in the right hand.",
        "The man is holding the cup in the left hand.",
    ),
    (
        "spatial_mm_two_obj",
        obj("Which hand is the man using to hold the cup?\nA. left\nB. right", "B. right", "man", "cup"),
        "hand",
        "opposite",
        "The man is using the right hand to hold the cup.",
        "The man is using the left hand to hold the cup.",
    ),
    (
        "spatial_mm_two_obj",
        obj("Which of the boy's hands is held by the man?\nA. left\nB. right", "A. left", "boy's hands", "man"),
        "hand",
        "opposite",
        "The left one of the boy's hands is held by the man.",
        "The right one of the boy's hands is held by the man.",
    ),
    (
        "spatial_mm_two_obj",
        obj(
            "Where is jug in relation to tray from the kids's perspective?\nA. front\nB. behind\nC. left",
            "A. front",
            "jug",
            "tray",
        ),
        "relation",
        "opposite",
        "From the kids' perspective, the position of the jug in relation to the tray is front.",
        "From the kids' perspective, the position of the jug in relation to the tray is behind.",
    ),
    (
        "spatial_mm_two_obj",
        obj("Are the fox cubs on the left?\nA. yes\nB. no", "A. yes", "fox"),
        "generic",
        "opposite",
        'For "Are the fox cubs on the left?", the picture shows: yes.',
        'For "Are the fox cubs on the left?", the picture shows: no.',
    ),
    (
        "spatial_mm_two_obj",
        obj("Is the fox facing away from the hen?\nA. yes\nB. no", "A. yes", "fox", "hen"),
        "whether",
        "opposite",
        "As to whether the fox is facing away from the hen, the picture says yes.",
        "As to whether the fox is facing away from the hen, the picture says no.",
    ),
    (
        "spatial_mm_two_obj",
        obj(
            "What is the relationship between the fox and hen?\nA. facing each other\nB. back to back",
            "B. back to back",
        ),
        "together",
        "opposite",
        "The fox and the hen are back to back.",
        "The fox and the hen are facing each other.",
    ),
    (
        "spatial_mm_multihop",
        hop("what color is the hat of the man on the left from the camera's perspective?", "gray"),
        "colour",
        "seeded",
        "From the camera's perspective, the colour of the hat of the man on the left is gray.",
        "From the camera's perspective, the colour of the hat of the man on the left is pink.",
    ),
    (
        "spatial_mm_multihop",
        hop("where is the cub from the perspective of the big lion?", "left"),
        "position",
        "seeded",
        "From the big lion's perspective, the position of the cub is left.",
        "From the big lion's perspective, the position of the cub is right.",
    ),
    (
        "spatial_mm_multihop",
        hop("from the camera's perspective, is there a jug left of the cup?", "no"),
        "whether",
        "seeded",
        "As to whether there is a jug left of the cup from the camera's perspective, the picture says no.",
        "As to whether there is a jug left of the cup from the camera's perspective, the picture says yes.",
    ),
    (
        "spatial_mm_multihop",
        hop("what is the number written on the tram?", "2"),
        "reading",
        "seeded",
        "The number written on the tram is 2.",
        "The number written on the tram is 1.",
    ),
    (
        "spatial_mm_multihop",
        hop("what is to the right of the tall jug?", "cup"),
        "generic",
        "seeded",
        'For "what is to the right of the tall jug?", the picture shows: cup.',
        'For "what is to the right of the tall jug?", the picture shows: jug.',
    ),
    (
        "spatial_mm_multihop",
        hop("what fruit is left of the red drink?", "plum", "{[drink is red], [plum left of drink]}"),
        "generic",
        "seeded",
        'For "what fruit is left of the red drink?", the picture shows: plum.',
        'For "what fruit is left of the red drink?", the picture shows: drink.',
    ),
    (
        "whatsup_a",
        captions(
            "A mug on a table", "A mug under a table", "A mug to the left of a table", "A mug to the right of a table"
        ),
        "caption",
        "opposite",
        "A mug on a table.",
        "A mug under a table.",
    ),
    (
        "whatsup_b",
        captions(
            "A cup behind a jug", "A cup to the left of a jug", "A cup in front of a jug", "A cup to the right of a jug"
        ),
        "caption",
        "opposite",
        "A cup behind a jug.",
        "A cup in front of a jug.",
    ),
    (
        "whatsup_coco_one",
        captions("A photo of a dog on the left.", "A photo of a dog on the right."),
        "caption",
        "opposite",
        "A photo of a dog on the left.",
        "A photo of a dog on the right.",
    ),
    (
        "vstar",
        small(
            "What is the material of the glove?\n(A) wool\n(B) silk\nAnswer with the option's letter directly.",
            "A",
        ),
        "attribute",
        "seeded",
        "The material of the glove is wool.",
        "The material of the glove is silk.",
    ),
    (
        "vstar",
        small("Is the fox on the left or right side of the den? (A) right (B) left", "A", "relative_position"),
        "position",
        "opposite",
        "The fox is on the right side of the den.",
        "The fox is on the left side of the den.",
    ),
    (
        "vstar",
        small("Is the flag red or blue and white?\n(A) blue and white\n(B) red", "B"),
        "either",
        "seeded",
        "The flag is red.",
        "The flag is blue and white.",
    ),
    (
        "mme_realworld_lite",
        real("What is the content of the first line on the sign?", "A", "CEDAR", "CIDER", "CIPHER", "CELLAR"),
        "reading",
        "seeded",
        "The content of the first line on the sign is CEDAR.",
        "The content of the first line on the sign is CIPHER.",
    ),
    (
        "mme_realworld_lite",
        real("What is the number of walkers in the image?(Count those who stand.)", "D", "2", "4", "9", "11"),
        "count",
        "nearest",
        "The number of walkers in the image is 11.",
        "The number of walkers in the image is 9.",
    ),
    (
        "mme_realworld_lite",
        real("What color is the roof in the middle of the picture?", "B", "Red", "Gray", "White", "Blue"),
        "colour",
        "seeded",
        "The colour of the roof in the middle of the picture is Gray.",
        "The colour of the roof in the middle of the picture is White.",
    ),
    (
        "mme_realworld_lite",
        real(
            "Where is the bus in the picture?", "A", "In the upper left area", "In the lower left area", "Here", "There"
        ),
        "where",
        "opposite",
        "The bus is at this place in the picture: In the upper left area.",
        "The bus is at this place in the picture: In the lower left area.",
    ),
    (
        "mmbench_en_dev",
        bench("Which one is the correct caption of this image?", "A", "A man rides a wave.", "A boy holds a kite."),
        "caption",
        "seeded",
        "A man rides a wave.",
        "A boy holds a kite.",
    ),
    (
        "mmbench_en_dev",
        bench("Which mood does this image convey?", "A", "Cozy", "Sad"),
        "mood",
        "seeded",
        "The mood that the picture conveys is Cozy.",
        "The mood that the picture conveys is Sad.",
    ),
    (
        "mmbench_en_dev",
        bench("How many plums are there in the image?", "B", "1", "2"),
        "count",
        "nearest",
        "The number of plums in the picture is 2.",
        "The number of plums in the picture is 1.",
    ),
    (
        "mmbench_en_dev",
        bench("Why is the man wet?", "B", "Rain", "A pool"),
        "generic",
        "seeded",
        'For "Why is the man wet?", the picture shows: A pool.',
        'For "Why is the man wet?", the picture shows: Rain.',
    ),
)


@pytest.mark.parametrize(
    ("name", "row", "template", "rule", "gold", "target"), CLAIMS, ids=[f"{c[0]}-{c[4][:40]}" for c in CLAIMS]
)
def test_claims(name: str, row: dict[str, Any], template: str, rule: str, gold: str, target: str | None) -> None:
    made = item(name, row)
    claimed = wrong_target(made)
    assert (made.benchmark, made.template, made.rule) == (name, template, rule)
    assert assertion(made, made.gold) == gold
    assert (claimed and assertion(made, claimed)) == target


def test_no_claim_of_ours_speaks_of_answers_or_options() -> None:
    for name, row, *_ in CLAIMS:
        claim = item(name, row).claim or "{option}"
        assert not any(
            word in claim.replace("{option}", "").lower() for word in ("answer", "option", "letter", "choice")
        )


# Name, row, and what the Item says
ITEMS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    (
        "mathvista",
        math("What is it?", "1.20", kind="float", precision=2.0, unit="g"),
        {
            "id": "7",
            "question": "What is it? (Unit: g)",
            "kind": "float",
            "value": "1.20",
            "precision": 2,
            "unit": "g",
            "options": (),
            "context": "Hint: The value asked for is a number with 2 decimal places.",
            "category": "figure question answering",
            "cluster": "images/7.jpg",
        },
    ),
    (
        "mathvista",
        math("How old? (Unit: years)", "3", kind="integer", unit="years"),
        {"question": "How old? (Unit: years)"},
    ),
    (
        "mathvista",
        math("How many?", "3", [], kind="integer", precision=float("nan")),
        {"kind": "integer", "precision": None},
    ),
    ("mathvista", math("?", "[1, 2]", kind="list"), {"kind": "list", "value": "[1, 2]"}),
    ("mathvista", math("?", "b", ["a", "b"]), {"kind": "choice", "options": ("a", "b"), "answer": 1, "language": "en"}),
    (
        "mathvista",
        math("?", "b", ["a", "b", "a"], metadata={"task": "t", "language": "chinese", "source": "s", "grade": "g"}),
        {"options": ("a", "b", "a"), "language": "zh", "category": "t"},
    ),
    (
        "3dsrbench_circular",
        dsr("?", "B", "left", "right", qid="AAAA1111-flip-2"),
        {
            "id": "AAAA1111-flip-2",
            "options": ("left", "right"),
            "answer": 1,
            "cluster": "AAAA1111",
            "family": "AAAA1111-flip",
            "extras": {"turn": "2"},
        },
    ),
    ("3dsrbench_circular", dsr("?", "B", "left", "right", qid="AAAA1111-1"), {"family": "AAAA1111"}),
    ("3dsrbench", {**dsr("?", "A", "x", "y"), "qid": None, "index": 12}, {"id": "12", "family": "12"}),
    (
        "cv_bench_2d",
        cv("?", "(B)", "1", "2"),
        {"id": "3", "answer": 1, "category": "Count", "extras": {"source": "COCO"}},
    ),
    (
        "spatial_mm_one_obj",
        obj("Where?\nA. left\nB. upwards.", "B. Upwards"),
        {"question": "Where?", "options": ("left", "upwards."), "answer": 1, "cluster": "ab12.jpg"},
    ),
    ("spatial_mm_multihop", hop("?", "on"), {"kind": "text", "value": "on", "extras": {"hops": "2"}}),
    ("spatial_mm_multihop", hop("?", "2"), {"kind": "integer", "value": "2"}),
    (
        "whatsup_a",
        captions(
            "A mug on a tray", "A mug under a tray", "A mug to the left of a tray", "A mug to the right of a tray"
        ),
        {"id": "0", "category": "on", "extras": {"set": "mug | tray", "axis": "height"}},
    ),
    (
        "whatsup_b",
        captions(
            "A mug to the left of a tray.",
            "A mug behind a tray.",
            "A mug in front of a tray.",
            "A mug to the right of a tray.",
        ),
        {"category": "left", "extras": {"set": "mug | tray", "axis": "side"}},
    ),
    (
        "whatsup_vg_one",
        captions("A photo of a mug at the top", "A photo of a mug at the bottom"),
        {"category": "top", "extras": {}},
    ),
    (
        "vstar",
        small("Which?\n(A) a (b)\n(B) c", "(B)"),
        {"question": "Which?", "options": ("a (b)", "c"), "answer": 1, "id": "5"},
    ),
    (
        "mme_realworld_lite",
        real("?", "E", "1", "2", "3", "4"),
        {
            "options": ("1", "2", "3", "4", "The image does not feature the object."),
            "answer": 4,
            "rule": "nearest",
            "extras": {"ability": "perception", "domain": "OCR with Complex Context", "task": "sign"},
        },
    ),
    (
        "mmbench_en_dev",
        bench("?", "C", "x", "y", "z", hint="It is hot.", index="1000007"),
        {
            "context": "It is hot.",
            "options": ("x", "y", "z"),
            "answer": 2,
            "id": "1000007",
            "family": "7",
            "cluster": "7",
        },
    ),
    ("mmbench_en_dev", bench("?", "A", "x", "y"), {"context": None, "extras": {"turn": "3", "ability": "perception"}}),
)


@pytest.mark.parametrize(("name", "row", "expected"), ITEMS)
def test_items(name: str, row: dict[str, Any], expected: dict[str, Any]) -> None:
    made = item(name, row)
    assert {key: getattr(made, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("name", "row", "says"),
    [
        ("mathvista", math("?", "18", ["18", "2", "18"]), "both equal the gold '18'"),
        ("mathvista", math("?", "c", ["a", "b"]), "answer 'c' is none of"),
        ("3dsrbench", dsr("?", "E", "x", "y"), "outside its 2 options"),
        ("3dsrbench", {**dsr("?", "A", "x", "y"), "B": None, "C": "z"}, "have a gap"),
        ("cv_bench", cv("?", "(?)", "1", "2"), "is no option letter"),
        (
            "spatial_mm_two_obj",
            obj("Where?\nA. middle\nB. left", "B. middle"),
            "answer 'B. middle' contradicts its options",
        ),
        ("spatial_mm_two_obj", obj("Where?\nA. left\nB. left", "B. left"), "both equal the gold 'left'"),
        ("spatial_mm_two_obj", obj("Where?", "B. left"), "no options found"),
        ("vstar", small("What colour is it?", "A"), "no options found"),
    ],
)
def test_rows_that_can_be_no_item_are_refused(name: str, row: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        item(name, row)


def test_circular_copies_claim_the_same() -> None:
    options = ("oak", "elm", "ash", "fir")
    targets = set()
    for turn in range(4):
        turned = options[turn:] + options[:turn]
        letter = "ABCD"[turned.index("oak")]
        targets.add(wrong_target(item("mmbench_en_dev", bench("?", letter, *turned, index=9 + turn * 10**6))))
    assert len(targets) == 1


def test_the_right_caption_is_not_always_shown_first() -> None:
    options = ("A mug on a tray", "A mug under a tray", "A mug to the left of a tray", "A mug to the right of a tray")
    made = [item("whatsup_a", captions(*options) | {"faith_row": n}) for n in range(40)]
    assert {one.gold for one in made} == {options[0]}
    assert {one.answer for one in made} == {0, 1, 2, 3}
    assert made[3] == item("whatsup_a", captions(*options) | {"faith_row": 3})


def test_an_image_may_be_a_base64_string() -> None:
    name, buffer = "mme_realworld_lite", io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(buffer, "PNG")
    row = real("?", "A", "1", "2", "3", "4") | {"bytes": base64.b64encode(buffer.getvalue()).decode()}
    (picture,) = images_of(BENCHMARKS[name], row, item(name, row))
    assert (picture.size, picture.getpixel((0, 0))) == ((4, 3), (255, 0, 0))


def test_spatial_mm_finds_its_images_under_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(spatial_mm.ROOT, str(tmp_path))
    (tmp_path / "images" / "deep").mkdir(parents=True)
    Image.new("RGB", (4, 3)).save(tmp_path / "images" / "deep" / "ab12.jpg")
    spatial, row = BENCHMARKS["spatial_mm_one_obj"], obj("Where?\nA. left\nB. right", "A. left")
    (picture,) = images_of(spatial, row, spatial.to_item(row))
    assert picture.size == (4, 3)
    with pytest.raises(FileNotFoundError, match=r"image zz\.jpg is nowhere under .*; git clone https://github.com/"):
        images_of(spatial, row | {"image_name": "zz.jpg"}, spatial.to_item(row))


@pytest.mark.parametrize("found", BENCHMARKS.values(), ids=list(BENCHMARKS))
def test_to_item_reads_no_column_outside_the_contract(found: Benchmark) -> None:
    rows = [row for name, row, *_ in CLAIMS if name.split("_")[0] == found.name.split("_")[0]]
    optional = {"qid", "A", "B", "C", "D", "faith_row"}
    known = {column for column, kind in found.columns.items() if kind != "image"} | optional
    for row in rows:
        if {"hop", "object1"} & (row.keys() ^ found.columns.keys()):
            continue
        assert found.to_item({key: value for key, value in row.items() if key in known}).benchmark == found.name


@pytest.mark.parametrize(
    ("text", "question", "options"),
    [
        ("Which?\nA. x\nB. y", "Which?", ("x", "y")),
        ("Which? (A) x (B) y (z)", "Which?", ("x", "y (z)")),
        ("Which?\nOptions: A: x, B: y", "Which?", ("x", "y")),
        ("Which?\nChoices:\nA:70°\nB:140°", "Which?", ("70°", "140°")),
        (
            "Which?\nA. x\nB. y\nPlease answer directly with only the letter of the correct option and nothing else.",
            "Which?",
            ("x", "y"),
        ),
        ("In circle A, which?\nA. x\nB. y\nC. z", "In circle A, which?", ("x", "y", "z")),
        ("Please choose the right word.\nA. x\nB. y", "Please choose the right word.", ("x", "y")),
    ],
)
def test_options_are_split_off_a_question(text: str, question: str, options: tuple[str, ...]) -> None:
    assert split_options(text) == (question, options)


@pytest.mark.parametrize("text", ["", "AB", "7", "(Z)", "none"])
def test_what_is_no_letter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no option letter"):
        letter_index(text)
