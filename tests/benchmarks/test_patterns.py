"""Claims read off the words of a question."""

from __future__ import annotations

import pytest

from lmms_faith.benchmarks.patterns import claim_by, determined, either_or, whether

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


def test_alternatives_named_in_the_question_are_claimed_in_its_own_words() -> None:
    claim, _ = either_or("Is the flag red or blue and white?", ["blue and white", "red"])
    assert claim is not None
    assert claim.replace("{option}", "red") == "The flag is red."


@pytest.mark.parametrize(
    ("noun", "said"), [("red car", "the red car"), ("The dog", "the dog"), ("woman's hat", "the woman's hat")]
)
def test_a_noun_gets_its_article_once(noun: str, said: str) -> None:
    assert determined(noun) == said
