"""The command line, in processes of its own: what it writes, and an exit code that tells the truth."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lmms_faith.lmms.channel import MARK
from lmms_faith.lmms.paths import task_dir
from lmms_faith.lmms.plugin import OPT_OUT
from lmms_faith.report.logs import read_records

pytestmark = pytest.mark.host

SHORT = ["--gen_kwargs", "max_new_tokens=96", "--verbosity", "WARNING"]


@pytest.fixture
def written(tmp_path):
    """The result files of a run into `tmp_path / "out"`, besides the answers kept for resuming."""

    def names():
        files = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.parent.name != "answers"]
        return sorted(path.name.split("_", 2)[-1] for path in files)

    return names


def asked(model, model_args, tasks, tmp_path, *more):
    where = ["--output_path", str(tmp_path / "out")]
    return ["--model", model, "--model_args", model_args[model], "--tasks", tasks, *where, *SHORT, *more]


def test_the_hosts_own_command_needs_no_further_flag(shell, model_args, tmp_path):
    arguments = asked("faith_hf", model_args, "faith_shapes_wrong_think", tmp_path, "--limit", "2", "--log_samples")
    ran = shell("lmms-eval", *arguments)
    [results] = (tmp_path / "out").rglob("*_results.json")
    assert "faith_shapes_wrong_think" in ran.stdout
    assert json.loads(results.read_text())["results"]["faith_shapes_wrong_think"]["acc,none"] is not None
    found = list(read_records(tmp_path / "out"))
    assert [record.item_id for record in found] == ["shapes-000000", "shapes-000001"]
    assert all(record.prefill and record.letter_logprobs and not record.error for record in found)
    [log] = (tmp_path / "out").rglob("*.jsonl")  # the host alone keeps no answers
    assert MARK.strip() not in log.read_text()


def test_opted_out_the_host_does_not_know_the_task(shell, model_args, tmp_path, written):
    arguments = asked("faith_hf", model_args, "faith_shapes_wrong_think", tmp_path, "--limit", "1")
    ran = shell("lmms-eval", *arguments, **{OPT_OUT: "1"})
    assert "Tasks not found: faith_shapes_wrong_think" in ran.stdout + ran.stderr
    assert written() == []


TASKS = ("faith_shapes_base", "faith_shapes_swapped_image", "faith_shapes_wrong_think")


@pytest.mark.parametrize(("items", "batch_size"), [(5, 3), (1, 4)], ids=str)
def test_two_processes_give_the_records_of_one_byte_for_byte(shell, model_args, tmp_path, items, batch_size):
    """With an odd number of items, and with fewer than ranks, the host fills a rank up with copies."""
    more = ("--limit", str(items), "--batch_size", str(batch_size))
    lines = {}
    for processes in ("1", "2"):
        arguments = asked("faith_hf", model_args, ",".join(TASKS), tmp_path / processes, *more)
        ran = shell("torchrun", "--nproc_per_node", processes, "-m", "lmms_faith", "run", *arguments)
        assert ran.returncode == 0, ran.stderr[-2000:]
        logs = (tmp_path / processes / "out").rglob("*_samples_*.jsonl")
        found = [json.loads(line)["faith"] for log in logs for line in log.read_text().splitlines()]
        lines[processes] = sorted(json.dumps(record) for record in found)
    assert len(lines["1"]) == len(TASKS) * items
    assert lines["2"] == lines["1"]


@pytest.fixture
def on_a_terminal(tmp_path):
    """Run a command on a pseudo-terminal, do something once it shows a text; its exit code and all that it showed."""
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")

    def call(arguments, awaited, act):
        leader, follower = os.openpty()
        size = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30", "OMP_NUM_THREADS": "1"}
        environment = {name: value for name, value in os.environ.items() if name != "TQDM_DISABLE"} | size
        program = str(Path(sys.executable).with_name("lmms-faith"))
        process = subprocess.Popen(
            [program, "run", *arguments],
            env=environment,
            stdin=follower,
            stdout=follower,
            stderr=follower,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # else a typed Ctrl-C is no signal
        )
        os.close(follower)
        shown, acted, limit = "", False, time.monotonic() + 240
        while time.monotonic() < limit:
            try:
                shown += os.read(leader, 65536).decode(errors="replace")
            except OSError:  # the other side is closed
                break
            if not acted and awaited in shown:
                act(process, leader)
                acted = True
        os.close(leader)
        return process.wait(timeout=30), re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", shown)

    return call


STOPS = {
    "ctrl-c": (lambda process, terminal: os.write(terminal, b"\x03"), 130),
    "sigterm": (lambda process, terminal: process.send_signal(signal.SIGTERM), 143),
}


@pytest.mark.slow
@pytest.mark.parametrize(("act", "code"), STOPS.values(), ids=STOPS.keys())
def test_stopped_on_a_terminal_it_shows_how_far_it_came_and_how_to_go_on(
    on_a_terminal, model_args, tmp_path, act, code
):
    tasks = "faith_shapes_base,faith_shapes_wrong_think"
    arguments = asked("faith_hf", model_args, tasks, tmp_path, "--limit", "300", "--batch_size", "4")
    ended, shown = on_a_terminal(arguments, "acc", act)
    assert ended == code, shown[-2000:]
    assert re.search(r"shapes base +━[━╸╺]+ +\d+/300", shown)
    assert re.search(r"wrong_think +━?[━╸╺]+ +\d+/300 acc +[\d.]+% misled +[\d.]+%", shown)
    assert re.search(r"[\d.]+ items/s, 0:00:\d\d gone, 0:0\d:\d\d left", shown)
    said = " ".join(shown.split())
    assert re.search(
        r"lmms-faith: stopped: \d+ answers are kept in .*/out/ ?answers, and the same command goes on", said
    )


# In this process, since the host is already imported


@pytest.fixture
def run(tmp_path, monkeypatch):
    from lmms_faith.lmms.run import run

    monkeypatch.chdir(tmp_path)
    return run


def test_a_good_run_writes_results_and_samples_unasked(run, model_args, tmp_path, written):
    output = run(asked("faith_hf", model_args, "faith_shapes_wrong_caption", tmp_path, "--limit", "3"))
    assert output == tmp_path / "out"
    assert written() == ["results.json", "samples_faith_shapes_wrong_caption.jsonl"]


def test_a_groups_numbers_are_the_means_of_its_tasks_and_no_more_than_asked(run, model_args, tmp_path, with_drawn_data):
    """The host picks a group's metrics by substring of their names."""
    from lmms_faith.benchmarks import shipped
    from lmms_faith.lmms.scores import GROUP_METRICS, mean_known

    run(asked("dummy", model_args, "faith_wrong_caption", tmp_path, "--limit", "3"))
    [path] = (tmp_path / "out").rglob("*_results.json")
    results = {
        name: {key.removesuffix(",none"): value for key, value in numbers.items() if "_stderr" not in key}
        for name, numbers in json.loads(path.read_text())["results"].items()
    }
    group = results.pop("faith_wrong_caption")
    assert group.keys() - {"alias", "samples"} == set(GROUP_METRICS)
    assert results.keys() == {f"faith_{one.name}_wrong_caption" for one in shipped()}
    for name in GROUP_METRICS:
        values = [None if task[name] == "N/A" else task[name] for task in results.values()]
        assert group[name] == pytest.approx(mean_known(values)), name
    assert 0 < group["acc"] < 1


