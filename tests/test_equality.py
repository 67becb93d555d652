from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.equality import as_list, as_number, canonical, is_gold, same_value
from lmms_faith.item import Item, Kind
from tests.strategies import free_forms


def item_of(value: str, *, kind: Kind, precision: int | None = None, **extras: str) -> Item:
    return Item(id="a", benchmark="toys", question="?", kind=kind, value=value, precision=precision, extras=extras)


NUMBERS = {
    "5": "5",
    " 5. ": "5",
    "+5": "5",
    "-5": "-5",
    "−5": "-5",
    "- 5": "-5",
    "-$5": "-5",
    "5.50": "5.5",
    ".5": "0.5",
    "1,200": "1200",
    "1,234,567.5": "1234567.5",
    "1{,}200": "1200",
    "$1,200": "1200",
    "5%": "5",
    r"5\%": "5",
    "5 cm": "5",
    "5cm": "5",
    "5 cm^2": "5",
    "5 m²": "5",
    "5 square meters": "5",
    "5 years old": "5",
    "5 o'clock": "5",
    "60°": "60",
    "60 degrees": "60",
    r"60^\circ": "60",
    r"$60^{\circ}$": "60",
    "35°C": "35",
    "３５": "35",
    "5，000": "5000",
    "3/4": "0.75",
    "-3/4": "-0.75",
    "2 1/2": "2.5",
    r"\frac{3}{4}": "0.75",
    r"\dfrac34": "0.75",
    r"-\frac{3}{4}": "-0.75",
    r"2\frac{1}{2}": "2.5",
    r"12\text{ cm}": "12",
    r"12~\mathrm{cm}": "12",
    "1e3": "1000",
    "1.5×10^3": "1500",
    r"1.5 \times 10^{-3}": "0.0015",
}


@pytest.mark.parametrize(("text", "number"), NUMBERS.items(), ids=NUMBERS)
def test_what_number_a_text_is(text: str, number: str) -> None:
    assert as_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "five", "x", "3 or 4", "3 4", "1,2", "1,20", "5 dogs", "5 million", "2x", "3/0", "1/2.5"),
        *("1.2.3", "12:30", "--5", "1e", "1e99999999999", "1e-99999999999", "9" * 500, "1/" + "9" * 500),
        *("nan", "inf", "5 / m", r"\sqrt{3}"),
    ],
)  # fmt: skip
def test_what_is_no_number(text: str) -> None:
    assert as_number(text) is None


SAME: list[tuple[Kind, int | None, str, str, bool]] = [
    ("integer", None, "5", "5.0", True),
    ("integer", None, "5", "5 cm", True),
    ("integer", None, "5", "10/2", True),
    ("integer", None, "5", r"\sqrt{25}", True),
    ("integer", None, "5", "x = 5", True),
    ("integer", None, "5", "5.4", False),
    ("integer", None, "5", "-5", False),
    ("integer", None, "5", "five", False),
    ("integer", None, "5", "", False),
    ("float", 1, "4.3", "4.26", True),
    ("float", 1, "4.3", "4.4", False),
    ("float", 1, "0.5", "1/2", True),
    ("float", 2, "0.33", "1/3", True),
    ("float", 2, "0.33", "0.3", False),
    ("float", None, "0.5", "0.50", True),
    ("float", None, "0.5", "0.51", False),
    ("float", 1, "0.5", "9" * 60, False),
    ("list", None, "[2014, 2016]", "[2014,2016]", True),
    ("list", None, "[2014, 2016]", "(2014, 2016.0)", True),
    ("list", None, "[2014, 2016]", "[2016, 2014]", False),
    ("list", None, "[2014, 2016]", "[2014]", False),
    ("list", None, "[2014, 2016]", "2014", False),
    ("list", None, "[2014, 2016]", "[2014, 2016", False),
    ("list", None, "[1]", "[" * 300, False),
    ("text", None, "left", "Left.", True),
    ("text", None, "dog", "the dog", True),
    ("text", None, "back", "behind", True),
    ("text", None, "grey", "gray", True),
    ("text", None, "left", "right", False),
    ("text", None, "no", "on", False),
    ("text", None, r"\frac{\pi}{3}", "π/3", True),
    ("text", None, r"2\sqrt{3}", "sqrt(12)", True),
    ("text", None, "(3,4)", "(3, 4)", True),
    ("text", None, "(3,4)", "(4,3)", False),
    ("text", None, "x", "y", False),
]


@pytest.mark.parametrize(("kind", "precision", "gold", "answer", "same"), SAME, ids=str)
def test_when_an_answer_is_gold(kind: Kind, precision: int | None, gold: str, answer: str, same: bool) -> None:
    item = item_of(gold, kind=kind, precision=precision)
    assert same_value(answer, gold, item) is same
    assert same_value(gold, answer, item) is same
    assert is_gold(answer, item) is same


def test_further_golds_are_gold() -> None:
    item = item_of("sofa", kind="text", accepted="sofa\ncouch")
    assert [is_gold(answer, item) for answer in ("Sofa", "a couch", "chair")] == [True, True, False]


@given(item=free_forms())
def test_a_value_is_itself(item: Item) -> None:
    assert same_value(item.gold, item.gold, item)


FRAGMENTS = st.lists(st.sampled_from([*"0123456789.,-+/%$°[]()eE {}", "text", "[1", "'", "\x00", "\\", "１"])).map(
    "".join
)


@given(text=st.one_of(st.text(), FRAGMENTS))
def test_reading_is_total(text: str) -> None:
    as_number(text)
    as_list(text)
    canonical(text)


@given(number=st.integers(-(10**9), 10**9))
def test_a_number_is_read_however_it_is_printed(number: int) -> None:
    for text in (str(number), f"{number:,}", f"{number}.0", f"${number}$", f"{number} cm", f"{number}%"):
        assert as_number(text) == number
