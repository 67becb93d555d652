"""The rows of a benchmark: where they come from, and what is asked of them before a prompt is made of one."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypedDict

from datasets import Dataset, Image
from loguru import logger

from lmms_faith.benchmarks import benchmark, benchmarks
from lmms_faith.benchmarks.spec import ROW_NUMBER, Benchmark, ColumnKind
from lmms_faith.item import Item

VARIABLE = "LMMS_FAITH_DATA"
_SPLIT_FILE = re.compile(r"(?P<split>.+?)-\d{5}-of-\d{5}.*")
_LONG = 1000
"""Characters from which on a text may be a picture."""
_BASE64 = re.compile(r"(?:data:image/[\w.+-]+;base64,)?[A-Za-z0-9+/\r\n]+={0,2}\s*")


class Source(TypedDict):
    """What the host's TaskConfig is told about local data."""

    dataset_path: str
    dataset_name: None
    dataset_kwargs: dict[str, Any]
    test_split: str


# Where the rows come from


def override(name: str, environ: Mapping[str, str] = os.environ) -> Source | None:
    """Local data of a benchmark, as the variable ``LMMS_FAITH_DATA`` names it; None where it names none.

    The variable holds a folder with ``<benchmark>/`` or ``<benchmark>.parquet`` in it, or ``name=path,name=path``. Each
    of these is a parquet file, a folder with parquet files (such as a download of the hub's repository), or a folder
    that ``save_to_disk`` wrote.

    Raises:
        ValueError: A path that is not there or holds no data, an unknown benchmark, or data without the split.
    """
    value = environ.get(VARIABLE, "").strip()
    path = _path(name, value) if value else None
    return None if path is None else _source(benchmark(name), path)


def _path(name: str, value: str) -> Path | None:
    root = Path(value).expanduser()
    if root.is_dir():
        return next((path for path in (root / name, root / f"{name}.parquet") if path.exists()), None)
    if "=" not in value:
        raise ValueError(
            f"{VARIABLE}={value}: no such folder; give one with {name}/ or {name}.parquet in it, or {name}=PATH"
        )
    pairs = dict(pair.strip().split("=", 1) for pair in value.split(",") if "=" in pair)
    for named in pairs.keys() - benchmarks().keys():
        raise ValueError(f"{VARIABLE} names unknown benchmark {named!r}; choose from: {', '.join(benchmarks())}")
    return Path(pairs[name]).expanduser() if name in pairs else None


def _source(asked: Benchmark, path: Path) -> Source:
    if path.is_file() and path.suffix == ".parquet":
        return _files("parquet", asked, [path])
    if (path / "dataset_dict.json").is_file():
        splits = json.loads((path / "dataset_dict.json").read_text(encoding="utf-8"))["splits"]
        if asked.split not in splits:
            raise ValueError(_refusal(asked, path, f"has splits {', '.join(splits)} and no {asked.split}"))
        return Source(
            dataset_path=str(path), dataset_name=None, dataset_kwargs={"load_from_disk": True}, test_split=asked.split
        )
    if (path / "state.json").is_file():
        # The host takes a dictionary of splits from load_from_disk; a single split is read as the arrow files that it
        # is.
        parts = json.loads((path / "state.json").read_text(encoding="utf-8"))["_data_files"]
        return _files("arrow", asked, [path / part["filename"] for part in parts])
    if path.is_dir() and (files := _of_split(asked, path)):
        return _files("parquet", asked, files)
    what = "holds no parquet file" if path.is_dir() else "is no parquet file" if path.exists() else "does not exist"
    raise ValueError(_refusal(asked, path, what))


def _of_split(asked: Benchmark, path: Path) -> list[Path]:
    """The parquet files of a folder that belong to the benchmark's configuration and split, by the hub's file names."""
    folder = path / (asked.dataset_name or "")
    files = sorted((folder if folder.is_dir() else path).rglob("*.parquet"))
    splits = {
        file: match["split"] if (match := _SPLIT_FILE.fullmatch(file.stem)) else file.parent.name for file in files
    }
    ours = [file for file, split in splits.items() if split == asked.split or file.stem == asked.split]
    others = sorted({split for file, split in splits.items() if _SPLIT_FILE.fullmatch(file.stem)})
    if others and not ours:
        raise ValueError(_refusal(asked, path, f"has splits {', '.join(others)} and no {asked.split}"))
    return ours or files


def _files(builder: str, asked: Benchmark, files: list[Path]) -> Source:
    data_files = {asked.split: [str(file.resolve()) for file in files]}
    return Source(
        dataset_path=builder, dataset_name=None, dataset_kwargs={"data_files": data_files}, test_split=asked.split
    )


def _refusal(asked: Benchmark, path: Path, what: str) -> str:
    return (
        f"{VARIABLE}: data of {asked.name!r}: {path} {what}; give a parquet file, a folder of them, or what "
        f"save_to_disk wrote, with split {asked.split!r} of {asked.dataset_path}"
    )


# What is asked of them


def check(asked: Benchmark, features: Mapping[str, Any], rows: int) -> None:
    """Hold a loaded split to the columns that the benchmark's adapter reads; another row count is warned of.

    Raises:
        ValueError: A column is missing or of another kind.
    """
    for column, kind in asked.columns.items():
        if column not in features:
            problem = f"has no column {column!r} ({_KINDS[kind][0]}); it has {', '.join(features)}"
        elif not _KINDS[kind][1](features[column]):
            problem = f"column {column!r} should be {_KINDS[kind][0]} and is {_described(features[column])}"
        else:
            continue
        raise ValueError(
            f"benchmark {asked.name!r}: {asked.dataset_path} {problem}; the data have changed: set {VARIABLE} to a "
            f"copy that has it, or upgrade lmms-faith"
        )
    if asked.rows is not None and rows != asked.rows:
        logger.warning(
            f"benchmark {asked.name!r}: {rows} rows in split {asked.split!r}, {asked.rows} are known; scores are of "
            f"those here"
        )