def test_the_folder_defaults_to_one_of_ours(run, model_args, tmp_path):
    arguments = ["--model", "dummy", "--model_args", "response=A", "--tasks", "faith_shapes_base", "--limit", "1"]
    assert str(run(arguments)) == "faith-results"
    [record] = read_records(tmp_path / "faith-results")
    assert (record.completion, record.prediction, record.letter_logprobs) == ("A", 0, None)


FAILED, REFUSED = 1, 2
ENDS = {
    "stock model and prefill": (
        FAILED,
        ["--model", "qwen2_5_vl", "--tasks", "faith_shapes_base,faith_shapes_wrong_think"],
        "faith_hf, faith_qwen2_5_vl",
    ),
    "unknown task": (
        REFUSED,
        ["--model", "dummy", "--tasks", "faith_shapes_wrong_thought"],
        "faith_shapes_wrong_thought",
    ),
    "unknown model": (FAILED, ["--model", "faith_nothing", "--tasks", "faith_shapes_base"], "faith_nothing"),
    "no task": (REFUSED, ["--model", "dummy"], "no task; give --suite mini"),
    "unknown flag": (
        REFUSED,
        ["--model", "dummy", "--tasks", "faith_shapes_base", "--no_such_flag"],
        "lmms-eval exits with 2",
    ),
    "no model folder": (
        FAILED,
        ["--model", "faith_hf", "--model_args", "pretrained=/nowhere", "--tasks", "faith_shapes_base"],
        "can't load model '/nowhere'",
    ),
    "a share of the items": (
        REFUSED,
        ["--model", "dummy", "--tasks", "faith_shapes_base", "--limit", "0.5"],
        "--limit 0.5: .* give a whole number",
    ),
    "beams": (
        FAILED,
        ["--model", "faith_hf", "--tasks", "faith_shapes_base", "--gen_kwargs", "num_beams=2"],
        "num_beams 2",
    ),
}


