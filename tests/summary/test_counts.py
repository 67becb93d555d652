from collections.abc import Callable
from dataclasses import replace

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
        apart = [row.value for name, row in rows.items() if name not in ("unpaired", "stale")]
        assert sum(apart) == rows["unjudged"].n


def test_a_baseline_is_paired_with_itself_and_has_no_count_of_it(gathered: Gathered) -> None:
    base = {row.metric for row in count_rows(gathered, "m", "toys") if row.condition == "base"}
    assert base == {"decided_by_rule", "decided_by_letter_force", *COUNTS} - {"unpaired"}
