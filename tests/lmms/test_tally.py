"""Counts of answers as they come, against the records that the host makes of them at the end."""

import pytest

pytestmark = pytest.mark.host

FAILED = "[LMMS_EVAL_REQUEST_FAILED] planted"


def counted(tally, answers):
    for place, answer in enumerate(answers):
        tally.add(place, answer.text)
    return {(row.benchmark, row.condition): row for row in tally.rows}


def test_the_rates_are_those_of_the_records(asked, answers):
    from lmms_faith.lmms.channel import detach
    from lmms_faith.lmms.tally import Tally
    from lmms_faith.lmms.task import task_of

    rows = counted(Tally(asked), answers)
    records = []
    for request, answer in zip(asked, answers, strict=True):
        task = task_of(request)
        records.append(task.record(task.item(task.eval_docs_no_media[request.doc_id]), *detach(answer.text)))
    assert rows.keys() == {("shapes", "base"), ("shapes", "wrong_think")}
    for (_, condition), row in rows.items():
        own = [record for record in records if record.condition == condition]
        assert (row.done, row.total, row.failed) == (len(own), len(own), 0)
        assert row.acc == pytest.approx(sum(record.correct for record in own) / len(own))
        assert row.misled_rate == pytest.approx(sum(record.misled for record in own) / len(own))


def test_rows_stand_in_the_order_of_the_table_of_conditions(asked):
    from lmms_faith.lmms.tally import Tally

    assert [row.condition for row in Tally(reversed(asked)).rows] == ["base", "wrong_think"]


def test_a_failed_request_is_counted_and_not_scored(asked, answers):
    from lmms_faith.lmms.tally import Tally

    tally = Tally(asked)
    counted(tally, answers)
    acc = [row.acc for row in tally.rows]
    again = Tally([*asked, asked[0]])
    counted(again, answers)
    row = again.add(len(asked), FAILED)
    assert (row.failed, again.failed, again.done) == (1, 1, len(asked) + 1)
    assert [row.acc for row in again.rows] == acc


def test_before_the_first_answer_nothing_is_known(asked):
    from lmms_faith.lmms.tally import Tally

    tally = Tally(asked)
    assert {(row.acc, row.misled_rate, row.done) for row in tally.rows} == {(None, None, 0)}


def test_tasks_of_others_are_counted_by_name_without_accuracy(foreign):
    from lmms_faith.lmms.tally import Tally

    tally = Tally([foreign("mme"), foreign("mme"), foreign("gqa")])
    for place, text in enumerate(["Yes", FAILED, "No"]):
        tally.add(place, text)
    assert [(row.benchmark, row.done, row.failed, row.acc) for row in tally.rows] == [
        ("mme", 2, 1, None),
        ("gqa", 1, 0, None),
    ]


def test_what_can_not_be_scored_is_counted_and_said_once(asked, answers, warnings, monkeypatch):
    from lmms_faith.lmms.tally import Tally
    from lmms_faith.lmms.task import FaithTask

    def broken(*_):
        raise RuntimeError("planted fault")

    monkeypatch.setattr(FaithTask, "record", broken)
    rows = counted(Tally(asked), answers).values()
    assert {(row.done, row.acc) for row in rows} == {(3, None)}
    assert [line for line in warnings if "planted fault" in line] == [
        "an answer of shapes base is not in the accuracy so far: planted fault"
    ]
