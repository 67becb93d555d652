"""Records written as sample logs of ours, so that every command that reads logs reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from lmms_faith.record import Record, to_json

_UNFIT = re.compile(r"[^\w.+=,@-]+")
"""What file names had better not hold."""


def write(records: Iterable[Record], folder: Path, *, stamp: str) -> list[Path]:
    """Write one log for each model, benchmark and condition.

    The names are those that the host would give: ``MODEL/STAMP_samples_faith_BENCHMARK_CONDITION.jsonl``, so that the
    newest of several runs is read.

    Args:
        records: The records.
        folder: Where to; made where it is missing.
        stamp: Date and time, ``YYYYMMDD_HHMMSS``.

    Returns:
        The files, in the order in which their first records came.
    """
    groups: dict[Path, list[Record]] = {}
    for record in records:
        task = f"faith_{fit(record.benchmark)}_{fit(record.condition)}"
        path = folder / fit(record.model or "unnamed") / f"{stamp}_samples_{task}.jsonl"
        groups.setdefault(path, []).append(record)
    for path, group in groups.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8") as log:
            for number, record in enumerate(group):
                log.write(json.dumps({"doc_id": number, "target": record.gold, "faith": to_json(record)}) + "\n")
    return list(groups)


def fit(name: str) -> str:
    """A name with what a file system may not take replaced.

    >>> fit("openai/gpt 4o")
    'openai__gpt__4o'
    """
    return _UNFIT.sub("__", name).strip(".") or "unnamed"
