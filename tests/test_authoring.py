"""Claims written through a real server on loopback that fails, babbles, and has to be asked again."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any
from zlib import crc32

import pytest
from typer.testing import CliRunner

from lmms_faith.authoring import ATTEMPTS, Tally, prompt, write_claims
from lmms_faith.chat import Ask, EndpointUnusable, endpoint
from lmms_faith.cli import app
from lmms_faith.conditions import acceptance, read_claims, render
from lmms_faith.conditions.overrides import faults, parse_claim
from lmms_faith.item import Item

pytestmark = pytest.mark.slow

SECRET = "sk-secret-0123456789"
_ASSERTED = re.compile(r"this reply follows:\n(.*)\n")
_ASKED = re.compile(r"this is asked:\n(.*)\n")


class Writer:
    """A server's rule: the first request is put off, 30 % fail at first, 10 % are garbage at first; the rest by rule.

    ``blue`` is claimed badly at first and well once the problem is told; ``green`` badly every time.
    """

    def __init__(self, completion: Callable[[str], str]) -> None:
        self.completion, self.lock, self.requests, self.keys = completion, Lock(), 0, set[str]()
        self.replied: Counter[tuple[str, str]] = Counter()
        self.tries: Counter[int] = Counter()

    def __call__(self, asked: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        with self.lock:
            number, self.requests = self.requests, self.requests + 1
            self.keys.add(asked["key"])
        if number == 0:
            return 429, {"Retry-After": "0.2"}, "{}"
        # By what is asked, not by how many came before: however requests interleave, a second try gets through.
        conversation = crc32(repr(asked["messages"]).encode())
        with self.lock:
            self.tries[conversation] += 1
            first_try = self.tries[conversation] == 1
        if first_try and conversation % 10 in (3, 6, 9):
            return 500, {}, "{}"
        if first_try and conversation % 10 == 5:
            return 200, {}, "<html>garbage"
        first = asked["messages"][0]["content"]
        about, answer = _ASKED.search(first), _ASSERTED.search(first)
        assert about
        assert answer
        with self.lock:
            self.replied[about[1], answer[1]] += 1
        return 200, {}, self.completion(self.sentence(answer[1], again=len(asked["messages"]) > 1))

    @staticmethod
    def sentence(answer: str, *, again: bool) -> str:
        if answer == "green":
            return "Is the answer green?"
        if answer == "blue" and not again:
            return "The right option is blue. Really."
        return f'<think>Let me see.</think>\n"The circle is {answer}."'


def items(number: int, wrong: str = "blue") -> list[Item]:
    return [
        Item(id=str(i), benchmark="toys", question=f"What colour is circle {i}?", options=("red", wrong), answer=0)
        for i in range(number)
    ]


def write(url: str, asked: list[Item], out: Path, **options: Any) -> Tally:
    async def go() -> Tally:
        async with endpoint(url, model="m", key=SECRET, pause=0.01) as ask:
            return await write_claims(asked, ask=ask, model="m", seed=0, out=out, today=date(2026, 1, 31), **options)

    return asyncio.run(go())


def test_claims_are_written_checked_and_used(serve_chat: Any, completion: Any, tmp_path: Path) -> None:
    out, seen, writer = tmp_path / "new" / "claims.jsonl", [], Writer(completion)
    tally = write(serve_chat(writer), items(20), out, progress=lambda done, total: seen.append((done, total)))
    assert (tally.written, tally.kept, tally.left_out, tally.reasons) == (40, 0, 0, {})
    assert seen == [(done, 40) for done in range(41)]
    assert sum(writer.replied.values()) == 20 + 2 * 20
    assert list(faults(out, {("toys", item.id): item for item in items(20)})) == []
    first = parse_claim(out.read_text().splitlines()[0])
    assert (first.provenance.model, first.provenance.prompt_version, first.provenance.date) == (
        "m",
        "claim-1",
        "2026-01-31",
    )
    claims = read_claims(out)
    assert render(items(1)[0], "wrong_caption", claims=claims).text.startswith("The circle is blue.\n")
    assert render(items(1)[0], "correct_think", claims=claims).prefill.endswith("The circle is red.")


def test_the_key_goes_to_the_server_and_nowhere_else(serve_chat: Any, completion: Any, tmp_path: Path) -> None:
    writer = Writer(completion)
    write(serve_chat(writer), items(3), tmp_path / "claims.jsonl")
    assert writer.keys == {f"Bearer {SECRET}"}
    assert [path for path in tmp_path.rglob("*") if SECRET in path.read_text()] == []


def test_what_is_never_worded_well_is_left_out_and_counted(serve_chat: Any, completion: Any, tmp_path: Path) -> None:
    out, writer = tmp_path / "claims.jsonl", Writer(completion)
    url = serve_chat(writer)
    tally = write(url, items(4, "green"), out)
    assert (tally.written, tally.left_out) == (4, 4)
    assert tally.reasons == {acceptance.NOT_ONE: 4, acceptance.META: 4, acceptance.ASKS: 4}
    assert {count for (_, answer), count in writer.replied.items() if answer == "green"} == {ATTEMPTS}
    assert {json.loads(line)["answer"] for line in out.read_text().splitlines()} == {"red"}


@pytest.mark.parametrize("cut", [0, 3, 40])
def test_an_interrupted_run_goes_on_without_asking_again(
    serve_chat: Any, completion: Any, tmp_path: Path, cut: int
) -> None:
    out, writer = tmp_path / "claims.jsonl", Writer(completion)
    url = serve_chat(writer)

    def stop(done: int, total: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(url, items(20), out, progress=stop, concurrency=3)
    before = out.read_bytes()
    had = {(claim["item_id"], claim["answer"]) for claim in map(json.loads, before.decode().splitlines())}
    assert len(had) >= 7
    # A machine that went down may have left half a line.
    out.write_bytes(before + before[:cut])
    # A server of its own: the first may still be busy with requests that nobody waits for any more.
    again = Writer(completion)
    url = serve_chat(again)
    tally = write(url, items(20), out)
    assert (tally.written, tally.kept) == (40 - len(had), len(had))
    assert out.read_bytes().startswith(before)
    assert not {(about.split()[-1].rstrip("?"), answer) for about, answer in again.replied} & had
    again.replied.clear()
    assert write(url, items(20), out).kept == 40
    assert not again.replied


def test_copies_of_an_item_share_a_sentence_and_a_request(tmp_path: Path) -> None:
    def copy(name: str, options: tuple[str, ...]) -> Item:
        answer = options.index("red")
        return Item(id=name, benchmark="b", question="What?", options=options, answer=answer, family="one")

    asked = []

    async def ask(talk: Any) -> str:
        asked.append(talk)
        answer = _ASSERTED.search(talk[0]["content"])
        assert answer
        return f"Wording {len(asked)} is {answer[1]}."

    def run(*copies: Item) -> Tally:
        out = tmp_path / "claims.jsonl"
        return asyncio.run(write_claims(copies, ask=ask, model="m", seed=0, out=out, today=date(2026, 1, 31)))

    one, two, three = copy("1", ("red", "blue")), copy("2", ("blue", "red")), copy("3", ("red", "blue"))
    assert run(one, two).written == 4
    assert (run(one, two, three).written, len(asked)) == (2, 2)
    claims = read_claims(tmp_path / "claims.jsonl")
    assert len({claims.sentence(item, "blue") for item in (one, two, three)}) == 1


@pytest.mark.parametrize("notes", ["my notes\n", '{"mine": 1}\n'])
def test_a_file_that_holds_something_else_is_left_alone(tmp_path: Path, notes: str) -> None:
    out = tmp_path / "notes.txt"
    out.write_text(notes)

    async def ask(talk: Any) -> str:
        raise AssertionError

    with pytest.raises(ValueError, match=r"notes\.txt, line 1"):
        asyncio.run(write_claims(items(1), ask=ask, model="m", seed=0, out=out, today=date(2026, 1, 31)))
    assert out.read_text() == notes


def test_a_last_line_without_its_end_of_line_is_kept(tmp_path: Path) -> None:
    out, asked = tmp_path / "claims.jsonl", []

    async def ask(talk: Any) -> str:
        asked.append(talk)
        return "The circle is red." if "follows:\nred" in talk[0]["content"] else "The circle is blue."

    def run() -> Tally:
        return asyncio.run(write_claims(items(1), ask=ask, model="m", seed=0, out=out, today=date(2026, 1, 31)))

    assert run().written == 2
    whole = out.read_bytes()
    out.write_bytes(whole.rstrip())
    assert (run().kept, len(asked), out.read_bytes()) == (2, 2, whole)


def test_an_unusable_endpoint_ends_the_run_and_keeps_what_is_there(tmp_path: Path) -> None:
    out, asked = tmp_path / "claims.jsonl", []

    async def ask(talk: Any) -> str:
        asked.append(talk)
        if len(asked) > 1:
            raise EndpointUnusable("gone")
        return "The circle is blue."

    fails: Ask = ask
    with pytest.raises(EndpointUnusable):
        asyncio.run(
            write_claims(items(5), ask=fails, model="m", seed=0, out=out, today=date(2026, 1, 31), concurrency=1)
        )
    assert len(out.read_text().splitlines()) == 1


def test_the_prompt_of_an_item_reads_well() -> None:
    item = Item(
        id="1",
        benchmark="b",
        question="Is it {red}?",
        options=("yes", "no"),
        answer=0,
        context="Hint: look.",
        language="zh",
    )
    shown = prompt(item, answer="no", avoid="yes")
    assert "Hint: look.\nIs it {red}?\n- yes\n- no\n" in shown
    assert "in Chinese, that states" in shown
    assert "true if and only if the reply is 'no'" in shown
    assert "Do not state" not in shown
    value = Item(id="1", benchmark="b", question="How far?", kind="integer", value="3", unit="km")
    assert "follows:\n4 km\n" in (said := prompt(value, answer="4", avoid="3"))
    assert "Say '4' word for word." in said
    assert "not even to deny it: 3\n" in said


@pytest.mark.host
def test_the_commands_write_count_and_check(
    serve_chat: Any, completion: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = items(3)
    monkeypatch.setattr("lmms_faith.lmms.items.read_items", lambda name, *, limit=None: asked[:limit])
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    writer, out, runner = Writer(completion), tmp_path / "claims.jsonl", CliRunner()
    command = ["claims", "write", "--benchmark", "toys", "--model", "m", "--judge-url", serve_chat(writer)]
    done = runner.invoke(app, [*command, "--limit", "2", "--out", str(out)])
    assert (done.exit_code, "4 written, 0 kept, 0 refused" in done.output) == (0, True), done.output
    assert writer.keys == {f"Bearer {SECRET}"}
    covered = runner.invoke(app, ["claims", "coverage", "--benchmark", "toys", "--claims", str(out)])
    assert re.search(r"override +│ 2 \(66.7%\) +│ 2 \(66.7%\)", covered.output), covered.output
    assert runner.invoke(app, ["claims", "check", str(out), "--benchmark", "toys"]).exit_code == 0
    out.write_text(out.read_text().replace("is red.", "is red?"))
    first = 1 + [json.loads(line)["answer"] for line in out.read_text().splitlines()].index("red")
    checked = runner.invoke(app, ["claims", "check", str(out)])
    assert checked.exit_code == 1
    assert checked.output.startswith(f"{out}:{first}: field 'sentence' ")


def test_a_missing_file_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["claims", "check", str(tmp_path / "none.jsonl")])
    assert (done.exit_code, done.output.count("\n")) == (1, 1)
