import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lmms_faith.cli import app
from lmms_faith.report.logs import read_records
from lmms_faith.simulation import Parameters, known

FEW = ["simulate", "--items", "60", "--replicates", "6", "--resamples", "100"]


def test_a_table_of_what_is_known_is_printed() -> None:
    done = CliRunner().invoke(app, [*FEW, "--metric", "acc", "--metric", "ece", "--format", "markdown"])
    assert done.exit_code == 0, done.output
    assert "| measure | under | truth | mean estimate | off by | coverage, % |" in done.output
    assert "| acc | wrong_caption |" in done.output
    assert "| ece* | wrong_caption |" in done.output
    assert "6 numbers, 6 replicates: the intervals hold the truth in" in done.output


def test_all_conditions_are_printed_where_asked_for() -> None:
    done = CliRunner().invoke(app, [*FEW, "--metric", "acc", "--all", "--format", "markdown"])
    assert [line.split("|")[2].strip() for line in done.output.splitlines() if line.startswith("| acc")] == [
        "base",
        "wrong_caption",
        "wrong_caption_disclaimer",
        "base_abstain",
        "base (simulated_values)",
        "wrong_caption (simulated_values)",
    ]


def test_only_the_conditions_asked_for_are_simulated() -> None:
    named = ["--condition", "base", "--condition", "wrong_think"]
    done = CliRunner().invoke(app, [*FEW, "--metric", "acc_drop", *named, "--all", "--format", "markdown"])
    assert [line.split("|")[2].strip() for line in done.output.splitlines() if line.startswith("| acc")] == [
        "wrong_think"
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--items", "50"], "50 items do not come in images of 3; give a multiple of 3"),
        (["--set", "luck=1"], "there is no parameter 'luck'; choose from: images, each, options"),
        (["--set", "failed=2"], "failed is 2.0; give a number from 0 to 1"),
        (["--set", "failed=much"], "failed=much: give a number, as in failed=0.04"),
        (["--metric", "mcnemar_p"], "nothing is known of mcnemar_p"),
        (["--metric", "luck"], "unknown metric 'luck'"),
        (["--condition", "stop_think"], "condition 'stop_think' can't be simulated; choose from: base,"),
    ],
)
def test_what_can_not_be_simulated_is_said(arguments: list[str], message: str) -> None:
    done = CliRunner().invoke(app, [*FEW, *arguments])
    assert done.exit_code == 1
    assert message in " ".join(done.output.split())


def test_a_sample_is_written_with_its_truths(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["simulate", "--items", "60", "--set", "failed=0.1", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    records = list(read_records(tmp_path))
    assert len(records) == 60 * 6
    with (tmp_path / "truths.csv").open(encoding="utf-8") as file:
        found = {
            (row["benchmark"], row["condition"], row["metric"]): float(row["truth"]) for row in csv.DictReader(file)
        }
    assert found == known(Parameters(images=20, failed=0.1))
    assert found["simulated", "base", "failed"] == 0.1
