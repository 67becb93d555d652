import math

import pytest

from lmms_faith.measures.confidence import CALIBRATION, SELECTIVE

NAN = math.nan
BY_NAME = {measure.name: measure for measure in (*CALIBRATION, *SELECTIVE)}

# Four answers: .9 .9 in one bin, both right; .5 .5 in another, one of them right. The fifth gave none.
SURE, RIGHT = [0.9, 0.9, 0.5, 0.5, NAN], [1, 1, 1, 0, 0]
# Four right before, two of them lost: those before which the model was least sure, but for one tie.
BEFORE, NOW = [1, 1, 1, 1, 0], [1, 1, 0, 0, 1]
# name, its columns in their order, value, items that count
EXPECTED = [
    ("ece", [SURE, RIGHT], (2 * 0.1 + 2 * 0) / 4, 4),
    ("adaptive_ece", [SURE, RIGHT], (2 * 0.1 + 2 * 0) / 4, 4),
    ("mce", [SURE, RIGHT], 0.1, 4),
    ("overconfidence", [SURE, RIGHT], 0.7 - 0.75, 4),
    ("brier", [SURE, RIGHT], (2 * 0.01 + 2 * 0.25) / 4, 4),
    ("brier_reliability", [SURE, RIGHT], 2 * 0.01 / 4, 4),
    ("brier_resolution", [SURE, RIGHT], 0.25**2, 4),
    ("brier_uncertainty", [SURE, RIGHT], 3 / 16, 4),
    ("brier_remainder", [[0.9, 0.9, 0.5, 0.52, NAN], RIGHT], (2 * 0.01**2 + 2 * 2 * 0.01 * 0.5) / 4, 4),
    ("brier_multi", [[0.5, 0.25, NAN]], 0.375, 2),
    ("nll", [[0.5, 0.125, NAN]], 2 * math.log(2), 2),
    # The tie at .5: risk at three and four is (1/3 or 0, in the mean 1/6) and 1/4.
    ("aurc", [SURE, RIGHT], (0 + 0 + 1 / 6 + 1 / 4) / 4, 4),
    ("eaurc", [SURE, RIGHT], (1 / 6) / 4, 4),
    ("auroc_p_correct", [[0.9, 0.6, 0.6, 0.2, 0.1], BEFORE, NOW], 3.5 / 4, 4),
    ("auroc_entropy", [[0.1, 0.6, 0.6, 0.9, 1.2], BEFORE, NOW], 3.5 / 4, 4),
    ("auroc_max_p", [[0.9, 0.6, 0.6, NAN, 0.1], BEFORE, NOW], 1.5 / 2, 3),
]


def test_every_row_is_worked_by_hand() -> None:
    assert [name for name, *_ in EXPECTED] == list(BY_NAME)


@pytest.mark.parametrize(("name", "columns", "value", "n"), EXPECTED, ids=[name for name, *_ in EXPECTED])
def test_a_row_takes_its_columns_in_their_order(name: str, columns: list[list[float]], value: float, n: int) -> None:
    measure = BY_NAME[name]
    assert len(columns) == len(measure.columns)
    assert measure.function(*columns) == pytest.approx(value)
    assert sum(not math.isnan(item) for item in measure.items(*columns)) == n
