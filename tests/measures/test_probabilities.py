import math

import pytest

from lmms_faith import metrics
from lmms_faith.measures.probabilities import PROBABILITIES


@pytest.mark.parametrize("measure", PROBABILITIES, ids=lambda measure: measure.name)
def test_a_row_is_the_mean_of_the_column_of_its_name(measure) -> None:
    assert measure.columns == (measure.name,)
    assert measure.function([0.25, 0.5, math.nan]) == 0.375


@pytest.mark.parametrize("measure", PROBABILITIES, ids=lambda measure: measure.name)
def test_the_range_is_that_of_the_column(measure) -> None:
    certain, even, other = [0.0, -800.0, -800.0], [-2.0, -2.0, -2.0], [-800.0, 0.0, -800.0]
    functions = {
        "letter_entropy": lambda: (metrics.letter_entropy(certain), math.inf),
        "normalised_entropy": lambda: (metrics.normalised_entropy(certain), metrics.normalised_entropy(even)),
        "margin": lambda: (metrics.margin(even), metrics.margin(certain)),
        "off_letter_mass": lambda: (metrics.off_letter_mass(certain), metrics.off_letter_mass([-800.0, -800.0])),
        "js_shift": lambda: (metrics.js_shift(even, even), metrics.js_shift(certain, other)),
    }
    ends = functions.get(measure.name, lambda: (metrics.p_option(certain, 1), metrics.p_option(certain, 0)))()
    assert (measure.low, measure.high) == pytest.approx(ends)
