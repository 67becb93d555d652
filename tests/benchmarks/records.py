"""Records made from a few words."""

from __future__ import annotations

from typing import Any

from lmms_faith.item import Item
from lmms_faith.record import Record


def record(**changed: Any) -> Record:
    """A record of a right answer, with the named fields replaced, and what follows from options and indices."""
    values: dict[str, Any] = {
        "model": "m",
        "benchmark": "toys",
        "condition": "base",
        "item_id": "1",
        "category": None,
        "cluster": "1",
        "family": "1",
        "question": "What colour is it?",
        "kind": "choice",
        "precision": None,
        "extras": {},
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
        "conclusion_logprobs": None,
        "value_logprobs": None,
        "error": None,
        "seed": 0,
        "versions": {"lmms_faith": "0"},
    } | changed

    def text(index: str) -> str | None:
        place, options = values[index], values["options"]
        return options[place] if place is not None and place < len(options) else None

    follows: dict[str, Any] = {"gold": text("answer"), "claimed": text("target"), "said": text("prediction")}
    values = follows | values
    hits = {values["claimed"]: "claimed", values["gold"]: "gold"}
    hit = None if values["said"] is None else hits.get(values["said"], "other")
    return Record(**({"hit": hit} | values))


def right(item: Item) -> Record:
    """The record of a right answer to an item."""
    names = (
        "benchmark",
        "category",
        "cluster",
        "family",
        "question",
        "kind",
        "precision",
        "extras",
        "options",
        "answer",
    )
    same = {name: getattr(item, name) for name in names}
    return record(**same, item_id=item.id, gold=item.gold, said=item.gold, target=None, prediction=item.answer)
