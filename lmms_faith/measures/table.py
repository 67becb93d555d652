"""The table of measures: every number that the tidy table has, in the order in which it lists them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lmms_faith.measures.agreement import AGREEMENT
from lmms_faith.measures.answers import ANSWERS
from lmms_faith.measures.completions import REASONING, STATUSES
from lmms_faith.measures.confidence import CALIBRATION, SELECTIVE
from lmms_faith.measures.measure import Measure
from lmms_faith.measures.probabilities import PROBABILITIES

FAMILIES: Mapping[str, tuple[Measure, ...]] = MappingProxyType(
    {
        "How completions ended": STATUSES,
        "Answers": ANSWERS,
        "Agreement of reasoning and answer": AGREEMENT,
        "Uncertainty at the answer's letter": PROBABILITIES,
        "Calibration": CALIBRATION,
        "Telling right from wrong": SELECTIVE,
        "The reasoning itself": REASONING,
    }
)
"""All measures by what they are about, in the order in which tables list them."""

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {measure.name: measure for family in FAMILIES.values() for measure in family}
)
"""All measures by name, in the same order."""