def _described(feature: Any) -> str:
    if isinstance(feature, Image):
        return "an image"
    if (inner := _inner(feature)) is not None:
        return f"a list of {_described(inner)}"
    return "a struct" if isinstance(feature, dict) else str(getattr(feature, "dtype", type(feature).__name__))


def _inner(feature: Any) -> Any:
    """What a list holds, whichever of its spellings (``List``, ``LargeList``, ``Sequence``, ``[...]``) is used."""
    return feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)


def _is_string(feature: Any) -> bool:
    return getattr(feature, "dtype", None) in ("string", "large_string")


def _is_int(feature: Any) -> bool:
    return bool(re.fullmatch(r"u?int\d+", str(getattr(feature, "dtype", ""))))


def _is_image(feature: Any) -> bool:
    return isinstance(feature, Image)


_KINDS: Mapping[ColumnKind, tuple[str, Callable[[Any], bool]]] = {
    "image": ("an image", lambda feature: _is_image(feature) or _is_string(feature)),
    "images": ("a list of images", lambda feature: _is_image(_inner(feature))),
    "string": ("a string", _is_string),
    "strings": ("a list of strings", lambda feature: _is_string(_inner(feature))),
    "int": ("an integer", _is_int),
    "number": ("a number", lambda feature: _is_int(feature) or str(getattr(feature, "dtype", "")).startswith("float")),
    "struct": ("a struct", lambda feature: isinstance(feature, dict)),
    "key": ("a string or an integer", lambda feature: _is_string(feature) or _is_int(feature)),
}


def numbered(dataset: Dataset) -> Dataset:
    """The split with a column of row numbers, by which items without an id of their own are named."""
    return dataset.add_column(ROW_NUMBER, list(range(len(dataset))))


def usable(asked: Benchmark, dataset: Dataset) -> tuple[dict[int, Item], list[tuple[str, str]]]:
    """The items by position of their row, and where and why other rows make none.

    A row is refused, too, if its id is an earlier row's: answers are kept by id.

    Args:
        asked: The benchmark.
        dataset: Its split, numbered, with or without pictures.
    """
    items: dict[int, Item] = {}
    refused: list[tuple[str, str]] = []
    seen: dict[str, int] = {}
    for position, row in enumerate(without_pictures(asked, dataset)):
        try:
            item = asked.to_item(row)
        # What a cell can hold is not ours to say: an empty one is None, and None has no strip().
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            refused.append((f"row {position}", f"{type(error).__name__}: {error}"))
            continue
        if item.id in seen:
            refused.append((f"row {position}", f"id {item.id!r} is that of row {seen[item.id]} as well"))
            continue
        seen[item.id] = position
        items[position] = item
    _check_options(asked, items.values())
    return items, refused


def _check_options(asked: Benchmark, items: Iterable[Item]) -> None:
    """Warn of items that have more or fewer options than the benchmark says."""
    if asked.options is None and not asked.free_form:
        return
    known = set() if asked.options is None else set(range(asked.options[0], asked.options[1] + 1))
    known |= set() if asked.free == 0 else {0}
    counts = Counter(len(item.options) for item in items)
    for options in sorted(counts.keys() - known):
        logger.warning(
            f"benchmark {asked.name!r}: {counts[options]} items have {options or 'no'} options, where "
            f"{', '.join(map(str, sorted(known)))} are known"
        )


def without_pictures(asked: Benchmark, dataset: Dataset) -> Dataset:
    """The split without any column that holds pictures, stored as such or as base64 text, so that no log has them."""
    named = {column for column, kind in asked.columns.items() if kind in ("image", "images")}
    stored = {name for name, feature in dataset.features.items() if _is_image(feature) or _is_image(_inner(feature))}
    texts = [name for name, feature in dataset.features.items() if _is_string(feature) and name not in named]
    return dataset.remove_columns(sorted((named | stored | _encoded(dataset, texts)) & set(dataset.column_names)))


def _encoded(dataset: Dataset, texts: list[str]) -> set[str]:
    """The text columns that hold a picture in some row."""
    import pyarrow.compute as pc

    found: set[str] = set()
    for batch in dataset.select_columns(texts).with_format("arrow").iter(batch_size=1000) if texts else ():
        for name in set(texts) - found:
            column = batch.column(name)
            long = pc.indices_nonzero(pc.greater_equal(pc.binary_length(column), _LONG)).to_pylist()
            if any(_BASE64.fullmatch(column[place].as_py()) for place in long):
                found.add(name)
    return found


def picture_counts(asked: Benchmark, dataset: Dataset) -> list[int]:
    """How many pictures each row has, with none decoded; one, where the adapter has its own way to them."""
    kinds = {column: asked.columns[column] for column in asked.image_columns}
    if asked.to_images is not None or list(kinds.values()) == ["image"]:
        return [1] * len(dataset)
    counts: list[int] = []
    for batch in dataset.select_columns(list(kinds)).with_format("arrow").iter(batch_size=64):
        cells = [_held(batch.column(column), kind) for column, kind in kinds.items()]
        counts += map(sum, zip(*cells, strict=True))
    return counts


def _held(column: Any, kind: ColumnKind) -> list[int]:
    """How many pictures each cell of an Arrow column holds."""
    if kind == "image":
        return [int(valid) for valid in column.is_valid().to_pylist()]
    import pyarrow.compute as pc

    return [length or 0 for length in pc.list_value_length(column).to_pylist()]
