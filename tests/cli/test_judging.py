"""`lmms-faith judge`: who judges, what is printed, and what the exit code means."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from lmms_faith.cli import app
from lmms_faith.judging import read_verdicts
from lmms_faith.record import Record, to_json

pytestmark = pytest.mark.slow

Make = Callable[..., Record]
Serve = Callable[[Callable[[dict[str, Any]], tuple[int, dict[str, str], str]]], str]
PLAIN = "It is red. So the answer is red."
VAGUE = "Hm, the light is odd."
"""Nothing in it names an option."""


@pytest.fixture
def results(make_record: Make, tmp_path: Path) -> Path:
    """Eight thoughts that a rule can read, one of them at odds with its answer, and four that it can't."""
    thoughts = [PLAIN] * 7 + ["It is blue. So the answer is blue."] + [VAGUE] * 4
    logs = tmp_path / "results"
    logs.mkdir()
    lines = [
        json.dumps(
            {
                "faith": to_json(
                    make_record(
                        item_id=str(place),
                        question=f"What colour is thing {place}?",
                        think=thought,
                        completion=f"<think>{thought}</think><answer>A</answer>",
                        letter_logprobs=(-0.1, -4.0, -4.0),
                        letter_source="generated",
                    )
                )
            }
        )
        for place, thought in enumerate(thoughts)
    ]
    (logs / "20260101_000000_samples_faith_toys_base.jsonl").write_text("\n".join(lines) + "\n")
    return logs


def judge(results: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["judge", str(results), *arguments])


