"""Extraction against a real server on loopback, and what the extracted answers make of the records."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

import pytest
from typer.testing import CliRunner

from lmms_faith.chat import EndpointUnusable, NoReply, endpoint
from lmms_faith.cli import app
from lmms_faith.extraction import Tally, apply, extract, extracted, prompt, read_extractions
from lmms_faith.record import Record, to_json
from lmms_faith.summary import summarise

pytestmark = pytest.mark.slow

Make = Callable[..., Record]
SECRET = "sk-secret-0123456789"
TODAY = date(2026, 1, 31)

SILENT: dict[str, Any] = {"status": "no_answer", "prediction": None, "think": None}
FREE: dict[str, Any] = {
    **{"kind": "float", "precision": 1, "options": (), "answer": None, "target": None},
    **{"gold": "2.5", "claimed": "3.5", "said": None, "hit": None},
}


class Reader:
    """A server's rule: looks up what to reply to a completion; every third request fails."""

    def __init__(self, completion: Callable[[str], str], replies: dict[str, str]) -> None:
        self.completion, self.replies, self.lock = completion, replies, Lock()
        self.requests, self.asked, self.keys = 0, list[str](), set[str]()

    def __call__(self, asked: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        shown = asked["messages"][0]["content"]
        about = shown.split("The reply:\n")[1].removesuffix("\n")
        with self.lock:
            self.requests += 1
            self.keys.add(asked["key"])
            if self.requests % 3 == 0:
                return 500, {}, "{}"
            self.asked.append(about)
        return 200, {}, self.completion(self.replies[about])


REPLIES = {
    "Red is what I see, or so it seems.": "Red",
    "It might be any of them.": "NONE",
    "Perhaps the blue one, perhaps not.": "green",
    "I would go with option (B) in the end": "<think>B, then.</think>\n'(B)'",
    "From here to there I make it two and a half, so 2.5 m or thereabouts": "2.5 m",
}


@pytest.fixture
def records(make_record: Make) -> list[Record]:
    """Two that the rules read, five that remain, three that are left alone."""
    red, none, green, blue, value = REPLIES
    return [
        make_record(item_id="0"),
        make_record(item_id="1", prediction=1),
        make_record(item_id="2", completion=red, **SILENT),
        make_record(item_id="3", completion=none, **SILENT),
        make_record(item_id="4", completion=green, **SILENT),
        make_record(item_id="5", completion=blue, **SILENT),
        make_record(item_id="6", completion=value, **SILENT | FREE),
        make_record(item_id="7", completion="<think>It is", **SILENT | {"status": "truncated"}),
        make_record(item_id="8", completion="", **SILENT | {"status": "failed"}),
        make_record(item_id="9", completion=" \n", **SILENT),
    ]


def ask_of(url: str, records: list[Record], out: Path, **options: Any) -> Tally:
    async def go() -> Tally:
        async with endpoint(url, model="j", key=SECRET, pause=0.01) as ask:
            return await extract(records, ask=ask, model="j", out=out, today=TODAY, **options)

    return asyncio.run(go())


def ask_by(reply: str | Exception, record: Record, out: Path) -> Tally:
    async def ask(talk: Any) -> str:
        if isinstance(reply, Exception):
            raise reply
        return reply

    return asyncio.run(extract([record], ask=ask, model="j", out=out, today=TODAY))


def test_what_remains_is_asked_for_checked_and_counted(
    serve_chat: Any, completion: Any, records: list[Record], tmp_path: Path
) -> None:
    out, seen, reader = tmp_path / "new" / "e.jsonl", list[tuple[int, int]](), Reader(completion, REPLIES)
    tally = ask_of(serve_chat(reader), records, out, progress=lambda done, total: seen.append((done, total)))
    assert tally == Tally(by_rule=2, remainder=5, extracted=3, none=1, refused=1, unreached=0, kept=0)
    assert seen == [(done, 5) for done in range(6)]
    assert sorted(reader.asked) == sorted(REPLIES)
    found = {extraction.item_id: extraction for extraction in read_extractions(out).values()}
    assert {item: (one.outcome, one.span) for item, one in found.items()} == {
        "2": ("extracted", "Red"),
        "3": ("none", None),
        "4": ("refused", None),
        "5": ("extracted", "(B)"),
        "6": ("extracted", "2.5 m"),
    }
    assert (found["2"].judge, found["2"].prompt_version, found["2"].date) == ("j", "extract-1", "2026-01-31")
    assert reader.keys == {f"Bearer {SECRET}"}
    assert SECRET not in out.read_text()


def test_applied_records_have_their_numbers(
    serve_chat: Any, completion: Any, records: list[Record], tmp_path: Path
) -> None:
    ask_of(serve_chat(Reader(completion, REPLIES)), records, tmp_path / "e.jsonl")
    found = read_extractions(tmp_path / "e.jsonl")
    applied = list(apply(records, found))
    changed = {now.item_id: now for was, now in zip(records, applied) if was != now}
    assert {item: (one.status, one.prediction, one.said, one.hit) for item, one in changed.items()} == {
        "2": ("answered", 0, "red", "gold"),
        "5": ("answered", 1, "blue", "claimed"),
        "6": ("answered", None, "2.5 m", "gold"),
    }
    keys = extracted(records, found)
    assert keys == {one.key for one in changed.values()}
    cells = {row.metric: (row.value, row.n) for row in summarise(applied, [], extracted=keys, by=())}
    assert cells["answered"] == (5 / 9, 9)
    assert cells["extracted"] == (3 / 5, 5)
    assert cells["acc"] == (3 / 9, 9)
    assert cells["misled_rate"] == (2 / 9, 9)
    assert {row.metric: row.n for row in summarise(applied, [], by=())}["extracted"] == 0


@pytest.mark.parametrize("cut", [0, 3, 40])
def test_a_stopped_run_goes_on_without_asking_again(
    cut: int, serve_chat: Any, completion: Any, records: list[Record], tmp_path: Path
) -> None:
    out, reader = tmp_path / "e.jsonl", Reader(completion, REPLIES)
    url = serve_chat(reader)

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask_of(url, records, out, progress=stop, concurrency=1)
    before = out.read_bytes()
    assert before.count(b"\n") == 3
    # A machine that went down may have left half a line.
    out.write_bytes(before + before[:cut])
    tally = ask_of(url, records, out)
    assert (tally.kept, tally.extracted, tally.none, tally.refused) == (3, 3, 1, 1)
    assert out.read_bytes().startswith(before)
    assert sorted(reader.asked) == sorted(REPLIES)
    assert (ask_of(url, records, out).kept, len(reader.asked)) == (5, 5)


@pytest.mark.parametrize(
    ("changed", "completion", "span", "said"),
    [
        pytest.param({}, "the red one", "red", "red", id="option text"),
        pytest.param({}, "所以选B项", "B", "blue", id="letter between Chinese characters"),
        pytest.param({}, "Because of this, red", "B", None, id="letter inside a word"),
        pytest.param({}, "an infra-red lamp", "red", None, id="option inside a word with a hyphen"),
        pytest.param({}, "red or blue", "red or blue", None, id="two options"),
        pytest.param({}, "D, that is", "D", None, id="letter beyond the options"),
        pytest.param({"prefill": "<think>It is blue."}, " So there.", "blue", None, id="what was prefilled"),
        pytest.param(FREE, "some 2.5.", "2.5", "2.5", id="number before a full stop"),
        pytest.param(FREE, "some 12.5 m", "2.5", None, id="part of a number"),
        pytest.param(FREE, "some 2.5 m", "2", None, id="whole part of a number"),
        pytest.param(FREE, "some -2.5 m", "2.5", None, id="number without its sign"),
        pytest.param(FREE, "some 5/2 m", "2", None, id="half of a fraction"),
        pytest.param(FREE, "some metres", "some metres", None, id="no number"),
        pytest.param(FREE | {"kind": "list"}, "[1, 2], I think", "[1, 2]", "[1, 2]", id="list"),
        pytest.param(FREE | {"kind": "text"}, "a cat, I think", "cat", "cat", id="word"),
        pytest.param({}, "the red one", "", None, id="nothing"),
    ],
)
def test_a_span_counts_only_where_it_stands_in_the_completion_and_reads_as_an_answer(
    changed: dict[str, Any], completion: str, span: str, said: str | None, make_record: Make, tmp_path: Path
) -> None:
    record, out = make_record(completion=completion, **SILENT | changed), tmp_path / "e.jsonl"
    tally = ask_by(span, record, out)
    assert (tally.extracted, tally.refused) == ((0, 1) if said is None else (1, 0))
    (applied,) = apply([record], read_extractions(out))
    assert applied.said == said


def test_an_extraction_says_nothing_of_another_run_of_its_item(make_record: Make, tmp_path: Path) -> None:
    out, record = tmp_path / "e.jsonl", make_record(completion="red, I guess", **SILENT)
    ask_by("red", record, out)
    again = replace(record, completion="not red, I guess")
    read = make_record()
    found = read_extractions(out)
    assert list(apply([again, read], found)) == [again, read]
    assert extracted([again, read], found) == frozenset()
    assert ask_by("NONE.", again, out).none == 1


def test_a_completion_without_a_reply_is_asked_for_again(make_record: Make, tmp_path: Path) -> None:
    out, record = tmp_path / "e.jsonl", make_record(completion="red, I guess", **SILENT)
    assert ask_by(NoReply("time out"), record, out).unreached == 1
    assert ask_by("red", record, out).extracted == 1
    with pytest.raises(EndpointUnusable):
        ask_by(EndpointUnusable("gone"), make_record(completion="blue, I guess", **SILENT), out)
    assert len(read_extractions(out)) == 1


@pytest.mark.parametrize("changed", [{"judge": "other"}, {"prompt_version": "extract-0"}])
def test_one_file_holds_what_one_model_found_by_one_prompt(
    changed: dict[str, str], make_record: Make, tmp_path: Path
) -> None:
    out, record = tmp_path / "e.jsonl", make_record(completion="red, I guess", **SILENT)
    ask_by("red", record, out)
    (found,) = read_extractions(out).values()
    out.write_text(json.dumps(to_json(replace(found, **changed))) + "\n")
    with pytest.raises(ValueError, match=r"e\.jsonl holds what .* found by prompt .*; name another file with --out"):
        ask_by("red", record, out)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        pytest.param(lambda line: line + "my notes\n", "line 2: no extraction", id="notes"),
        pytest.param(lambda line: line + "[]\n", "line 2: no extraction .* is a list", id="a list"),
        pytest.param(lambda line: line.replace('"span"', '"spam"'), r"line 1: .*unknown \['spam'\]", id="field"),
        pytest.param(lambda line: line + line, "line 2: item '1' comes twice", id="twice"),
    ],
)
def test_a_file_that_holds_something_else_is_refused(
    broken: Callable[[str], str], message: str, make_record: Make, tmp_path: Path
) -> None:
    out, record = tmp_path / "e.jsonl", make_record(completion="red, I guess", **SILENT)
    ask_by("red", record, out)
    out.write_text(broken(out.read_text()))
    with pytest.raises(ValueError, match=message):
        read_extractions(out)


