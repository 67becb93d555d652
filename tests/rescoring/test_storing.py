from collections.abc import Callable
from pathlib import Path

import pytest

from lmms_faith.record import Record
from lmms_faith.report.logs import read_records
from lmms_faith.rescoring.storing import fit, write

Make = Callable[..., Record]


def test_the_logs_are_those_that_the_table_reads(tmp_path: Path, make_record: Make) -> None:
    these = [
        make_record(model=model, condition=condition, item_id=str(n), completion="“é”\ud83d\n\x00")
        for model in ("openai/gpt 4o", None)
        for condition in ("base", "my own")
        for n in range(2)
    ]
    files = write(these, tmp_path, stamp="20260101_000000")
    assert [str(path.relative_to(tmp_path)) for path in files] == [
        "openai__gpt__4o/20260101_000000_samples_faith_toys_base.jsonl",
        "openai__gpt__4o/20260101_000000_samples_faith_toys_my__own.jsonl",
        "unnamed/20260101_000000_samples_faith_toys_base.jsonl",
        "unnamed/20260101_000000_samples_faith_toys_my__own.jsonl",
    ]
    assert sorted(read_records(tmp_path), key=repr) == sorted(these, key=repr)


def test_the_newest_writing_counts(tmp_path: Path, make_record: Make) -> None:
    write([make_record(completion="old")], tmp_path, stamp="20260101_000000")
    write([make_record(completion="new")], tmp_path, stamp="20260102_000000")
    assert [one.completion for one in read_records(tmp_path)] == ["new"]


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("a-b_c.1", "a-b_c.1"),
        ("cv_bench (prompt)", "cv_bench__prompt__"),
        ("../x", "__x"),
        ("..", "unnamed"),
        ("", "unnamed"),
    ],
)
def test_names_fit_any_file_system(name: str, fitting: str) -> None:
    assert fit(name) == fitting