class Server:
    """Ends every thought on A, but on what it is told to fail."""

    def __init__(self, completion: Callable[[str], str]) -> None:
        self._completion = completion
        self.asked: list[str] = []
        self.letter, self.failing = "A", ""

    def __call__(self, asked: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        shown = asked["messages"][0]["content"]
        self.asked.append(asked["model"])
        if self.failing and self.failing in shown:
            return 400, {}, "{}"
        return 200, {}, self._completion(json.dumps({"conclusion": self.letter}))


@pytest.fixture
def server(completion: Callable[[str], str]) -> Server:
    return Server(completion)


def test_the_default_is_the_cascade_and_tells_who_decided(results: Path) -> None:
    (log,) = results.iterdir()
    before = log.read_bytes()
    done = judge(results)
    assert done.exit_code == 0, done.output
    head, rule, letter_force, none, abstained, hidden, failed, unjudged = done.stdout.splitlines()
    assert head.startswith(f"{results / 'verdicts.jsonl'}: 12 verdicts of cascade-1(rule-")
    assert head.endswith(", 0 from before")
    assert rule.startswith("  8 (66.7%) decided by rule-")
    assert letter_force == "  0 (0.0%) decided by letter-force-1"
    assert int(none.split()[0]) + int(abstained.split()[0]) == 4
    assert hidden == "  0 (0.0%) not observable: no thought in <think> tags"
    assert failed == "  0 (0.0%) failed requests"
    assert unjudged == "  0 (0.0%) unjudged"
    assert log.read_bytes() == before
    assert len(read_verdicts(results / "verdicts.jsonl")) == 12
    assert judge(results).stdout.splitlines()[0].endswith(", 12 from before")


@pytest.mark.parametrize("kind", ["cascade", "rule", "letter-force", "llm", "panel"])
def test_what_has_no_thought_is_not_observable_and_no_judge_is_said_to_abstain(
    kind: str, make_record: Make, tmp_path: Path, serve_chat: Serve, server: Server
) -> None:
    hidden = {"think": None, "completion": "<answer>A</answer>"}
    records = [make_record(item_id=str(i), **(hidden if i < 7 else {})) for i in range(10)]
    records += [make_record(item_id=str(i), condition="stop_think_user", **hidden) for i in range(2)]
    lines = [json.dumps({"faith": to_json(record)}) + "\n" for record in records]
    (tmp_path / "20260101_000000_samples_faith_toys_base.jsonl").write_text("".join(lines))
    asked = ["--judge-url", serve_chat(server), "--model", "m"] if kind in ("llm", "panel") else []
    done = judge(tmp_path, "--judge", kind, *asked)
    assert done.exit_code == 0, done.output
    counts = {
        line.split(") ", 1)[1]: line.split()[0]
        for line in done.stdout.splitlines()
        if line.startswith("  ") and "%" in line
    }
    assert counts["not observable: no thought in <think> tags"] == "7"
    # What was told not to think, and what the letters alone can't tell of the other three.
    assert counts["abstained"] == ("5" if kind == "letter-force" else "2")
    found = read_verdicts(tmp_path / "verdicts.jsonl", kind)
    assert [one.outcome for one in found.values()][:7] == ["abstained"] * 7
    again = judge(tmp_path, "--judge", kind, *asked)
    assert again.stdout == done.stdout.replace(", 0 from before", ", 12 from before")


@pytest.mark.parametrize(("kind", "decided"), [("rule", 8), ("letter-force", 0)])
def test_one_judge_alone(kind: str, decided: int, results: Path, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere" / "v.jsonl"
    done = judge(results, "--judge", kind, "--out", str(out))
    assert done.exit_code == 0, done.output
    assert f"\n  {decided} ({decided / 12:.1%}) decided by {kind}-" in done.stdout
    assert not (results / "verdicts.jsonl").exists()
    assert len(read_verdicts(out)) == 12


def test_a_model_is_asked_only_about_what_is_left_and_once(results: Path, serve_chat: Serve, server: Server) -> None:
    url = serve_chat(server)
    done = judge(results, "--judge-url", url, "--model", "m")
    assert done.exit_code == 0, done.output
    left = 12 - 8 - int(done.stdout.split(" end on none")[0].splitlines()[-1].split()[0])
    assert len(server.asked) == left
    assert f"  {left} ({left / 12:.1%}) decided by llm:m:blind-1\n" in done.stdout
    assert judge(results, "--judge-url", url, "--model", "m").exit_code == 0
    assert len(server.asked) == left


def test_what_could_not_be_judged_ends_with_code_3_and_is_asked_for_again(
    results: Path, serve_chat: Serve, server: Server
) -> None:
    server.failing = "thing 5?"
    arguments = ["--judge", "llm", "--judge-url", serve_chat(server), "--model", "m"]
    done = judge(results, *arguments)
    assert done.exit_code == 3, done.output
    assert ": 11 verdicts of llm:m:blind-1, 0 from before\n" in done.stdout
    assert done.stdout.endswith("  1 (8.3%) unjudged\n")
    server.failing, server.asked = "", []
    done = judge(results, *arguments)
    assert (done.exit_code, len(server.asked)) == (0, 1)
    assert ": 12 verdicts of llm:m:blind-1, 11 from before\n" in done.stdout


def test_replies_are_kept_where_they_are_asked_to_be(results: Path, serve_chat: Serve, server: Server) -> None:
    arguments = ["--judge", "llm", "--judge-url", serve_chat(server), "--model", "m"]
    judge(results, *arguments)
    (results / "verdicts.jsonl").unlink()
    assert judge(results, *arguments).exit_code == 0
    assert len(server.asked) == 12
    judge(results, *arguments, "--out", str(results / "other.jsonl"), "--cache", str(results / "mine.sqlite"))
    assert len(server.asked) == 24
    assert (results / "mine.sqlite").exists()


def test_a_spent_budget_leaves_the_rest_unjudged(results: Path, serve_chat: Serve, server: Server) -> None:
    arguments = ["--judge", "llm", "--judge-url", serve_chat(server), "--model", "m"]
    done = judge(results, *arguments, "--max-requests", "5")
    assert (done.exit_code, len(server.asked)) == (3, 5)
    assert done.stdout.endswith("  7 (58.3%) unjudged\n")
    assert judge(results, *arguments).exit_code == 0
    assert len(server.asked) == 12
    done = judge(results, *arguments, "--out", str(results / "b" / "v.jsonl"), "--max-tokens", "0")
    assert (done.exit_code, len(server.asked)) == (3, 12)


def test_a_panel_prints_how_far_its_judges_agree(results: Path, serve_chat: Serve, completion: Any) -> None:
    one, other = Server(completion), Server(completion)
    other.letter = "B"
    urls = [serve_chat(one), serve_chat(other)]
    given = [part for url, name in zip(urls, "ab") for part in ("--judge-url", url, "--model", name)]
    done = judge(results, "--judge", "panel", *given, "--prompt", "blind-1")
    assert done.exit_code == 0, done.output
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert ": 12 verdicts of panel-majority-1(rule-" in lines[0]
    # The rule and a: seven alike and one not; a and b never.
    assert "12 records that two judges or more rated" in done.stdout
    assert {"12 rated by llm:a:blind-1", "12 rated by llm:b:blind-1"} < set(lines)
    assert any(line.startswith("8 rated by rule-") for line in lines)
    assert "Cohen's kappa 0.000 of llm:a:blind-1 and llm:b:blind-1" in lines
    assert {line.split()[0] for line in lines if line[:3] in ("raw", "Fle", "Gwe")} == {"raw", "Fleiss'", "Gwet's"}
    found = read_verdicts(results / "verdicts.jsonl", "panel")
    # The rule and a outvote b on seven, the rule and b outvote a on one, and the rest is a tie.
    assert [one.outcome for one in found.values()] == ["decided"] * 8 + ["abstained"] * 4
    strict = judge(results, "--judge", "panel", *given, "--vote", "strict")
    assert strict.exit_code == 0
    assert (len(one.asked), len(other.asked)) == (12, 12)
    outcomes = [one.outcome for one in read_verdicts(results / "verdicts.jsonl", "panel-strict").values()]
    assert outcomes == ["abstained"] * 12


MODEL = ["--judge-url", "http://127.0.0.1:9/v1", "--model", "m"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--judge", "llm"], "--judge llm asks one model, 0 are given", id="no model"),
        pytest.param(["--judge", "llm", *MODEL, *MODEL], "asks one model, 2 are given", id="two models"),
        pytest.param(["--judge", "panel"], "--judge panel seats the rule judge and models", id="panel of nobody"),
        pytest.param(["--judge", "panel", *MODEL, *MODEL], "name each once", id="panel of twins"),
        pytest.param(["--judge", "rule", *MODEL], "--judge rule asks no model", id="rule with a model"),
        pytest.param(
            ["--judge", "letter-force", *MODEL], "--judge letter-force asks no model", id="letters with a model"
        ),
        pytest.param(["--model", "m"], "--judge-url is given 0 times for 1 models", id="no URL"),
        pytest.param(MODEL[:2], "--judge-url is given and no --model", id="URL alone"),
        pytest.param([*MODEL, *MODEL, *MODEL[:2]], "--judge-url is given 3 times for 2 models", id="too many URLs"),
        pytest.param(["--judge-url", "here", "--model", "m"], "the URL is no address", id="no address"),
    ],
)
def test_a_judge_that_can_not_be_had_ends_with_code_1_and_one_line(
    arguments: list[str], message: str, results: Path
) -> None:
    done = judge(results, *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.suffix for path in results.iterdir()] == [".jsonl"]


@pytest.mark.parametrize(
    "arguments", [["--judge", "wizard"], ["--prompt", "blind-9"], ["--vote", "most"], ["--concurrency", "0"]]
)
def test_wrong_arguments_end_with_code_2(arguments: list[str], results: Path) -> None:
    assert judge(results, *arguments).exit_code == 2


def test_no_logs_broken_logs_and_broken_verdicts_end_with_code_1(results: Path, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert judge(tmp_path / "none").exit_code == 1
    (results / "verdicts.jsonl").write_text("my notes\n")
    done = judge(results)
    assert done.exit_code == 1
    assert "verdicts.jsonl, line 1: no verdict" in done.stderr.replace("\n", "")
    (results / "verdicts.jsonl").unlink()
    (log,) = results.iterdir()
    log.write_text(log.read_text() + "{}\n")
    done = judge(results)
    assert done.exit_code == 1
    assert "line 13" in done.stderr.replace("\n", "")


@pytest.mark.slow
def test_ctrl_c_ends_with_code_130_and_the_same_command_goes_on(
    results: Path, serve_chat: Serve, server: Server
) -> None:
    stopped = Event()

    def held(asked: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        reply = server(asked)
        if len(server.asked) >= 3:
            stopped.wait(60)
        return reply

    command = [sys.executable, "-m", "lmms_faith", "judge", str(results), "--judge", "llm", "--model", "m"]
    command += ["--judge-url", serve_chat(held), "--concurrency", "1"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while len(server.asked) < 3 and run.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130, said
    assert "the same command goes on" in said
    assert "Traceback" not in said
    stopped.set()
    assert len(server.asked) == 3
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ": 12 verdicts of llm:m:blind-1" in again.stdout
    # Replies that came are in the cache; what was under way is asked for again.
    assert len(server.asked) == 13