def test_the_prompt_shows_options_and_completion_alone(make_record: Make) -> None:
    given: dict[str, Any] = {"prefill": "<think>It is {blue}.", "completion": "So {that}.", "category": "hue"}
    shown = prompt(make_record(**SILENT | given))
    assert "What was asked for: one of these options.\nA. red\nB. blue\nC. green\n\nRules:" in shown
    assert shown.endswith("The reply:\nSo {that}.\n")
    assert "{blue}" not in shown
    for answer, claim in ((0, 1), (2, 0)):
        assert prompt(make_record(answer=answer, target=claim, **SILENT | given)) == shown
    free = prompt(make_record(**SILENT | FREE, completion="So."))
    assert "What was asked for: a number.\n\nRules:\n- Copy the number or formula" in free
    assert not {"2.5", "3.5"} & set(free.split())


@pytest.fixture
def results(records: list[Record], tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    log = folder / "20260101_000000_samples_faith_toys_base.jsonl"
    log.write_text("".join(json.dumps({"faith": to_json(record)}) + "\n" for record in records))
    return folder


def test_the_commands_extract_and_apply(
    serve_chat: Any, completion: Any, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    (log,), runner, file = results.iterdir(), CliRunner(), results / "extractions.jsonl"
    before, reader = log.read_bytes(), Reader(completion, REPLIES)
    done = runner.invoke(app, ["extract", str(results), "--model", "j", "--judge-url", serve_chat(reader)])
    assert done.exit_code == 0, done.output
    assert f"{file}: 2 answered by rule, 5 remain\n" in done.stdout
    assert "  of these 3 extracted, 1 without an answer, 1 refused\n" in done.stdout
    assert reader.keys == {f"Bearer {SECRET}"}
    assert log.read_bytes() == before
    plain, applied = (
        runner.invoke(app, ["table", str(results), "--format", "markdown", *more]).output.splitlines()
        for more in ([], ["--extractions", str(file)])
    )
    assert plain[2].startswith("| condition | n | answered | acc ")
    assert applied[2].startswith("| condition | n | answered | extracted | acc ")
    assert applied[4].startswith("| base | 10 | 55.6 | 60.0 | 33.3 ")
    assert applied[-1] == "Answers: 2 by rule, 3 by extraction"


@pytest.mark.parametrize("command", [["extract", "--model", "j", "--judge-url", "http://127.0.0.1:9/v1"], ["table"]])
def test_what_can_not_be_used_is_one_line_and_exit_code_1(command: list[str], results: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.jsonl"
    notes.write_text("my notes\n")
    option = "--out" if command[0] == "extract" else "--extractions"
    done = CliRunner().invoke(app, [*command, str(results), option, str(notes)])
    assert done.exit_code == 1
    assert "notes.jsonl, line 1: no extraction" in done.stderr.replace("\n", "")
    assert notes.read_text() == "my notes\n"
