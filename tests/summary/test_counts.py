from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lmms_faith.record import Opinion, Record
from lmms_faith.summary.cells import Gathered
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.counts import COUNTS, count_rows
from lmms_faith.summary.gathering import gather

RULE = Opinion(outcome="decided", conclusion=0, by="rule-1")


@pytest.fixture
def gathered(make_record: Callable[..., Record]) -> Gathered:
    """Of eight answers under the caption one has no thought; item 9 was asked under base alone."""
    opinions = [
        RULE,
        replace(RULE, by="letter-force-1"),
        Opinion(outcome="differs", by="letter-force-1"),
        Opinion(outcome="none", by="rule-1"),
        Opinion(outcome="abstained", by="cascade-1"),
        Opinion(outcome="unjudged", by="cascade-1"),
        None,
    ]
    judged = [
        Judged(make_record(item_id=str(i), condition="wrong_caption"), opinion, stale=opinion is None)
        for i, opinion in enumerate(opinions)
    ]
    judged.append(Judged(make_record(item_id="7", condition="wrong_caption", think=None), RULE))
    judged += [Judged(make_record(item_id=str(i)), RULE) for i in (*range(7), 9)]
    return gather(judged)


def test_counts_by_hand(gathered: Gathered) -> None:
    rows = {row.metric: row for row in count_rows(gathered, "m", "toys") if row.condition == "wrong_caption"}
    assert {name: (row.value, row.n) for name, row in rows.items()} == {
        "unpaired": (2, 9),  # item 7 here, item 9 under base
        "not_observable": (1, 8),
        "decided_by_rule": (1, 7),
        "decided_by_letter_force": (2, 7),
        "ends_on_none": (1, 7),
        "undecided": (1, 7),
        "unjudged": (2, 7),
        "stale": (1, 7),
    }
    assert {row.method for row in rows.values()} == {"count"}


def test_what_becomes_of_judging_adds_up(gathered: Gathered) -> None:
    for condition in ("base", "wrong_caption"):
        rows = {row.metric: row for row in count_rows(gathered, "m", "toys") if row.condition == condition}
        apart = [row.value for name, row in rows.items() if name not in ("unpaired", "not_observable", "stale")]
        assert sum(apart) == rows["unjudged"].n


SILENT: dict[str, Any] = {"think": None}
GIVEN: dict[str, Any] = {"think": "Okay.", "prefill": "<think>Okay.</think>"}


@pytest.mark.parametrize(
    ("condition", "changed", "expected"),
    [
        ("base", {}, (0, 1)),
        ("base", SILENT, (1, 1)),
        ("base", {"think": ""}, (1, 1)),
        ("base", SILENT | {"prediction": None, "status": "no_answer"}, (1, 1)),
        ("base", SILENT | {"prediction": None, "status": "failed"}, (0, 0)),
        ("wrong_think_user", SILENT, (1, 1)),
        ("stop_think", GIVEN, (0, 1)),
        ("stop_think_user", SILENT, (0, 1)),
        ("odd", SILENT, (1, 1)),
        ("odd", GIVEN, (0, 1)),
    ],
)
def test_a_completion_without_a_thought_is_not_observable_where_one_was_wanted(
    condition: str, changed: dict[str, Any], expected: tuple[int, int], make_record: Callable[..., Record]
) -> None:
    rows = count_rows(gather([Judged(make_record(condition=condition, **changed))]), "m", "toys")
    assert [(row.value, row.n) for row in rows if row.metric == "not_observable"] == [expected]


def test_a_baseline_is_paired_with_itself_and_has_no_count_of_it(gathered: Gathered) -> None:
    base = {row.metric for row in count_rows(gathered, "m", "toys") if row.condition == "base"}
    assert base == {"decided_by_rule", "decided_by_letter_force", *COUNTS} - {"unpaired"}
