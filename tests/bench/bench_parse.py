"""Processor seconds to read one completion, by kind and length: make bench. In completions a second: parse.py."""

from pathlib import Path
from runpy import run_path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from lmms_faith.parsing import parse

BESIDE = run_path(str(Path(__file__).with_name("parse.py")))
CASES, OPTIONS = BESIDE["CASES"], BESIDE["OPTIONS"]


@pytest.mark.parametrize("case", CASES)
def bench_parse(case: str, benchmark: BenchmarkFixture) -> None:
    completion, kind = CASES[case]
    benchmark(parse, completion, OPTIONS if kind == "choice" else None, kind=kind)
