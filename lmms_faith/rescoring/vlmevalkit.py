"""VLMEvalKit's result files: one row a question, as xlsx, tsv or JSON."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lmms_faith.benchmarks import benchmarks
from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.rows import columns_options, known
from lmms_faith.item import LETTERS, Item
from lmms_faith.recording import Generation
from lmms_faith.rescoring.adapted import adapted, lacking
from lmms_faith.rescoring.answer import NO_ITEM, Answer, Given, Refused, written_by
from lmms_faith.rescoring.fields import Malformed, Place, Rows

DATASETS: Mapping[str, str] = {"3DSRBench": "3dsrbench_circular", "MMBench_DEV_EN": "mmbench_en_dev"}
"""VLMEvalKit's data sets whose rows are those of a benchmark of ours. Others keep their own name, and their items have
no more than the file's columns say."""

REQUIRED = ("index", "question", "prediction")
FAILED = "Failed to obtain answer"
"""How a prediction starts in whose place VLMEvalKit writes that a request failed."""

NO_GOLD = "it has no gold"
CUT_CELL = "its prediction fills an Excel cell, which cuts what is longer"
_CELL = 32_767
_COPY = 10**6
"""A rotated copy's index is its base question's plus a multiple of this."""
_SUFFIX = re.compile(r"_(?:exact_matching|[^_]+)_result$")


def read(path: Path, given: Given) -> Iterator[Answer | Refused]:
    """The answers of a result file.

    Raises:
        Malformed: No table, or one without the columns ``index``, ``question`` and ``prediction``.
        ImportError: An xlsx file, and openpyxl is not installed.
    """
    rows = list(rows_of(path))
    model, dataset = _named(path)
    name = given.benchmark or DATASETS.get(dataset or "", dataset)
    if name is None:
        raise Malformed(f"{path}: the benchmark can't be told from the file's name; give --benchmark NAME")
    indices = {index for _, row in rows if (index := _whole(row.get("index"))) is not None}
    for place, row in rows:
        for column in REQUIRED:
            if column not in row:
                place.fault(column, f"is no column; the file has {', '.join(map(str, row))}")
        yield _answer(place, row, name, given.model or model, given, indices)


def rows_of(path: Path) -> Rows:
    """The rows of a table by column name, each with its place, whichever of the three forms it is in.

    Raises:
        Malformed, ImportError: See ``read``.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"PK\x03\x04":
        return _xlsx(path)
    return _json(path) if start.lstrip()[:1] == b"[" else _tsv(path)


def _answer(
    place: Place, row: Mapping[str, Any], name: str, model: str | None, given: Given, indices: set[int]
) -> Answer | Refused:
    prediction, thinking = known(row["prediction"]) or "", known(row.get("thinking"))
    if known(row.get("answer")) is None:
        return Refused(place, NO_GOLD)
    if len(prediction) == _CELL:
        return Refused(place, CUT_CELL)
    try:
        item = _item(row, name, _whole(row["index"]), indices)
    except ValueError as refusal:
        return Refused(place, NO_ITEM, str(refusal))
    # Told to split them, VLMEvalKit takes the tags off and keeps the thought in a column of its own.
    thought = "" if thinking is None else f"<think>{thinking.removesuffix('</think>')}</think>"
    return Answer(
        place=place,
        item=item,
        condition=given.condition,
        options=item.options,
        generation=Generation(
            completion=thought + prediction,
            model=model,
            error=prediction[:200] if prediction.startswith(FAILED) else None,
        ),
        seed=given.seed,
        versions=written_by("vlmevalkit"),
    )


def _item(row: Mapping[str, Any], name: str, index: int | None, indices: set[int]) -> Item:
    if name in benchmarks():
        missing = lacking(name, row)
        if missing:
            raise ValueError(f"benchmark {name!r} needs columns {', '.join(missing)}, which the file does not have")
        return adapted(name, row, None)
    base = None if index is None else index % _COPY
    copies = base is not None and base in indices and (base != index or base + _COPY in indices)
    key = str(row["index"]) if index is None else str(index)
    return Item(
        id=key,
        benchmark=name,
        context=known(row.get("hint")),
        category=known(row.get("category")),
        cluster=str(base) if copies else known(row.get("image_path")) or "",
        family=str(base) if copies else "",
        **asked(
            known(row["question"]) or "",
            columns_options(row, LETTERS[:-1]),
            str(known(row["answer"])),
        ),
    )


def _named(path: Path) -> tuple[str | None, str | None]:
    """Model and data set, which are in the name alone: ``MODEL/MODEL_DATASET.xlsx``, or below a folder of the run."""
    stem = _SUFFIX.sub("", path.stem)
    for folder in path.absolute().parents:
        if folder.name and stem.startswith(f"{folder.name}_"):
            return folder.name, stem.removeprefix(f"{folder.name}_")
    for dataset in sorted(DATASETS, key=len, reverse=True):
        if stem.endswith(f"_{dataset}"):
            return stem.removesuffix(f"_{dataset}"), dataset
    return None, None


def _whole(value: Any) -> int | None:
    """A whole number, which a table may hold as text or with a point; None where it is none."""
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    if isinstance(value, str):
        return int(value) if re.fullmatch(r"\d{1,18}", value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _xlsx(path: Path) -> Rows:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ImportError(f"{path}: an xlsx file needs openpyxl: pip install 'lmms-faith[report]'") from error
    try:
        sheet = load_workbook(path, read_only=True).worksheets[0]
        sheet.reset_dimensions()
        lines = list(sheet.iter_rows(values_only=True))
    # A damaged archive or sheet makes openpyxl, zipfile and the XML parser raise what they like.
    except Exception as error:
        raise Malformed(f"{path}: is no readable xlsx file ({type(error).__name__}: {error})") from error
    header = [str(cell) for cell in lines[0]] if lines else []
    for number, line in enumerate(lines[1:], start=2):
        if any(cell is not None for cell in line):
            yield Place(path, f"row {number}"), dict(zip(header, line))


def _tsv(path: Path) -> Rows:
    with _any_length(), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter="\t", strict=True)
        header: list[str] | None = None
        while True:
            place = Place(path, f"line {reader.line_num + 1}")
            try:
                line = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                raise Malformed(f"{place}: is no line of a tsv file ({error})") from error
            if header is None:
                header = line
            elif len(line) != len(header):
                raise Malformed(f"{place}: has {len(line)} columns, the first line has {len(header)}")
            else:
                yield place, dict(zip(header, line))


def _json(path: Path) -> Rows:
    try:
        rows = json.loads(path.read_bytes().decode("utf-8-sig"))
    # UnicodeDecodeError and JSONDecodeError are ValueErrors; RecursionError comes of brackets nested thousands deep.
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{path}: is no JSON ({error})") from error
    for number, row in enumerate(rows, start=1):
        place = Place(path, f"row {number}")
        if not isinstance(row, dict):
            raise Malformed(f"{place}: is {str(row)[:60]!r}, not an object with the columns {', '.join(REQUIRED)}")
        yield place, row


@contextmanager
def _any_length() -> Iterator[None]:
    """Let csv read fields as long as completions can be."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
