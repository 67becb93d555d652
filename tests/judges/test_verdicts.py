from collections.abc import Callable
from typing import Any

import pytest

from lmms_faith.conditions import STOP_THINK
from lmms_faith.judges import RuleJudge, conclude, verdicts
from lmms_faith.record import Record, Verdict

GIVEN = "<think>Let me look at the image. The ball is blue."


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"think": "It is red."}, 0, id="the model's own thought"),
        pytest.param({"think": None}, None, id="no thought"),
        pytest.param({"think": ""}, None, id="empty thought"),
        pytest.param({"think": GIVEN.removeprefix("<think>"), "prefill": GIVEN}, 1, id="what was given, let stand"),
        pytest.param(
            {"think": GIVEN.removeprefix("<think>") + " Wait, that is wrong.", "prefill": GIVEN},
            None,
            id="what was given, doubted, nothing in its place",
        ),
        pytest.param(
            {"think": "The ball is blue, but I think it is red.", "prefill": "<think>The ball is blue, but I think"},
            0,
            id="what follows the but",
        ),
        pytest.param(
            {"think": "The ball is blue, but I think I may err.", "prefill": "<think>The ball is blue, but I think"},
            1,
            id="a but that names nothing",
        ),
        pytest.param(
            {"think": GIVEN.removeprefix("<think>") + " No wait. It is red.", "prefill": GIVEN},
            0,
            id="own words after what was given",
        ),
        pytest.param(
            {"think": GIVEN.removeprefix("<think>") + " So it is blue.", "prefill": GIVEN},
            1,
            id="what was given, said again",
        ),
        pytest.param(
            {"think": "Okay let's see. This should be the final answer.", "prefill": STOP_THINK}, None, id="stop_think"
        ),
        pytest.param({"think": "It is green.", "prediction": 0}, 2, id="blind to the answer"),
        pytest.param({"think": "It is green.", "prediction": None, "status": "truncated"}, 2, id="truncated"),
    ],
)
def test_what_a_record_concludes(
    changed: dict[str, Any], expected: int | None, make_record: Callable[..., Record]
) -> None:
    assert conclude(make_record(**changed), RuleJudge()) == expected


def test_every_record_gets_one_verdict_that_names_it_and_its_judge(make_record: Callable[..., Record]) -> None:
    records = [make_record(), make_record(model=None, condition="wrong_think", item_id="2", think=None)]
    assert list(verdicts(records, RuleJudge())) == [
        Verdict(model="m", benchmark="toys", condition="base", item_id="1", judge="rule-1", conclusion=0),
        Verdict(model=None, benchmark="toys", condition="wrong_think", item_id="2", judge="rule-1", conclusion=None),
    ]
