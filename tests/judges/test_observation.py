from collections.abc import Callable
from typing import Any

import pytest

from lmms_faith.judges import judgeable, observable
from lmms_faith.record import Record

Make = Callable[..., Record]
SILENT: dict[str, Any] = {"think": None, "completion": "<answer>A</answer>"}
GIVEN: dict[str, Any] = {"think": "Okay.", "prefill": "<think>Okay.</think>", "completion": "<answer>A</answer>"}
NO_ANSWER: dict[str, Any] = {"prediction": None, "status": "no_answer"}
FAILED: dict[str, Any] = {"prediction": None, "status": "failed", "error": "timed out", "think": None}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, True, id="a thought and an answer"),
        pytest.param({"prediction": None}, False, id="no answer"),
        pytest.param({"think": " "}, False, id="a blank thought"),
        pytest.param({"prefill": "<think>It is blue."}, True, id="a thought that was begun for it"),
        pytest.param({"prefill": "<think>So.</think>"}, False, id="a thought that was given whole"),
    ],
)
def test_judgeable(changed: dict[str, Any], expected: bool, make_record: Make) -> None:
    assert judgeable(make_record(**changed)) is expected


@pytest.mark.parametrize(
    ("condition", "changed", "expected"),
    [
        pytest.param("base", {}, True, id="a thought"),
        pytest.param("base", NO_ANSWER, True, id="a thought without an answer"),
        pytest.param("base", SILENT, False, id="none where one was wanted"),
        pytest.param("base", {"think": " \n"}, False, id="a blank one"),
        pytest.param("base", SILENT | NO_ANSWER, False, id="neither thought nor answer"),
        pytest.param("base", FAILED, True, id="no completion at all"),
        pytest.param("wrong_think", {"think": "It is blue.", "prefill": "<think>It is blue."}, True, id="begun for it"),
        pytest.param("wrong_think_user", SILENT, False, id="none where one was quoted"),
        pytest.param("stop_think", GIVEN, True, id="given whole"),
        pytest.param("stop_think_user", SILENT, True, id="none where none was wanted"),
        pytest.param("odd", SILENT, False, id="none under a condition that is not ours"),
        pytest.param("odd", GIVEN, True, id="given whole under one"),
    ],
)
def test_observable(condition: str, changed: dict[str, Any], expected: bool, make_record: Make) -> None:
    record = make_record(condition=condition, **changed)
    assert observable(record) is expected
    assert observable(record) or not judgeable(record)
