"""Text-only warm-up: option lists and a concluding sentence, from which the option's letter is to be found.

Binding a concluded word to its letter takes an induction circuit, which a small model does not find within thousands
of steps of the real task. Here it is the only thing to learn, on short dense texts, from plain random weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from transformers import Qwen2Tokenizer

from lmms_faith.demo.encoding import LETTER_WEIGHT, Encoded
from lmms_faith.demo.questions import CATEGORIES, CONTENTS
from lmms_faith.item import LETTERS

RANDOM_WORDS_SHARE: Final = 0.5


def vocabulary_words(tokenizer: Qwen2Tokenizer) -> tuple[str, ...]:
    """Every token that is a space and a word of two letters or more, without the space."""
    words = (token[1:] for token in tokenizer.get_vocab() if token.startswith("Ġ"))
    return tuple(sorted(word for word in words if len(word) > 1 and word.isascii() and word.isalpha()))


def draw_texts(n: int, words: Sequence[str], tokenizer: Qwen2Tokenizer, rng: Random) -> list[Encoded]:
    """n texts; only the letter is learned."""
    texts, letters = [], []
    for _ in range(n):
        if rng.random() < RANDOM_WORDS_SHARE:
            options = rng.sample(words, 4)
        else:
            options = rng.sample(CONTENTS[rng.choice(CATEGORIES)], 4)
        answer = rng.randrange(4)
        lines = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
        filler = " ".join(rng.choices(words, k=rng.randint(0, 8)))
        texts.append(f"?\n{lines}\n{filler} is {options[answer]}.</think><answer>")
        letters.append(LETTERS[answer])
    encoded = []
    for ids, letter in zip(tokenizer(texts)["input_ids"], letters, strict=True):
        target = tokenizer.convert_tokens_to_ids(letter)
        encoded.append(Encoded((*ids, target), (*([0.0] * len(ids)), LETTER_WEIGHT), -1))
    return encoded
