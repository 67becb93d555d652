"""What the core tests share: one toy item, records made from a few words, quick and repeatable properties."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

from lmms_faith.item import Item
from lmms_faith.record import Record

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def toy() -> Item:
    """The item of the committed prompts."""
    return Item(
        id="toy-1",
        benchmark="toys",
        question="Where is the circle?",
        options=("left of the star", "right of the star", "above the star", "below the star"),
        answer=1,
        category="relation",
        claim="The circle is {option}.",
        cluster="image-1",
    )


@pytest.fixture(scope="session")
def make_record() -> Callable[..., Record]:
    """A record of a right answer, with the named fields replaced."""

    def make(**changed: Any) -> Record:
        values: dict[str, Any] = {
            "model": "m",
            "benchmark": "toys",
            "condition": "base",
            "item_id": "1",
            "category": None,
            "cluster": "1",
            "family": "1",
            "options": ("red", "blue", "green"),
            "answer": 0,
            "target": 1,
            "prefill": "",
            "completion": "<think>It is red.</think><answer>A</answer>",
            "status": "answered",
            "think": "It is red.",
            "prediction": 0,
            "finish": "stop",
            "letter_logprobs": None,
            "letter_source": None,
            "error": None,
            "seed": 0,
            "versions": {"lmms_faith": "0"},
        }
        return Record(**(values | changed))

    return make
