"""The generated task files: what is committed is what would be written, and the host loads all of it."""

import re
import shutil
from pathlib import Path

import pytest

from lmms_faith.benchmarks import shipped
from lmms_faith.conditions import CONDITIONS
from lmms_faith.lmms.paths import source_task_dir, task_dir

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def files():
    from lmms_faith.lmms import task_files

    return task_files


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(task_dir(), tmp_path / "tasks"))


def test_the_committed_files_have_not_drifted(files):
    assert files.drift(source_task_dir()) == []


def edited(folder):
    with (folder / "faith_core.yaml").open("a") as file:
        file.write("# mine\n")
    return ["faith_core.yaml"]


def removed(folder):
    (folder / "shapes" / "faith_shapes_base.yaml").unlink()
    return ["shapes/faith_shapes_base.yaml"]


def added(folder):
    (folder / "shapes" / "faith_shapes_old.yaml").write_text("task: faith_shapes_old\n")
    return ["shapes/faith_shapes_old.yaml"]


@pytest.mark.parametrize("change", [edited, removed, added])
def test_drift_is_found_and_written_away(files, copy, change):
    drifted = change(copy)
    assert files.drift(copy) == drifted
    files.write(copy)
    assert files.drift(copy) == []


def test_write_into_an_empty_folder(files, tmp_path):
    files.write(tmp_path / "new")
    assert files.drift(tmp_path / "new") == []


def test_every_name_is_ours_and_is_its_files_name(files, manager):
    assert sorted(Path(path).stem for path in files.task_files()) == manager.all_tasks
    assert all(name.startswith("faith_") for name in manager.all_tasks)


def test_no_name_is_the_hosts():
    """On a collision the host's own file would win in silence."""
    from lmms_eval import tasks

    named = re.compile(r"^\s*-?\s*(?:task|group|tag):\s*[\"']?(faith_\w+)", re.MULTILINE)
    theirs = [path for path in Path(tasks.__file__).parent.rglob("*.y*ml") if path.stem.startswith("faith_")]
    inside = [path for path in Path(tasks.__file__).parent.rglob("faith*") if named.search(path.read_text("utf-8"))]
    assert theirs == inside == []


PAIRS = [
    (one.name, row.name) for one in shipped() for row in CONDITIONS.values() if not (row.abstain and one.free_form)
]
PAPER = [row.name for row in CONDITIONS.values() if row.kind == "paper"]
CLOSED = [
    *("base", "stop_think_user", "wrong_think_user", "wrong_think_but_user"),
    *("wrong_caption", "wrong_caption_disclaimer"),
]
CORE = [one.name for one in shipped() if one.core]


def test_every_task_loads_and_knows_its_condition(manager, with_drawn_data):
    from lmms_eval.tasks import get_task_dict

    from lmms_faith.lmms.task import FaithTask

    names = set(manager.all_tasks) - set(manager.all_groups)  # the host lists class tasks under neither heading
    loaded = get_task_dict(sorted(names), manager, "chat")
    assert loaded.keys() == names
    assert all(isinstance(task, FaithTask) for task in loaded.values())
    asked = {name: (task.benchmark.name, task.condition.name) for name, task in loaded.items() if task.sample is None}
    assert asked == {f"faith_{benchmark}_{row}": (benchmark, row) for benchmark, row in PAIRS}
    small = {name: (task.benchmark.name, task.condition.name) for name, task in loaded.items() if task.sample == 100}
    assert small == {f"faith_mini_{name}_{row}": (name, row) for name in CORE for row in {*PAPER, *CLOSED}}
    assert asked.keys() | small.keys() == names


@pytest.mark.parametrize("name", [one.name for one in shipped()])
def test_what_is_said_to_be_free_form_has_no_options_and_nothing_else_has_none(task, name, with_drawn_data):
    one = task("base", name, fresh=True)
    assert all(not one.item(doc).options for doc in one.eval_docs_no_media) is one.benchmark.free_form


def members(manager, group):
    entry = manager.task_index[group]
    assert entry["type"] == "group"
    return re.findall(r"^  - (\w+)$", Path(entry["yaml_path"]).read_text(), re.MULTILINE)


def test_every_group_is_of_tasks_that_there_are(manager):
    for group in manager.all_groups:
        assert members(manager, group), group
        assert set(members(manager, group)) <= set(manager.all_tasks) - set(manager.all_groups), group


@pytest.mark.parametrize(
    ("group", "asked"),
    [
        ("faith_core", [f"faith_{name}_{row}" for name in CORE for row in PAPER]),
        ("faith_mini", [f"faith_mini_{name}_{row}" for name in CORE for row in PAPER]),
        ("faith_core_closed", [f"faith_{name}_{row}" for name in CORE for row in CLOSED]),
        ("faith_mini_closed", [f"faith_mini_{name}_{row}" for name in CORE for row in CLOSED]),
        ("faith_mathvista", [f"faith_mathvista_{row}" for row in CONDITIONS if not row.endswith("_user")]),
        ("faith_mathvista_closed", [f"faith_mathvista_{row}" for row in CLOSED]),
        ("faith_spatial_mm_multihop_closed", [f"faith_spatial_mm_multihop_{row}" for row in CLOSED]),
        ("faith_wrong_think_user", [f"faith_{one.name}_wrong_think_user" for one in shipped()]),
        ("faith_wrong_think", [f"faith_{one.name}_wrong_think" for one in shipped()]),
        ("faith_base_abstain", [f"faith_{one.name}_base_abstain" for one in shipped() if not one.free_form]),
    ],
)
def test_a_groups_members(manager, group, asked):
    assert members(manager, group) == asked


@pytest.mark.parametrize(
    "group",
    ["faith_spatial_mm_multihop", "faith_mini", "faith_mini_closed", "faith_stop_think_abstain", "faith_shapes_closed"],
)
def test_the_host_loads_a_group(manager, with_drawn_data, group):
    from lmms_eval.tasks import get_task_dict

    def leaves(tree):
        return [leaf for key, value in tree.items() for leaf in (leaves(value) if isinstance(value, dict) else [key])]

    assert leaves(get_task_dict([group], manager, "chat")) == members(manager, group)


def test_the_core_is_the_papers_benchmarks_and_mathvista():
    families = {"mathvista", "3dsrbench", "cv_bench", "spatial_mm", "whatsup", "vstar", "mme_realworld", "mmbench"}
    assert {family for family in families for name in CORE if name.startswith(family)} == families
    assert all(any(name.startswith(family) for family in families) for name in CORE)
