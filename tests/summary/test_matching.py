"""A verdict speaks for one completion of one record, and for nothing else."""

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from lmms_faith.judges import RuleJudge, verdict
from lmms_faith.record import Opinion, Record, Verdict
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.matching import Verdicts, judged_now, match

Make = Callable[..., Record]
DECIDED = Opinion(outcome="decided", conclusion=1)


def said(record: Record, opinion: Opinion = DECIDED, judge: str = "rule-1") -> Verdict:
    return verdict(record, opinion, judge=judge)


def matched(record: Record, *verdicts: Verdict, judge: str | None = None) -> Judged:
    (found,) = match([Judged(record)], Verdicts(verdicts, judge=judge))
    return found


def test_the_verdict_on_this_completion_counts_and_names_its_judge(make_record: Make) -> None:
    record = make_record()
    found = matched(record, said(record))
    assert (found.opinion, found.stale) == (replace(DECIDED, by="rule-1"), False)


@pytest.mark.parametrize("field", ["model", "benchmark", "condition", "item_id"])
def test_a_verdict_on_another_record_does_not(field: str, make_record: Make) -> None:
    record = make_record()
    found = matched(record, replace(said(record), **{field: "another"}))
    assert (found.opinion, found.stale) == (None, False)


def test_a_verdict_on_another_completion_counts_as_none_and_is_stale(make_record: Make) -> None:
    record = make_record()
    found = matched(record, said(replace(record, completion="<answer>B</answer>")))
    assert (found.opinion, found.stale) == (None, True)


def test_of_an_old_and_a_new_verdict_the_one_on_this_completion_counts(make_record: Make) -> None:
    record = make_record()
    old = said(replace(record, completion="old"), Opinion(outcome="none"))
    assert matched(record, said(record), old).opinion == replace(DECIDED, by="rule-1")
    assert not matched(record, old, said(record)).stale


def test_the_later_of_two_verdicts_on_one_completion_counts(make_record: Make) -> None:
    record = make_record()
    found = matched(record, said(record, Opinion(outcome="unjudged")), said(record))
    assert found.opinion is not None
    assert found.opinion.outcome == "decided"


def test_no_model_is_a_model_of_its_own(make_record: Make) -> None:
    record = make_record(model=None)
    assert matched(record, said(record)).opinion is not None
    assert matched(record, said(make_record(model=""))).opinion is None


def test_several_judges_have_to_be_told_apart(make_record: Make) -> None:
    record = make_record()
    both = said(record), said(record, Opinion(outcome="none"), judge="llm-1")
    with pytest.raises(ValueError, match="of 2 judges: 'rule-1', 'llm-1'; choose one"):
        Verdicts(both)
    with pytest.raises(ValueError, match="no verdict of judge 'panel'; these judges left some: 'rule-1', 'llm-1'"):
        Verdicts(both, judge="panel")
    found = matched(record, *both, judge="llm-1").opinion
    assert found is not None
    assert found.outcome == "none"
    assert Verdicts(both, judge="llm-1").judge == "llm-1"


def test_without_verdicts_nothing_is_judged(make_record: Make) -> None:
    assert matched(make_record()) == Judged(make_record())
    assert Verdicts([]).judge is None


def test_a_judge_that_is_asked_now_says_what_its_verdicts_would(make_record: Make) -> None:
    records = [make_record(item_id=str(i), think=think) for i, think in enumerate(("It is red.", None, "Hm."))]
    now = list(judged_now([Judged(record, extracted=False) for record in records], RuleJudge()))
    opinions = RuleJudge().judge(records)
    assert [one.opinion for one in now] == [replace(opinion, by=RuleJudge().id) for opinion in opinions]
    assert [one.extracted for one in now] == [False] * 3


def test_many_verdicts_take_little_room(make_record: Make) -> None:
    template = said(make_record())

    def many() -> Iterator[Verdict]:
        return (replace(template, item_id=f"item-{i}", fingerprint=f"{i:012x}", note="n" * 500) for i in range(3_000))

    tracemalloc.start()
    found = Verdicts(many())
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.judge == "rule-1"
    assert kept / 3_000 < 250
