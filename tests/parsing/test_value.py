import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import Kind
from lmms_faith.parsing import parse

# what stands in the answer block, the value
NUMBERS: dict[str, str | None] = {
    # numbers as they are
    "5": "5",
    "5.": "5",
    " 5 ": "5",
    "-5": "-5",
    "−5": "−5",
    "5.25": "5.25",
    ".5": ".5",
    "1e3": "1e3",
    # thousands separators, percent, currency, fractions, units
    "1,200": "1,200",
    "1,234,567.8": "1,234,567.8",
    "50%": "50%",
    r"50\%": r"50\%",
    "$1,200.50": "1,200.50",
    "3/4": "3/4",
    "2 1/2": "2 1/2",
    "5 cm": "5 cm",
    "5cm": "5cm",
    "72 degrees": "72 degrees",
    "72°": "72°",
    "35°C": "35°C",
    # LaTeX
    "$5$": "5",
    r"\(5\)": "5",
    r"\[5\]": "5",
    "$$5$$": "5",
    r"\frac{3}{4}": r"\frac{3}{4}",
    r"$72^\circ$": r"72^\circ",
    r"2\sqrt{3}": r"2\sqrt{3}",
    r"12 \text{ cm}": r"12 \text{ cm}",
    r"\text{12}": "12",
    r"1.5 \times 10^3": r"1.5 \times 10^3",
    r"x = \frac{3}{4}": r"\frac{3}{4}",
    # boxes and other mark-up
    r"\boxed{5}": "5",
    r"\boxed{\text{5}}": "5",
    r"$\boxed{5}$": "5",
    r"So it is \boxed{5} cm.": "5",
    r"First \boxed{4}, then \boxed{5}": "5",
    r"\boxed{\frac{3}{4}}": r"\frac{3}{4}",
    r"\boxed{5": "5",
    "**5**": "5",
    "`5`": "5",
    # Chinese punctuation and full-width digits
    "１２": "12",
    "5，000": "5,000",
    "5。": "5",
    "（5）": "(5)",
    "20海里": "20",
    "50％": "50%",
    "答案是12。": "12",
    "答案：12": "12",
    # sentences with one number
    "The answer is 5": "5",
    "The answer is 5.": "5",
    "The answer is **5**.": "5",
    "The answer is 5, not 6.": "5",
    "The answer is 5 because 2 + 3 = 5.": "5",
    "The answer is 4. No, the answer is 5.": "5",
    "about 5": "5",
    "about -5": "-5",
    "about 5 cm long": "5",
    "There are 5 dogs.": "5",
    "a 5-year gap": "5",
    r"\text{The area is } 12": "12",
    # equations: what stands behind the last sign
    "x = 4": "4",
    "2x = 8, so x = 4": "4",
    "2 + 3 = 5": "5",
    "≈ 3.5": "3.5",
    # ambiguous, or none
    "": None,
    "five": None,
    "5 or 6": None,
    "x = 4 or x = -4": None,
    "x = 4 and y = 5": None,
    "between 3 and 4": None,
    "3-4": None,
    "12:30": None,
    "3 cats and 2 dogs": None,
    "1.200,50": None,
    "not 5": None,
    "It isn't 5.": None,
    "5 million": None,
    "2x": None,
    "x - 3": None,
    "COVID-19": None,
    "point A5": None,
    "3D": None,
    "2^x": None,
    "> 5": None,
    "±5": None,
    "The answer is 5 or 6": None,
    "5 " * 100: None,
}


@pytest.mark.parametrize(("inside", "value"), NUMBERS.items(), ids=range(len(NUMBERS)))
@pytest.mark.parametrize("kind", ["integer", "float"])
def test_which_number_a_block_holds(inside: str, value: str | None, kind: Kind) -> None:
    parsed = parse(f"<think>It is 7.</think><answer>{inside}</answer>", None, kind=kind)
    assert parsed.said == (value if value != "(5)" else "5")
    assert parsed.status == ("no_answer" if value is None else "answered")
    assert (parsed.prediction, parsed.letter_at) == (None, None)


