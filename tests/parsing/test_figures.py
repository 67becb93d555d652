import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.parsing.figures import Figures, come_to
from lmms_faith.parsing.naming import content, small_letters
from lmms_faith.parsing.stance import taken

# sentence, the numbers it names
NAMED = {
    "one": ("There are 5.", ["5"]),
    "as words": ("There are five and twelve.", ["5", "12"]),
    "decimals and separators": ("It is 3.5 or 1,200.", ["3.5", "1,200"]),
    "negative": ("It is -2, not 2.", ["-2", "2"]),
    "money and unit": ("It costs $4.50, or 45 cm.", ["4.50", "45"]),
    "degrees": (r"It is 72°, or 55^\circ.", ["72", "55"]),
    "operands": ("2 + 3 = 5", ["5"]),
    "operands of a product": (r"4 \times 4 = 16", ["16"]),
    "a fraction in LaTeX": (r"So x = \frac{3}{4}.", [r"\frac{3}{4}"]),
    "a box": (r"So \boxed{12}.", ["12"]),
    "a root": (r"\sqrt{25} is it.", []),
    "labels": ("In step 2, figure 3 and angle 4.", []),
    "list number": ("1. Look.", []),
    "coordinates": ("It passes (1, 5) and (2, 7).", []),
    "names": ("A 3D view of COVID-19, 2x.", []),
    "a year that dates": ("In 2019 there were 3.", ["3"]),
    "one of them": ("One of them is the one.", []),
    "only one": ("There is only one.", ["1"]),
    "five times": ("It is five times as long.", []),
    "a power": ("AC^2 = 9", ["9"]),
    "full-width": ("它是１２。", ["12"]),
    "the same twice": ("5 cm is 5.0.", ["5"]),
}


@pytest.mark.parametrize(("sentence", "expected"), NAMED.values(), ids=NAMED)
def test_which_numbers_a_sentence_names(sentence: str, expected: list[str]) -> None:
    figures = Figures([])
    figures.named(sentence, small_letters(sentence))
    assert figures.values == expected


def test_a_year_counts_where_one_is_asked_for() -> None:
    figures = Figures([], years=True)
    figures.named("In 2019 there were 3.", "in 2019 there were 3.")
    assert figures.values == ["2019", "3"]


def test_numbers_of_options_have_their_indices() -> None:
    figures = Figures(["10 cm", "12 cm"])
    assert [one.index for one in figures.named("It is 12, not 14.", "it is 12, not 14.")] == [1, 2]
    assert figures.values == ["10 cm", "12 cm", "14"]


# sentence, what is asked, the numbers it comes to, whether as a result
COMES = {
    "led to": ("there are 5 birds.", "How many birds?", ["5"], False),
    "mentioned": ("near 5 trees some birds sit.", "How many cats?", [], False),
    "by its noun": ("there are 3 birds and 2 cats.", "How many cats?", ["2"], False),
    "two of the same noun": ("there are 3 birds here and 2 birds there.", "How many birds?", ["3", "2"], False),
    "calculated": ("16 + 8 + 13 = 37", "How many medals?", ["37"], True),
    "in a chain": ("16 + 8 = 24, and 24 + 13 = 37", "How many medals?", ["37"], True),
    "of two equations, the one asked for": ("y = 8 and x = 4", "What is x?", ["4"], True),
    "of two equations, the plain one": ("2x = 8 and x = 4", "What is it?", ["4"], True),
    "of two equations, either": ("a = 40, b = 25", "What is it?", ["40", "25"], True),
    "check": ("check: 2 + 9 = 11", "What is x?", [], False),
    "listed": ("it is 3, 4 and 5.", "What is x?", ["3", "4", "5"], False),
    "short": ("so, 5 then.", "What is x?", ["5"], False),
}


@pytest.mark.parametrize(("small", "question", "expected", "result"), COMES.values(), ids=COMES)
def test_which_number_a_sentence_comes_to(small: str, question: str, expected: list[str], result: bool) -> None:
    figures = Figures([])
    found = taken(small, figures.named(small, small))
    kept, comes = come_to(small, found.kept, content(question), singled=False)
    assert ([figures.values[one.index] for one in kept], comes) == (expected, result)


@given(text=st.text(alphabet="12.,-/= +x{}\\$a^()%°"))
def test_numbers_are_found_in_any_text(text: str) -> None:
    figures = Figures([])
    found = figures.named(text, small_letters(text))
    assert all(0 <= one.start < one.end <= len(text) and one.index < len(figures.values) for one in found)
