import math

import pytest

from lmms_faith.summary.row import ALL, Row


def test_a_row_is_over_all_items_and_has_no_interval_unless_it_says_so() -> None:
    row = Row(model="m", benchmark="toys", condition="base", metric="acc", value=0.5, n=2)
    assert (row.category, row.arity, row.method) == (ALL, ALL, "")
    assert math.isnan(row.low)
    assert math.isnan(row.high)


def test_a_row_does_not_change() -> None:
    row = Row(model="m", benchmark="toys", condition="base", metric="acc", value=0.5, n=2)
    with pytest.raises(AttributeError):
        row.value = 1.0  # type: ignore[misc]
