"""Reading what data sets write into a cell: letters, labelled options, options inside the question."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence
from typing import TypedDict, get_args

from lmms_faith.benchmarks.spec import Row
from lmms_faith.item import LETTERS, Kind, Rule, normalise

_LETTER = re.compile(r"\s*\(?\s*([A-Za-z])\s*[).:]*\s*")
_LABEL = re.compile(r"\s*(?:\([A-L]\)\s*|[A-L][):]\s*|[A-L]\.(?:\s+|$))")
_STYLES = (
    re.compile(r"(?:^|\n)[ \t]*\(?([A-L])[.):][ \t]*"),
    re.compile(r"\(([A-L])\)[ \t]*"),
    re.compile(r"(?:^|(?<=[\s,;]))([A-L])[:.][ \t]*(?=\S)"),
)
"""How options are labelled inside a question, the safest reading first: one a line, in parentheses, in running text."""
_HEADING = re.compile(r"(?:^|\s)(?:options|choices|option|choice)\s*:?\s*$", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"(?:\n|(?<=[.?!)\w])\s)\s*(?:please\s+)?(?:answer|select|choose|respond)\b(?![^\n]*\bB[.:)])"
    r"[^\n]*\b(?:letter|option|choices?|word|phrase|number)\b[^\n]*$",
    re.IGNORECASE,
)
_INTEGER = re.compile(r"[-+−]?(?:\d+|\d{1,3}(?:,\d{3})+)")
_FLOAT = re.compile(r"[-+−]?(?:\d+|\d{1,3}(?:,\d{3})+)?\.\d+")
_TAG = re.compile(r"<image[ _]?(\d+)>")
_TAG_NAMED = re.compile(
    r"(?<![<\w])(in|of|from|by|on|with|to|see|and|as|at|for|using|than) (?:the )?<image[ _]?\d+>", re.IGNORECASE
)
_DIRECTION = re.compile(
    r"\b(?:left|right|above|below|under|top|bottom|upper|lower|front|back|behind|up|down|inside|outside|near|far|closer"
    r"|farther|(?:counter)?clockwise|horizontal|vertical|yes|no|true|false)\b",
    re.IGNORECASE,
)


class Gold(TypedDict, total=False):
    """The fields of an Item that say what is right."""

    options: tuple[str, ...]
    answer: int
    kind: Kind
    value: str
    rule: Rule


def letter_index(text: str) -> int:
    """Index of an option letter, however it is dressed.

    Raises:
        ValueError: The text is no single letter from A on.

    >>> [letter_index(text) for text in ("(C)", "C", "C.", "c)")]
    [2, 2, 2, 2]
    """
    match = _LETTER.fullmatch(text)
    if match is None or match.group(1).upper() not in LETTERS:
        raise ValueError(f"{text!r} is no option letter; expected one of {LETTERS[0]} to {LETTERS[-1]}")
    return LETTERS.index(match.group(1).upper())


def strip_label(text: str) -> str:
    """An option without its letter.

    >>> strip_label("(A) red"), strip_label("B. A dog"), strip_label("red")
    ('red', 'A dog', 'red')
    """
    return _LABEL.sub("", text, count=1).strip() if _LABEL.match(text) else text.strip()


def strip_instruction(text: str) -> str:
    """A question without a closing line on how to answer ("Answer with the option's letter ...").

    >>> strip_instruction("Is it red?\\nPlease answer directly with a single word or number.")
    'Is it red?'
    """
    return _INSTRUCTION.sub("", text.strip()).strip()


def split_options(text: str) -> tuple[str, tuple[str, ...]]:
    """A question and the options written into it.

    Raises:
        ValueError: Fewer than two labelled options, or one of them is empty.

    >>> split_options("What colour? (A) red (B) blue")
    ('What colour?', ('red', 'blue'))
    >>> split_options("Which one?\\nOptions: A: the cat, B: the dog")
    ('Which one?', ('the cat', 'the dog'))
    """
    body = strip_instruction(text)
    for style in _STYLES:
        run = _longest_run(list(style.finditer(body)))
        if len(run) < 2:
            continue
        ends = [*(match.start() for match in run[1:]), len(body)]
        options = tuple(body[match.end() : end].strip().rstrip(",; ") for match, end in zip(run, ends))
        if not all(options):
            raise ValueError(f"an option is empty in {text!r}; skip the row or repair it")
        return _HEADING.sub("", body[: run[0].start()].rstrip()).strip(), options
    raise ValueError(f"no options found in {text!r}; expected two or more, labelled A, B, ...")


def _longest_run(labels: list[re.Match[str]]) -> list[re.Match[str]]:
    """The longest run of labels A, B, C ...; the last of several, as the question's own letters come before."""
    runs: list[list[re.Match[str]]] = [[]]
    for label in labels:
        if label.group(1) == LETTERS[len(runs[-1]) : len(runs[-1]) + 1]:
            runs[-1].append(label)
        elif label.group(1) == LETTERS[0]:
            runs.append([label])
    return max(reversed(runs), key=len)


