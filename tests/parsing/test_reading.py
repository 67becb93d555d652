import pytest

from lmms_faith.parsing.figures import Figures
from lmms_faith.parsing.naming import known
from lmms_faith.parsing.questions import asked
from lmms_faith.parsing.reading import Reading

COLOURS = ("red", "blue", "green")
YES_NO = ("Yes", "No")
MAT = "Is the cat on the mat?"
CAR = "What colour is the car?"

# passage, options, question, what the first sentence that names an option asserts and denies
PASSAGES = {
    "asserted": ("It is red.", COLOURS, "", {0}, set()),
    "asked": ("Is it red?", COLOURS, "", set(), set()),
    "asked, then no": ("Red? No, it isn't.", COLOURS, "", set(), {0}),
    "asked, then yes": ("Red? Yes.", COLOURS, "", {0}, set()),
    "asked of two, then yes": ("Red or blue? Yes.", COLOURS, "", set(), set()),
    "of what kind something else is": ("I see a red house.", COLOURS, CAR, set(), set()),
    "of what kind it is": ("I see a red car.", COLOURS, CAR, {0}, set()),
    "without a question, the same": ("I see a red house.", COLOURS, "", {0}, set()),
    "compared as asked": ("Red is nearer than blue.", COLOURS, "Which is nearer?", {0}, {1}),
    "compared otherwise": ("Red is nearer than blue.", COLOURS, "Which is further?", set(), set()),
    "yes by what is said": ("The cat is on the mat.", YES_NO, MAT, {0}, set()),
    "no by what is said": ("The cat is not on the mat.", YES_NO, MAT, {1}, set()),
    "no doubt": ("There is no doubt that the cat is on the mat.", YES_NO, MAT, {0}, set()),
    "by what may be": ("The cat might be on the mat.", YES_NO, MAT, set(), set()),
    "by half of what is asked": ("The cat is red.", YES_NO, MAT, None, set()),
    "no, as a word": ("No.", YES_NO, MAT, {1}, set()),
}


@pytest.mark.parametrize(("text", "options", "question", "asserted", "denied"), PASSAGES.values(), ids=PASSAGES)
def test_what_a_sentence_does(
    text: str, options: tuple[str, ...], question: str, asserted: set[int] | None, denied: set[int]
) -> None:
    reading = Reading.of(text, known(options), asked(question), None)
    mentions = reading.mentions(0)
    if asserted is None:
        assert mentions == []
    else:
        found = reading.taken(0, mentions)
        assert (found.asserted, found.denied) == (asserted, denied)


@pytest.mark.parametrize(
    ("before", "named"), [("Is the cat on the mat?", [1]), ("Is there a dog?", []), ("The dog sleeps.", [1])]
)
def test_a_no_to_a_question_of_the_thoughts_own_is_no_answer(before: str, named: list[int]) -> None:
    reading = Reading.of(f"{before} No, not there.", known(YES_NO), asked(MAT), None)
    assert [mention.index for mention in reading.mentions(1)] == named


def test_values_are_found_by_their_finder() -> None:
    reading = Reading.of("There are 2 cats and 3 dogs.", known(()), asked("How many dogs?"), finder := Figures([]))
    found = reading.taken(0, reading.mentions(0))
    assert [finder.values[index] for index in found.asserted] == ["3"]
    assert [finder.values[index] for index in found.supposed] == ["2"]
