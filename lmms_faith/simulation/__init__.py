"""Simulated models of known behaviour, by which a pipeline from text to interval can be checked."""

from lmms_faith.simulation.coverage import (
    Pipeline,
    Recovered,
    default_pipeline,
    faults,
    known,
    pooled,
    recover,
    shortfalls,
)
from lmms_faith.simulation.parameters import CONDITIONS_SIMULATED, LEVELS, Level, Parameters
from lmms_faith.simulation.records import FREE_FORM, extractions, simulate
from lmms_faith.simulation.truths import truths, worst_case

__all__ = [
    "CONDITIONS_SIMULATED",
    "FREE_FORM",
    "LEVELS",
    "Level",
    "Parameters",
    "Pipeline",
    "Recovered",
    "default_pipeline",
    "extractions",
    "faults",
    "known",
    "pooled",
    "recover",
    "shortfalls",
    "simulate",
    "truths",
    "worst_case",
]
