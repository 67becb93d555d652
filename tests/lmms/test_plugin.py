"""What lmms-eval finds by itself once the package is installed."""

import importlib
import json
import os
import subprocess
import sys

import pytest

from lmms_faith.lmms.paths import task_dir
from lmms_faith.lmms.plugin import MODELS, OPT_OUT

pytestmark = pytest.mark.host

# The host's own 1,985 task files take seconds to read; an empty folder in their place shows the same.
FIND = """
import json, os, sys
import lmms_eval.models
early = "lmms_eval.tasks" in sys.modules
import lmms_eval.tasks as tasks
tasks.__file__ = os.path.join(sys.argv[1], "__init__.py")
print(json.dumps([early, tasks.TaskManager().all_tasks, tasks.TaskManager(include_defaults=False).all_tasks]))
"""


@pytest.mark.parametrize("path", MODELS.values(), ids=MODELS.keys())
def test_every_model_is_found_under_its_name_and_imports(path):
    from lmms_eval.models import get_model

    from lmms_faith.lmms.models.host import FaithChat

    name = next(name for name, where in MODELS.items() if where == path)
    found = get_model(name)
    module, kind = path.split(".")
    assert found is getattr(importlib.import_module(f"lmms_faith.lmms.models.{module}"), kind)
    assert found.continues_prefill
    assert not found.is_simple
    if name not in ("faith_hf", "faith_openai", "faith_replay"):
        host = get_model(name.removeprefix("faith_"))
        assert issubclass(found, FaithChat) or name == "faith_vllm"
        assert issubclass(found, host)
        assert not getattr(host, "continues_prefill", False)


@pytest.mark.parametrize("opted_out", [False, True])
def test_tasks_join_the_hosts_index_unless_opted_out(tmp_path, opted_out):
    ran = subprocess.run(
        [sys.executable, "-c", FIND, str(tmp_path)],
        env=os.environ | {OPT_OUT: "1" if opted_out else ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    early, ours, without_defaults = json.loads(ran.stdout.splitlines()[-1])
    assert not early
    assert without_defaults == []
    assert ours == ([] if opted_out else sorted(path.stem for path in task_dir().rglob("*.yaml")))


def test_include_path_is_kept_beside_ours(tmp_path, monkeypatch):
    from lmms_eval import tasks

    (tmp_path / "mine.yaml").write_text("task: mine\ndataset_path: json\n")
    monkeypatch.setattr(tasks, "__file__", str(tmp_path / "empty" / "__init__.py"))
    for path in (str(tmp_path), [str(tmp_path)]):
        found = tasks.TaskManager(include_path=path).all_tasks
        assert {"mine", "faith_core"} <= set(found)
    given = tasks.TaskManager(include_path=str(task_dir())).all_tasks
    assert "faith_core" in given
