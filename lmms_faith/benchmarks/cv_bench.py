"""`cv_bench`, `cv_bench_2d`, `cv_bench_3d`: counts, relations, depth order and distances from vision data sets."""

from __future__ import annotations

from functools import partial

from lmms_faith.benchmarks.official import accuracy, cv_bench, cv_bench_2d
from lmms_faith.benchmarks.patterns import claim_by
from lmms_faith.benchmarks.rows import letter_index, rule_for
from lmms_faith.benchmarks.spec import Benchmark, Headline, Row
from lmms_faith.item import Item

_WORDINGS = (
    ("count", r"how many (?P<x>.+?) are (?:there )?in the image\?", "The number of {x} in the image is {option}."),
    (
        "relation",
        r"where (?:is|are) (?P<the_x>[^?]+?) located with respect to (?P<the_y>.+?)\?",
        "The position of {the_x} with respect to {the_y} is {option}.",
    ),
    (
        "depth",
        r"which object is closer to the camera",
        "Of the two objects, the one closer to the camera is {the_option}.",
    ),
    (
        "distance",
        r"which object is closer to (?P<the_y>[^?,]+),",
        "Of the two objects, the one closer to {the_y} is {the_option}.",
    ),
)


def _to_item(benchmark: str, row: Row) -> Item:
    options = tuple(map(str, row["choices"]))
    claim, template = claim_by(_WORDINGS, row["question"], options)
    return Item(
        id=str(row["idx"]),
        benchmark=benchmark,
        question=row["question"],
        options=options,
        answer=letter_index(row["answer"]),
        category=row["task"],
        claim=claim,
        template=template,
        rule=rule_for(options),
        extras={"source": row["source"]},
    )


def _benchmark(name: str, title: str, config: str, rows: int, headline: Headline) -> Benchmark:
    return Benchmark(
        name=name,
        title=title,
        columns={
            "idx": "key",
            "task": "string",
            "image": "image",
            "question": "string",
            "choices": "strings",
            "answer": "string",
            "source": "string",
        },
        rows=rows,
        to_item=partial(_to_item, name),
        to_images=lambda row: [row["image"]],
        dataset_path="nyu-visionx/CV-Bench",
        dataset_name=config,
        split="test",
        licence="Apache-2.0",
        headline=headline,
        core=name == "cv_bench",
    )


BENCHMARKS = (
    _benchmark("cv_bench", "CV-Bench", "default", 2638, cv_bench),
    _benchmark("cv_bench_2d", "CV-Bench 2D", "2D", 1438, cv_bench_2d),
    _benchmark("cv_bench_3d", "CV-Bench 3D", "3D", 1200, accuracy),
)
