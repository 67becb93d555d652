"""Items read without the host, from local data."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.host
datasets = pytest.importorskip("datasets")

from lmms_faith.benchmarks import benchmarks  # noqa: E402
from lmms_faith.benchmarks.spec import Benchmark, Row  # noqa: E402
from lmms_faith.item import Item  # noqa: E402
from lmms_faith.lmms.items import read_items  # noqa: E402


def to_item(row: Row) -> Item:
    return Item(id=row["id"], benchmark="toys", question=row["question"], options=("red", "blue"), answer=row["answer"])


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = {"id": ["1", "2", "3"], "question": ["A?", "B?", "C?"], "answer": [0, 7, 1]}
    file = tmp_path / "toys.parquet"
    datasets.Dataset.from_dict(rows).to_parquet(str(file))
    brought = Benchmark(
        name="toys",
        title="Toys",
        to_item=to_item,
        to_images=lambda row: [],
        columns={"id": "string", "question": "string", "answer": "int"},
        dataset_path="parquet",
        dataset_kwargs={"data_files": {"test": str(tmp_path / "none.parquet")}},
        split="test",
        licence="none stated",
    )
    monkeypatch.setitem(benchmarks(), "toys", brought)
    monkeypatch.delenv("LMMS_FAITH_DATA", raising=False)
    return file


def test_rows_that_make_no_item_are_left_out(toys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMMS_FAITH_DATA", f"toys={toys}")
    assert [item.id for item in read_items("toys")] == ["1", "3"]
    assert [item.id for item in read_items("toys", limit=1)] == ["1"]


def test_data_that_are_not_at_hand_are_named_with_the_way_out(toys: Path) -> None:
    with pytest.raises(ValueError, match=r"benchmark 'toys': no data at hand .*set LMMS_FAITH_DATA to a copy of it"):
        read_items("toys")
