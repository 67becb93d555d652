import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.parsing.naming import content, known, may_name, named, small_letters, stem, stems

COLOURS = ("red", "blue", "light red", "none of the above")
SIDES = ("left", "left of the cup", "right", "front-left")
PETS = ("A dog", "A cat", "A bird", "A rabbit")
WHY = ("Because it is raining", "To use it as a walking stick", "Doctor and patient", "$\\frac{1}{2}$")
MUGS = ("A mug to the left of a tray", "A mug to the right of a tray")
YES_NO = ("Yes", "No")

# sentence, options, what is named: the option's index, and L for its letter
NAMED = {
    "text": ("It is red.", COLOURS, ["0"]),
    "case": ("It is RED.", COLOURS, ["0"]),
    "longest text": ("It is light red.", COLOURS, ["2"]),
    "several": ("Not red but blue.", COLOURS, ["0", "1"]),
    "part of a word": ("I am bored, reddish.", COLOURS, []),
    "part of a longer word with a hyphen": ("It is a red-brown dog.", COLOURS, []),
    "after a point": ("B.red", COLOURS, ["0"]),
    "none of the above": ("So none of the above.", COLOURS, ["3"]),
    "longer text of a side": ("It is left of the cup.", SIDES, ["1"]),
    "hyphen as space": ("It is front left.", SIDES, ["3"]),
    "right as correct": ("The right answer is there, right? All right.", SIDES, []),
    "right behind": ("It is right behind it.", SIDES, []),
    "right as a side": ("It is to the right.", SIDES, ["2"]),
    "left as remaining": ("Only this is left.", SIDES, []),
    "without article": ("The dog sleeps.", PETS, ["0"]),
    "A as an article": ("A dog and A cat.", PETS, ["0", "1"]),
    "because it's": ("He runs because it's raining.", WHY, ["0"]),
    "uses it": ("He uses it as a walking stick.", WHY, ["1"]),
    "a doctor and a patient": ("They are a doctor and her patient.", WHY, ["2"]),
    "LaTeX without dollars": (r"That is \frac{1}{2}.", WHY, ["3"]),
    "other words between": ("The mug stands to the left of the tray.", MUGS, ["0"]),
    "another word in the place": ("The mug stands on the tray.", MUGS, []),
    "synonym": ("It is underneath the cup.", ("above", "below"), ["1"]),
    "Chinese": ("猫在桌子上面。", ("桌子上面", "桌子下面"), ["0"]),
    "letter in brackets": ("So (B).", COLOURS, ["1L"]),
    "letter in square brackets": ("So it is. [B]", COLOURS, ["1L"]),
    "small letter in brackets": ("So (b).", COLOURS, []),
    "option and letter": ("Option B fits.", COLOURS, ["1L"]),
    "the answer is": ("The answer is: **B**", COLOURS, ["1L"]),
    "answer, is further on": ("The option that fits it best is B.", COLOURS, ["1L"]),
    "small letter of an answer": ("the best possible answer is b", COLOURS, ["1L"]),
    "letters in a list": ("Options A, B and C are wrong.", COLOURS, ["0L", "1L", "2L"]),
    "go with": ("I'd go with B.", COLOURS, ["1L"]),
    "letter is correct": ("B is correct.", COLOURS, ["1L"]),
    "boxed": (r"So \boxed{B}", COLOURS, ["1L"]),
    "so, letter": ("So, B.", COLOURS, ["1L"]),
    "letter alone": ("B", COLOURS, ["1L"]),
    "Chinese letter": ("所以选B。", COLOURS, ["1L"]),
    "letter and text": ("It is (B) blue.", COLOURS, ["1L", "1"]),
    "letter beyond": ("So (F).", COLOURS, []),
    "letter as a label": ("Product A sells more than product B.", COLOURS, []),
    "answer and an article": ("The answer is A dog.", PETS, ["0"]),
    "letters that other options say": ("The answer is B.", ("B", "A"), []),
    "yes": ("So, yes.", YES_NO, ["0L"]),
    "no at the start": ("No, it isn't.", YES_NO, ["1L"]),
    "no before a noun": ("There is no dog.", YES_NO, []),
    "no after wait": ("Wait, no.", YES_NO, []),
    "marked": ("What fits is marked B in the picture.", ("A", "B", "C"), ["1L"]),
    "marked, small options": ("The picture shows: c.", ("a", "b", "c"), ["2L"]),
    "nothing": ("", COLOURS, []),
}


@pytest.mark.parametrize(("sentence", "options", "expected"), NAMED.values(), ids=NAMED)
def test_what_a_sentence_names(sentence: str, options: tuple[str, ...], expected: list[str]) -> None:
    found = named(sentence, small_letters(sentence), known(options))
    assert [f"{one.index}{'L' * one.lettered}" for one in found] == expected


@pytest.mark.parametrize(("sentence", "options", "expected"), NAMED.values(), ids=NAMED)
def test_the_quick_look_misses_nothing(sentence: str, options: tuple[str, ...], expected: list[str]) -> None:
    assert may_name(sentence, small_letters(sentence), known(options)) or not expected


def test_an_owner_is_marked() -> None:
    found = named("The dog's tail, the cat.", "the dog's tail, the cat.", known(PETS))
    assert [one.owner for one in found] == [True, False]


@pytest.mark.parametrize(
    ("options", "numbers", "verdicts", "letters"),
    [
        (COLOURS, False, None, True),
        (("1", "2.5 cm", "$3$"), True, None, True),
        (("1", "none"), False, None, True),
        (("No", "Yes", "Maybe"), False, (1, 0), True),
        (("True.", "False."), False, (0, 1), True),
        (("A", "B", "C"), False, None, True),
        (("B", "A", "C"), False, None, False),
        ((), False, None, True),
    ],
)
def test_what_is_known_of_options(
    options: tuple[str, ...], numbers: bool, verdicts: tuple[int, int] | None, letters: bool
) -> None:
    found = known(options)
    assert (found.numbers, found.verdicts, found.letters) == (numbers, verdicts, letters)


def test_an_option_printed_twice_goes_by_its_first() -> None:
    assert [one.index for one in named("It is up.", "it is up.", known(("left", "up", "up")))] == [1]


def test_telling_words() -> None:
    assert content("Which of the two boats is closer to the shore?") == {"two", "boat", "closer", "shore"}
    assert stems("The boats sailing") == ("the", "boat", "sail")
    assert [stem(word) for word in ("glass", "boxes", "is", "sing")] == ["glass", "box", "is", "sing"]


@given(sentence=st.text(), options=st.lists(st.text(), max_size=12))
def test_names_are_found_in_order_and_inside(sentence: str, options: list[str]) -> None:
    found = named(sentence, small_letters(sentence), known(tuple(options)))
    assert all(0 <= one.start <= one.end <= len(sentence) and one.index < len(options) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


@given(text=st.text())
def test_small_letters_keep_their_places(text: str) -> None:
    assert len(small_letters(text)) == len(text)
