"""The command line, in processes of its own: what it writes, and an exit code that tells the truth."""

import json
import math

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


def probabilities(record):
    return [math.exp(number) for number in record.letter_logprobs]


def by_key(records):
    return sorted(records, key=lambda record: (record.condition, record.item_id))


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


REFUSED = {
    "stock model and prefill": (
        ["--model", "qwen2_5_vl", "--tasks", "faith_shapes_base,faith_shapes_wrong_think"],
        "faith_hf, faith_qwen2_5_vl",
    ),
    "unknown task": (["--model", "dummy", "--tasks", "faith_shapes_wrong_thought"], "faith_shapes_wrong_thought"),
    "unknown model": (["--model", "faith_nothing", "--tasks", "faith_shapes_base"], "faith_nothing"),
    "no task": (["--model", "dummy"], "no new results file under"),
    "unknown flag": (["--model", "dummy", "--tasks", "faith_shapes_base", "--no_such_flag"], "lmms-eval exits with 2"),
    "no model folder": (
        ["--model", "faith_hf", "--model_args", "pretrained=/nowhere", "--tasks", "faith_shapes_base"],
        "can't load model '/nowhere'",
    ),
    "a share of the items": (
        ["--model", "dummy", "--tasks", "faith_shapes_base", "--limit", "0.5"],
        "--limit 0.5: .* give a whole number",
    ),
    "beams": (
        ["--model", "faith_hf", "--tasks", "faith_shapes_base", "--gen_kwargs", "num_beams=2"],
        "num_beams 2",
    ),
}


@pytest.mark.parametrize(("arguments", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_fails_says_why_and_writes_nothing(run, model_args, tmp_path, written, arguments, said):
    from lmms_faith.lmms.run import RunFailed

    if "--model_args" not in arguments:
        arguments = [*arguments, "--model_args", model_args.get(arguments[1], "response=A")]
    with pytest.raises(RunFailed, match=said):
        run([*arguments, *([] if "--limit" in arguments else ["--limit", "2"]), "--output_path", str(tmp_path / "out")])
    assert written() == []


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

    made, manager = [], host.TaskManager

    def watch(*args, **options):
        made.append(options.get("include_defaults", True))
        raise RuntimeError("seen enough")

    from lmms_faith.lmms.run import RunFailed

    monkeypatch.setattr(host, "TaskManager", watch)
    for tasks, whole in (("faith_shapes_base,faith_core", False), ("faith_shapes_base,mme", True)):
        with pytest.raises(RunFailed, match="seen enough"):
            run(asked("faith_hf", model_args, tasks, tmp_path))
        assert made.pop() is whole
    assert host.TaskManager is watch
    assert manager is not watch


def test_tasks_path_serves_include_path(shell):
    ran = shell("lmms-faith", "tasks", "--path")
    assert ran.returncode == 0
    from lmms_eval.tasks import TaskManager

    found = TaskManager(include_path=ran.stdout.strip(), include_defaults=False).all_tasks
    assert {"faith_core", "faith_mini", "faith_shapes", "faith_shapes_wrong_think"} <= set(found)
    assert shell("lmms-faith", "tasks", "--check").returncode == 0
