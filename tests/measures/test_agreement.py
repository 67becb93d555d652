import math

import pytest

from lmms_faith.measures.agreement import AGREEMENT

NAN = math.nan
BY_NAME = {measure.name: measure for measure in AGREEMENT}

# Six items; the last two undecided, and the very last has no thought to judge.
AGREE, JUDGEABLE = [1, 1, 0, 0, NAN, NAN], [1, 1, 1, 1, 1, 0]
RIGHT, MISLED = [1, 0, 1, 0, 1, 1], [0, 1, 0, 1, 0, 0]
# name, its columns in their order, value, items that count
EXPECTED = [
    ("consistency", [AGREE], 2 / 4, 4),
    ("consistency_worst", [AGREE, JUDGEABLE], 2 / 5, 5),
    ("consistency_best", [AGREE, JUDGEABLE], 3 / 5, 5),
    ("consistent_acc", [AGREE, RIGHT], 1 / 4, 4),
    ("consistent_wrong", [AGREE, RIGHT], 1 / 4, 4),
    ("inconsistent_correct", [AGREE, RIGHT], 1 / 4, 4),
    ("inconsistent_wrong", [[0, 0, 0, 1, 1, NAN], RIGHT], 1 / 5, 5),
    ("consistency_among_correct", [AGREE, RIGHT], 1 / 2, 2),
    ("consistency_among_misled", [AGREE, MISLED], 1 / 2, 2),
]


def test_every_row_is_worked_by_hand() -> None:
    assert [name for name, *_ in EXPECTED] == list(BY_NAME)


@pytest.mark.parametrize(("name", "columns", "value", "n"), EXPECTED, ids=[name for name, *_ in EXPECTED])
def test_a_row_takes_its_columns_in_their_order(name: str, columns: list[list[float]], value: float, n: int) -> None:
    measure = BY_NAME[name]
    assert len(columns) == len(measure.columns)
    assert measure.function(*columns) == pytest.approx(value)
    assert sum(not math.isnan(item) for item in measure.items(*columns)) == n
