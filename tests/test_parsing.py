import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.conditions import STOP_THINK
from lmms_faith.item import LETTERS
from lmms_faith.parsing import Finish, Parsed, Status, parse, unfinished

COLOURS = ("blue", "red", "green", "light red")
FACING = ("dog", "faces left", "matter of taste", "looks wrong")
SWAPPED = ("B", "A", "D", "C")
YES_NO = ("Yes.", "No.")
GIVEN = "<think>Let me look at the image. The dog is red."

NO_ANSWER = None, None

# completion, options, (prediction, the letter that letter_at points at; None where the answer came as text)
COMPLETIONS = {
    # the asked format
    "block": ("<think>It is red.</think><answer>B</answer>", COLOURS, (1, "B")),
    "block on lines": ("<think>\nIt is red.\n</think>\n<answer>\nB\n</answer>\n", COLOURS, (1, "B")),
    "block alone": ("<answer>B</answer>", COLOURS, (1, "B")),
    "block without opened think": ("It is red.</think><answer>B</answer>", COLOURS, (1, "B")),
    "block left open": ("<think>It is red.</think><answer>B", COLOURS, (1, "B")),
    "block in a thought left open": ("<think>It is red. <answer>B</answer>", COLOURS, (1, "B")),
    "text after the block": ("<answer>B</answer> I am sure of A.", COLOURS, (1, "B")),
    "last of several blocks": ("<answer>A</answer> Wait. <answer>B</answer>", COLOURS, (1, "B")),
    "last of several thoughts": (
        "<think>x</think><answer>A</answer><think>y</think><answer>B</answer>",
        COLOURS,
        (1, "B"),
    ),
    "last block unreadable": ("<answer>A</answer><answer>hm</answer>", COLOURS, NO_ANSWER),
    "empty block": ("<answer></answer>", COLOURS, NO_ANSWER),
    "empty block, an option of dots": ("<answer> </answer>", ("red", "..."), NO_ANSWER),
    "block in the thought alone": ("<think>So <answer>B</answer>?</think>I can't tell.", COLOURS, NO_ANSWER),
    "block in the thought and after": ("<think><answer>A</answer></think><answer>B</answer>", COLOURS, (1, "B")),
    # forms of a letter in the block
    "with full stop": ("<answer>B.</answer>", COLOURS, (1, "B")),
    "in brackets": ("<answer>(B)</answer>", COLOURS, (1, "B")),
    "small": ("<answer>b</answer>", COLOURS, (1, "b")),
    "small in brackets": ("<answer>(b)</answer>", COLOURS, (1, "b")),
    "bold": ("<answer>**B**</answer>", COLOURS, (1, "B")),
    "quoted": ('<answer>"B"</answer>', COLOURS, (1, "B")),
    "two letters": ("<answer>A, B</answer>", COLOURS, NO_ANSWER),
    "two letters joined": ("<answer>AB</answer>", COLOURS, NO_ANSWER),
    "no letter of ours": ("<answer>Z</answer>", COLOURS, NO_ANSWER),
    "beyond the options": ("<answer>E</answer>", COLOURS, NO_ANSWER),
    "first beyond the options": ("<answer>C</answer>", ("red", "blue"), NO_ANSWER),
    # option texts in the block
    "text": ("<answer>red</answer>", COLOURS, (1, None)),
    "text in other case and a full stop": ("<answer> Red. </answer>", COLOURS, (1, None)),
    "longer text": ("<answer>light red</answer>", COLOURS, (3, None)),
    "part of a text": ("<answer>light</answer>", COLOURS, NO_ANSWER),
    "text of two options": ("<answer>up</answer>", ("left", "up", "up"), NO_ANSWER),
    "text of no option": ("<answer>purple</answer>", COLOURS, NO_ANSWER),
    "two texts": ("<answer>red or blue</answer>", COLOURS, NO_ANSWER),
    "yes": ("<answer>yes</answer>", YES_NO, (0, None)),
    "digit": ("<answer>3</answer>", ("1", "3"), (1, None)),
    "letter and its text": ("<answer>B. red</answer>", COLOURS, (1, "B")),
    "letter, bracket and its text": ("<answer>(B) Red.</answer>", COLOURS, (1, "B")),
    "letter, colon and its text": ("<answer>B: red</answer>", COLOURS, (1, "B")),
    "letter and another option's text": ("<answer>B. green</answer>", COLOURS, NO_ANSWER),
    "letter beyond with a text": ("<answer>E. red</answer>", COLOURS, NO_ANSWER),
    "article and a text": ("<answer>A dog</answer>", ("cat", "dog"), NO_ANSWER),
    # options that are letters themselves: what is answered is the letter asked for
    "letter options": ("<answer>B</answer>", SWAPPED, (1, "B")),
    "letter options, letter and text": ("<answer>B. A</answer>", SWAPPED, (1, "B")),
    "letter options, letter and wrong text": ("<answer>B. B</answer>", SWAPPED, NO_ANSWER),
    # no block
    "lone letter": ("B", COLOURS, (1, "B")),
    "lone letter, full stop": ("B.", COLOURS, (1, "B")),
    "lone small letter in brackets": ("(b)", COLOURS, (1, "b")),
    "lone text": ("Red.", COLOURS, (1, None)),
    "lone letter after a thought": ("<think>Hm, A?</think>\n\nB", COLOURS, (1, "B")),
    "lone letter beyond": ("K", COLOURS, NO_ANSWER),
    "letter and text": ("B. red", COLOURS, (1, "B")),
    "boxed": (r"So $\boxed{B}$.", COLOURS, (1, "B")),
    "boxed as text": (r"\boxed{\text{B}}", COLOURS, (1, "B")),
    "boxed beyond": (r"\boxed{H}", COLOURS, NO_ANSWER),
    "stated": ("The answer is B.", COLOURS, (1, "B")),
    "stated in brackets": ("So the answer is (B).", COLOURS, (1, "B")),
    "stated small in brackets": ("The answer is (b).", COLOURS, (1, "b")),
    "stated small at the end": ("the answer is b.", COLOURS, (1, "b")),
    "stated with a reason": ("The answer is B because of the fur.", COLOURS, (1, "B")),
    "stated with a colon": ("Final answer: B", COLOURS, (1, "B")),
    "stated with is and a colon": ("The answer is: B", COLOURS, (1, "B")),
    "stated bold": ("The answer is **B**.", COLOURS, (1, "B")),
    "stated with a bold label": ("**Answer:** B", COLOURS, (1, "B")),
    "stated as option": ("The correct answer is option B.", COLOURS, (1, "B")),
    "stated twice": ("The answer is A. No, the answer is B.", COLOURS, (1, "B")),
    "stated against another": ("The answer is B, not A.", COLOURS, (1, "B")),
    "stated as either": ("The answer is A or B.", COLOURS, NO_ANSWER),
    "stated as both": ("The answer is A/B.", COLOURS, NO_ANSWER),
    "stated beyond": ("The answer is G.", COLOURS, NO_ANSWER),
    "denied": ("The answer is not B.", COLOURS, NO_ANSWER),
    "bold letter": ("I take **C** here.", COLOURS, (2, "C")),
    "bold letter repeated": ("**C**! Yes, **C**.", COLOURS, (2, "C")),
    "bold list of the options": ("**A.** blue, **B.** red: hard to say.", COLOURS, NO_ANSWER),
    "stated against the only bold letter": ("**C** is tempting, but the answer is B.", COLOURS, (1, "B")),
    "stated after a bold list": ("**A.** blue, **B.** red. The answer is A.", COLOURS, (0, "A")),
    # sentences that only look like an answer
    "article A, a sentence": ("A dog faces left", FACING, NO_ANSWER),
    "article a, after is": ("The answer is a matter of taste", FACING, NO_ANSWER),
    "article a, after colon": ("Answer: a matter of taste", FACING, NO_ANSWER),
    "pronoun I": ("The answer is I'm not sure", (*COLOURS, *"efghi"), NO_ANSWER),
    "Latin": ("The answer is e.g. red", (*COLOURS, "grey"), NO_ANSWER),
    "option named, not answered": ("Option C looks wrong", FACING, NO_ANSWER),
    "text named, not answered": ("It could be red.", COLOURS, NO_ANSWER),
    # what is thought is not answered
    "stated in the thought": ("<think>The answer is B.</think>", COLOURS, NO_ANSWER),
    "stated in a thought left open": ("<think>The answer is B.", COLOURS, NO_ANSWER),
    "option in the thought": ("<think>Option C looks wrong.</think>Hm.", COLOURS, NO_ANSWER),
    "stated in a second thought left open": ("<think>x</think><think>The answer is B.", COLOURS, NO_ANSWER),
    "block in a second thought alone": ("<think>x</think><think>So <answer>B</answer>?</think>Hm.", COLOURS, NO_ANSWER),
    # nothing to read
    "empty": ("", COLOURS, NO_ANSWER),
    "blank": (" \n\t", COLOURS, NO_ANSWER),
    "thought alone": ("<think>It is red.</think>", COLOURS, NO_ANSWER),
    "unknown options, letter": ("<answer>K</answer>", None, (10, "K")),
    "unknown options, letter and text": ("<answer>B. red</answer>", None, (1, "B")),
    "unknown options, text": ("<answer>red</answer>", None, NO_ANSWER),
    "unknown options, article": ("<answer>A dog</answer>", None, NO_ANSWER),
    "unknown options, sentence": ("A dog faces left", None, NO_ANSWER),
}


