"""Records out of the sample logs that lmms-eval wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lmms_faith.record import Record, from_json

_PATTERN = "*_samples_faith_*.jsonl"
_RESULTS = "*_results.json"


def log_files(results: Path) -> list[Path]:
    """The newest sample log of every faith task under a results folder.

    Raises:
        FileNotFoundError: There is none.
    """
    newest: dict[tuple[Path, str], Path] = {}
    # The host's names start with the date, so in their order the last one of a task is its newest.
    for path in sorted(results.rglob(_PATTERN)):
        newest[path.parent, path.name.split("_samples_", 1)[1]] = path
    if not newest:
        raise FileNotFoundError(
            f"no {_PATTERN} under {results}; run lmms-eval with --log_samples --output_path {results}"
        )
    return list(newest.values())


def read_records(results: Path) -> Iterator[Record]:
    """All records under a results folder, newest log of each task.

    Raises:
        ValueError: A line that is no sample of ours; the message names file and line.
    """
    for path in log_files(results):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield from_json(Record, json.loads(line)["faith"])
                except (ValueError, KeyError, TypeError) as error:
                    raise ValueError(
                        f"{path.name}, line {number}: no faith record ({error}); run the task again"
                    ) from error


def model_arguments(results: Path) -> dict[str, str]:
    """What each run under a results folder was started with, by the date in its file's name: model and arguments.

    Returns:
        Nothing for runs whose results file is missing or says nothing of it.
    """
    found: dict[str, str] = {}
    for path in sorted(results.rglob(_RESULTS)):
        try:
            config = json.loads(path.read_text(encoding="utf-8"))["config"]
            found[path.name.removesuffix(_RESULTS[1:])] = f"{config['model']}: {config['model_args']}"
        except (ValueError, KeyError, TypeError):
            # Another tool's file of that name, or one that was cut off; the records are read all the same.
            continue
    return found
