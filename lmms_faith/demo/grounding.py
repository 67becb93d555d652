"""Dense reading of one picture: many short questions about it in a row, answered in words, without options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from transformers import Qwen2Tokenizer

from lmms_faith.demo.encoding import HEAD, Encoded
from lmms_faith.demo.forward import IMAGE_TOKENS
from lmms_faith.demo.mixture import Pools
from lmms_faith.demo.questions import CATEGORIES, CONTENTS, Fact, facts_of
from lmms_faith.demo.tokenizer import IMAGE_PAD, VISION_END

FACTS: Final = 6  # per picture


def draw_readings(n: int, pools: Pools, tokenizer: Qwen2Tokenizer, rng: Random) -> list[Encoded]:
    """n texts of a picture and questions about it; what answers them is learned."""
    chosen = [_facts(pools, rng) for _ in range(n)]
    head = tuple(tokenizer(f"{HEAD}{IMAGE_PAD * IMAGE_TOKENS}{VISION_END}")["input_ids"])
    questions = _tokens([f"{fact.question}\n" for _, facts in chosen for fact in facts], tokenizer)
    answers = _tokens([f"<think>{fact.reading}</think>" for _, facts in chosen for fact in facts], tokenizer)
    rows = []
    for number, facts in chosen:
        ids, weights = [*head], [0.0] * len(head)
        for _ in facts:
            question, answer = next(questions), next(answers)
            ids += [*question, *answer]
            weights += [0.0] * len(question) + [1.0] * len(answer)
        rows.append(Encoded(tuple(ids), tuple(weights), number))
    return rows


def _facts(pools: Pools, rng: Random) -> tuple[int, Sequence[Fact]]:
    """A scene drawn so that categories and right answers are balanced for the first fact; others at random."""
    category = rng.choice(CATEGORIES)
    number, first = rng.choice(pools.facts[category, rng.choice(CONTENTS[category])])
    others = [fact for fact in facts_of(first.scene) if fact != first]
    rng.shuffle(others)
    fewest = sorted(others, key=lambda fact: sum(other.category == fact.category for other in others))
    picked = [first, *fewest[: FACTS - 1]]
    rng.shuffle(picked)
    return number, picked


def _tokens(texts: Sequence[str], tokenizer: Qwen2Tokenizer) -> Iterator[list[int]]:
    return iter(tokenizer(texts)["input_ids"])