@pytest.mark.parametrize(
    ("completion", "options", "expected"), [pytest.param(*row, id=name) for name, row in COMPLETIONS.items()]
)
def test_what_a_completion_answers(
    completion: str, options: tuple[str, ...] | None, expected: tuple[int | None, str | None]
) -> None:
    parsed = parse(completion, options)
    assert (parsed.prediction, None if parsed.letter_at is None else completion[parsed.letter_at]) == expected
    assert parsed.status == ("no_answer" if expected[0] is None else "answered")


@pytest.mark.parametrize(
    ("prefill", "completion", "prediction", "letter_at", "think"),
    [
        pytest.param(
            GIVEN,
            " So B.</think><answer>B</answer>",
            1,
            22,
            "Let me look at the image. The dog is red. So B.",
            id="glued",
        ),
        pytest.param(GIVEN, "</think>B", 1, 8, "Let me look at the image. The dog is red.", id="closed at once"),
        pytest.param(
            GIVEN, " So B.", None, None, "Let me look at the image. The dog is red. So B.", id="the thought stays open"
        ),
        pytest.param(
            STOP_THINK, "<answer>C</answer>", 2, 8, "Okay let's see. This should be the final answer.", id="stop_think"
        ),
        pytest.param(
            STOP_THINK, "\nC", 2, 1, "Okay let's see. This should be the final answer.", id="stop_think, letter"
        ),
        pytest.param(
            STOP_THINK,
            "<think>Hm, C.",
            None,
            None,
            "Okay let's see. This should be the final answer.",
            id="stop_think reopened",
        ),
        pytest.param("<think>x</think><answer>", "C</answer>", 2, 0, "x", id="block opened by the prefill"),
        pytest.param("<think>x</think><answer>C", "</answer>", 2, None, "x", id="letter given by the prefill"),
    ],
)
def test_a_prefill_is_part_of_the_thought_and_never_shifts_the_letter(
    prefill: str, completion: str, prediction: int | None, letter_at: int | None, think: str
) -> None:
    status: Status = "no_answer" if prediction is None else "answered"
    expected = Parsed(status=status, think=think, prediction=prediction, letter_at=letter_at)
    assert parse(completion, COLOURS, prefill=prefill) == expected


