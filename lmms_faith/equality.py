"""When two written values are the same value: numbers, lists, words, and mathematics."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

from lmms_faith.item import Kind, normalise
from lmms_faith.mathematics import looks_like_maths, same_expression

_SIGNS = str.maketrans("０１２３４５６７８９．−–，：（）％。", "0123456789.--,:()%.")
_LATEX_TEXT = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox)\s*\{([^{}]*)\}")
_LATEX_SPACE = re.compile(r"\\[,;:! ]|~|\\(?=[%$])|\\left|\\right")
_LATEX_FRACTION = re.compile(r"\\[dt]?frac\s*(?:\{\s*(\d+)\s*\}|(\d))\s*(?:\{\s*(\d+)\s*\}|(\d))")
_THOUSANDS = re.compile(r"(?<=\d)(?:,|\{,\})(?=\d{3}(?:\D|$))")
_GROUPED = re.compile(r"[^\d]*\d{1,3}(?:(?:,|\{,\})\d{3})+(?:\.\d+)?(?![\d,])")
_POWER = re.compile(r"(?<=\d)\s*(?:×|\\times|\\cdot|\*|x)\s*10\s*(?:\^|\*\*)\s*(?:\{\s*([-+]?\d+)\s*\}|([-+]?\d+))")
_NUMBER = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?")
_FRACTION = re.compile(r"([-+]?)(?:(\d+)\s+)?(\d+)\s*/\s*(\d+)(?![.\d])")
_WORD_UNITS = (
    "degrees?|deg|percent|dollars?|cents?|euros?|pounds?|cm|mm|km|m|ft|feet|foot|inch|inches|in|yards?|miles?|meters?|metres?"
    "|centimeters?|centimetres?|kg|mg|grams?|g|ml|liters?|litres?|l|hours?|hrs?|minutes?|mins?|seconds?|secs?|s|days?|weeks?"
    "|months?|years?|yrs?|old|units?|square|cubic|sq|cu|o'?clock|[ap]\\.?m\\.?"
)
UNITS = re.compile(
    rf"(?:\s*(?:°\s*[CF]?|º|\^?\s*\{{?\s*\\circ\s*\}}?|\\degree|%|\$|€|£|¥|[²³]|\^\s*\{{?[23]\}}?|(?:{_WORD_UNITS})(?![A-Za-z])\.?))+",
    re.IGNORECASE,
)
"""Units that may follow a number; they are not compared."""
_ARTICLE = re.compile(r"^(?:a|an|the)\s+")
_SYNONYMS = {
    "behind": "back",
    "at the back": "back",
    "grey": "gray",
    "under": "below",
    "underneath": "below",
    "beneath": "below",
    "over": "above",
    "tv": "television",
}
_LONGEST = 400
_LARGEST = 400
"""Powers of ten beyond which a number is none: no gold is that large, and arithmetic would no longer be quick."""


class Asked(Protocol):
    """What equality goes by; items and records have it."""

    @property
    def kind(self) -> Kind:
        """What is asked for."""

    @property
    def gold(self) -> str:
        """Gold as text."""

    @property
    def precision(self) -> int | None:
        """Decimals to which a ``float`` is rounded."""

    @property
    def extras(self) -> Mapping[str, str]:
        """Further golds, one a line, as ``accepted``."""


def is_gold(answer: str, item: Asked) -> bool:
    """Whether a free-form answer is gold, or one of the further golds that its benchmark accepts."""
    return any(same_value(answer, gold, item) for gold in item.extras.get("accepted", item.gold).split("\n"))


def same_value(answer: str, gold: str, item: Asked) -> bool:
    """Whether a free-form answer is gold, by the item's kind.

    ``integer`` and ``float`` compare numbers, the latter rounded to the item's precision on both sides, and what is no
    plain number as mathematics; ``list`` compares entry by entry; ``text`` compares words (article, case, a few
    synonyms), then mathematics. The same text is the same value, whatever it is. Never raises: what can't be read is
    not the same.
    """
    if normalise(answer) == normalise(gold):
        return True
    if item.kind == "list":
        return (ours := as_list(answer)) is not None and ours == as_list(gold)
    if item.kind in ("integer", "float"):
        mine, theirs = as_number(answer), as_number(gold)
        if mine is None or theirs is None:
            return _same_maths(answer, gold)
        if item.kind == "float" and item.precision is not None:
            return _rounded(mine, item.precision) == _rounded(theirs, item.precision)
        return mine == theirs
    return canonical(answer) == canonical(gold) or _same_maths(answer, gold)


@lru_cache(maxsize=100_000)
def as_number(text: str) -> Decimal | None:
    r"""The number that a text is, unit, currency, percent sign and thousands separators aside; None where it is none.

    >>> as_number("1,200 cm"), as_number(r"$\frac{3}{4}$"), as_number("about 3 or 4")
    (Decimal('1200'), Decimal('0.75'), None)
    """
    if len(text) > _LONGEST or not _HAS_DIGIT.search(text):
        return None
    plain = _plain(text)
    match = _FRACTION.match(plain)
    if match:
        sign, whole, top, bottom = match.groups()
        if int(bottom) and _is_unit(plain[match.end() :]):
            exact = int(whole or 0) + Fraction(int(top), int(bottom))
            return Decimal(-exact.numerator if sign == "-" else exact.numerator) / Decimal(exact.denominator)
        return None
    match = _NUMBER.match(plain)
    if match is None or not _is_unit(plain[match.end() :]):
        return None
    try:
        number = Decimal(match.group())
    except InvalidOperation:
        return None
    return number if abs(number.adjusted()) <= _LARGEST else None


def as_list(text: str) -> tuple[object, ...] | None:
    """The entries of a written list; None where it is none."""
    if len(text) > _LONGEST:
        return None
    try:
        value = ast.literal_eval(text.translate(_SIGNS).strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
    return tuple(value) if isinstance(value, (list, tuple)) else None


def canonical(text: str) -> str:
    """A word answer without case, article, final stop, with one spelling of a few synonyms."""
    plain = _ARTICLE.sub("", normalise(text.translate(_SIGNS)).strip("\"'` "))
    return _SYNONYMS.get(plain, plain)


_HAS_DIGIT = re.compile(r"\d")


def _plain(text: str) -> str:
    """A number as a pocket calculator would show it, with what follows it."""
    plain = text.translate(_SIGNS)
    if "\\" in plain or "~" in plain:
        plain = _LATEX_FRACTION.sub(r" \1\2/\3\4", _LATEX_SPACE.sub(" ", _LATEX_TEXT.sub(r" \1", plain)))
    if _GROUPED.match(plain):
        plain = _THOUSANDS.sub("", plain)
    plain = _POWER.sub(r"e\1\2", plain).strip("$ \t\n")
    if plain[:1] in "-+":
        return plain[:1] + plain[1:].lstrip("$€£¥ ")
    return plain.lstrip("$€£¥ ")


def _is_unit(rest: str) -> bool:
    rest = rest.strip(" .$\t\n")
    return not rest or UNITS.fullmatch(rest) is not None


def _rounded(number: Decimal, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = 60
        return number.quantize(Decimal(1).scaleb(-places)) if abs(number) < Decimal(10) ** 30 else number


@lru_cache(maxsize=100_000)
def _same_maths(answer: str, gold: str) -> bool:
    mine, theirs = as_number(answer), as_number(gold)
    if mine is not None and theirs is not None:
        return mine == theirs
    if not (looks_like_maths(answer) and looks_like_maths(gold)):
        return False
    return same_expression(answer, gold)
