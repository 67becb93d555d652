"""A world small enough to ship: drawn scenes, questions about them, and a tiny model that was trained to see them."""

from pathlib import Path

MODEL = Path(__file__).parent / "faith-tiny-qwen2.5-vl"
"""Folder of the shipped model; loads through AutoProcessor and AutoModelForImageTextToText."""