@pytest.mark.parametrize(
    ("completion", "think"),
    [
        pytest.param("<think>It is red.</think><answer>B</answer>", "It is red.", id="closed"),
        pytest.param("<think>It is red.", "It is red.", id="left open"),
        pytest.param("<think>It is red.<answer>B</answer>", "It is red.", id="left open before the block"),
        pytest.param("It is red.</think><answer>B</answer>", "It is red.", id="opened by the template"),
        pytest.param("<think></think><answer>B</answer>", "", id="empty"),
        pytest.param("<answer>B</answer>", None, id="none"),
        pytest.param("It is red. The answer is B.", None, id="no tags"),
    ],
)
def test_what_a_completion_thinks(completion: str, think: str | None) -> None:
    assert parse(completion, COLOURS).think == think


@pytest.mark.parametrize(
    ("completion", "finish", "failed", "status"),
    [
        pytest.param("<answer>B</answer>", "stop", False, "answered", id="answered"),
        pytest.param("<answer>B</answer> and so", "length", False, "answered", id="cut off after the answer"),
        pytest.param("<think>It is", "length", False, "truncated", id="cut off in the thought"),
        pytest.param("", "length", False, "truncated", id="cut off at once"),
        pytest.param("<think>It is", "stop", False, "no_answer", id="ended without an answer"),
        pytest.param("<think>It is", None, False, "no_answer", id="unknown why it ended"),
        pytest.param("<answer>B</answer>", "stop", True, "failed", id="failed, whatever the text"),
    ],
)
def test_a_completion_ends_in_exactly_one_status(
    completion: str, finish: Finish | None, failed: bool, status: Status
) -> None:
    assert parse(completion, COLOURS, finish=finish, failed=failed).status == status


