from collections.abc import Callable

import pytest

from lmms_faith.record import Record
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.gathering import gather


def test_a_column_that_is_not_there_is_named_with_those_that_are(make_record: Callable[..., Record]) -> None:
    cell = gather([Judged(make_record())]).cells["m", "toys", "base"]
    with pytest.raises(ValueError, match=r"unknown column 'colour'; choose one of: correct, answered, .*template"):
        cell.column("colour")


def test_flags_and_whole_numbers_are_nan_where_unknown_and_take_little_room(make_record: Callable[..., Record]) -> None:
    failed = make_record(item_id="2", prediction=None, think=None, status="failed")
    cell = gather([Judged(make_record(prediction=1)), Judged(failed)]).cells["m", "toys", "base"]
    assert cell.column("correct").tolist()[:1] == [0.0]
    assert str(cell.column("correct")[1]) == str(cell.column("prediction")[1]) == "nan"
    assert cell.column("prediction")[0] == 1.0
    assert (cell.flags.itemsize, cell.whole.itemsize) == (1, 4)
