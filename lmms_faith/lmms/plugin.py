"""What lmms-eval finds when it looks for plugins: our models, our tasks, our filters and metrics by name."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from lmms_faith.lmms.paths import task_dir

OPT_OUT = "LMMS_FAITH_NO_AUTOTASKS"
"""Set to 1, tasks are not registered by themselves; ``--include_path`` still takes ``lmms-faith tasks --path``."""

MODELS = {
    "faith_hf": "hf.FaithHF",
    "faith_qwen2_5_vl": "qwen2_5_vl.FaithQwen2_5_VL",
    "faith_qwen3_vl": "qwen3_vl.FaithQwen3VL",
    "faith_internvl_hf": "internvl_hf.FaithInternVLHf",
    "faith_llava_hf": "llava_hf.FaithLlavaHf",
    "faith_openai": "openai.FaithOpenAI",
    "faith_vllm": "vllm.FaithVLLM",
    "faith_replay": "replay.FaithReplay",
}
_TASKS = "lmms_eval.tasks"


def manifests() -> list[Any]:
    """Entry point of the host's group ``lmms_eval.models``; called while the host imports its models.

    The host has no entry point for tasks, and this call comes before it indexes its own. So it also arranges that ours
    join that index, as soon as the index's module is imported and not before (it takes seconds, which ``lmms-eval
    models`` spares).
    """
    from lmms_eval.models.registry_v2 import ModelManifest

    if _TASKS in sys.modules:
        extend(sys.modules[_TASKS])
    elif not any(isinstance(finder, _OnImport) for finder in sys.meta_path):
        sys.meta_path.insert(0, _OnImport())
    return [
        ModelManifest(model_id=name, chat_class_path=f"lmms_faith.lmms.models.{path}") for name, path in MODELS.items()
    ]


def extend(tasks: ModuleType) -> None:
    """Make the host's task index include our task files, and its registries our filters and metrics."""
    from lmms_faith.lmms.names import register

    register()
    if os.environ.get(OPT_OUT) == "1":
        return
    original = tasks.TaskManager.initialize_tasks

    def initialize_tasks(self: Any, include_path: Any = None, include_defaults: bool = True) -> Any:
        paths = [include_path] if isinstance(include_path, str) else list(include_path or [])
        if include_defaults and str(task_dir()) not in paths:
            paths.append(str(task_dir()))
        return original(self, include_path=paths, include_defaults=include_defaults)

    tasks.TaskManager.initialize_tasks = initialize_tasks


class _OnImport(MetaPathFinder):
    """Finds the host's task module once, by way of the other finders, and extends it when it has run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _TASKS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            extend(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
