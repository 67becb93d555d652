"""`vstar`: attributes and relative positions of small things in large photographs."""

from __future__ import annotations

from lmms_faith.benchmarks.official import category_accuracy
from lmms_faith.benchmarks.patterns import claim_by, either_or
from lmms_faith.benchmarks.rows import letter_index, rule_for, split_options
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.item import Item

_WORDINGS = (
    (
        "attribute",
        r"what (?:is|are) (?P<the_x>the (?:colou?r|material|shape|pattern|number)s?\b[^?]+)\?",
        "{the_x} is {option}.",
    ),
    (
        "attribute",
        r"what (?P<x>colou?r|material) (?:is|are) (?P<the_y>[^?]+?)(?: made of)?\?",
        "The {x} of {the_y} is {option}.",
    ),
    (
        "position",
        r"is (?P<the_x>[^?]+?) on the (?:left|right) or (?:the )?(?:left|right) side of (?P<the_y>[^?]+)\?",
        "{the_x} is on the {option} side of {the_y}.",
    ),
    (
        "position",
        r"is (?P<the_x>[^?]+?) (?:above|below) or (?:above|below) (?P<the_y>[^?]+)\?",
        "{the_x} is {option} {the_y}.",
    ),
)


def _to_item(row: Row) -> Item:
    question, options = split_options(row["text"])
    claim, template = claim_by(_WORDINGS, question)
    if claim is None:
        claim, template = either_or(question, options)
    return Item(
        id=str(row["question_id"]),
        benchmark="vstar",
        question=question,
        options=options,
        answer=letter_index(row["label"]),
        category=row["category"],
        claim=claim,
        template=template,
        rule=rule_for(options),
    )


BENCHMARKS = (
    Benchmark(
        name="vstar",
        title="V*Bench",
        columns={"image": "image", "text": "string", "category": "string", "label": "string", "question_id": "key"},
        rows=191,
        to_item=_to_item,
        to_images=lambda row: [row["image"]],
        dataset_path="lmms-lab-encoder/vstar-bench",
        split="test",
        licence="none stated",
        headline=category_accuracy,
        core=True,
    ),
)