# completion, kind, the value
COMPLETIONS: dict[str, tuple[str, Kind, str | None]] = {
    "last of several blocks": ("<answer>4</answer> Wait. <answer>5</answer>", "integer", "5"),
    "last block unreadable": ("<answer>4</answer><answer>hm</answer>", "integer", None),
    "text after the block": ("<answer>5</answer> because 2 + 4 is not 5.", "integer", "5"),
    "block left open": ("<think>x</think><answer>5", "integer", "5"),
    "block in a thought left open": ("<think>It is <answer>5</answer>", "integer", "5"),
    "block in the thought alone": ("<think><answer>5</answer> hm</think>No idea.", "integer", None),
    "stray think tag": ("<answer>5</answer></think>", "integer", "5"),
    "think tag for the answer tag": ("<think>x</think><answer>5</think>", "integer", "5"),
    "box outside of a block": (r"We get $\boxed{5}$.", "integer", "5"),
    "last of several boxes": (r"\boxed{4} and \boxed{5}", "integer", "5"),
    "block before box": (r"<answer>5</answer> \boxed{6}", "integer", "5"),
    "box, then stated": (r"\boxed{4}? The answer is 5.", "integer", "5"),
    "stated": ("We add 2 and 3. The answer is 5.", "integer", "5"),
    "stated bold": ("**Answer:** 5", "integer", "5"),
    "stated on the next line": ("Final answer:\n5", "integer", "5"),
    "stated with decimals": ("The answer is 5.25. Done.", "float", "5.25"),
    "lone number": ("5", "integer", "5"),
    "lone number after a thought": ("<think>7</think>\n5 cm", "integer", "5 cm"),
    "one number in a short sentence": ("There are 5.", "integer", "5"),
    "two numbers": ("There are 5 of 6.", "integer", None),
    "in the thought": ("<think>The answer is 5.</think>", "integer", None),
    "in a thought left open": ("<think>The answer is 5.", "integer", None),
    "in a second thought": ("<think>x</think><think>The answer is 5.", "integer", None),
    "empty": ("", "integer", None),
    "a long rest": ("It was 5. " + "So it goes on and on. " * 9, "integer", None),
    "list": ("<answer>[1, 2]</answer>", "list", "[1, 2]"),
    "list in a sentence": ("<answer>so [1, 2]</answer>", "list", "[1, 2]"),
    "list without brackets": ("<answer>2014, 2016</answer>", "list", "[2014, 2016]"),
    "list with and": ("<answer>2014 and 2016</answer>", "list", "[2014, 2016]"),
    "list in round brackets": ("<answer>(1, -2)</answer>", "list", "[1, -2]"),
    "list boxed": (r"\boxed{[1, 2]}", "list", "[1, 2]"),
    "list of one without brackets": ("<answer>5</answer>", "list", None),
    "no list": ("<answer>one and two</answer>", "list", None),
    "text": ("<answer>left</answer>", "text", "left"),
    "text with a full stop": ("<answer> the left side. </answer>", "text", "the left side"),
    "text bold": ("<answer>**left**</answer>", "text", "left"),
    "text boxed": (r"\boxed{\text{left}}", "text", "left"),
    "text partly in mark-up": ("<answer>$3$ and $4$</answer>", "text", "$3$ and $4$"),
    "text stated": ("The answer is left, because of the dog.", "text", "left"),
    "text alone": ("Left.", "text", "Left"),
    "text too long": ("<answer>" + "left " * 40 + "</answer>", "text", None),
    "text empty": ("<answer> . </answer>", "text", None),
}


@pytest.mark.parametrize(("completion", "kind", "value"), COMPLETIONS.values(), ids=COMPLETIONS)
def test_which_value_a_completion_answers(completion: str, kind: Kind, value: str | None) -> None:
    assert parse(completion, None, kind=kind).said == value


def test_a_prefill_is_part_of_the_thought() -> None:
    parsed = parse(" So 5.</think><answer>5</answer>", None, kind="integer", prefill="<think>It is 4.")
    assert (parsed.said, parsed.think) == ("5", "It is 4. So 5.")


@given(number=st.decimals(-(10**9), 10**9, places=2), before=st.text(alphabet="ab .\n"))
def test_a_number_in_a_block_is_read_whatever_was_thought(number: object, before: str) -> None:
    assert parse(f"<think>{before}</think>\n<answer>{number}</answer>", None, kind="float").said == str(number)
