"""Stages asked in turn, each about what is still undecided."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.judges import Cascade, default_judge, tally, verdicts
from lmms_faith.record import Opinion, Record

Make = Callable[..., Record]
ABSTAINED = Opinion(outcome="abstained", note="hm")
UNJUDGED = Opinion(outcome="unjudged", note="time out")
NONE = Opinion(outcome="none")
DIFFERS = Opinion(outcome="differs")


def decided(conclusion: int) -> Opinion:
    return Opinion(outcome="decided", conclusion=conclusion)


@dataclass
class Scripted:
    """Says what was laid down for an item, and keeps what it was asked about."""

    id: str
    script: dict[str, Opinion]
    asked: list[str] = field(default_factory=list)

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        self.asked += [record.item_id for record in records]
        return [self.script[record.item_id] for record in records]


# what the first, the second and the third stage would say; what comes of it; by whom
CASES = {
    "the first decides": ((decided(1), decided(2), decided(0)), decided(1), "a"),
    "the second decides": ((ABSTAINED, decided(2), decided(0)), decided(2), "b"),
    "the last decides": ((ABSTAINED, ABSTAINED, decided(0)), decided(0), "c"),
    "a value": ((ABSTAINED, Opinion(outcome="decided", value="3"), NONE), Opinion(outcome="decided", value="3"), "b"),
    "none is an opinion": ((ABSTAINED, NONE, decided(0)), NONE, "b"),
    "so is differs": ((DIFFERS, NONE, decided(0)), DIFFERS, "a"),
    "none does": (
        (ABSTAINED, ABSTAINED, Opinion(outcome="abstained")),
        Opinion(outcome="abstained", note="a: hm; b: hm; c: abstained"),
        None,
    ),
    "one could not be asked, the next decides": ((ABSTAINED, UNJUDGED, decided(0)), decided(0), "c"),
    "one could not be asked, none decides": (
        (ABSTAINED, UNJUDGED, ABSTAINED),
        Opinion(outcome="unjudged", note="a: hm; b: time out; c: hm"),
        None,
    ),
    "the last could not be asked": (
        (ABSTAINED, ABSTAINED, UNJUDGED),
        Opinion(outcome="unjudged", note="a: hm; b: hm; c: time out"),
        None,
    ),
}


@pytest.mark.parametrize(("said", "expected", "by"), CASES.values(), ids=CASES)
def test_the_first_stage_with_an_opinion_decides(
    said: tuple[Opinion, ...], expected: Opinion, by: str | None, make_record: Make
) -> None:
    stages = tuple(Scripted(name, {"1": opinion}) for name, opinion in zip("abc", said))
    (found,) = Cascade(stages).judge([make_record()])
    assert (found.outcome, found.conclusion, found.value, found.note, found.by) == (
        expected.outcome,
        expected.conclusion,
        expected.value,
        expected.note,
        by,
    )


def test_a_stage_is_asked_only_about_what_is_still_undecided(make_record: Make) -> None:
    script = {name: opinions for name, (opinions, _, _) in CASES.items()}
    stages = tuple(Scripted(id, {name: said[place] for name, said in script.items()}) for place, id in enumerate("abc"))
    Cascade(stages).judge([make_record(item_id=name) for name in script])
    settled = {name: "abc".find(by or "-") for name, (_, _, by) in CASES.items()}
    for place, stage in enumerate(stages):
        assert stage.asked == [name for name, at in settled.items() if at in (-1, *range(place, 3))]


def test_a_stage_with_nothing_left_is_not_asked_at_all(make_record: Make) -> None:
    class Never:
        id = "never"

        def judge(self, records: Sequence[Record]) -> list[Opinion]:
            raise AssertionError

    assert Cascade((Scripted("a", {"1": decided(0)}), Never())).judge([make_record()])[0].by == "a"
    assert Cascade((Never(),)).judge([]) == []


def test_what_each_stage_decided_is_counted_from_the_verdicts(make_record: Make) -> None:
    stages = tuple(Scripted(id, {n: said[p] for n, (said, _, _) in CASES.items()}) for p, id in enumerate("abc"))
    records = [make_record(item_id=name) for name in CASES]
    found = tally(zip(records, verdicts(records, Cascade(stages))))
    assert found.decided == {"a": 2, "b": 2, "c": 2}
    assert (found.none, found.abstained, found.unjudged, found.total) == (1, 1, 2, 10)


@given(data=st.data(), n=st.integers(0, 12))
def test_every_record_gets_the_opinion_it_gets_alone(data: st.DataObject, n: int, make_record: Make) -> None:
    said = st.sampled_from([ABSTAINED, UNJUDGED, NONE, DIFFERS, decided(0), decided(2)])
    names = [str(i) for i in range(n)]
    cascade = Cascade(tuple(Scripted(id, {name: data.draw(said) for name in names}) for id in "abc"))
    records = [make_record(item_id=name) for name in names]
    assert cascade.judge(records) == [opinion for record in records for opinion in cascade.judge([record])]


def test_the_default_is_rule_then_letter_force_then_what_is_given() -> None:
    rule, letter_force, further = default_judge(Scripted("llm:m", {})).stages
    assert (rule.id[:5], letter_force.id[:13], further.id) == ("rule-", "letter-force-", "llm:m")
    assert default_judge().id == f"cascade-1({rule.id}, {letter_force.id})"


@pytest.mark.parametrize("stages", [(), (Scripted("a", {}), Scripted("a", {}))], ids=["none", "twice"])
def test_stages_are_some_and_different(stages: tuple[Scripted, ...]) -> None:
    with pytest.raises(ValueError, match="needs stages with ids of their own"):
        Cascade(stages)
