"""The generated task files: what is committed is what would be written, and the host loads all of it."""

import re
import shutil
from pathlib import Path

import pytest

from lmms_faith.benchmarks import NAMES
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


def test_every_task_loads_and_knows_its_condition(manager):
    from lmms_eval.tasks import get_task_dict

    from lmms_faith.lmms.task import FaithTask

    names = set(manager.all_tasks) - set(manager.all_groups)  # the host lists class tasks under neither heading
    loaded = get_task_dict(sorted(names), manager, "chat")
    assert loaded.keys() == names
    assert all(isinstance(task, FaithTask) for task in loaded.values())
    conditions = {(task.benchmark.name, task.condition.name) for task in loaded.values()}
    assert conditions == {(name, row) for name in NAMES for row in CONDITIONS}


def test_every_group_loads(manager):
    from lmms_eval.tasks import get_task_dict

    def leaves(tree):
        return [leaf for key, value in tree.items() for leaf in (leaves(value) if isinstance(value, dict) else [key])]

    for group in manager.all_groups:
        assert leaves(get_task_dict([group], manager, "chat")), group


def test_the_core_group_is_the_paper(manager):
    members = {name: manager.task_index[name] for name in ("faith_core", "faith_mini", "faith_shapes")}
    assert {member["type"] for member in members.values()} == {"group"}
    paper = [row.name for row in CONDITIONS.values() if row.kind == "paper"]
    text = Path(members["faith_core"]["yaml_path"]).read_text()
    assert re.findall(r"- (\w+)", text) == [f"faith_{name}_{row}" for name in NAMES for row in paper]
