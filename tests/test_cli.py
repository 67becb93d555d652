import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lmms_faith.cli import app
from lmms_faith.conditions import CONDITIONS
from lmms_faith.record import Record, to_json

Make = Callable[..., Record]
COMMANDS = (
    "run",
    "demo",
    "table",
    "summary",
    "explain",
    "compare",
    "extract",
    "judge",
    "score",
    "conditions",
    "tasks",
    "doctor",
)


@pytest.fixture
def results(tmp_path: Path, make_record: Make) -> Path:
    for condition in ("base", "wrong_think"):
        record = make_record(condition=condition, prediction=int(condition == "wrong_think"))
        log = tmp_path / f"20260101_000000_samples_faith_toys_{condition}.jsonl"
        log.write_text(json.dumps({"faith": to_json(record)}) + "\n")
    return tmp_path


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_lists_every_command(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert all(command in result.output for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"lmms-faith {command}" in result.output or f" {command} " in result.output


def test_the_module_starts_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "lmms_faith", "--help"], capture_output=True, text=True, check=True)
    assert "Usage: lmms-faith" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["tabel"], "No such command 'tabel'", id="unknown command"),
        pytest.param(["table"], "Missing argument", id="no folder"),
        pytest.param(["table", "nowhere/at/all"], "does not exist", id="folder that is not there"),
        pytest.param(["table", ".", "--format", "xml"], "'xml' is not one of", id="unknown format"),
        pytest.param(["demo", "--limit", "0"], "'--limit'", id="no items"),
        pytest.param(["demo", "--limmit", "1"], "--limmit", id="misspelt option"),
        pytest.param(["doctor"], "--model", id="no model"),
    ],
)
def test_wrong_arguments_end_with_code_2_and_name_the_argument(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())


def test_the_table_is_printed_for_the_terminal(results: Path) -> None:
    result = CliRunner().invoke(app, ["table", str(results)])
    assert result.exit_code == 0, result.output
    assert "toys · m" in result.output
    line, warning = (line for line in result.output.splitlines() if "wrong_think" in line)
    assert "can't carry a claim" in warning
    assert line.split()[:3] == ["wrong_think", "1", "100.0"]
    assert "+100.0" in line


def test_the_table_is_printed_as_markdown(results: Path) -> None:
    result = CliRunner().invoke(app, ["table", str(results), "--format", "markdown"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[:2] == ["**toys · m**", ""]
    assert lines[2].startswith("| condition | n |")
    assert [line.split(" | ")[0] for line in lines[4:6]] == ["| base", "| wrong_think"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "run lmms-eval with --log_samples", id="no logs"),
        pytest.param("{}\n", "samples_faith_toys_base.jsonl, line 1: no faith record", id="a broken log"),
    ],
)
def test_bad_results_end_with_code_1_and_one_line(content: str | None, message: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "20260101_000000_samples_faith_toys_base.jsonl").write_text(content)
    result = CliRunner().invoke(app, ["table", str(tmp_path)])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("lmms-faith: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_item_logged_twice_ends_with_code_1(results: Path, make_record: Make) -> None:
    again = results / "again"
    again.mkdir()
    log = again / "20260101_000000_samples_faith_toys_base.jsonl"
    log.write_text(json.dumps({"faith": to_json(make_record())}) + "\n")
    result = CliRunner().invoke(app, ["table", str(results)])
    assert result.exit_code == 1
    assert "comes twice; read one run at a time" in result.stderr


def test_conditions_prints_every_condition() -> None:
    result = CliRunner().invoke(app, ["conditions"])
    assert result.exit_code == 0
    assert all(f"\n## `{name}`\n" in result.output for name in CONDITIONS)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--model", "faith_hf", "-h"]])
def test_run_explains_itself_where_nothing_is_asked_or_help_is(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["run", *arguments])
    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert "All arguments but the options below go to lmms-eval" in said
    assert "--suite mini" in said
    assert "* 3: results are written, but some requests failed" in said
