"""Which tool wrote a file, told by its content."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from lmms_faith.rescoring.fields import Malformed

Format = Literal["lmms-eval", "vlmevalkit", "inspect", "jsonl"]
KNOWN = "an lmms-eval sample log, a VLMEvalKit result file, an inspect log or plain JSONL"


class Unknown(Malformed):
    """A file that is of none of the formats, as many files beside results are."""


def detect(path: Path) -> Format:
    """The format of a file.

    Raises:
        Unknown: It is of none of the formats; the message says what it looks like instead.
        Malformed: It looks like one of them and its first line can't be read.
    """
    with path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            return _zipped(path)
    first = _first_line(path)
    if first.startswith(("{", "[")):
        return _json(path, first)
    columns = [column.strip('"') for column in first.split("\t")]
    if {"index", "prediction"} <= set(columns):
        return "vlmevalkit"
    raise _unknown(path, f"starts with {first[:40]!r}" if first else "is empty")


def _zipped(path: Path) -> Format:
    try:
        names = zipfile.ZipFile(path).namelist()
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError) as error:
        raise Malformed(f"{path}: is a damaged zip file ({error})") from error
    if "xl/workbook.xml" in names:
        return "vlmevalkit"
    if any(name.startswith(("samples/", "_journal/")) for name in names):
        return "inspect"
    raise _unknown(path, f"is a zip of {', '.join(names[:3]) or 'nothing'}")


def _first_line(path: Path) -> str:
    """The first line that is not blank, without surrounding space."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                text = line.decode("utf-8-sig").strip()
            except UnicodeDecodeError as error:
                raise _unknown(path, f"line {number} is no UTF-8 text") from error
            if text:
                return text
    return ""


def _json(path: Path, first: str) -> Format:
    data = _loaded(first)
    if data is None:
        # A JSON file that is printed over many lines, or a log whose first line is broken.
        data = _loaded(path.read_text(encoding="utf-8-sig", errors="replace"))
    if isinstance(data, list) and data and isinstance(data[0], dict) and {"index", "prediction"} <= data[0].keys():
        return "vlmevalkit"
    if not isinstance(data, dict):
        if data is None:
            raise Malformed(f"{path}, line 1: is no JSON, so the file is none of these: {KNOWN}")
        raise _unknown(path, "is JSON without rows that have an index and a prediction")
    return _object(path, data)


def _object(path: Path, data: Mapping[str, Any]) -> Format:
    if "faith" in data or {"doc_id", "target"} <= data.keys():
        return "lmms-eval"
    if {"eval", "version"} <= data.keys():
        return "inspect"
    if "fingerprint" in data:
        raise _unknown(path, "holds verdicts or extractions, which belong to logs")
    if "item_id" in data:
        return "jsonl"
    if {"results", "configs"} <= data.keys():
        raise _unknown(path, "is lmms-eval's summary of results; its samples are beside it (--log_samples)")
    raise _unknown(path, f"is JSON with the fields {', '.join(map(repr, list(data)[:6])) or '(none)'}")


def _loaded(text: str) -> Any:
    """JSON, None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unknown(path: Path, what: str) -> Unknown:
    return Unknown(f"{path}: {what}; expected {KNOWN}")
