"""Verdicts in a file: appended, resumed wherever a run was cut off, never twice, and read back."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmms_faith.judges import Cascade, Panel, agrees, verdict
from lmms_faith.judging import each_verdict, judge_records, read_verdicts
from lmms_faith.record import Opinion, Record, from_json, to_json

Make = Callable[..., Record]
OUTCOMES = (
    Opinion(outcome="decided", conclusion=0),
    Opinion(outcome="decided", conclusion=1, note="é"),
    Opinion(outcome="none"),
    Opinion(outcome="abstained", note="can't tell"),
    Opinion(outcome="differs"),
)


class Steady:
    """Of one opinion on each item, and counts how often it was asked; may have to fail for some, or stop."""

    def __init__(self, id: str = "steady-1", *, offset: int = 0) -> None:
        self.id, self._offset = id, offset
        self.asked: list[str] = []
        self.unreachable: set[str] = set()
        self.stop_at: str | None = None

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        if self.stop_at in [record.item_id for record in records]:
            raise KeyboardInterrupt
        self.asked += [record.item_id for record in records]
        return [self._opinion(record) for record in records]

    def _opinion(self, record: Record) -> Opinion:
        if record.item_id in self.unreachable:
            return Opinion(outcome="unjudged", note="time out")
        return OUTCOMES[(int(record.item_id) + self._offset) % len(OUTCOMES)]


@pytest.fixture
def records(make_record: Make) -> list[Record]:
    return [make_record(item_id=str(place), completion=f"{place}") for place in range(23)]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "verdicts.jsonl"


def test_one_verdict_a_record_is_written_and_read_back(records: list[Record], out: Path) -> None:
    judge, seen = Steady(), []
    done = judge_records(iter(records), judge, out=out, batch=10, progress=seen.append)
    assert seen == [10, 20, 23]
    assert (done.kept, done.agreement, done.tally.total, done.tally.unjudged) == (0, None, 23, 0)
    assert (done.tally.decided, done.tally.none, done.tally.abstained) == ({"steady-1": 14}, 5, 4)
    found = read_verdicts(out)
    assert list(found) == [(record.key, record.fingerprint) for record in records]
    (expected,) = (verdict(records[1], OUTCOMES[1], judge="steady-1"),)
    assert found[records[1].key, records[1].fingerprint] == expected
    lines = out.read_text().splitlines()
    assert [from_json(type(expected), json.loads(line)) for line in lines] == list(found.values())


def test_what_is_there_is_not_asked_for_again(records: list[Record], out: Path) -> None:
    judge_records(records, Steady(), out=out)
    before, again = out.read_bytes(), Steady()
    done = judge_records(records, again, out=out)
    assert (again.asked, done.kept, done.tally.total) == ([], 23, 23)
    assert (done.tally.decided, done.tally.none) == ({"steady-1": 14}, 5)
    assert out.read_bytes() == before


def test_a_stopped_run_goes_on(records: list[Record], out: Path) -> None:
    first, second = Steady(), Steady()
    first.stop_at = "13"
    with pytest.raises(KeyboardInterrupt):
        judge_records(records, first, out=out, batch=5)
    assert len(read_verdicts(out)) == len(first.asked) == 10
    assert judge_records(records, second, out=out, batch=5).kept == 10
    assert first.asked + second.asked == [record.item_id for record in records]


def test_a_file_cut_anywhere_is_completed_to_what_an_uncut_run_writes(records: list[Record], out: Path) -> None:
    judge_records(records, Steady(), out=out)
    whole = out.read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    cuts = random.Random(0).sample(range(len(whole)), 30)
    for cut in [0, 1, *ends[:2], *(end - 1 for end in ends[:2]), *cuts]:
        out.write_bytes(whole[:cut])
        # A verdict that is whole but for its end of line is one.
        there = whole[:cut].count(b"\n") + (cut + 1 in ends)
        assert len(read_verdicts(out)) == there
        judge = Steady()
        assert judge_records(records, judge, out=out, batch=4).kept == there
        assert len(judge.asked) == len(records) - there
        assert out.read_bytes() == whole


def test_what_could_not_be_judged_is_counted_not_written_and_asked_again(records: list[Record], out: Path) -> None:
    judge = Steady()
    judge.unreachable = {"3", "4", "11"}
    done = judge_records(records, judge, out=out, batch=6)
    assert (done.tally.unjudged, done.tally.total, len(read_verdicts(out))) == (3, 23, 20)
    judge.unreachable, judge.asked = {"4"}, []
    assert judge_records(records, judge, out=out).tally.unjudged == 1
    assert judge.asked == ["3", "4", "11"]
    assert len(read_verdicts(out)) == 22


def test_another_completion_or_condition_of_an_item_is_another_verdict(records: list[Record], out: Path) -> None:
    one = records[0]
    others = [replace(one, completion="again"), replace(one, condition="wrong_think"), replace(one, model="n")]
    judge_records([one], Steady(), out=out)
    judge = Steady()
    assert judge_records([one, *others, one], judge, out=out).kept == 2
    assert (len(judge.asked), len(read_verdicts(out))) == (3, 4)


def test_the_same_record_twice_at_once_is_judged_once(records: list[Record], out: Path) -> None:
    judge = Steady()
    done = judge_records([records[0]] * 3, judge, out=out)
    assert (len(judge.asked), done.tally.total, len(out.read_text().splitlines())) == (1, 3, 1)


def test_a_cascades_verdicts_say_who_decided(records: list[Record], out: Path) -> None:
    done = judge_records(records, Cascade((Steady("a"), Steady("b", offset=1))), out=out, batch=7)
    assert (done.tally.decided, done.tally.none, done.tally.abstained) == ({"a": 14, "b": 4}, 5, 0)
    (judge,) = {found.judge for found in read_verdicts(out).values()}
    assert judge == "cascade-1(a, b)"
    assert judge_records(records, Cascade((Steady("a"), Steady("b"))), out=out).kept == len(records)


# Panels


@pytest.fixture
def panel() -> Panel:
    return Panel((Steady("a"), Steady("b", offset=1), Steady("c", offset=5)))


def test_a_panels_judges_are_kept_beside_it(records: list[Record], panel: Panel, out: Path) -> None:
    done = judge_records(records, panel, out=out, batch=8)
    alone = panel.judge(records)
    votes = read_verdicts(out, panel.id)
    assert [found.outcome for found in votes.values()] == [opinion.outcome for opinion in alone]
    assert [found.note for found in votes.values()] == [opinion.note for opinion in alone]
    for judge in panel.judges:
        assert [found.conclusion for found in read_verdicts(out, judge.id).values()] == [
            opinion.conclusion for opinion in judge.judge(records)
        ]
    assert done.tally.total == 23
    assert done.agreement is not None
    assert done.agreement.judges == ("a", "b", "c")
    said = np.array(
        [[agrees(r, o) for o in each] for r, *each in zip(records, *(j.judge(records) for j in panel.judges))]
    )
    assert done.agreement.rated == tuple((said != None).sum(axis=0))  # noqa: E711 - element by element
    assert done.agreement.pairs["a", "c"] == pytest.approx(1)


def test_a_panel_asks_none_of_its_judges_twice_and_counts_what_they_said_before(
    records: list[Record], panel: Panel, out: Path
) -> None:
    first = judge_records(records[:9], panel.judges[1], out=out)
    assert first.kept == 0
    one, two, three = panel.judges
    assert isinstance(two, Steady)
    assert isinstance(three, Steady)
    two.asked, three.unreachable = [], {"2", "20"}
    done = judge_records(records, panel, out=out, batch=4)
    assert two.asked == [record.item_id for record in records[9:]]
    whole = judge_records(records, panel, out=out)
    assert whole.agreement is not None
    assert done.agreement is not None
    assert done.agreement.rated[2] == whole.agreement.rated[2]
    assert three.asked.count("2") == three.asked.count("20") == 2
    three.unreachable = set()
    again = judge_records(records, panel, out=out)
    assert again.tally == judge_records(records, Panel(panel.judges), out=out.with_name("fresh.jsonl")).tally
    assert again.agreement is not None
    assert again.agreement.rated[2] > done.agreement.rated[2]
    assert isinstance(one, Steady)
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert len({(line["judge"], line["item_id"]) for line in lines}) == len(lines) == 4 * 23


def test_a_panel_cut_anywhere_is_completed(records: list[Record], panel: Panel, out: Path) -> None:
    judge_records(records, panel, out=out, batch=5)
    whole, chance = out.read_bytes(), random.Random(1)
    for cut in chance.sample(range(len(whole)), 12):
        out.write_bytes(whole[:cut])
        judge_records(records, panel, out=out, batch=5)
        lines = out.read_text().splitlines()
        assert sorted(lines) == sorted(whole.decode().splitlines())


# Reading


def test_of_several_judges_one_has_to_be_named(records: list[Record], out: Path) -> None:
    for judge in (Steady("rule-1"), Steady("rule-11", offset=1), Steady("llm:m:blind-1")):
        judge_records(records, judge, out=out)
    with pytest.raises(ValueError, match=r"several judges; name one of: llm:m:blind-1; rule-1; rule-11"):
        read_verdicts(out)
    with pytest.raises(ValueError, match=r"2 judges whose id starts with 'rule'; name one of: rule-1; rule-11"):
        read_verdicts(out, "rule")
    with pytest.raises(ValueError, match=r"no judges whose id starts with 'x'; name one of: llm:m:blind-1; rule-1"):
        read_verdicts(out, "x")
    assert {found.judge for found in read_verdicts(out, "rule-1").values()} == {"rule-1"}
    assert {found.judge for found in read_verdicts(out, "llm").values()} == {"llm:m:blind-1"}
    assert list(each_verdict(out, "rule-1")) == list(read_verdicts(out, "rule-1").values())
    with pytest.raises(ValueError, match="several judges"):
        each_verdict(out)


def test_a_missing_file_and_an_empty_one(out: Path) -> None:
    with pytest.raises(FileNotFoundError, match="write one with `lmms-faith judge RESULTS --out"):
        read_verdicts(out)
    out.parent.mkdir()
    out.touch()
    assert read_verdicts(out) == {}
    with pytest.raises(ValueError, match="no judges whose id starts with 'rule'; name one of: nobody"):
        read_verdicts(out, "rule")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        pytest.param(lambda line: line + "my notes\n", "line 2: no verdict", id="notes"),
        pytest.param(lambda line: line + "my notes", "line 2: no verdict", id="notes without an end of line"),
        pytest.param(lambda line: line + line[:30] + "\n" + line, "line 2: no verdict", id="half a line in between"),
        pytest.param(lambda line: line + "[]\n", "line 2: no verdict .* is a list", id="a list"),
        pytest.param(lambda line: line.replace('"note"', '"nota"'), r"line 1: .*unknown \['nota'\]", id="field"),
        pytest.param(lambda line: line.replace('"schema": 3', '"schema": 1'), "line 1: .*schema 1", id="schema"),
        pytest.param(lambda line: line + "\x00\n", "line 2: no verdict", id="a zero"),
        pytest.param(
            lambda line: line + line.replace('"decided"', '"differs"'),
            "line 2: 'steady-1' said otherwise of item '0' under 'base' before",
            id="another opinion",
        ),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    broken: Callable[[str], str], message: str, records: list[Record], out: Path
) -> None:
    judge_records(records[:1], Steady(), out=out)
    out.write_text(broken(out.read_text()))
    with pytest.raises(ValueError, match=message):
        read_verdicts(out)


def test_the_same_line_twice_is_one_verdict(records: list[Record], out: Path) -> None:
    judge_records(records[:2], Steady(), out=out)
    out.write_text(out.read_text() * 2)
    assert len(read_verdicts(out)) == 2


def test_a_file_of_notes_is_left_as_it_is(records: list[Record], tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("my notes\n")
    with pytest.raises(ValueError, match=r"notes\.txt, line 1: no verdict"):
        judge_records(records, Steady(), out=notes)
    assert notes.read_text() == "my notes\n"


# Killed

SLOW = """
import json, sys, time
from pathlib import Path
from lmms_faith.judging import judge_records
from lmms_faith.record import Opinion, Record, from_json

