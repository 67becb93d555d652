import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmms_faith.record import Record, to_json
from lmms_faith.report.logs import log_files, model_arguments, read_records

Make = Callable[..., Record]


def write_log(folder: Path, *records: Record, stamp: str = "20260101_000000", task: str = "faith_toys_base") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stamp}_samples_{task}.jsonl"
    lines = [json.dumps({"doc_id": i, "faith": to_json(record)}) for i, record in enumerate(records)]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def test_records_come_back_as_they_were(tmp_path: Path, make_record: Make) -> None:
    records = [make_record(item_id=str(i), completion="“é”\n") for i in range(3)]
    write_log(tmp_path / "model", *records)
    assert list(read_records(tmp_path)) == records


def test_the_newest_of_two_runs_of_a_task_is_read(tmp_path: Path, make_record: Make) -> None:
    write_log(tmp_path / "model", make_record(prediction=2), stamp="20260102_000000")
    write_log(tmp_path / "model", make_record(prediction=1), stamp="20260101_235959")
    assert [record.prediction for record in read_records(tmp_path)] == [2]


def test_tasks_and_models_are_all_read(tmp_path: Path, make_record: Make) -> None:
    write_log(tmp_path / "one", make_record(model="one"))
    write_log(tmp_path / "one", make_record(model="one", condition="wrong_think"), task="faith_toys_wrong_think")
    write_log(tmp_path / "two", make_record(model="two"), stamp="20250101_000000")
    assert [(record.model, record.condition) for record in read_records(tmp_path)] == [
        ("one", "base"),
        ("one", "wrong_think"),
        ("two", "base"),
    ]


def test_other_tasks_and_other_files_are_left_alone(tmp_path: Path, make_record: Make) -> None:
    mine = write_log(tmp_path, make_record())
    (tmp_path / "20260101_000000_samples_mmbench.jsonl").write_text("{}\n")
    (tmp_path / "20260101_000000_results.json").write_text("{}\n")
    assert log_files(tmp_path) == [mine]


def test_a_folder_without_logs_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"samples_faith_.* under .*; run lmms-eval with --log_samples"
    ) as caught:
        list(read_records(tmp_path))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"faith": {"schema": 1', id="cut off"),
        pytest.param("", id="blank"),
        pytest.param('{"doc_id": 3}', id="no record"),
        pytest.param("[1, 2]", id="a list"),
        pytest.param('{"faith": null}', id="null record"),
        pytest.param('{"faith": {"schema": 99}}', id="another schema"),
        pytest.param('{"faith": {"schema": 1}}', id="fields missing"),
    ],
)
def test_a_broken_line_is_named_by_file_and_number(line: str, tmp_path: Path, make_record: Make) -> None:
    path = write_log(tmp_path, make_record())
    with path.open("a", encoding="utf-8") as log:
        log.write(line + "\n")
    with pytest.raises(ValueError, match=r"samples_faith_toys_base\.jsonl, line 2: no faith record .*; run") as caught:
        list(read_records(tmp_path))
    assert "\n" not in str(caught.value)


def test_a_record_with_an_unknown_field_is_refused(tmp_path: Path, make_record: Make) -> None:
    data: dict[str, Any] = to_json(make_record()) | {"colour": 1}
    (tmp_path / "20260101_000000_samples_faith_toys_base.jsonl").write_text(json.dumps({"faith": data}))
    with pytest.raises(ValueError, match=r"line 1: .*unknown \['colour'\]"):
        list(read_records(tmp_path))


def test_what_runs_were_started_with_is_read_where_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    config = {"config": {"model": "faith_hf", "model_args": "pretrained=MODEL,dtype=float32"}}
    (tmp_path / "m" / "20260101_000000_results.json").write_text(json.dumps(config))
    (tmp_path / "20260102_000000_results.json").write_text('{"config": ')
    (tmp_path / "20260103_000000_results.json").write_text("[]")
    assert model_arguments(tmp_path) == {"20260101_000000": "faith_hf: pretrained=MODEL,dtype=float32"}
