from collections.abc import Callable
from typing import Any

import pytest

from lmms_faith.hits import hit
from lmms_faith.item import Item
from lmms_faith.record import Hit, Record

CHOICE: dict[str, Any] = {"options": ("red", "Blue.", "blue", "green"), "answer": 0}
NUMBER: dict[str, Any] = {"kind": "float", "value": "0.50", "precision": 2}


@pytest.mark.parametrize(
    ("item", "said", "claimed", "expected"),
    [
        pytest.param(CHOICE, None, "blue", None, id="no answer"),
        pytest.param(CHOICE, "Red", "blue", "gold", id="gold"),
        pytest.param(CHOICE, "blue", "Blue.", "claimed", id="the claim, printed twice"),
        pytest.param(CHOICE, "green", "blue", "other", id="another option"),
        pytest.param(CHOICE, "green", None, "other", id="nothing claimed"),
        pytest.param(NUMBER, "1/2", "0.6", "gold", id="gold value"),
        pytest.param(NUMBER, "0.504", "0.6", "gold", id="gold value, under its precision"),
        pytest.param(NUMBER, "0.6 cm", "0.60", "claimed", id="the claimed value"),
        pytest.param(NUMBER, "7", "0.6", "other", id="another value"),
        pytest.param(NUMBER, "7", None, "other", id="no value claimed"),
        pytest.param(NUMBER | {"extras": {"accepted": "0.50\n7"}}, "7", "0.6", "gold", id="a further gold"),
    ],
)
def test_an_answer_hits_the_same_of_an_item_and_of_its_record(
    item: dict[str, Any],
    said: str | None,
    claimed: str | None,
    expected: Hit | None,
    make_record: Callable[..., Record],
) -> None:
    asked = Item(id="1", benchmark="toys", question="?", **item)
    same = {name: getattr(asked, name) for name in ("kind", "precision", "options", "answer", "gold", "extras")}
    record = make_record(**same, claimed=claimed, target=None, prediction=None)
    assert hit(said, asked, claimed) == hit(said, record, record.claimed) == expected
