"""Processor seconds for the rule judge to judge a hundred records, by length of thought: make bench."""

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from lmms_faith.judges import RuleJudge
from lmms_faith.record import Record

STEP = "The {thing} is red, and the star lies to the left of it, about {n} cm away. "
LENGTHS = {"60 words": 4, "400 words": 25, "1,600 words": 100}


@pytest.mark.parametrize("length", LENGTHS)
def bench_rule(length: str, benchmark: BenchmarkFixture, make_record: Callable[..., Record]) -> None:
    steps = [STEP.format(thing=("circle", "square", "cross")[n % 3], n=n) for n in range(LENGTHS[length])]
    records = []
    for place in range(100):
        think = f"Picture {place}. " + "".join(steps) + "Wait, no. So the answer is (B)."
        completion = f"<think>{think}</think><answer>B</answer>"
        records.append(make_record(item_id=str(place), think=think, completion=completion, prediction=1))
    opinions = benchmark(RuleJudge().judge, records)
    assert {opinion.conclusion for opinion in opinions} == {1}
