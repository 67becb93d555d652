"""Everything about a transformers model and its processor that can change an answer, for the key of a kept one."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

from lmms_faith.lmms.store import fingerprint


def identity(model: Any, processor: Any, *, name: str, revision: str) -> dict[str, Any]:
    """What a loaded model and its settings are, as JSON types.

    Args:
        model: As transformers loaded it.
        processor: Its processor.
        name: Hugging Face id or folder.
        revision: The one asked for.
    """
    config = model.config
    return {
        "model": name,
        "weights": weights(name, commit=getattr(config, "_commit_hash", None) or revision),
        "dtype": str(model.dtype),
        "device": model.device.type,
        "attention": config._attn_implementation,
        "generation": model.generation_config.to_json_string(),
        "images": pictures(processor),
        "libraries": {name: version(name) for name in ("torch", "transformers")},
    }


def weights(name: str, *, commit: str) -> str:
    """Hash of a model's files where it is a folder, otherwise the commit that the hub gave."""
    folder = Path(name)
    return fingerprint(folder) if folder.is_dir() else commit


def pictures(processor: Any) -> str | None:
    """The image processor's settings; None where there is none."""
    found = getattr(processor, "image_processor", None)
    return None if found is None else str(found.to_json_string())
