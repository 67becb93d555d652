import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lmms_faith.mathematics import SECONDS, looks_like_maths, same_expression

pytestmark = pytest.mark.slow

EQUAL = [
    (r"\frac{1}{2}", "0.5"),
    (r"\frac12", "1/2"),
    (r"\dfrac{3}{6}", r"\tfrac{1}{2}"),
    (r"-\frac{1}{2}", "-0.5"),
    ("√2", r"\sqrt{2}"),
    (r"2\sqrt{3}", "√12"),
    (r"\sqrt[3]{8}", "2"),
    ("2sqrt(3)", "sqrt(12)"),
    ("2√3", r"\sqrt{12}"),
    ("π", r"\pi"),
    ("π/3", r"\frac{\pi}{3}"),
    ("2π", r"2 \pi"),
    (r"3\pi", "9.42477796076938"),
    ("60°", "60"),
    (r"60^\circ", "60°"),
    (r"60^{\circ}", "60"),
    ("x=4", "4"),
    (r"x = \frac{1}{2}", "0.5"),
    (r"$\frac{1}{2}$", r"\frac{1}{2}"),
    ("2x+3", "3+2x"),
    ("x^2", "x*x"),
    ("(x+1)(x-1)", "x^2-1"),
    ("y=2x+1", "y = 1 + 2x"),
    ("(1,2)", r"\left(1, 2\right)"),
    ("3×4", "12"),
    ("S", "S"),
]
UNEQUAL = [
    (r"\frac{1}{2}", r"\frac{1}{3}"),
    ("√2", "√3"),
    ("√2", "1.414"),
    ("π", "3.14"),
    (r"2\pi", r"\frac{\pi}{2}"),
    ("60°", "61°"),
    ("x=4", "5"),
    ("x", "y"),
    ("2x", "x"),
    ("(1,2)", "(2,1)"),
    ("(1,2)", "(1,2,3)"),
    ("(1,2)", "1"),
    ("E", "2.718281828459045"),
    ("I", "1"),
]
UNREADABLE = [
    *(
        "",
        " ",
        "the dog",
        "1 2 3",
        "(",
        ")",
        "{",
        "\\",
        r"\frac{1}",
        r"\frac",
        "^",
        "**",
        "x==",
        "1/0",
        "?",
        "\x00",
        "[1, 2",
    ),
    *(
        "().__class__",
        "(1).real",
        "x.diff",
        "lambda: 0",
        "'a'",
        "1;2",
        "a\nb",
        "{}",
        "1 if x else 2",
        "1.__class__",
        "(" * 200,
    ),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_expressions(one: str, other: str) -> None:
    assert same_expression(one, other)
    assert same_expression(other, one)


@pytest.mark.parametrize(("one", "other"), UNEQUAL)
def test_unequal_expressions(one: str, other: str) -> None:
    assert not same_expression(one, other)
    assert not same_expression(other, one)


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_can_not_be_read_is_not_equal(text: str) -> None:
    assert not same_expression(text, "1")
    assert not same_expression("1", text)


def test_a_tower_ends_in_time_and_the_next_comparison_works() -> None:
    assert same_expression("1", "1")
    started = time.monotonic()
    assert not same_expression("9^9^9^9", "9")
    assert time.monotonic() - started < SECONDS + 2
    assert same_expression("1/2", "0.5")


def test_answers_do_not_run_code(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    # No word of three letters in it, so that it passes for mathematics.
    attack = f"[*map(lambda _:0,())] or __import__('os').mkdir({str(trace)!r})"
    assert not same_expression(attack, "1")
    assert not same_expression(f"__import__('os').mkdir({str(trace)!r})", "1")
    assert not trace.exists()


def test_threads_get_their_own_answers() -> None:
    pairs = [(f"{i}/2", str((i if i % 3 else i + 1) / 2)) for i in range(40)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda pair: same_expression(*pair), pairs))
    assert answers == [bool(i % 3) for i in range(40)]


def test_a_script_without_a_main_guard_compares_as_well(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("from lmms_faith.mathematics import same_expression\nprint(same_expression('2/4', '1/2'))\n")
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": str(root)},
    )
    assert done.stdout.split() == ["True"]


@pytest.mark.parametrize(
    ("text", "maths"),
    [
        ("x", True),
        ("1/2", True),
        (r"\frac{1}{2}", True),
        (r"2\sqrt{3}", True),
        ("2sqrt(3)", True),
        ("sin(x)", True),
        ("-1", True),
        ("left", False),
        ("no", False),
        ("the 3 dogs", False),
        ("3 dogs", False),
        ("left-hand", False),
        ("__import__", False),
        ("1" * 201, False),
        ("", False),
    ],
)
def test_what_looks_like_mathematics(text: str, maths: bool) -> None:
    assert looks_like_maths(text) is maths
