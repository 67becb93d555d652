from collections.abc import Callable, Sequence

from lmms_faith.judges import Judge, verdicts
from lmms_faith.record import Opinion, Record


class Last:
    """A judge of one's own: an id and one method, no base class."""

    id = "last-1"

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        return [Opinion(outcome="decided", conclusion=len(record.options) - 1) for record in records]


def test_any_object_with_id_and_judge_judges(make_record: Callable[..., Record]) -> None:
    judge: Judge = Last()
    (verdict,) = verdicts([make_record()], judge)
    assert (verdict.judge, verdict.conclusion) == ("last-1", 2)


def test_verdicts_come_for_more_records_than_a_batch(make_record: Callable[..., Record]) -> None:
    records = [make_record(item_id=str(i)) for i in range(2_500)]
    assert [verdict.item_id for verdict in verdicts(records, Last())] == [record.item_id for record in records]
