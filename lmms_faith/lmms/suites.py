"""What `--suite` names: groups of task files under short names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from lmms_faith.lmms.paths import task_dir

SAME = MappingProxyType({"paper": "core"})
"""Other names of suites."""
_PREFIX = "faith_"
_MEMBER = re.compile(rf"^  - ({_PREFIX}\w+)$", re.MULTILINE)


def suites() -> list[str]:
    """Every name that ``--suite`` takes: each group of task files without its prefix, and other names."""
    groups = {path.stem.removeprefix(_PREFIX) for path in task_dir().glob(f"{_PREFIX}*.yaml")}
    return sorted(groups | SAME.keys())


def task_index() -> dict[str, dict[str, Any]]:
    """The host's index of our task files, from their names alone; reading a thousand files takes it a third of a
    second."""
    groups = {path.stem: {"type": "group", "task": -1, "yaml_path": str(path)} for path in task_dir().glob("*.yaml")}
    tasks = {path.stem: {"type": "python_task", "yaml_path": str(path)} for path in task_dir().glob("*/*.yaml")}
    return groups | tasks


def tasks_of(names: Iterable[str], tasks: Iterable[str] = ()) -> list[str]:
    """The tasks and groups to ask the host for.

    The host refuses two groups that share a task. Where any do, all are taken apart into tasks, each once.

    Args:
        names: Suites.
        tasks: Tasks and groups that are asked for besides.

    Raises:
        ValueError: There is no suite of that name; the message lists those there are.
    """
    known = suites()
    asked = list(tasks)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise ValueError(f"--suite {name}: there is none of that name; {meant}There are {', '.join(known)}")
        asked.append(_PREFIX + SAME.get(name, name))
    asked = list(dict.fromkeys(asked))
    members = [member for name in asked for member in _members(name)]
    return asked if len(set(members)) == len(members) else list(dict.fromkeys(members))


def _members(name: str) -> list[str]:
    """The tasks of a group of ours; of anything else itself."""
    path = task_dir() / f"{name}.yaml"
    return _MEMBER.findall(path.read_text(encoding="utf-8")) if path.exists() else [name]
