"""How often the intervals of a pipeline hold what is known to be true of simulated models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from lmms_faith.extraction import apply, extracted
from lmms_faith.judges import default_judge, verdicts
from lmms_faith.measures import MEASURES
from lmms_faith.metrics import holm
from lmms_faith.record import Record
from lmms_faith.simulation.parameters import CONDITIONS_SIMULATED, Parameters
from lmms_faith.simulation.questions import CHOICES, VALUES
from lmms_faith.simulation.records import FREE_FORM, extractions, simulate
from lmms_faith.simulation.truths import truths, worst_case
from lmms_faith.summary import PAPER, Row, summarise

NOMINAL: Final = 0.95
"""What the intervals promise."""
STRICT: Final = 0.001
"""Adjusted p-value at which a coverage is another than promised."""
POOLED: Final = (0.93, 0.97)
"""Where the coverage of all measures together has to be, those known to be biased left out."""
ENOUGH: Final = 100
"""Replicates from which on that is asked for; fewer leave it to chance."""

Place = tuple[str, str, str]
"""Benchmark, condition and measure."""
Pipeline = Callable[[list[Record]], Iterable[Row]]
"""From records, in which answers may be left to extract, to rows of the tidy table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A number that is known, and how it was found again.

    Attributes:
        benchmark, condition, metric: What number.
        truth: What it is.
        mean, spread: Mean and standard deviation of the estimates; nan without any.
        held: Replicates in which the interval holds the truth; one without an interval does not.
        replicates: How many there were.
        p: Of the coverage under the nominal one, by an exact binomial test, adjusted for all numbers by Holm. It is
            two-sided, but for measures known to be biased, whose intervals are widened: there too much is no fault.
    """

    benchmark: str
    condition: str
    metric: str
    truth: float
    mean: float
    spread: float
    held: int
    replicates: int
    p: float

    @property
    def coverage(self) -> float:
        """Share of the replicates in which the interval holds the truth."""
        return self.held / self.replicates

    @property
    def bias(self) -> float:
        """How far off the estimates are on average, in their own standard deviations."""
        return (self.mean - self.truth) / self.spread if self.spread else 0.0

    @property
    def fixed(self) -> bool:
        """Whether it is the truth in every sample, so that there is no chance in it to be covered."""
        return self.spread == 0 and self.mean == self.truth and self.held == self.replicates

    @property
    def biased(self) -> bool:
        """Whether small samples are known to put it too high or too low."""
        return MEASURES[self.metric].biased is not None


def known(
    parameters: Parameters,
    *,
    conditions: Sequence[str] = CONDITIONS_SIMULATED,
    free_form: Sequence[str] = FREE_FORM,
    metrics: Collection[str] | None = None,
) -> dict[Place, float]:
    """Every number whose truth is known, in the order of the tidy table.

    Args:
        parameters: What the model does.
        conditions, free_form: As in ``simulate``.
        metrics: Only these measures.
    """
    found = {
        (benchmark, condition, metric): value
        for benchmark, names in ((CHOICES, conditions), (VALUES, free_form))
        for condition in names
        for metric, value in truths(parameters, condition, free_form=benchmark == VALUES).items()
    }
    for benchmark, names in ((CHOICES, conditions), (VALUES, free_form)):
        if len(names) > 1:
            found[benchmark, PAPER, "worst_case_acc"] = worst_case(parameters, names)
    return {place: value for place, value in found.items() if metrics is None or place[2] in metrics}


def default_pipeline(
    records: list[Record], *, resamples: int = 1_000, metrics: Collection[str] | None = None
) -> list[Row]:
    """The package's own: extracted answers applied, the default judge, the tidy table.

    Args:
        records: As simulated.
        resamples: Of the images, for intervals.
        metrics: Only these measures.
    """
    copied = extractions(records)
    keys = extracted(records, copied)
    read = list(apply(records, copied))
    return summarise(read, verdicts(read, default_judge()), extracted=keys, resamples=resamples, by=(), metrics=metrics)


def recover(
    parameters: Parameters,
    *,
    replicates: int,
    seed: int = 0,
    conditions: Sequence[str] = CONDITIONS_SIMULATED,
    free_form: Sequence[str] = FREE_FORM,
    metrics: Collection[str] | None = None,
    pipeline: Pipeline = default_pipeline,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Recovered]:
    """Simulate many times, measure, and count how often the intervals hold the truth.

    Args:
        parameters: What the model does.
        replicates: How many samples of items are drawn.
        seed: The same seed gives the same records.
        conditions, free_form: As in ``simulate``.
        metrics: Only these measures are looked at.
        pipeline: What is checked; its rows are compared over all items of a benchmark.
        progress: Told after every replicate.

    Raises:
        ValueError: The pipeline has no row for a number that is known.
    """
    wanted = known(parameters, conditions=conditions, free_form=free_form, metrics=metrics)
    found: defaultdict[Place, list[tuple[float, float, float]]] = defaultdict(list)
    for replicate in range(replicates):
        records = simulate(parameters, seed + replicate, conditions=conditions, free_form=free_form)
        rows = {(row.benchmark, row.condition, row.metric): row for row in pipeline(records)}
        for place in wanted:
            if place not in rows:
                raise ValueError(f"the pipeline has no row of {place[2]} of {place[0]!r} under {place[1]!r}")
            found[place].append((rows[place].value, rows[place].low, rows[place].high))
        progress(replicate + 1)
    return _tested([_recovered(place, truth, np.array(found[place])) for place, truth in wanted.items()])


def pooled(found: Iterable[Recovered]) -> float:
    """Coverage of all numbers together, those known to be biased and those that are fixed left out; nan without any."""
    counted = [one for one in found if not one.biased and not one.fixed]
    return float(np.mean([one.coverage for one in counted])) if counted else float("nan")


def faults(found: Sequence[Recovered]) -> list[str]:
    """What is wrong, in words: coverages other than promised, one by one and pooled; nothing where all is well.

    Of measures known to be biased see ``shortfalls``.
    """
    said = [_said(one) for one in found if one.p < STRICT and not one.biased]
    together = pooled(found)
    many = any(one.replicates >= ENOUGH and not one.biased for one in found)
    if many and not POOLED[0] <= together <= POOLED[1]:
        said.append(f"all measures: the intervals hold the truth in {100 * together:.1f} % of the cases")
    return said


def shortfalls(found: Sequence[Recovered]) -> list[str]:
    """Where the intervals of measures known to be biased hold the truth less often than promised, in words."""
    return [_said(one) for one in found if one.p < STRICT and one.biased]


def _said(one: Recovered) -> str:
    return (
        f"{one.metric} of {one.benchmark} under {one.condition}: the intervals hold {one.truth:.4g} in "
        f"{100 * one.coverage:.1f} % of {one.replicates} replicates; the mean estimate is {one.mean:.4g}"
    )


def _recovered(place: Place, truth: float, rows: NDArray[np.float64]) -> Recovered:
    values = rows[~np.isnan(rows[:, 0]), 0]
    # Where nothing varies, an estimate is the truth but for rounding, and so are the ends.
    slack = 1e-9 * max(1.0, abs(truth))
    held = (rows[:, 1] - slack <= truth) & (truth <= rows[:, 2] + slack)
    return Recovered(
        benchmark=place[0],
        condition=place[1],
        metric=place[2],
        truth=truth,
        mean=float(values.mean()) if values.size else float("nan"),
        spread=float(values.std(ddof=1)) if values.size > 1 else float("nan"),
        held=int(held.sum()),
        replicates=len(rows),
        p=1.0,
    )


def _tested(found: Sequence[Recovered]) -> list[Recovered]:
    raw = [
        1.0
        if one.fixed
        else binomtest(one.held, one.replicates, NOMINAL, alternative="less" if one.biased else "two-sided").pvalue
        for one in found
    ]
    return [replace(one, p=float(p)) for one, p in zip(found, holm(raw))]
