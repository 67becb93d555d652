"""A wrong value for an item without options: of gold's kind, sign, unit and granularity, and never equal to it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from decimal import Decimal, localcontext
from random import Random

from lmms_faith.equality import as_list, is_gold
from lmms_faith.item import Item

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_NUMBER = re.compile(rf"[-+−]?(?:{_DIGITS}|\.\d+)")
_WHOLE = re.compile(r"(?<![\d.,])\d{1,9}(?![\d,]*\.?\d)")
_EXPONENT = re.compile(r"[eE][-+]?\d+")
_CLASSES = (
    ("left", "right"),
    ("front", "back", "behind"),
    ("above", "below"),
    ("top", "bottom"),
    ("up", "down"),
    ("inside", "outside"),
    ("yes", "no"),
    ("true", "false"),
    ("male", "female"),
    ("man", "woman"),
    ("boy", "girl"),
    ("sitting", "standing", "lying"),
    ("red", "blue", "green", "yellow", "white", "black", "brown", "orange", "pink", "purple", "gray", "beige"),
    ("one", "two", "three", "four", "five", "six"),
)
"""Words of one class, of which each can stand in for another."""


def number_in(text: str) -> float | None:
    """The only number in a text, thousands separators read; None where there is none or several.

    >>> number_in("$1,200 m")
    1200.0
    """
    found = _NUMBER.findall(text)
    number = float(found[0].replace(",", "").replace("−", "-")) if len(found) == 1 else math.nan
    return number if math.isfinite(number) else None


def wrong_value(item: Item, rng: Random) -> str | None:
    """A wrong value that the item's scorer would accept in form but not as right; None where none can be made."""
    for candidate in _candidates(item, rng):
        if candidate.strip() and not is_gold(candidate, item):
            return candidate
    return None


def _candidates(item: Item, rng: Random) -> Iterator[str]:
    yield from item.rivals
    if item.kind == "list":
        yield from _lists(item.gold, rng)
    elif item.kind == "text":
        yield from _texts(item.gold, rng)
    else:
        yield from _numbers(item, rng)


def _numbers(item: Item, rng: Random) -> Iterator[str]:
    """Numbers near gold's, in the place of gold's: what stands around it, such as a unit, stays."""
    shown = _NUMBER.search(item.gold)
    if shown is None or _NUMBER.search(item.gold, shown.end()):
        yield from _texts(item.gold, rng)
        return
    exponent = _EXPONENT.match(item.gold, shown.end())
    end = shown.end() if exponent is None else exponent.end()
    written = item.gold[shown.start() : end]
    gold = Decimal(written.replace(",", "").replace("−", "-"))
    whole = item.kind == "integer" and gold == gold.to_integral_value() and "." not in written
    for wrong in _integers(int(gold), item.unit, rng) if whole else _floats(gold, item.precision, rng):
        number = format(wrong, ",f" if "," in written else "f")
        sign = "−" if "−" in written else "-"
        yield item.gold[: shown.start()] + number.replace("-", sign) + item.gold[end:]


def _integers(gold: int, unit: str | None, rng: Random) -> Iterator[Decimal]:
    size = abs(gold)
    zeros = len(str(size)) - len(str(size).rstrip("0")) if gold else 0
    if (unit or "").startswith("year") or 1900 <= gold <= 2100:
        steps = [1, 2, 3, 5]
    elif size <= 10:
        steps = [1, 2]
    elif zeros >= 2:
        if size == 10**zeros:
            yield Decimal(gold // 10 if rng.random() < 0.5 else gold * 10)
        # An axis is read in its own steps: 4,000 is misread as 3,000, not as 4,007.
        steps = [10**zeros, 2 * 10**zeros]
    elif 1000 <= size <= 9999:
        yield from _digits(gold, rng)
        steps = [10, 100]
    else:
        grain = 10**zeros if size >= 4 * 10**zeros else 1
        steps = sorted({grain * max(1, size * share // (100 * grain)) for share in (5, 10, 25)})
    moves = [sign * step for step in steps for sign in (1, -1)]
    rng.shuffle(moves)
    for move in moves:
        if (gold + move) * gold > 0 or (gold + move >= 0 and gold >= 0):
            yield Decimal(gold + move)


def _digits(gold: int, rng: Random) -> Iterator[Decimal]:
    """Two neighbouring digits changed places, the way a reading goes wrong."""
    digits = str(abs(gold))
    places = [i for i in range(len(digits) - 1) if digits[i] != digits[i + 1] and (i or digits[1] != "0")]
    rng.shuffle(places)
    for i in places:
        swapped = int(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :])
        yield Decimal(-swapped if gold < 0 else swapped)


def _floats(gold: Decimal, precision: int | None, rng: Random) -> Iterator[Decimal]:
    exponent = gold.as_tuple().exponent
    places = max(0, -exponent if isinstance(exponent, int) else 0) if precision is None else precision
    with localcontext() as context:
        context.prec = 1000
        unit = Decimal(1).scaleb(-places)
        shares = [Decimal(share) for share in ("0.1", "-0.1", "0.2", "-0.2", "0.3", "-0.3")]
        rng.shuffle(shares)
        near = [Decimal("0.5")] if gold == 0 else [gold * (1 + share) for share in shares]
        away = 1 if gold >= 0 else -1
        near += [gold + 3 * away * unit, gold - 3 * away * unit]
        rounded = [wrong.quantize(unit) for wrong in near]
        far = [wrong for wrong in rounded if abs(wrong - gold) >= 3 * unit and wrong * gold >= 0]
    # A share of one stays a share of one, where the precision leaves room for that.
    yield from [wrong for wrong in far if not 0 <= gold <= 1 or 0 <= wrong <= 1]
    yield from far


def _lists(gold: str, rng: Random) -> Iterator[str]:
    entries = list(as_list(gold) or ())
    numbers = [entry for entry in entries if isinstance(entry, (int, float)) and not isinstance(entry, bool)]
    step = rng.choice((1, 2))
    if numbers and len(numbers) == len(entries) and all(1900 <= number <= 2100 for number in numbers):
        yield str([number - step for number in numbers])
    places = [i for i in range(len(entries) - 1) if entries[i] != entries[i + 1]]
    rng.shuffle(places)
    for i in places:
        yield str([*entries[:i], entries[i + 1], entries[i], *entries[i + 2 :]])
    if numbers and len(numbers) == len(entries):
        yield str([number + step for number in numbers])


def _texts(gold: str, rng: Random) -> Iterator[str]:
    """Gold with one word changed for another of its class, or one of its whole numbers for a neighbour."""
    for words in _CLASSES:
        for word in words:
            if re.search(rf"\b{word}\b", gold, re.IGNORECASE):
                others = [other for other in words if other != word]
                rng.shuffle(others)
                yield from (_replaced(gold, word, other) for other in others)
    shown = list(_WHOLE.finditer(gold))
    rng.shuffle(shown)
    for number in shown:
        for step in rng.sample((1, 2), 2):
            yield f"{gold[: number.start()]}{int(number.group()) + step}{gold[number.end() :]}"


def _replaced(text: str, word: str, other: str) -> str:
    return re.sub(rf"\b{word}\b", lambda found: _cased(other, like=found.group()), text, flags=re.IGNORECASE)


def _cased(word: str, *, like: str) -> str:
    return word.upper() if like.isupper() and len(like) > 1 else word.capitalize() if like[0].isupper() else word
