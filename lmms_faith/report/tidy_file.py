"""The tidy table as a file, parquet or CSV, with what it was made from inside."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import lmms_faith
from lmms_faith.conditions import CONDITIONS_VERSION
from lmms_faith.record import SCHEMA
from lmms_faith.summary import Gathered, Row

COLUMNS: Final = (
    *("model", "benchmark", "category", "arity", "condition", "metric"),
    *("value", "low", "high", "n", "method"),
)
"""In the order in which a file has them."""
_KEY: Final = b"lmms_faith"
_MARK: Final = "# lmms-faith "
_SECRET = re.compile(r"\b(\w*(?:key|token|secret|password)\w*)\s*[=:]\s*[^,\s]+", re.IGNORECASE)
_NUMBERS: Final = {"value": float, "low": float, "high": float, "n": int}

Metadata = Mapping[str, Any]


def metadata(
    gathered: Gathered, *, judge: str | None, resamples: int, seed: int, runs: Mapping[str, str] | None = None
) -> Metadata:
    """What a table was made from: versions, schema, seeds, judge, and how each run was started.

    Args:
        gathered: What was read.
        judge: Id of the judge; None without one.
        resamples, seed: Of the bootstrap.
        runs: Model and arguments by the date of the run; see ``logs.model_arguments``. Keys and tokens are blotted out.
    """
    return {
        "lmms-faith": lmms_faith.__version__,
        "schema": SCHEMA,
        "conditions": CONDITIONS_VERSION,
        "judge": judge,
        "resamples": resamples,
        "seed": seed,
        "records": {
            "count": sum(len(cell.places) for cell in gathered.cells.values()),
            "seeds": list(gathered.seeds),
            "versions": {name: list(found) for name, found in gathered.versions.items()},
        },
        "runs": {date: _SECRET.sub(r"\1=***", said) for date, said in (runs or {}).items()},
    }


def write_rows(path: Path, rows: Iterable[Row], about: Metadata) -> None:
    """Write a ``.parquet`` file, with the metadata as JSON under ``lmms_faith`` in its schema, or a ``.csv`` file, with
    the same JSON in a first line that starts with ``#``.

    Raises:
        ValueError: A file of another kind.
        ImportError: pyarrow is missing, which parquet needs.
    """
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(f"{_MARK}{json.dumps(about)}\n")
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(asdict(row) for row in rows)
    elif path.suffix == ".parquet":
        _write_parquet(path, rows, about)
    else:
        raise ValueError(f"{path} is neither .parquet nor .csv; name a file that ends in one of them")


def read_rows(path: Path) -> tuple[list[Row], Metadata]:
    """What ``write_rows`` wrote.

    Raises:
        ValueError: Another kind of file, or one that this package did not write.
        ImportError: pyarrow is missing, which parquet needs.
    """
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            first = file.readline()
            if not first.startswith(_MARK):
                raise ValueError(f"{path} does not start with {_MARK!r}; read a table that lmms-faith wrote")
            found = [
                {name: _NUMBERS.get(name, str)(cell) for name, cell in row.items()} for row in csv.DictReader(file)
            ]
            return [Row(**row) for row in found], json.loads(first.removeprefix(_MARK))
    if path.suffix != ".parquet":
        raise ValueError(f"{path} is neither .parquet nor .csv; read a table that lmms-faith wrote")
    table = _parquet().read_table(path)
    said = (table.schema.metadata or {}).get(_KEY)
    if said is None:
        raise ValueError(f"{path} has no metadata of lmms-faith; read a table that it wrote")
    return [Row(**row) for row in table.to_pylist()], json.loads(said)


def _write_parquet(path: Path, rows: Iterable[Row], about: Metadata) -> None:
    parquet = _parquet()
    import pyarrow

    kinds = {float: pyarrow.float64(), int: pyarrow.int64(), str: pyarrow.string()}
    listed = list(rows)
    columns = {name: [getattr(row, name) for row in listed] for name in COLUMNS}
    schema = pyarrow.schema([(name, kinds[_NUMBERS.get(name, str)]) for name in COLUMNS])
    table = pyarrow.table(columns, schema=schema.with_metadata({_KEY: json.dumps(about)}))
    parquet.write_table(table, path)


def _parquet() -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError("a parquet file needs pyarrow: pip install 'lmms-faith[report]'; or name a .csv") from error
    return parquet
