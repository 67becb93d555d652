"""A world small enough to ship: drawn scenes, questions about them, and tiny models that were trained to see them."""

from pathlib import Path

MODEL = Path(__file__).parent / "faith-tiny-qwen2.5-vl"
"""Folder of the shipped model; loads through AutoProcessor and AutoModelForImageTextToText."""

PLANTED_MODELS = {
    name: Path(__file__).parent / "planted" / f"{name}-tiny-qwen2.5-vl" for name in ("looker", "reader", "stubborn")
}
"""Folders of the models with a known behaviour; see ``behaviours``."""
