import pytest

from lmms_faith.parsing import parse

COLOURS = ("blue", "red", "green", "light red")
FACING = ("dog", "faces left", "matter of taste", "looks wrong")
SWAPPED = ("B", "A", "D", "C")
YES_NO = ("Yes.", "No.")

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
    # mark-up around the answer
    "boxed in the block": (r"<answer>\boxed{B}</answer>", COLOURS, (1, "B")),
    "boxed and text in the block": (r"<answer>So it is $\boxed{B}$.</answer>", COLOURS, (1, "B")),
    "boxed option text": (r"\boxed{\text{red}}", COLOURS, (1, None)),
    "boxed letter and text": (r"\boxed{\text{B. red}}", COLOURS, (1, "B")),
    "boxed letter and another text": (r"\boxed{B. green}", COLOURS, NO_ANSWER),
    "last of several boxes": (r"\boxed{A}, no: \boxed{B}", COLOURS, (1, "B")),
    "box cut off": (r"So \boxed{B", COLOURS, (1, "B")),
    "box in a sentence, then stated otherwise": (r"So \boxed{A}? Wait. The answer is B.", COLOURS, (1, "B")),
    "box, then stated otherwise": (r"\boxed{A} Wait. The answer is B.", COLOURS, (1, "B")),
    "bold letter and text in the block": ("<answer>**B. red**</answer>", COLOURS, (1, "B")),
    "bold letter, plain text": ("<answer>**B.** red</answer>", COLOURS, (1, "B")),
    "bold text": ("<answer>**red**</answer>", COLOURS, (1, None)),
    "dollars": ("<answer>$B$</answer>", COLOURS, (1, "B")),
    "dollars and text command": (r"<answer>$\text{B}$</answer>", COLOURS, (1, "B")),
    "round LaTeX brackets": (r"<answer>\(B\)</answer>", COLOURS, (1, "B")),
    "code": ("<answer>`B`</answer>", COLOURS, (1, "B")),
    "full-width brackets": ("<answer>（B）</answer>", COLOURS, (1, "B")),
    "two marked-up letters": ("<answer>$A$ or $B$</answer>", COLOURS, NO_ANSWER),
    "text options in mark-up": (r"<answer>\frac{1}{2}</answer>", (r"$\frac{1}{3}$", r"$\frac{1}{2}$"), (1, None)),
    "letter and option in mark-up": (r"<answer>B. \frac{1}{2}</answer>", (r"$1$", r"$\frac{1}{2}$"), (1, "B")),
    "letter, dash and its text": ("<answer>B - red</answer>", COLOURS, (1, "B")),
    "named option in the block": ("<answer>Option B</answer>", COLOURS, (1, "B")),
    "named option and its text": ("<answer>Option B: red</answer>", COLOURS, (1, "B")),
    "sentence in the block": ("<answer>The answer is B.</answer>", COLOURS, (1, "B")),
    "bold letter and its text outside": ("I take **B. red** here.", COLOURS, (1, "B")),
    # tags that close nothing
    "stray think tag at the end": ("<answer>B</answer></think>", COLOURS, (1, "B")),
    "stray think tag after a thought": ("<think>x</think><answer>B</answer>\n</think>\n", COLOURS, (1, "B")),
    "think tag for the answer tag": ("<think>x</think><answer>B</think>", COLOURS, (1, "B")),
    "both for the answer tag": ("<think>x</think><answer>B</think></answer>", COLOURS, (1, "B")),
    "thought closed behind the answer": ("<think>It is red. <answer>B</answer></think>", COLOURS, (1, "B")),
    "thought goes on behind the answer": ("<think>So <answer>B</answer>?</think>", COLOURS, NO_ANSWER),
    "answer tag twice": ("<answer><answer>B</answer></answer>", COLOURS, (1, "B")),
    # an option's text stated
    "stated text": ("The answer is red.", COLOURS, (1, None)),
    "stated text, colon": ("**Answer:** red", COLOURS, (1, None)),
    "stated text, quoted": ('The answer is "red".', COLOURS, (1, None)),
    "stated longer text": ("The answer is light red.", COLOURS, (3, None)),
    "stated text with a reason": ("The answer is red, because of the fur.", COLOURS, (1, None)),
    "stated text twice": ("The answer is blue. No, the answer is red!", COLOURS, (1, None)),
    "stated letter, then text": ("The answer is A. No, the answer is red.", COLOURS, (1, None)),
    "stated number": ("The answer is 3.", ("3", "3.5"), (0, None)),
    "stated number with decimals": ("The answer is 3.5.", ("3", "3.5"), (1, None)),
    "stated text, either": ("The answer is red or blue.", COLOURS, NO_ANSWER),
    "stated text, a list": ("The answer is red, blue, green.", COLOURS, NO_ANSWER),
    "stated text, denied": ("The answer is not red.", COLOURS, NO_ANSWER),
    "stated text of two options": ("The answer is up.", ("left", "up", "up"), NO_ANSWER),
    "stated text, in part": ("The answer is light.", COLOURS, NO_ANSWER),
    "stated in Chinese": ("所以答案是B。", COLOURS, (1, "B")),
    "stated in Chinese, colon": ("答案：（B）", COLOURS, (1, "B")),
    "stated text in Chinese": ("答案是红色。", ("蓝色", "红色"), (1, None)),
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
def test_which_option_a_completion_answers(
    completion: str, options: tuple[str, ...] | None, expected: tuple[int | None, str | None]
) -> None:
    parsed = parse(completion, options)
    assert (parsed.prediction, None if parsed.letter_at is None else completion[parsed.letter_at]) == expected
    assert parsed.status == ("no_answer" if expected[0] is None else "answered")
