"""The tokenizer: any text survives it, and answers are one token each."""

from __future__ import annotations

import pytest
from transformers import Qwen2Tokenizer

from lmms_faith.demo.questions import COLOURS, DIRECTIONS
from lmms_faith.demo.tokenizer import LETTERS, letter_ids
from lmms_faith.demo.train import demo_tokenizer

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def tokenizer() -> Qwen2Tokenizer:
    return demo_tokenizer()


@pytest.mark.parametrize(
    "text",
    ["How many blue objects are there?\nA. 1\n", "Größe 漢字 🙂 \t\x07", "<think>x</think><answer>B</answer>", ""],
)
def test_text_survives(tokenizer: Qwen2Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_after_the_tag_is_one_token(tokenizer: Qwen2Tokenizer, letter: str) -> None:
    ids = tokenizer(f"<answer>{letter}</answer>")["input_ids"]
    assert ids[1:2] == [letter_ids(tokenizer)[LETTERS.index(letter)]]
    assert len(ids) == 3


@pytest.mark.parametrize("word", [*COLOURS, *(direction.split()[0] for direction in DIRECTIONS)])
def test_an_option_word_is_one_token_and_the_same_in_option_and_thought(tokenizer: Qwen2Tokenizer, word: str) -> None:
    (token,) = tokenizer(f" {word}")["input_ids"]
    assert token in tokenizer(f"A. {word}\n")["input_ids"]
    assert token in tokenizer(f"The circle is {word}.</think>")["input_ids"]


def test_two_builds_are_equal(tokenizer: Qwen2Tokenizer) -> None:
    assert demo_tokenizer().get_vocab() == tokenizer.get_vocab()
