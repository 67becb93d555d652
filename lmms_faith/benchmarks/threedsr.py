"""`3dsrbench`, `3dsrbench_circular`: heights, places and orientations in three dimensions."""

from __future__ import annotations

import re
from functools import partial

from lmms_faith.benchmarks.official import three_dsr, three_dsr_circular
from lmms_faith.benchmarks.patterns import claim_by, whether
from lmms_faith.benchmarks.rows import columns_options, letter_index, rule_for
from lmms_faith.benchmarks.spec import Benchmark, Headline, Row
from lmms_faith.item import Item

_QID = re.compile(r"(?P<base>.+?)(?P<flip>-flip)?(?:-(?P<turn>\d+))?")
_STAND = r"if i stand at (?P<the_x>[^?]+?) position facing where it is facing, (?:is|are) (?P<the_y>[^?]+?) "
_VIEWER = "For a viewer at {the_x} position who faces where it is facing, {the_y} "
_WORDINGS = (
    (
        "height",
        r"which object has a (?P<x>higher|lower) location",
        "Of the two objects, the one with the {x} location is {the_option}.",
    ),
    (
        "camera",
        r"which (?:object |one )?is (?P<x>closer to|farther from) the camera",
        "Of the two, the one {x} the camera is {the_option}.",
    ),
    (
        "next_to",
        r"are (?P<the_x>[^?]+?) and (?P<the_y>[^?]+?) (?=next to each other|far away from each other)",
        "{the_x} and {the_y} are {option}.",
    ),
    ("front", _STAND + "(?:in front of me|behind me)", _VIEWER + "is {option} that viewer."),
    ("side", _STAND + "on (?:the|my) (?:left|right)", _VIEWER + "is {option}."),
    (
        "viewpoint",
        r"which side of (?P<the_x>[^?]+?) is facing (?P<the_y>[^?]+?)\?",
        "The {option} side of {the_x} is facing {the_y}.",
    ),
    (
        "closer",
        r"which (?:object )?is closer to (?P<the_x>[^?,]+),",
        "Of the two, the one closer to {the_x} is {the_option}.",
    ),
    ("facing", r"which object is (?P<the_x>[^?,]+?) facing towards?,", "{the_x} is facing towards {the_option}."),
    (
        "parallel",
        r"between the orientations of (?P<the_x>[^?]+?) and (?P<the_y>[^?,]+), parallel",
        "The orientations of {the_x} and {the_y} are {option} to each other.",
    ),
    (
        "direction",
        r"are (?P<the_x>[^?]+?) and (?P<the_y>[^?]+?) facing (?:the )?same",
        "{the_x} and {the_y} are facing {option}.",
    ),
)


def _claim(question: str, options: tuple[str, ...]) -> tuple[str | None, str]:
    above = re.search(r"\bis (?:the )?(?P<x>[^?]+?) directly (?:above|under\w*|below)\b", question, re.IGNORECASE)
    if above:
        return whether(question[above.start() :], [above["x"]])
    return claim_by(_WORDINGS, question, options)


def _to_item(benchmark: str, row: Row) -> Item:
    qid = str(row.get("qid") or row["index"])
    match = _QID.fullmatch(qid)
    if match is None:
        raise ValueError(f"item {qid!r}: its id has no base; skip the row")
    options = columns_options(row, "ABCD")
    claim, template = _claim(row["question"], options)
    return Item(
        id=qid,
        benchmark=benchmark,
        question=row["question"],
        options=options,
        answer=letter_index(row["answer"]),
        category=row["category"],
        claim=claim,
        template=template,
        rule=rule_for(options),
        cluster=match["base"],
        # A mirrored copy swaps left and right, so that the claim made of the original would be true of it.
        family=match["base"] + (match["flip"] or ""),
        extras={"base": match["base"], "mirrored": "yes" if match["flip"] else "no", "turn": match["turn"] or "0"},
    )


def _benchmark(name: str, title: str, config: str, headline: Headline) -> Benchmark:
    return Benchmark(
        name=name,
        title=title,
        columns={
            "index": "key",
            "question": "string",
            "A": "string",
            "B": "string",
            "answer": "string",
            "category": "string",
            "image": "image",
        },
        to_item=partial(_to_item, name),
        to_images=lambda row: [row["image"]],
        dataset_path="oscarqjh/3DSRBench_lmmseval",
        dataset_name=config,
        split="test",
        licence="CC-BY-4.0 (its card once said CC-BY-NC-4.0)",
        headline=headline,
        core=name == "3dsrbench",
    )


BENCHMARKS = (
    _benchmark("3dsrbench", "3DSRBench", "3dsr", three_dsr),
    _benchmark("3dsrbench_circular", "3DSRBench circular", "3dsr_circular", three_dsr_circular),
)
