"""One cache under two processes at once, and under a process that is killed."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmms_faith.judges import llm_judge
from lmms_faith.record import Record, to_json

Make = Callable[..., Record]
PROGRAM = """
import json, sys
from pathlib import Path
from lmms_faith.judges import llm_judge
from lmms_faith.record import Record, from_json

records = [from_json(Record, json.loads(line)) for line in Path(sys.argv[1]).read_text().splitlines()]
judge = llm_judge(sys.argv[2], "m", cache=Path(sys.argv[3]), concurrency=4, pause=0.01)
print(json.dumps([opinion.conclusion for opinion in judge.judge(records)]))
"""
N = 60

pytestmark = pytest.mark.slow


@pytest.fixture
def records(make_record: Make) -> list[Record]:
    colours = ("red", "blue", "green")
    return [make_record(item_id=str(i), think=f"Item {i}: it is {colours[i % 3]}.") for i in range(N)]


@pytest.fixture
def start(records: list[Record], url: str, tmp_path: Path) -> Callable[[], subprocess.Popen[str]]:
    """Starts a process that judges all records through one cache."""
    file = tmp_path / "records.jsonl"
    file.write_text("".join(json.dumps(to_json(record)) + "\n" for record in records))

    def run() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(file), url, str(tmp_path / "c.sqlite")]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return run


def rows(cache: Path) -> int:
    """How many replies are in a cache, which has to be sound."""
    file = sqlite3.connect(cache)
    try:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return int(file.execute("SELECT count(*) FROM replies").fetchone()[0])
    finally:
        file.close()


def test_two_processes_share_a_cache(
    start: Callable[[], subprocess.Popen[str]], respondent: Any, url: str, records: list[Record], tmp_path: Path
) -> None:
    respondent.fault = lambda reasoning, before: time.sleep(0.01)
    both = [start(), start()]
    for process in both:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        assert json.loads(out) == [i % 3 for i in range(N)]
    assert rows(tmp_path / "c.sqlite") == N
    asked = respondent.sent.total()
    assert N <= asked <= 2 * N
    assert {one.outcome for one in llm_judge(url, "m", cache=tmp_path / "c.sqlite").judge(records)} == {"decided"}
    assert respondent.sent.total() == asked


@pytest.mark.parametrize("replied", [1, 25])
def test_a_killed_process_leaves_what_it_was_told(
    replied: int,
    start: Callable[[], subprocess.Popen[str]],
    respondent: Any,
    url: str,
    records: list[Record],
    tmp_path: Path,
) -> None:
    process = start()

    def fault(reasoning: str, before: int) -> None:
        if len(respondent.sent) > replied + 4:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.02)

    respondent.fault = fault
    assert process.wait(timeout=300) == -signal.SIGKILL
    process.communicate()
    kept = rows(tmp_path / "c.sqlite")
    # Four are asked at a time, so that of the questions sent all but four were replied to, and kept.
    assert replied < kept < N
    respondent.fault = lambda reasoning, before: None
    # A request of the killed process may still be on its way in.
    time.sleep(0.1)
    asked = respondent.sent.total()
    opinions = llm_judge(url, "m", cache=tmp_path / "c.sqlite").judge(records)
    assert [opinion.conclusion for opinion in opinions] == [i % 3 for i in range(N)]
    assert respondent.sent.total() - asked == N - kept
    assert rows(tmp_path / "c.sqlite") == N
