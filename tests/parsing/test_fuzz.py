"""Completions put together at random from what readers stumble over; none may raise."""

from random import Random

import pytest

from lmms_faith.item import Kind
from lmms_faith.parsing import Finish, Status, parse

FRAGMENTS = (
    *("<think>", "</think>", "<answer>", "</answer>", "<ANSWER>", "<answer", "<", ">", "</", "<|im_end|>"),
    *(
        "A",
        "b",
        "(C)",
        "**D**",
        "L",
        "Z",
        "A or B",
        "(A/B)",
        "Option B",
        "B.",
        "B. red",
        "Red.",
        "light red",
        "\ufeff",
        "Ｂ",
    ),
    *(
        "The answer is ",
        "Answer:",
        "answer is not ",
        "final answer = ",
        "答案是",
        "答案：",
        " because ",
        "So it is ",
        "It could be ",
        " rather than ",
        "? No. ",
        ", not ",
        " or ",
        " and ",
    ),
    *(
        r"\boxed{",
        r"\boxed{B}",
        r"\text{",
        r"\frac{1}{2}",
        r"\frac",
        r"\(",
        r"\)",
        r"\[",
        r"\]",
        "{",
        "}",
        "$",
        "$$",
        "\\",
    ),
    *(
        "5",
        "-5",
        "−5",
        "1,200",
        "1,2",
        "3/4",
        "3/0",
        "5%",
        "60°",
        "１２",
        "٣",
        "²",
        "1e999",
        "1e99999999999",
        "9" * 50,
        ".",
        ".5",
    ),
    *(
        "[1, 2]",
        "[",
        "]",
        "[[",
        "(",
        ")",
        "=",
        "≈",
        "x = ",
        "^",
        "*",
        "**",
        "_",
        "`",
        "'",
        '"',
        "“",
        "%",
        "cm",
        "million",
        "not ",
    ),
    *(
        " ",
        "\n",
        "\t",
        "\r\n",
        "\u2028",
        "\x00",
        "\x1f",
        "\ud800",
        "🙂",
        "红色",
        "،",
        "؟",
        "ß",
        "İ",
        "ﬁ",
        "a" * 60,
        " " * 60,
    ),
)
OPTIONS: tuple[tuple[str, ...] | None, ...] = (
    ("blue", "red", "green", "light red"),
    ("B", "A", "D", "C"),
    ("5", "-5", "3/4", "1,200"),
    ("$5$", r"\frac{1}{2}", "", "."),
    ("红色", "绿色"),
    ("up", "up", "Up."),
    None,
)
KINDS: tuple[Kind, ...] = ("choice", "integer", "choice", "float", "choice", "list", "choice", "text")
PREFILLS = ("", "", "<think>Let me look at the image. It is red.", "<think>x</think>")
FINISHES: tuple[Finish | None, ...] = (None, "stop", "length")
STATUSES: set[Status] = {"answered", "no_answer", "truncated"}


@pytest.mark.slow
def test_200_000_completions_parse_without_an_exception() -> None:
    rng, seen = Random(20), set[Status]()
    for number in range(200_000):
        completion = "".join(rng.choices(FRAGMENTS, k=rng.randrange(10)))
        kind, options = KINDS[number % 8], OPTIONS[number % 7]
        parsed = parse(completion, options, kind=kind, prefill=PREFILLS[number % 4], finish=FINISHES[number % 3])
        seen.add(parsed.status)
        if kind == "choice":
            assert (parsed.status == "answered") == (parsed.prediction is not None)
        else:
            assert parsed.prediction is None
        assert (parsed.status == "answered") == (parsed.said is not None)
    assert seen == STATUSES
