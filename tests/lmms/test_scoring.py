"""`lmms-faith score` on what the real host writes: our own tasks' logs, and those of its own tasks."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lmms_faith.benchmarks import benchmark
from lmms_faith.cli import app
from lmms_faith.report.logs import read_records
from lmms_faith.rescoring.answer import Answer, Given, record_of
from lmms_faith.rescoring.fields import Fields, Place
from lmms_faith.rescoring.plain import answer_of, line_of
from tests.rescoring.data.make_lmms_eval_logs import TASKS, run, save, write_data

pytestmark = pytest.mark.host

OURS = [
    *(f"faith_shapes_{name}" for name in ("base", "wrong_caption", "stop_think", "wrong_think_but_abstain")),
    "faith_mathvista_wrong_caption",
]


def score(*arguments):
    done = CliRunner().invoke(app, ["score", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def ours(evaluate, drawn_data, tmp_path_factory):
    """A run of our tasks on the tiny model, and the folder of its logs."""
    from lmms_eval.loggers import EvaluationTracker

    folder = tmp_path_factory.mktemp("ours")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in drawn_data.items():
            patch.setenv(name, value)
        tracker = EvaluationTracker(output_path=str(folder))
        results = evaluate(OURS, evaluation_tracker=tracker)
    save(dict(results), tracker)
    return results, folder


def by_key(records):
    return {record.key: record for record in records}


def test_a_runs_own_logs_are_its_records(ours, records, tmp_path):
    results, folder = ours
    output = score(folder, "--out", tmp_path)
    assert f"{3 * len(OURS)} of {3 * len(OURS)} rows" in output
    assert by_key(read_records(tmp_path)) == by_key(records(results))


def test_real_records_written_as_plain_lines_make_the_same_records_again(ours, tmp_path):
    these = list(read_records(ours[1]))
    assert any(one.letter_logprobs for one in these)
    assert any(one.value_logprobs for one in these)
    place = Place(Path("a.jsonl"), "line 1")
    again = [answer_of(Fields(place, json.loads(json.dumps(line_of(one)))), Given()) for one in these]
    assert [record_of(one) for one in again if isinstance(one, Answer)] == these
    path = tmp_path / "plain.jsonl"
    path.write_text("".join(json.dumps(line_of(one)) + "\n" for one in these))
    score(path, "--out", tmp_path / "out")
    assert by_key(read_records(tmp_path / "out")) == by_key(these)


@pytest.fixture(scope="module")
def stock(tmp_path_factory, model_args, cli_defaults):
    """A run of the host's own tasks on the tiny model: the folder of its data and the folder of its logs."""
    data, folder = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("stock")
    write_data(data)
    options = {"model": "faith_hf", "model_args": model_args["faith_hf"], "batch_size": 4, "cli_args": cli_defaults}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # the host's MMBench writes its submission files beneath
        results, tracker = run(data, data, folder, gen_kwargs="max_new_tokens=48", **options)
    with_rows = folder / "older" / "20250101_000000_samples_cv_bench.jsonl"
    with_rows.parent.mkdir()
    # Hosts before 0.7 logged a row's data as well, which this one takes out as it writes.
    with_rows.write_text("".join(json.dumps(one, default=str) + "\n" for one in results["samples"]["cv_bench"]))
    save(results, tracker)
    return data, folder


def test_stock_logs_keep_what_our_models_return_beside_the_text(stock, model_path, tmp_path):
    _, folder = stock
    output = score(*folder.rglob("*_samples_mmbench*.jsonl"), "--out", tmp_path)
    found = list(read_records(tmp_path))
    assert f"{len(found)} of {len(found)} rows" in output
    assert {(one.benchmark, one.model) for one in found} == {("mmbench_en_dev", str(model_path))}
    assert all(one.finish in ("stop", "length") and "lmms_faith_evidence" not in one.completion for one in found)
    assert all(one.letter_logprobs and len(one.letter_logprobs) == len(one.options) for one in found)


@pytest.mark.parametrize("task", ["cv_bench", "vstar_bench"])
def test_with_the_data_at_hand_the_items_are_our_own(stock, task, monkeypatch, tmp_path):
    data, folder = stock
    monkeypatch.setenv("LMMS_FAITH_DATA", str(data))
    [log] = [path for path in folder.rglob(f"*_samples_{task}.jsonl") if path.parent.name != "older"]
    _, name, _ = TASKS[task]
    without, held = tmp_path / "without", tmp_path / "held"
    assert "since the item was read off the prompt" in score(log, "--out", without)
    assert "read off the prompt" not in score(log, "--data", "--out", held)
    assert {one.benchmark for one in read_records(without)} == {f"{name} (prompt)"}
    found = list(read_records(held))
    assert {one.benchmark for one in found} == {name}
    assert all(one.claimed is not None and one.category for one in found)
    assert [(one.gold, one.correct) for one in found] == [(one.gold, one.correct) for one in read_records(without)]


def test_a_log_with_the_rows_needs_no_data(stock, monkeypatch, tmp_path):
    data, folder = stock
    score(folder / "older", "--out", tmp_path / "rows")
    monkeypatch.setenv("LMMS_FAITH_DATA", str(data))
    [log] = [path for path in folder.rglob("*_samples_cv_bench.jsonl") if path.parent.name != "older"]
    score(log, "--data", "--out", tmp_path / "data")
    assert list(read_records(tmp_path / "rows")) == list(read_records(tmp_path / "data"))
    assert benchmark("cv_bench").headline is not None


def test_data_that_are_not_at_hand_are_an_error(stock, monkeypatch, tmp_path):
    _, folder = stock
    monkeypatch.setenv("LMMS_FAITH_DATA", f"vstar={tmp_path / 'nowhere'}")
    [log] = folder.rglob("*_samples_vstar_bench.jsonl")
    done = CliRunner().invoke(app, ["score", str(log), "--data", "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "benchmark 'vstar': no data at hand" in done.stderr
