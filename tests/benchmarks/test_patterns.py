"""Claims read off the words of a question."""

from __future__ import annotations

import pytest

from lmms_faith.benchmarks.patterns import claim_by, determined, either_or, viewed, whether, worded

SIDE = ("side", "which side of (?P<the_x>.+) is up", "{the_x} has its {option} side up.")


def test_the_first_wording_that_fits_is_taken_with_its_name() -> None:
    claim, name = claim_by([SIDE], "Which side of box is up?")
    assert name == "side"
    assert claim is not None
    assert claim.replace("{option}", "red") == "The box has its red side up."


def test_without_a_fitting_wording_the_claim_is_generic() -> None:
    assert claim_by([SIDE], "Why?") == (None, "generic")


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("Is there a cup on the tray?", "there is a cup on the tray"),
        ("Is the cat facing left?", "the cat is facing left"),
    ],
)
def test_a_yes_no_question_is_turned_into_its_clause(question: str, clause: str) -> None:
    claim, _ = whether(question, ["cat"])
    assert claim is not None
    assert clause in claim


def test_a_question_that_can_not_be_turned_safely_is_left_alone() -> None:
    assert whether("Is it?") == (None, "generic")


@pytest.mark.parametrize(
    ("question", "options", "said"),
    [
        ("Is the flag red or blue and white?", ["red", "blue and white"], "The flag is red."),
        ("Is the tall building red or blue?", ["red", "blue"], "The tall building is red."),
        ("Is it red or blue?", ["red", "blue"], "It is red."),
        ("Is the camera moving left or right?", ["left", "right"], "The camera is moving left."),
        (
            "Is the cup on the left or right side of the jug?",
            ["left", "right"],
            "The cup is on the left side of the jug.",
        ),
        ("Are the men facing to the left or the right?", ["the left", "the right"], "The men are facing to the left."),
        ("Is it the cat or the dog?", ["the cat", "the dog"], "It is the cat."),
    ],
)
def test_alternatives_named_in_the_question_are_claimed_in_its_own_words(
    question: str, options: list[str], said: str
) -> None:
    for order in (options, options[::-1]):
        claim, _ = either_or(question, order)
        assert claim is not None
        assert claim.replace("{option}", options[0]) == said


@pytest.mark.parametrize(
    ("noun", "said"),
    [("red car", "the red car"), ("The dog", "the dog"), ("woman's hat", "the woman's hat"), ("it", "it")],
)
def test_a_noun_gets_its_article_once(noun: str, said: str) -> None:
    assert determined(noun) == said


@pytest.mark.parametrize(
    ("question", "said", "sentence"),
    [
        ("How many cups are there in the image?", "3", "The number of cups in the picture is 3."),
        ("As shown, AB is a diameter, then the size of angle ABC is ( )", "40°", "the size of angle ABC is 40°."),
    ],
)
def test_a_question_that_can_be_turned_gives_a_sentence(question: str, said: str, sentence: str) -> None:
    claim, name = worded(question)
    assert claim is not None
    assert name != "generic"
    assert claim.replace("{option}", said).endswith(sentence)


def test_any_other_question_is_left_to_the_generic_wording() -> None:
    assert worded("Why is it so?") == (None, "generic")


@pytest.mark.parametrize(
    ("question", "options", "wordings", "name"),
    [
        ("Which side of box is up, A or B?", ["A", "B"], [SIDE], "side"),
        ("Which one is up?", ["A", "B"], [SIDE], "marked"),
        ("How many cups are there?", ["2", "3"], [SIDE], "count"),
        ("Is the flag red or blue?", ["red", "blue"], [SIDE], "either"),
        ("Is there a cup on the tray?", ["yes", "no"], [SIDE], "whether"),
    ],
)
def test_a_benchmarks_own_wordings_come_before_those_for_any_question(
    question: str, options: list[str], wordings: list[tuple[str, str, str]], name: str
) -> None:
    assert worded(question, options, wordings)[1] == name


@pytest.mark.parametrize(
    ("question", "claim"),
    [
        ("Which side of box is up?", "The box has its red side up."),
        (
            "From the dog's perspective, which side of box is up?",
            "From the dog's perspective, the box has its red side up.",
        ),
        (
            "From the kids's viewpoint, which side of box is up?",
            "From the kids' perspective, the box has its red side up.",
        ),
        (
            "Which side of box is up from the point of view of the man?",
            "From the man's perspective, the box has its red side up.",
        ),
        (
            "From the camera's perspective, is there a cup on it?",
            "As to whether there is a cup on it from the camera's perspective, the picture says red.",
        ),
    ],
)
def test_whose_view_it_is_opens_the_claim(question: str, claim: str) -> None:
    side = ("side", "which side of (?P<the_x>.+) is up", "{the_x} has its {option} side up.")
    assert str(viewed(question, (), [side])[0]).replace("{option}", "red") == claim
