"""What invented rows are made of: drawn pictures, and the features under which rows are stored."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

from datasets import Dataset, Features, Value
from PIL import Image as Pictures
from PIL import ImageDraw

Rows = list[dict[str, Any]]
STRING, INTEGER = Value("string"), Value("int64")


def picture(n: int) -> Pictures.Image:
    """A square and a disc whose places and colours depend on ``n``."""
    image = Pictures.new("RGB", (56, 56), ("white", "lightyellow", "lightgray")[n % 3])
    draw = ImageDraw.Draw(image)
    draw.rectangle((4 + n % 5, 20, 20 + n % 5, 36), fill=("red", "blue", "green", "orange")[n % 4])
    draw.ellipse((34, 6 + n % 7, 50, 22 + n % 7), fill=("purple", "black", "brown")[n % 3])
    return image


def encoded(n: int) -> str:
    """The same picture as base64 text."""
    buffer = io.BytesIO()
    picture(n).resize((160, 160)).save(buffer, "JPEG")
    return base64.b64encode(buffer.getvalue()).decode()


def dataset(features: Mapping[str, Any], rows: Rows) -> Dataset:
    return Dataset.from_dict({name: [row.get(name) for row in rows] for name in features}, features=Features(features))


def strings(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, STRING)
