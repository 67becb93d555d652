from collections.abc import Callable
from typing import Any

import pytest

from lmms_faith.record import Opinion, Record
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.gathering import gather
from lmms_faith.summary.tracing import trace

HALF = (-0.7, -0.7, -3.0)
SURE = (-12.0, -0.001, -8.0)
SILENT: dict[str, Any] = {"prediction": None}
FAILED: dict[str, Any] = {"prediction": None, "status": "failed", "think": None}
UNSURE = Opinion(outcome="abstained", by="rule-1")
_NOTHING = "no reasoning or no answer to compare"

# The item's answer under base (None: not asked) and under the caption, what a judge says of the latter, and why the
# item does not count.
CASES: dict[str, tuple[str, dict[str, Any] | None, dict[str, Any] | None, Opinion | None, str]] = {
    "failed": ("acc", {}, FAILED, None, "the request failed"),
    "failed before": ("acc_drop", FAILED, {}, None, "the request failed under base"),
    "not asked before": ("acc_drop", None, {}, None, "unpaired: not asked under base"),
    "not asked now": ("acc_drop", {}, None, None, "unpaired: not asked under wrong_caption"),
    "not right before": (
        "right_to_wrong",
        {"prediction": 1},
        {},
        None,
        "it does not count where base.correct is 0, correct is 1",
    ),
    "nothing to claim": ("misled_rate", {}, {"target": None}, None, "nothing wrong is claimed"),
    "no answer": ("flip_rate", {}, SILENT | {"status": "no_answer"}, None, "no answer"),
    "cut off": ("flip_rate", {}, SILENT | {"status": "truncated"}, None, "truncated"),
    "no answer before": ("flip_rate", SILENT | {"status": "no_answer"}, {}, None, "no answer under base"),
    "unjudged": ("consistency", {}, {}, None, "unjudged"),
    "undecided": ("consistency", {}, {}, UNSURE, "undecided"),
    "ends on none": (
        "consistency",
        {},
        {},
        Opinion(outcome="none", by="rule-1"),
        "its reasoning ends on no answer",
    ),
    "nothing to judge": ("consistency", {}, SILENT | {"status": "no_answer"}, UNSURE, _NOTHING),
    "no thought": ("consistency", {}, {"think": None}, UNSURE, "not observable: no thought in <think> tags"),
    "an empty thought": ("consistency", {}, {"think": " "}, UNSURE, "not observable: no thought in <think> tags"),
    "no letters": ("p_correct", {}, {}, None, "no letter probabilities"),
    "no letters of the claim": ("p_target", {}, {}, None, "no letter probabilities"),
    "letters but no claim": (
        "p_target",
        {},
        {"target": None, "letter_logprobs": HALF},
        None,
        "nothing wrong is claimed",
    ),
    "letters but no answer": (
        "confidence",
        {},
        SILENT | {"status": "truncated", "letter_logprobs": HALF},
        None,
        "truncated",
    ),
    "letters too loosely bounded": (
        "p_correct",
        {},
        {"letter_logprobs": HALF, "letter_bounds": (False, True, False)},
        None,
        "its letters are bounded too loosely",
    ),
    "gold only bounded": (
        "nll",
        {},
        {"letter_logprobs": SURE, "letter_bounds": (True, False, False)},
        None,
        "gold's letter is only bounded",
    ),
    "letters on one side": ("js_shift", {}, {"letter_logprobs": HALF}, None, "no letter probabilities on both sides"),
    "a choice": ("p_gold_value", {}, {}, None, "no value probabilities"),
    "not offered": ("abstained", {}, {}, None, "abstaining is no option"),
    "no thought of its own": ("thought_length", {}, {"think": None}, None, "no thought of its own"),
    "not extracted": ("extracted", {}, {}, None, "extraction was not asked for"),
}


@pytest.mark.parametrize(("metric", "before", "now", "opinion", "why"), CASES.values(), ids=CASES.keys())
def test_reasons(
    metric: str,
    before: dict[str, Any] | None,
    now: dict[str, Any] | None,
    opinion: Opinion | None,
    why: str,
    make_record: Callable[..., Record],
) -> None:
    # Another item keeps both conditions there.
    judged = [Judged(make_record(item_id="x", condition=name)) for name in ("base", "wrong_caption")]
    judged += [Judged(make_record(**before))] if before is not None else []
    judged += [Judged(make_record(**now, condition="wrong_caption"), opinion)] if now is not None else []
    found = trace(gather(judged), model="m", benchmark="toys", condition="wrong_caption", metric=metric)
    assert dict(found.left_out)["1"] == why


def test_a_verdict_on_another_completion_is_told_from_none(make_record: Callable[..., Record]) -> None:
    found = trace(
        gather([Judged(make_record(), stale=True)]), model="m", benchmark="toys", condition="base", metric="consistency"
    )
    assert found.left_out == (("1", "its verdict is on another completion"),)


@pytest.mark.parametrize(
    ("metric", "condition", "why"),
    [
        ("acc_drop", "wrong_think", "nothing was read under base"),
        ("recovery", "wrong_think_but", "nothing was read under wrong_think"),
        ("acc_drop", "odd", "this condition has no baseline"),
    ],
)
def test_without_the_other_side(metric: str, condition: str, why: str, make_record: Callable[..., Record]) -> None:
    gathered = gather([Judged(make_record(condition=condition))])
    found = trace(gathered, model="m", benchmark="toys", condition=condition, metric=metric)
    assert found.left_out == (("1", why),)
