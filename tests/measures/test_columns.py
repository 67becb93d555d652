import re

import pytest

from lmms_faith.measures import COLUMNS, MEASURES


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_is_described_in_one_line(name: str) -> None:
    assert re.fullmatch("[a-z_]+", name)
    assert COLUMNS[name]
    assert "\n" not in COLUMNS[name]
    assert not COLUMNS[name].endswith(".")


def test_no_column_is_there_for_nothing() -> None:
    used = {name.rpartition(".")[2] for measure in MEASURES.values() for name in measure.columns}
    assert set(COLUMNS) == used