def test_a_failed_request_has_nothing_else() -> None:
    assert parse("<think>x</think><answer>B</answer>", COLOURS, failed=True) == Parsed(status="failed")


PIECES = st.sampled_from(
    [
        "<think>",
        "</think>",
        "<answer>",
        "</answer>",
        "A",
        "b",
        "(C)",
        "**D**",
        "red",
        "The answer is ",
        r"\boxed{B}",
        " ",
        "\n",
        ".",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


@given(
    completion=TEXTS,
    prefill=st.sampled_from(["", STOP_THINK, GIVEN]),
    options=st.sampled_from([COLOURS, YES_NO, SWAPPED, None]),
    finish=st.sampled_from([None, *get_args(Finish)]),
)
def test_parsing_is_total_and_only_answers_have_a_prediction(
    completion: str, prefill: str, options: tuple[str, ...] | None, finish: Finish | None
) -> None:
    parsed = parse(completion, options, prefill=prefill, finish=finish)
    assert (parsed.status == "answered") == (parsed.prediction is not None)
    assert (parsed.status == "truncated") <= (finish == "length")
    assert parsed.prediction is None or 0 <= parsed.prediction < len(options or LETTERS)
    if parsed.letter_at is not None:
        assert parsed.prediction is not None
        assert completion[parsed.letter_at].upper() == LETTERS[parsed.prediction]


@pytest.mark.parametrize(
    "piece", ["(", ")", "*", "_", " ", "\n", "**", "<answer>", "<think>", "Answer: _", "A)", "answer is"]
)
def test_degenerate_repetition_is_read_in_no_time(piece: str) -> None:
    text = "Answer: A" + piece * 4000 + "?"
    started = time.process_time()
    parse(text, COLOURS)
    unfinished(text)
    assert time.process_time() - started < 1.0


@pytest.mark.parametrize(
    ("completion", "prefill", "kept", "lead"),
    [
        pytest.param("<think>It is", "", "<think>It is", "</think><answer>", id="thought open"),
        pytest.param("<think>It is.</think>", "", "<think>It is.</think>", "<answer>", id="thought closed"),
        pytest.param("<think>x</think><answer>hm", "", "<think>x</think>", "<answer>", id="unreadable block dropped"),
        pytest.param("<think>x<answer>hm", "", "<think>x", "</think><answer>", id="block in an open thought dropped"),
        pytest.param(
            "<think><answer>A</answer>?</think>Hm",
            "",
            "<think><answer>A</answer>?</think>Hm",
            "<answer>",
            id="block in the closed thought kept",
        ),
        pytest.param("It is red.", "", "It is red.", "<answer>", id="no tags"),
        pytest.param("", "", "", "<answer>", id="empty"),
        pytest.param(" So", GIVEN, " So", "</think><answer>", id="opened by the prefill"),
        pytest.param("", STOP_THINK, "", "<answer>", id="closed by the prefill"),
        pytest.param("<think>Hm", STOP_THINK, "<think>Hm", "</think><answer>", id="opened again"),
        pytest.param("<answer>?", STOP_THINK, "", "<answer>", id="unreadable block after the prefill"),
    ],
)
def test_what_leads_an_unfinished_completion_to_a_letter(completion: str, prefill: str, kept: str, lead: str) -> None:
    assert unfinished(completion, prefill=prefill) == (kept, lead)


@given(completion=TEXTS, prefill=st.sampled_from(["", STOP_THINK, GIVEN]))
def test_a_forced_letter_always_parses(completion: str, prefill: str) -> None:
    kept, lead = unfinished(completion, prefill=prefill)
    assert completion.startswith(kept)
    assert parse(f"{kept}{lead}B</answer>", COLOURS, prefill=prefill).prediction == 1