def columns_options(row: Row, letters: str) -> tuple[str, ...]:
    """Options kept one a column; None, nan, "nan" and "" mean that there is none.

    Raises:
        ValueError: A column is empty and a later one is not, so that the letters would move.

    >>> columns_options({"A": "cat", "B": "dog", "C": None, "D": "nan"}, "ABCD")
    ('cat', 'dog')
    """
    cells = [known(row.get(letter)) for letter in letters]
    options = tuple(cell for cell in cells if cell is not None)
    if list(options) != cells[: len(options)]:
        raise ValueError(f"options {cells} have a gap, so that letters would move; skip the row or repair it")
    return options


def known(value: object) -> str | None:
    """What a cell says; None where it is empty: None, nan, "nan" or "".

    >>> known(2.0), known(" x "), known(float("nan")), known("nan")
    ('2.0', 'x', None, None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    text = str(value).strip()
    return None if text.casefold() in ("", "nan") else text


def literal_options(text: str) -> tuple[str, ...]:
    """Options kept as the Python source of a list.

    Raises:
        ValueError: The text is no list.

    >>> literal_options("['a', 'b']")
    ('a', 'b')
    """
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError(f"{text!r} is no list of options; expected the source of a Python list") from error
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{text!r} is no list of options; expected the source of a Python list")
    return tuple(str(option) for option in value)


def text_index(text: str, options: Sequence[str]) -> int:
    """Index of the option that a gold written as its text names.

    Raises:
        ValueError: No option reads like that.

    >>> text_index("dog", ["cat", "dog"])
    1
    """
    if text not in options:
        raise ValueError(f"answer {text!r} is none of {list(options)}; skip the row")
    return list(options).index(text)


def labelled_index(text: str, options: Sequence[str]) -> int:
    """Index of the option that a gold written as letter and text names.

    Raises:
        ValueError: Letter and text name different options.

    >>> labelled_index("B. a dog", ["a cat", "A dog."])
    1
    """
    letter, _, said = text.partition(".")
    index = letter_index(letter)
    if index >= len(options) or normalise(said) != normalise(options[index]):
        raise ValueError(f"answer {text!r} contradicts its options {tuple(options)}; skip the row")
    return index


def gold(options: Sequence[str], answer: str | int, kind: Kind | None = None) -> Gold:
    """Options, gold and target rule of an item whose gold is a letter or an index where there are options, else a
    value, whose kind follows from how it is written unless the data name it.

    Raises:
        ValueError: There are options and the answer is no letter, or a kind that there is not.

    >>> gold(["2", "3"], "B")
    {'options': ('2', '3'), 'answer': 1, 'rule': 'nearest'}
    >>> gold([], "2.50")
    {'kind': 'float', 'value': '2.50'}
    """
    if options:
        index = letter_index(answer) if isinstance(answer, str) else answer
        return {"options": tuple(options), "answer": index, "rule": rule_for(options)}
    if kind is not None and kind not in get_args(Kind):
        raise ValueError(f"no kind of answer {kind!r}; expected one of: {', '.join(get_args(Kind))}")
    return {"kind": kind or value_kind(str(answer)), "value": str(answer).strip()}


def rule_for(options: Sequence[str]) -> Rule:
    """``nearest`` among numbers, ``opposite`` among directions and polarities, else ``seeded``.

    >>> rule_for(["3 m", "4 m"]), rule_for(["Yes", "No"]), rule_for(["cat", "dog"])
    ('nearest', 'opposite', 'seeded')
    """
    if all(re.search(r"\d", option) for option in options):
        return "nearest"
    return "opposite" if sum(bool(_DIRECTION.search(option)) for option in options) > 1 else "seeded"


def value_kind(text: str) -> Kind:
    """What a free-form answer is, from the way it is written.

    >>> [value_kind(text) for text in ("-3", "1,200", "2.5", "[1, 2]", "45°")]
    ['integer', 'integer', 'float', 'list', 'text']
    """
    plain = text.strip()
    if _INTEGER.fullmatch(plain):
        return "integer"
    if _FLOAT.fullmatch(plain):
        return "float"
    return "list" if re.fullmatch(r"\[[-+\d., ]+\]", plain) else "text"


def untagged(text: str, *, pictures: int) -> str:
    """A text without ``<image 1>`` tags: numbered where there are several pictures, else read as words or left out.

    >>> untagged("<image 1> What is shown in <image 1>?", pictures=1)
    'What is shown in the image?'
    >>> untagged("Is <image 1> like <image 2>?", pictures=2)
    'Is image 1 like image 2?'
    """
    named = _TAG.sub(r"image \1", text) if pictures > 1 else _TAG.sub("", _TAG_NAMED.sub(r"\1 the image", text))
    return re.sub(r"[ \t]{2,}", " ", re.sub(r"[ \t]+([?.,;:])", r"\1", named)).strip()


def pictures_in(*texts: str) -> int:
    """How many different pictures are tagged.

    >>> pictures_in("<image 1> and <image 2>", "<image 2>")
    2
    """
    return len({number for text in texts for number in _TAG.findall(text)})
