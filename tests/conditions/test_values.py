import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import wrong_target
from lmms_faith.conditions.values import number_in
from lmms_faith.equality import as_list, same_value
from lmms_faith.item import Item
from tests.strategies import floats, free_forms, integers, lists


def item_of(value: str, **fields: Any) -> Item:
    return Item(**({"id": "a", "benchmark": "toys", "question": "?", "kind": "integer", "value": value} | fields))


def claims(value: str, **fields: Any) -> set[str | None]:
    """Everything that is claimed over seeds."""
    item = item_of(value, **fields)
    return {wrong_target(item, seed=seed) for seed in range(80)}


FLOAT: dict[str, Any] = {"kind": "float", "precision": 1}
TEXT: dict[str, Any] = {"kind": "text"}
LIST: dict[str, Any] = {"kind": "list"}
BY_RULE: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    # 1 and 2: years apart, and years
    "years": ("37", {"unit": "years"}, {"32", "34", "35", "36", "38", "39", "40", "42"}),
    "few years": ("1", {"unit": "years"}, {"0", "2", "3", "4", "6"}),
    "a year": ("1999", {}, {"1994", "1996", "1997", "1998", "2000", "2001", "2002", "2004"}),
    "a round year": ("2000", {}, {"1995", "1997", "1998", "1999", "2001", "2002", "2003", "2005"}),
    # 3: small counts
    "a count": ("5", {}, {"3", "4", "6", "7"}),
    "one": ("1", {}, {"0", "2", "3"}),
    "nought": ("0", {}, {"1", "2"}),
    "ten": ("10", {}, {"8", "9", "11", "12"}),
    "below nought": ("-1", {}, {"-2", "-3"}),
    "below nought, typographic": ("−4", {}, {"−2", "−3", "−5", "−6"}),
    # 4: axis readings
    "trailing noughts": ("4000", {}, {"2000", "3000", "5000", "6000"}),
    "trailing noughts, negative": ("-700", {}, {"-500", "-600", "-800", "-900"}),
    "a power of ten": ("100000000", {}, {"10000000", "1000000000"}),
    # 5: place values
    "four digits": ("3274", {}, {"2374", "3724", "3247"}),
    "four digits, a nought": ("5081", {}, {"5801", "5018"}),
    "four equal digits": ("7777", {}, {"7767", "7787", "7677", "7877"}),
    # 6: others
    "two digits": ("48", {}, {"46", "50", "44", "52", "36", "60"}),
    "tens": ("150", {}, {"140", "160", "120", "180"}),
    "a single ten": ("20", {}, {"18", "19", "21", "22", "15", "25"}),
    # what stands around the number stays
    "thousands separators": ("4,000", {}, {"2,000", "3,000", "5,000", "6,000"}),
    "a unit": ("5 cm", {}, {"3 cm", "4 cm", "6 cm", "7 cm"}),
    "an angle": (r"$60^\circ$", TEXT, {r"$61^\circ$", r"$62^\circ$"}),
    # 7: floats
    "a float": ("4.0", FLOAT, {"3.2", "4.8", "2.8", "5.2", "3.6", "4.4"}),
    "a float of few steps": ("0.8", FLOAT, {"0.5"}),
    "a share": ("0.95", {"kind": "float", "precision": 2}, {"0.66", "0.76", "0.86", "0.85"}),
    "one, a share": ("1.0", FLOAT, {"0.7"}),
    "nought point nought": ("0.0", FLOAT, {"0.5"}),
    "a negative float": ("-4.3", FLOAT, {"-3.9", "-4.7", "-3.4", "-5.2", "-3.0", "-5.6"}),
    "precision from the text": ("12.50", {"kind": "float"}, {"11.25", "13.75", "10.00", "15.00", "8.75", "16.25"}),
    # 8: lists
    "years in a list": ("[2014, 2016]", LIST, {"[2013, 2015]", "[2012, 2014]"}),
    "a chain": ("[0, 2, 0]", LIST, {"[2, 0, 0]", "[0, 0, 2]"}),
    "equal entries": ("[3, 3]", LIST, {"[4, 4]", "[5, 5]"}),
    "words in a list": ("['a', 'b']", LIST, {"['b', 'a']"}),
    # texts
    "a side": ("left", TEXT, {"right"}),
    "a side in a phrase": ("the Left side", TEXT, {"the Right side"}),
    "no synonym": ("back", TEXT, {"front"}),
    "yes": ("YES", TEXT, {"NO"}),
    "a number word": ("three", TEXT, {"one", "two", "four", "five", "six"}),
    "a number in words": ("3 dogs", TEXT, {"4 dogs", "5 dogs"}),
    "an expression": (r"2\sqrt{3}", TEXT, {r"3\sqrt{3}", r"4\sqrt{3}", r"2\sqrt{4}", r"2\sqrt{5}"}),
    # rivals come first
    "rivals": ("5", {"rivals": ("5.0", "8")}, {"8"}),
    "rivals of a text": ("dog", {**TEXT, "rivals": ("The dog", "cat")}, {"cat"}),
    "further golds are gold": ("left", {**TEXT, "extras": {"accepted": "left\nright"}, "rivals": ("up",)}, {"up"}),
}


