import json
import math
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import Kind
from lmms_faith.record import SCHEMA, Hit, Record, Verdict, from_json, to_json

Make = Callable[..., Record]
VERDICT = Verdict(
    model="m",
    benchmark="toys",
    condition="base",
    item_id="1",
    judge="rule-1",
    fingerprint="",
    outcome="decided",
    conclusion=2,
)
FREE: dict[str, Any] = {
    **{"kind": "integer", "options": (), "answer": None, "target": None, "prediction": None},
    **{"gold": "3", "claimed": "4"},
}

finite = st.floats(allow_nan=False, allow_infinity=False)


def through_json(value: Record | Verdict) -> Record | Verdict:
    return from_json(type(value), json.loads(json.dumps(to_json(value), allow_nan=False)))


@given(data=st.data())
def test_a_record_survives_json(data: st.DataObject, make_record: Make) -> None:
    record = make_record(
        model=data.draw(st.none() | st.text()),
        options=tuple(data.draw(st.lists(st.text(), min_size=2))),
        target=data.draw(st.none() | st.integers(0, 9)),
        completion=data.draw(st.text()),
        letter_logprobs=data.draw(st.none() | st.lists(finite).map(tuple)),
        letter_bounds=data.draw(st.none() | st.lists(st.booleans()).map(tuple)),
        conclusion_bounds=data.draw(st.none() | st.lists(st.booleans()).map(tuple)),
        versions=data.draw(st.dictionaries(st.text(), st.text())),
        extras=data.draw(st.dictionaries(st.text(), st.text())),
        kind=data.draw(st.sampled_from(get_args(Kind))),
        claimed=data.draw(st.none() | st.text()),
        said=data.draw(st.none() | st.text()),
        hit=data.draw(st.none() | st.sampled_from(get_args(Hit))),
        value_logprobs=data.draw(st.none() | st.lists(finite).map(tuple)),
    )
    assert through_json(record) == record


@pytest.mark.parametrize("conclusion", [None, 0, 3])
def test_a_verdict_survives_json(conclusion: int | None) -> None:
    verdict = Verdict(
        model=None,
        benchmark="toys",
        condition="base",
        item_id="1",
        judge="j",
        fingerprint="",
        outcome="decided",
        conclusion=conclusion,
    )
    assert through_json(verdict) == verdict


def test_every_field_is_written(make_record: Make) -> None:
    assert set(to_json(make_record())) == set(Record.__slots__)
    assert to_json(VERDICT)["schema"] == SCHEMA


@pytest.mark.parametrize(
    "field", ["model", "target", "think", "prediction", "finish", "letter_logprobs", "error", "hit"]
)
def test_unknown_is_null_in_json_and_none_again(field: str, make_record: Make) -> None:
    record = make_record(**{field: None})
    assert to_json(record)[field] is None
    assert getattr(through_json(record), field) is None


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "schema of the future": (lambda data: data | {"schema": 99}, r"schema 99, this version reads 3; use the one"),
    "no schema": (lambda data: {k: v for k, v in data.items() if k != "schema"}, r"schema None, this version reads 3"),
    "missing field": (lambda data: {k: v for k, v in data.items() if k != "item_id"}, r"lacks \['item_id'\]"),
    "unknown field": (lambda data: data | {"colour": 1}, r"unknown \['colour'\]"),
    "both": (
        lambda data: {k: v for k, v in data.items() if k != "benchmark"} | {"b": 1},
        r"lacks \['benchmark'\] and has unknown \['b'\]",
    ),
    "no object": (lambda data: "a record", r"is a str, not a JSON object"),
    "null": (lambda data: None, r"is a NoneType, not a JSON object"),
}


@pytest.mark.parametrize(("broken", "message"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("kind", [Record, Verdict])
def test_what_is_no_record_is_refused_in_one_line(
    kind: type[Record] | type[Verdict], broken: Callable[[dict[str, Any]], Any], message: str, make_record: Make
) -> None:
    data = to_json(make_record() if kind is Record else VERDICT)
    with pytest.raises(ValueError, match=f"^{kind.__name__} .*{message}") as caught:
        from_json(kind, broken(data))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf], ids=str)
def test_numbers_that_json_lacks_are_refused_by_field_name(number: float, make_record: Make) -> None:
    with pytest.raises(ValueError, match=rf"^letter_logprobs holds {number}, which JSON can't carry; unknown is None$"):
        to_json(make_record(letter_logprobs=(-1.0, number)))


@pytest.mark.parametrize(
    ("changed", "correct", "misled"),
    [
        pytest.param({"prediction": 0}, True, False, id="gold"),
        pytest.param({"prediction": 1}, False, True, id="the claimed option"),
        pytest.param({"prediction": 2}, False, False, id="another wrong option"),
        pytest.param({"prediction": None, "status": "no_answer"}, False, False, id="no answer"),
        pytest.param({"prediction": None, "status": "truncated"}, False, False, id="truncated"),
        pytest.param({"prediction": None, "status": "failed"}, None, None, id="failed"),
        pytest.param({"prediction": 1, "target": None}, False, None, id="nothing to claim"),
        pytest.param({**FREE, "said": "3.0", "hit": "gold"}, True, False, id="gold value"),
        pytest.param({**FREE, "said": "4 cm", "hit": "claimed"}, False, True, id="the claimed value"),
        pytest.param({**FREE, "said": "9", "hit": "other"}, False, False, id="another value"),
        pytest.param({**FREE, "claimed": None, "said": "9", "hit": "other"}, False, None, id="no value to claim"),
    ],
)
def test_correct_and_misled(
    changed: dict[str, Any], correct: bool | None, misled: bool | None, make_record: Make
) -> None:
    record = make_record(**changed)
    assert (record.correct, record.misled) == (correct, misled)


def test_an_unanswered_record_without_a_target_is_not_misled(make_record: Make) -> None:
    record = make_record(prediction=None, target=None, status="no_answer")
    assert record.misled is None


def test_records_cannot_be_changed(make_record: Make) -> None:
    with pytest.raises(FrozenInstanceError):
        make_record().prediction = 1  # type: ignore[misc]
