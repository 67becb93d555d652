"""Files of JSON lines that are only ever appended to, and go on where a run was cut off."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import BinaryIO


def prepare(path: Path, *, start: str) -> None:
    """See to it that a file is there and ends in a whole line.

    A write that was cut off leaves the start of a line at the end of the file; that alone is taken off.

    Args:
        path: The file; made, with its folders, where it is missing.
        start: What every line that we write starts with, so that nothing else is taken for ours.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        *_, last = file.read().split(b"\n")
        if _cut_off(last, start.encode()):
            file.truncate(file.tell() - len(last))
        elif last:
            file.write(b"\n")


def append(file: BinaryIO, lines: str) -> None:
    """Add lines, and return once they are on the disk."""
    file.write(lines.encode())
    file.flush()
    os.fsync(file.fileno())


def _cut_off(line: bytes, start: bytes) -> bool:
    """Whether a line is the start of one of ours without its end."""
    if not line or not (line.startswith(start) or start.startswith(line)):
        return False
    try:
        json.loads(line)
    # UnicodeDecodeError is a ValueError.
    except ValueError:
        return True
    return False
