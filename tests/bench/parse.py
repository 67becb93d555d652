"""Completions parsed per second on one core, by kind and length: python tests/bench/parse.py."""

import platform
import time

from lmms_faith.item import Kind
from lmms_faith.parsing import parse

OPTIONS = ("left of the star", "right of the star", "above the star", "below the star")
STEP = "The circle is red, and the star lies to the left of it, about 3 cm away. "
CASES: dict[str, tuple[str, Kind]] = {
    "block, 60 words": (f"<think>{STEP * 4}So B.</think>\n<answer>B</answer>", "choice"),
    "block, 1,600 words": (f"<think>{STEP * 100}So B.</think>\n<answer>B</answer>", "choice"),
    "option text": (f"<think>{STEP * 4}</think>\n<answer>right of the star</answer>", "choice"),
    "stated, no tags, 60 words": (f"{STEP * 4}The answer is (B).", "choice"),
    "stated, no tags, 1,600 words": (f"{STEP * 100}The answer is (B).", "choice"),
    "boxed, no tags": (f"{STEP * 4}So $\\boxed{{B}}$.", "choice"),
    "no answer": (STEP * 4, "choice"),
    "cut off in the thought": (f"<think>{STEP * 4}", "choice"),
    "number": (f"<think>{STEP * 4}So 5.</think>\n<answer>5 cm</answer>", "integer"),
    "number in a sentence": (f"<think>{STEP * 4}</think>\n<answer>It is about 5 dogs.</answer>", "integer"),
    "LaTeX": (f"<think>{STEP * 4}</think>\n<answer>$\\frac{{3}}{{4}}$</answer>", "float"),
    "list": (f"<think>{STEP * 4}</think>\n<answer>[1, 2]</answer>", "list"),
    "text": (f"<think>{STEP * 4}</think>\n<answer>the left side</answer>", "text"),
}
ROUNDS = 4000


def main() -> None:
    total = 0.0
    for name, (completion, kind) in CASES.items():
        texts = [f"{completion}{' ' * (i % 7)}" for i in range(ROUNDS)]
        started = time.process_time()
        for text in texts:
            parse(text, OPTIONS if kind == "choice" else None, kind=kind)
        spent = time.process_time() - started
        total += spent
        print(f"{name:30} {ROUNDS / spent:10,.0f} a second")  # noqa: T201
    print(f"{'all kinds, equal shares':30} {ROUNDS * len(CASES) / total:10,.0f} a second")  # noqa: T201
    print(f"one core, {platform.machine()}, Python {platform.python_version()}")  # noqa: T201


if __name__ == "__main__":
    main()