@pytest.mark.parametrize(("code", "arguments", "said"), ENDS.values(), ids=ENDS.keys())
def test_what_fails_says_why_and_writes_nothing(run, model_args, tmp_path, written, code, arguments, said):
    from lmms_faith.lmms.run import RunEnded

    if "--model_args" not in arguments:
        arguments = [*arguments, "--model_args", model_args.get(arguments[1], "response=A")]
    with pytest.raises(RunEnded, match=said) as ended:
        run([*arguments, *([] if "--limit" in arguments else ["--limit", "2"]), "--output_path", str(tmp_path / "out")])
    assert ended.value.code == code
    assert written() == []


def test_a_suite_that_there_is_none_of_is_refused(run):
    from lmms_faith.lmms.run import RunRefused

    with pytest.raises(RunRefused, match=r"did you mean mini\?"):
        run(["--model", "dummy"], suite="minni")


def test_a_suite_is_run_besides_the_tasks(run, model_args, tmp_path, written, with_drawn_data):
    run(asked("dummy", model_args, "faith_shapes_base", tmp_path, "--limit", "1"), suite="blank_image")
    logs = [name for name in written() if name.startswith("samples_")]
    assert {"samples_faith_shapes_base.jsonl", "samples_faith_vstar_blank_image.jsonl"} < set(logs)


def test_failed_requests_are_counted_and_their_results_are_written(run, tmp_path, written):
    from lmms_faith.lmms.run import RunIncomplete

    fault = {"dummy": "response=[LMMS_EVAL_REQUEST_FAILED] planted"}
    with pytest.raises(RunIncomplete) as ended:
        run(asked("dummy", fault, "faith_shapes_base,faith_shapes_wrong_caption", tmp_path, "--limit", "2"))
    assert ended.value.code == 3
    assert str(ended.value).startswith("4 of 4 requests failed and are not scored, most often (4) with ")
    assert "planted" in str(ended.value)
    assert "the same command asks them again" in str(ended.value)
    assert len(written()) == 3


BY_COMMAND = {
    "good": (["--model_args", "response=A", "--tasks", "faith_shapes_base"], 0, "Results are in "),
    "a suite": (["--suite", "minni"], 2, "lmms-faith: --suite minni: there is none of that name; did you mean mini?"),
    "failed requests": (
        ["--model_args", "response=[LMMS_EVAL_REQUEST_FAILED] planted", "--tasks", "faith_shapes_base"],
        3,
        "lmms-faith: 1 of 1 requests failed and are not scored",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "said"), BY_COMMAND.values(), ids=BY_COMMAND.keys())
def test_the_commands_exit_code_says_how_a_run_ended(tmp_path, arguments, code, said):
    from typer.testing import CliRunner

    from lmms_faith.cli import app

    where = ["--limit", "1", "--output_path", str(tmp_path / "out")]
    result = CliRunner().invoke(app, ["run", "--model", "dummy", *arguments, *where])
    assert result.exit_code == code, result.output
    assert said in result.output


def test_failures_of_other_tasks_are_their_own_affair(run, tmp_path, written):
    """A task of the host's own kind, under a name of ours so that the host's index is left out."""
    folder = tmp_path / "tasks"
    folder.mkdir()
    rows = [{"question": "Is it red?", "answer": "yes"}]
    (folder / "rows.json").write_text(json.dumps(rows))
    (folder / "faith_plain.yaml").write_text(
        "task: faith_plain\ndataset_path: json\n"
        f"dataset_kwargs: {{data_files: {{test: {folder / 'rows.json'}}}}}\n"
        "test_split: test\noutput_type: generate_until\ndoc_to_text: question\ndoc_to_target: answer\n"
        "doc_to_visual: !function builtins.dict\nmetric_list: [{metric: exact_match}]\n"
    )
    fault = {"dummy": "response=[LMMS_EVAL_REQUEST_FAILED] planted"}
    run(asked("dummy", fault, "faith_plain", tmp_path, "--include_path", str(folder)))
    assert "samples_faith_plain.jsonl" in written()