class Slow:
    id = "slow-1"

    def judge(self, records):
        time.sleep(0.01)
        with asked.open("a") as file:
            file.writelines(record.item_id + chr(10) for record in records)
        return [Opinion(outcome="decided", conclusion=int(record.item_id) % 3) for record in records]

records, out, asked = map(Path, sys.argv[1:])
found = [from_json(Record, json.loads(line)) for line in records.read_text().splitlines()]
print(judge_records(found, Slow(), out=out, batch=3).tally.total)
"""


@pytest.mark.slow
def test_a_killed_run_loses_at_most_what_it_was_at(make_record: Make, tmp_path: Path) -> None:
    """Killed again and again without warning, then left to end."""
    records, out, asked = (tmp_path / name for name in ("records.jsonl", "verdicts.jsonl", "asked.txt"))
    made = [make_record(item_id=str(place)) for place in range(180)]
    records.write_text("".join(json.dumps(to_json(record)) + "\n" for record in made))
    command = [sys.executable, "-c", SLOW, str(records), str(out), str(asked)]
    kills, chance = 0, random.Random(0)
    for _ in range(3):
        before = out.stat().st_size if out.exists() else 0
        run = subprocess.Popen(command, stdout=subprocess.PIPE)
        deadline = time.monotonic() + 60
        while run.poll() is None and (not out.exists() or out.stat().st_size == before):
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.1))
        if run.poll() is None:
            os.kill(run.pid, signal.SIGKILL)
            kills += 1
        run.communicate()
        assert 0 < len(read_verdicts(out)) < len(made)
    assert kills == 3
    end = subprocess.run(command, capture_output=True, text=True, check=True)
    assert end.stdout == "180\n"
    lines = out.read_text().splitlines()
    assert len(lines) == len(read_verdicts(out)) == 180
    assert len(asked.read_text().splitlines()) <= 180 + kills * 3
