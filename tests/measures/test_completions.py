import math

import pytest

from lmms_faith.measures.completions import REASONING, STATUSES

NAN = math.nan
BY_NAME = {measure.name: measure for measure in (*REASONING, *STATUSES)}


@pytest.mark.parametrize("measure", STATUSES, ids=lambda measure: measure.name)
def test_a_status_is_the_share_of_the_column_of_its_name(measure) -> None:
    assert measure.columns == (measure.name,)
    assert measure.function([1, 0, 0, 1, NAN]) == 0.5


@pytest.mark.parametrize(
    ("name", "column", "value", "n"),
    [
        pytest.param("thought_length", [12, 0, NAN], 6.0, 2, id="words, none known for the third"),
        pytest.param("template_rate", [5, 5, 9, NAN], 2 / 3, 3, id="two of three thoughts are alike"),
    ],
)
def test_reasoning_by_hand(name: str, column: list[float], value: float, n: int) -> None:
    measure = BY_NAME[name]
    assert measure.function(column) == pytest.approx(value)
    assert sum(not math.isnan(item) for item in measure.items(column)) == n
