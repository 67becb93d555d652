"""The registry of measures: every number that the tidy table has, with what it means."""

from lmms_faith.measures.columns import COLUMNS, SIDES
from lmms_faith.measures.measure import Better, Measure, Scope
from lmms_faith.measures.table import FAMILIES, MEASURES

__all__ = ["Better", "COLUMNS", "FAMILIES", "MEASURES", "Measure", "SIDES", "Scope"]