def test_the_log_says_where_the_time_went(run, model_args, tmp_path, capsys):
    run([*asked("faith_hf", model_args, "faith_shapes_base", tmp_path, "--limit", "2"), "--verbosity", "INFO"])
    [line] = [line for line in capsys.readouterr().out.splitlines() if "lmms-faith run: " in line]
    spent = [float(number) for number in re.findall(r"([\d.]+) s", line.split("lmms-faith run: ")[1])]
    stages = re.findall(r" s in ([a-z ]+)", line.split("of which")[1])
    assert stages == ["imports", "loading the model", "the backend", "the host"]
    assert spent[0] == pytest.approx(sum(spent[1:]), abs=0.25)
    assert spent[3] > 0


@pytest.fixture
def broken_task(tmp_path):
    """A folder with a task of ours whose second item has lost its image."""
    import datasets

    from lmms_faith.benchmarks import benchmark

    data = dict(benchmark("shapes").dataset_kwargs["data_files"])
    rows = datasets.load_dataset("parquet", data_files=data, split="test[:3]")
    rows.map(lambda row, at: row | {"image": None} if at == 1 else row, with_indices=True).to_parquet(
        str(tmp_path / "broken.parquet")
    )
    folder = tmp_path / "tasks"
    folder.mkdir()
    (folder / "faith_broken.yaml").write_text(
        "task: faith_broken\nclass: !function lmms_faith.lmms.task.FaithTask\n"
        "faith: {benchmark: shapes, condition: base}\n"
        f"dataset_kwargs: {{data_files: {{test: {tmp_path / 'broken.parquet'}}}}}\n"
    )
    return folder


def test_a_missing_image_ends_the_run_with_one_clear_line(run, model_args, tmp_path, written, broken_task):
    from lmms_faith.lmms.run import RunFailed

    arguments = asked("faith_hf", model_args, "faith_broken", tmp_path, "--include_path", str(broken_task))
    with pytest.raises(RunFailed) as failed:
        run(arguments)
    assert str(failed.value) == (
        "ValueError: item 'shapes-000001' of shapes: has no image; check the image column of parquet"
    )
    assert written() == []


def test_the_command_fails_loudly_where_the_hosts_own_exits_with_0(shell, tmp_path, written):
    arguments = ["--model", "dummy", "--tasks", "faith_shapes_wrong_think", "--output_path", str(tmp_path / "out")]
    ran = shell("lmms-faith", "run", *arguments, "--limit", "1", "--model_args", "response=A", *SHORT[2:])
    assert ran.returncode == 1
    assert "lmms-faith: PrefillUnsupported: task 'faith_shapes_wrong_think'" in ran.stderr
    assert "faith_hf" in ran.stderr
    theirs = shell(
        "python", "-m", "lmms_eval", *arguments, "--limit", "1", "--include_path", str(task_dir()), **{OPT_OUT: "1"}
    )
    assert theirs.returncode == 0
    assert "PrefillUnsupported" in theirs.stderr
    assert written() == []


def test_the_hosts_index_is_left_out_for_ours_alone(run, model_args, tmp_path, monkeypatch):
    import lmms_eval.__main__ as host

    from lmms_faith.lmms.run import RunFailed

    made = []

    class Watched(host.TaskManager):
        def __init__(self, *args, **options):
            made.append(options.get("include_defaults", True))
            raise RuntimeError("seen enough")

    monkeypatch.setattr(host, "TaskManager", Watched)
    for tasks, whole in (("faith_shapes_base,faith_core", False), ("faith_shapes_base,mme", True)):
        with pytest.raises(RunFailed, match="seen enough"):
            run(asked("faith_hf", model_args, tasks, tmp_path))
        assert made.pop() is whole
    assert host.TaskManager is Watched


def test_tasks_path_serves_include_path(shell):
    ran = shell("lmms-faith", "tasks", "--path")
    assert ran.returncode == 0
    from lmms_eval.tasks import TaskManager

    found = TaskManager(include_path=ran.stdout.strip(), include_defaults=False).all_tasks
    assert {"faith_core", "faith_mini", "faith_shapes", "faith_shapes_wrong_think"} <= set(found)
    assert shell("lmms-faith", "tasks", "--check").returncode == 0
