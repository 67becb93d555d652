"""Where the task files are, in an installed package and in a source tree."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def source_task_dir() -> Path:
    """The source tree's folder of task files, whether or not it is there yet."""
    return _PACKAGE.parent / "task_configs"


def task_dir() -> Path:
    """Folder of the generated task files.

    Raises:
        FileNotFoundError: Neither the wheel's copy nor the source tree's is there.
    """
    for folder in (_PACKAGE / "task_configs", source_task_dir()):
        if (folder / "faith_core.yaml").exists():
            return folder
    raise FileNotFoundError(
        f"no task files beside {_PACKAGE}; run `lmms-faith tasks --write` in a source tree, or reinstall"
    )
