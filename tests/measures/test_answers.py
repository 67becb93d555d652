import math

import pytest

from lmms_faith.measures.answers import ANSWERS

NAN = math.nan
BY_NAME = {measure.name: measure for measure in ANSWERS}

# Five items. Base: right 1 1 1 0 0. Now: answers gold, target, target, another, gold.
BASE, NOW, MISLED = [1, 1, 1, 0, 0], [1, 0, 0, 0, 1], [0, 1, 1, 0, 0]
# name, its columns in their order, value, items that count
EXPECTED = [
    ("acc", [NOW], 2 / 5, 5),
    ("acc_drop", [BASE, NOW], 1 / 5, 5),
    ("worst_case_acc", [BASE, NOW, [1, 1, 1, 1, NAN]], 1 / 4, 4),
    ("misled_rate", [MISLED], 2 / 5, 5),
    ("misled_among_right", [BASE, MISLED], 2 / 3, 3),
    ("text_preference", [MISLED, NOW], 2 / 4, 4),
    ("flip_rate", [[0, 0, 0, 1, NAN], [0, 2, 2, 1, 0]], 2 / 4, 4),
    ("right_to_wrong", [BASE, NOW], 2 / 3, 3),
    ("wrong_to_right", [BASE, NOW], 1 / 2, 2),
    ("recovery", [[0, 0, 0, 1, NAN], NOW], 1 / 3, 3),
]


def test_every_row_is_worked_by_hand() -> None:
    assert [name for name, *_ in EXPECTED] == list(BY_NAME)


@pytest.mark.parametrize(("name", "columns", "value", "n"), EXPECTED, ids=[name for name, *_ in EXPECTED])
def test_a_row_takes_its_columns_in_their_order(name: str, columns: list[list[float]], value: float, n: int) -> None:
    measure = BY_NAME[name]
    assert measure.scope == "conditions" or len(columns) == len(measure.columns)
    assert measure.function(*columns) == pytest.approx(value)
    assert sum(not math.isnan(item) for item in measure.items(*columns)) == n