@pytest.mark.parametrize(("value", "fields", "expected"), BY_RULE.values(), ids=BY_RULE)
def test_what_a_value_is_misread_as(value: str, fields: dict[str, Any], expected: set[str]) -> None:
    claimed = claims(value, **fields)
    assert None not in claimed
    assert claimed <= expected
    assert len(claimed) >= min(2, len(expected))


@pytest.mark.parametrize("value", ["dog", "Paris", "x"])
def test_a_word_of_no_class_has_no_wrong_value(value: str) -> None:
    assert claims(value, kind="text") == {None}


@pytest.mark.parametrize("value", ["seven", "[1, 2", "1 2"])
def test_a_value_unlike_its_kind_breaks_nothing(value: str) -> None:
    for kind in ("integer", "float", "list", "text"):
        claims(value, kind=kind)


@given(item=free_forms(), seed=st.integers())
def test_a_claimed_value_is_not_gold(item: Item, seed: int) -> None:
    claimed = wrong_target(item, seed=seed)
    assert claimed is not None or item.gold in {"[]"}
    assert claimed is None or not same_value(claimed, item.gold, item)


@given(item=free_forms(), seed=st.integers())
def test_a_claimed_value_would_be_taken_if_it_were_gold(item: Item, seed: int) -> None:
    claimed = wrong_target(item, seed=seed)
    assert claimed is not None
    mirrored = item_of(claimed, kind=item.kind, unit=item.unit, precision=item.precision)
    assert same_value(claimed, claimed, mirrored)
    assert shape(claimed, item) == shape(item.gold, item)


def shape(value: str, item: Item) -> str:
    """How a value is written, whatever its digits."""
    if item.kind == "list":
        return str(len(as_list(value) or ()))
    if item.kind == "text":
        return str(len(value.split()) > 0)
    return re.sub(r"\d+", "9", value.replace(",", ""))


@given(item=integers() | floats(), seed=st.integers())
def test_a_claimed_number_keeps_the_sign(item: Item, seed: int) -> None:
    gold, claimed = (Decimal(str(text).replace(",", "")) for text in (item.gold, wrong_target(item, seed=seed)))
    assert gold * claimed >= 0
    assert gold >= 0 or claimed < 0


@given(item=floats(), seed=st.integers())
def test_a_claimed_float_keeps_precision_distance_and_share(item: Item, seed: int) -> None:
    gold, claimed = Decimal(item.gold), Decimal(str(wrong_target(item, seed=seed)))
    assert claimed.as_tuple().exponent == gold.as_tuple().exponent
    assert abs(claimed - gold) >= 3 * Decimal(1).scaleb(int(gold.as_tuple().exponent))
    assert not 0 <= gold <= 1 or 0 <= claimed <= 1


@given(item=lists(), seed=st.integers())
def test_a_claimed_list_has_as_many_entries(item: Item, seed: int) -> None:
    claimed = as_list(str(wrong_target(item, seed=seed)))
    assert claimed is not None
    assert len(claimed) == len(as_list(item.gold) or ())


@given(number=st.integers(10_000, 10**9), seed=st.integers())
def test_other_numbers_move_by_5_to_25_percent(number: int, seed: int) -> None:
    if str(number).endswith("00"):
        return
    claimed = int(str(wrong_target(item_of(str(number)), seed=seed)))
    assert 0.04 <= abs(claimed - number) / number <= 0.26


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5.0),
        ("$1,200 m", 1200.0),
        ("−3.5", -3.5),
        (".5", 0.5),
        ("1,2", None),
        ("3 of 4", None),
        ("none", None),
        ("1" * 400, None),
    ],
)
def test_the_number_in_a_text(text: str, number: float | None) -> None:
    assert number_in(text) == number
