"""Processor seconds of a bootstrap interval from 10,000 resamples, by kind of measure and layout: make bench."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from lmms_faith.metrics import Interval, auroc, bootstrap_interval, bootstrap_mean, ece, sign_flip
from lmms_faith.metrics.resampling import _kept_counts

random = np.random.default_rng(0)
HITS = (random.random(100_000) < 0.8).astype(float)
SURE = random.random(100_000)
EACH, FOURS = np.arange(100_000), np.arange(100_000) // 4


def general(measure: Callable[..., Any], n: int) -> Interval:
    return bootstrap_interval(measure, (SURE[:n], HITS[:n]), FOURS[:n], bounds=(0, 1))


CASES: dict[str, Callable[[], Any]] = {
    "share, 100,000 items on as many images": lambda: bootstrap_mean(HITS, EACH, bounds=(0, 1)),
    "share, 100,000 items on 25,000 images": lambda: bootstrap_mean(HITS, FOURS, bounds=(0, 1)),
    "mean, 100,000 items on as many images": lambda: bootstrap_mean(SURE, EACH),
    "mean, 100,000 items on 25,000 images": lambda: bootstrap_mean(SURE, FOURS),
    "mean, 2,000 items on 500 images": lambda: bootstrap_mean(SURE[:2000], FOURS[:2000]),
    "ECE, 2,000 items on 500 images": lambda: general(ece, 2000),
    "AUROC, 2,000 items on 500 images": lambda: general(auroc, 2000),
    "sign flips of 100,000 unlike differences": lambda: sign_flip(SURE - 0.5, EACH),
}


@pytest.mark.parametrize("case", CASES)
def bench_bootstrap(case: str, benchmark: BenchmarkFixture) -> None:
    rounds = 1 if "100,000" in case and "share" not in case else 3
    benchmark.pedantic(CASES[case], setup=_kept_counts.cache_clear, rounds=rounds)
