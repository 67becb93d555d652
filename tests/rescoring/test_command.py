"""`lmms-faith score` from files to table."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lmms_faith.cli import app
from lmms_faith.record import Record, to_json
from lmms_faith.report.logs import read_records
from lmms_faith.rescoring.plain import line_of

pytestmark = pytest.mark.slow

DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[2]
Make = Callable[..., Record]


def score(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["score", *map(str, arguments)])


def test_every_row_is_accounted_for_and_the_table_is_printed(tmp_path: Path) -> None:
    done = score(DATA, "--model", "toy", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    first, *rest = done.output.splitlines()
    assert first == "18 of 21 rows of 6 files make records"
    assert any(
        re.match(r"  3 left out: its item comes twice .*\(the first: .*, .*: item '\w+'\)", line) for line in rest
    )
    assert any(line.startswith("  9 without category, image and claim") for line in rest)
    for title in ("cv_bench (prompt) · toy", "mmbench_en_dev · toy", "vstar (prompt) · toy", "toys · toy"):
        assert title in done.output
    assert "MMBench en dev · toy: official score under base: circular" in done.output
    assert rest[-1] == f"Logs: {tmp_path / 'out'}"
    assert len(list(read_records(tmp_path / "out"))) == 18


def test_two_conditions_scored_one_after_the_other_stand_in_one_table(tmp_path: Path, make_record: Make) -> None:
    for condition, prediction in (("base", 0), ("wrong_caption", 1)):
        record = make_record(condition=condition, completion=f"The answer is ({'AB'[prediction]}).", prefill="")
        line = line_of(record)
        del line["condition"]
        path = tmp_path / f"{condition}.jsonl"
        path.write_text(json.dumps(line) + "\n")
        done = score(path, "--condition", condition, "--out", tmp_path / "out")
        assert done.exit_code == 0, done.output
    [base, misled] = [line.split() for line in done.output.splitlines() if line.strip().startswith(("base", "wrong_"))]
    assert (base[0], misled[0]) == ("base", "wrong_caption")
    assert "100.0" in base[2]
    assert "+100.0" in " ".join(misled)


def test_our_own_logs_come_out_as_they_went_in(tmp_path: Path, make_record: Make) -> None:
    these = [make_record(item_id=str(n), condition=name) for name in ("base", "wrong_think") for n in range(2)]
    log = tmp_path / "20260101_000000_samples_faith_toys.jsonl"
    log.write_text("".join(json.dumps({"faith": to_json(one)}) + "\n" for one in these))
    assert score(log, "--out", tmp_path / "out").exit_code == 0
    assert list(read_records(tmp_path / "out")) == these


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        pytest.param('{"item_id": "1"}', [], "a.jsonl, line 1, field 'completion': is missing", id="a missing field"),
        pytest.param('{"item_id": "1"', [], "a.jsonl, line 1: is no JSON", id="a broken line"),
        pytest.param("hello", [], "a.jsonl: starts with 'hello'; expected an lmms-eval sample log", id="another file"),
        pytest.param(
            '{"doc_id": 0, "target": "A"}',
            ["--benchmark", "b"],
            "no row makes a record; see the reasons",
            id="no record",
        ),
    ],
)
def test_a_failure_is_one_line_and_writes_nothing(
    content: str, arguments: list[str], message: str, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(content)
    done = score(tmp_path / "a.jsonl", "--out", tmp_path / "out", *arguments)
    assert done.exit_code == 1
    assert done.stderr.startswith("lmms-faith: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "does not exist"),
        ([], "Missing argument"),
        ([str(DATA), "--format", "excel"], "'excel' is not one of"),
    ],
)
def test_wrong_arguments_end_with_code_2(arguments: list[str], message: str) -> None:
    done = score(*arguments)
    assert done.exit_code == 2
    assert message in " ".join(done.output.replace("│", " ").split())


HEAVY = ("torch", "transformers", "lmms_eval", "pandas", "datasets")


def test_scoring_imports_neither_torch_nor_the_host(tmp_path: Path) -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from lmms_faith.cli import app; "
        f"done = CliRunner().invoke(app, ['score', {str(DATA)!r}, '--out', {str(tmp_path)!r}]); "
        f"print(done.exit_code, *(name for name in {HEAVY!r} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["0"]
