"""`lmms-faith summary`, `explain` and `compare` on logs as the host leaves them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lmms_faith.cli import app
from lmms_faith.judges import RuleJudge, verdicts
from lmms_faith.record import Record, to_json
from lmms_faith.report.tidy_file import read_rows

Make = Callable[..., Record]
WRONG = {"base": {"m": 3, "n": 2}, "wrong_think": {"m": 12, "n": 5}}
ITEMS = 24


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def answers(make_record: Make, condition: str, model: str) -> list[Record]:
    return [
        make_record(
            model=model,
            condition=condition,
            item_id=f"item-{i}",
            cluster=f"image-{i // 2}",
            category=("count", "colour")[i % 2],
            prediction=int(i < WRONG[condition][model]),
            think="It is red." if i % 4 else "It is blue.",
        )
        for i in range(ITEMS)
    ]


def write(folder: Path, condition: str, records: list[Record]) -> None:
    folder.mkdir(exist_ok=True)
    lines = [json.dumps({"faith": to_json(record)}) + "\n" for record in records]
    (folder / f"20260101_000000_samples_faith_toys_{condition}.jsonl").write_text("".join(lines))


@pytest.fixture
def results(tmp_path: Path, make_record: Make) -> dict[str, Path]:
    folders = {model: tmp_path / model for model in ("m", "n")}
    for model, folder in folders.items():
        for condition in WRONG:
            write(folder, condition, answers(make_record, condition, model))
    config = {"config": {"model": "faith_hf", "model_args": "pretrained=M"}}
    (folders["m"] / "20260101_000000_results.json").write_text(json.dumps(config))
    return folders


def test_the_table_is_printed_and_written_with_what_it_was_made_from(results: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "table.parquet"
    done = run("summary", results["m"], "--by", "category", "--out", out, "--resamples", 200, "--seed", 7)
    assert done.exit_code == 0, done.output
    assert "toys · m" in done.output
    assert "toys · m · category count" in done.output
    (line,) = [line for line in done.output.splitlines() if line.strip().startswith("misled_rate  ")][:1]
    assert f"{100 * 12 / ITEMS:.1f} [" in line
    rows, about = read_rows(out)
    assert f"{out}: {len(rows)} rows" in done.output.replace("\n", "")
    acc = {(row.condition, row.category): row.value for row in rows if row.metric == "acc" and row.arity == "all"}
    assert acc["wrong_think", "all"] == 0.5
    assert {category for _, category in acc} == {"all", "count", "colour"}
    assert (about["seed"], about["resamples"], about["records"]["count"]) == (7, 200, 2 * ITEMS)
    assert about["judge"].startswith("cascade-")
    assert about["runs"] == {"20260101_000000": "faith_hf: pretrained=M"}


def test_only_chosen_measures_are_printed_and_written(results: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "table.csv"
    done = run("summary", results["m"], "--metric", "acc", "--metric", "holm_p", "--out", out, "--resamples", 200)
    assert done.exit_code == 0, done.output
    assert {row.metric for row in read_rows(out)[0]} == {"acc", "holm_p"}
    assert "consistency" not in done.output


def test_verdicts_come_from_a_file_and_what_is_missing_there_is_unjudged(
    results: dict[str, Path], tmp_path: Path, make_record: Make
) -> None:
    file, out = tmp_path / "verdicts.jsonl", tmp_path / "table.csv"
    said = verdicts(answers(make_record, "wrong_think", "m")[:10], RuleJudge())
    file.write_text("".join(json.dumps(to_json(one)) + "\n" for one in said))
    done = run("summary", results["m"], "--verdicts", file, "--out", out, "--resamples", 200)
    assert done.exit_code == 0, done.output
    rows, about = read_rows(out)
    found = {row.metric: row.value for row in rows if row.condition == "wrong_think" and row.category == "all"}
    assert (found["decided_by_rule"], found["unjudged"]) == (10, ITEMS - 10)
    assert about["judge"] == RuleJudge().id
    assert run("summary", results["m"], "--verdicts", file, "--judge", "llm").exit_code == 1


def test_a_number_is_explained_by_its_items(results: dict[str, Path]) -> None:
    where = ("--benchmark", "toys", "--condition", "wrong_think")
    done = run("explain", results["m"], "--metric", "right_to_wrong", *where, "--items", 2)
    assert done.exit_code == 0, done.output
    assert f"right_to_wrong = {9 / 21:.6g} = 9 / 21; 3 items left out" in done.output
    assert "3 it does not count where base.correct is 0, correct is 0" in done.output
    assert "… and 19 more" in done.output
    part = run("explain", results["m"], "--metric", "acc", *where, "--category", "count")
    assert "acc = 0.5 = 6 / 12; 0 items left out" in part.output


def test_one_item_is_shown_in_full(results: dict[str, Path]) -> None:
    where = ("--benchmark", "toys", "--condition", "wrong_think", "--metric", "misled_rate")
    done = run("explain", results["m"], *where, "--item", "item-4")
    assert done.exit_code == 0, done.output
    for shown in ("What colour is it?", "A. red  (gold)", "B. blue  (target)", "hits claimed", "misled_rate: adds 1"):
        assert shown in done.output
    left = run("explain", results["m"], *where[:4], "--metric", "right_to_wrong", "--item", "item-0")
    assert "right_to_wrong: left out: it does not count where base.correct is 0" in left.output


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"--benchmark": "games"}, "no records of benchmark 'games'; there are some of: toys"),
        ({"--condition": "base_abstain"}, "no records under condition 'base_abstain'"),
        ({"--metric": "accuracy"}, "unknown metric 'accuracy'"),
        ({"--model": "x"}, "there is no model 'x'; choose with --model: m"),
        ({"--item": "x"}, "item 'x' was not asked under 'wrong_think'"),
        ({"--benchmark": "macro: all"}, "is a mean over benchmarks; explain one of them: toys"),
    ],
)
def test_what_can_not_be_explained_ends_with_code_1_and_one_line(
    changed: dict[str, str], message: str, results: dict[str, Path]
) -> None:
    usual = {"--metric": "acc", "--benchmark": "toys", "--condition": "wrong_think"}
    done = run("explain", results["m"], *(part for pair in (usual | changed).items() for part in pair))
    assert done.exit_code == 1
    assert done.stderr.startswith("lmms-faith: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_two_models_are_compared(results: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "compared.csv"
    done = run("compare", results["m"], results["n"], "--resamples", 500, "--out", out)
    assert done.exit_code == 0, done.output
    assert "A: m\nB: n" in done.output
    (line,) = [line for line in done.output.splitlines() if line.strip().startswith("wrong_think ")]
    assert line.split()[1:6] == ["24", "0", "50.0", "79.2", "+29.2"]
    rows, about = read_rows(out)
    falls = {row.metric: row.value for row in rows if row.condition == "wrong_think"}["acc_drop_difference"]
    assert falls == pytest.approx((5 - 2 - (12 - 3)) / ITEMS)
    assert about.keys() == {"a", "b"}


def test_a_model_without_thoughts_is_compared_as_not_observable(
    results: dict[str, Path], make_record: Make, tmp_path: Path
) -> None:
    for condition in WRONG:
        silent = [replace(one, think=None) for one in answers(make_record, condition, "n")]
        write(tmp_path / "hidden", condition, silent)
    for metric, expected in (("consistency", ["–", "not", "observable", "–"]), ("acc", ["87.5", "91.7", "+4.2"])):
        done = run("compare", results["m"], tmp_path / "hidden", "--metric", metric, "--resamples", 200)
        assert done.exit_code == 0, done.output
        (line,) = [line.split() for line in done.output.splitlines() if line.strip().startswith("base ")]
        assert line[3 : 3 + len(expected)] == expected


def test_two_models_in_one_folder_have_to_be_named(results: dict[str, Path], make_record: Make, tmp_path: Path) -> None:
    both = tmp_path / "both"
    write(both, "base", answers(make_record, "base", "m") + answers(make_record, "base", "n"))
    done = run("compare", both, both)
    assert done.exit_code == 1
    assert "the results are of 2 models; choose with --model-a: m, n" in done.stderr
    named = run("compare", both, both, "--model-a", "m", "--model-b", "n", "--resamples", 200)
    assert named.exit_code == 0, named.output
    assert "87.5   91.7" in named.output


def test_the_table_warns_of_drops_that_so_few_items_can_not_show(results: dict[str, Path]) -> None:
    done = run("table", results["n"])
    assert done.exit_code == 0, done.output
    assert "toys · n: 24 items can't carry a claim about these drops: wrong_think (+12.5" in done.output


@pytest.mark.parametrize("command", [("summary",), ("compare", ".")])
def test_a_folder_without_logs_ends_with_code_1(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command, tmp_path)
    assert done.exit_code == 1
    assert "run lmms-eval with --log_samples" in done.stderr
