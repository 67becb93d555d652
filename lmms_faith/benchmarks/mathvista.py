"""`mathvista`: mathematics in figures, charts, tables and photographs; 540 multiple choice, 460 free-form."""

from __future__ import annotations

import math
from typing import Any

from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.patterns import claim_by
from lmms_faith.benchmarks.rows import Gold, rule_for
from lmms_faith.benchmarks.spec import Benchmark, Row
from lmms_faith.benchmarks.wording import worded
from lmms_faith.item import Item, Kind

_LANGUAGES = {"english": "en", "chinese": "zh", "persian": "fa"}
_KINDS: dict[str, Kind] = {"integer": "integer", "float": "float", "list": "list", "text": "text"}
_TIMES = {True: ("half", "quarter"), False: ("quarter past", "quarter to")}
"""Time words that fit, by whether "after" follows."""
_SAYS = ", the picture says {option}."
_WORDINGS = (
    (
        "whether",
        r"^is (?P<x>[^?]+?) "
        r"(?P<y>the (?:minimum|maximum|low median|high median|smoothest|roughest)|(?:less|greater) than [^?]+)\?$",
        "As to whether {x} is {y}" + _SAYS,
    ),
    ("whether", r"^does (?P<x>[^?]+?) have (?P<y>the [^?]+)\?$", "As to whether {x} has {y}" + _SAYS),
    ("whether", r"^does (?P<x>[^?]+?) intersect (?P<y>[^?]+)\?$", "As to whether {x} intersects {y}" + _SAYS),
    (
        "age_gap",
        r"what is (?P<the_x>the age gap (?:between|of) [^?]+?)(?: in (?:the )?image)?\?",
        "{the_x} is {option} years.",
    ),
    ("left_over", r"how many (?P<x>[\w ]+?) are left\?", "The number of {x} that are left is {option}."),
    ("time", r"it is \(_\) (?P<x>[^.]+)\.", "The time that the clock shows is {option} {x}."),
    ("measure", r"is about \(_\) (?P<x>[^.]+)\.", "The length in the picture is about {option} {x}."),
    (
        "preference",
        r"^which (?P<x>[^?]+?) (?P<y>has|have|shows?|had|contains?) (?P<z>[^?]+)\?$",
        "In the picture, the {x} that {y} {z} is {option}.",
    ),
)


def _to_item(row: Row) -> Item:
    choices = tuple(row["choices"] or ())
    claim, template = claim_by(_WORDINGS, row["question"])
    if claim is None:
        claim, template = worded(row["question"], choices)
    facts = row["metadata"]
    unit, precision = _known(row["unit"]), _known(row["precision"])
    rivals = _TIMES["after" in row["question"]] if template == "time" else ()
    asked = row["question"] if unit is None or "(Unit:" in row["question"] else f"{row['question']} (Unit: {unit})"
    gold = Gold(kind=_KINDS[row["answer_type"]], value=row["answer"].strip())
    if choices:
        gold = Gold(options=choices, answer=_index(row), rule="rivals" if rivals else rule_for(choices))
    return Item(
        id=str(row["pid"]),
        benchmark="mathvista",
        question=asked,
        unit=unit,
        precision=None if precision is None else int(precision),
        context=_context(row, precision),
        category=facts["task"],
        claim=claim,
        template=template,
        rivals=rivals,
        language=_LANGUAGES.get(facts["language"].lower(), facts["language"]),
        cluster=row["image"],
        extras={"source": facts["source"], "grade": facts["grade"]},
        **gold,
    )


def _index(row: Row) -> int:
    """Gold is written as the text of a choice."""
    if row["answer"] not in row["choices"]:
        raise ValueError(f"item {row['pid']!r}: answer {row['answer']!r} is none of {row['choices']}; skip the row")
    return list(row["choices"]).index(row["answer"])


def _context(row: Row, precision: Any) -> str | None:
    """What form the value takes, where a model could not know; the official prompt says so too."""
    if row["answer_type"] == "list" and not row["choices"]:
        return "Hint: The value asked for is a Python list, such as [1, 2, 3]."
    if row["answer_type"] == "float" and precision is not None:
        return f"Hint: The value asked for is a number with {int(precision)} decimal place{'s' * (precision != 1)}."
    return None


def _known(value: Any) -> Any:
    return None if value in (None, "", "None") or (isinstance(value, float) and math.isnan(value)) else value


BENCHMARKS = (
    Benchmark(
        name="mathvista",
        title="MathVista testmini",
        columns={
            "pid": "string",
            "question": "string",
            "image": "string",
            "decoded_image": "image",
            "choices": "strings",
            "unit": "string",
            "precision": "number",
            "answer": "string",
            "answer_type": "string",
            "metadata": "struct",
        },
        rows=1000,
        to_item=_to_item,
        to_images=lambda row: [row["decoded_image"]],
        dataset_path="AI4Math/MathVista",
        split="testmini",
        licence="CC-BY-SA-4.0",
        headline=accuracy,
        core=True,
    ),
)
