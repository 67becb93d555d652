"""A few invented rows of every benchmark, with drawn pictures, in the form in which the real data are stored."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from datasets import DatasetDict
from drawn import picture
from rows_of_others import OTHERS
from rows_of_paper import PAPER, named_pictures

from lmms_faith.benchmarks import benchmark

FIXTURES = PAPER | OTHERS
"""What makes a benchmark's rows, by its name."""


def write_fixture(name: str, folder: Path, form: Literal["parquet", "disk", "splits"] = "parquet") -> Path:
    """Write a benchmark's fixture so that ``LMMS_FAITH_DATA`` can name it.

    Pictures that the data name only (Spatial-MM) go to ``folder/pictures``; set ``FAITH_SPATIALMM_ROOT`` to ``folder``.

    Args:
        name: The benchmark.
        folder: Where to.
        form: A parquet file, or a folder from ``save_to_disk`` of the split or of a dictionary with the split.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dataset = FIXTURES[name]()
    if "image_name" in dataset.column_names:
        (folder / "pictures").mkdir(exist_ok=True)
        # The adapter lists its folder once, so all three benchmarks' pictures are there from the start.
        files = named_pictures()
        for n, file in enumerate(files):
            picture(n).save(folder / "pictures" / file)
    if form == "parquet":
        path = folder / f"{name}.parquet"
        dataset.to_parquet(str(path))
        return path
    path = folder / name
    saved = dataset if form == "disk" else DatasetDict({benchmark(name).split: dataset, "extra": dataset.select([0])})
    saved.save_to_disk(str(path))
    return path
