import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmms_faith.record import Record, from_json, to_json
from lmms_faith.rescoring.answer import NO_ITEM, Given
from lmms_faith.rescoring.fields import Malformed
from lmms_faith.rescoring.formats import Format, Unknown
from lmms_faith.rescoring.plain import line_of
from lmms_faith.rescoring.reading import TWICE, read

DATA = Path(__file__).parent / "data"
NOTHING = Given()
Make = Callable[..., Record]
LINE: dict[str, Any] = {
    "item_id": "7",
    "benchmark": "toys",
    "options": ["red", "blue", "green"],
    "answer": "B",
    "completion": "The answer is (B).",
}


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_files_of_all_formats_are_read_together() -> None:
    reading = read([DATA], Given(model="toy"))
    assert sum(reading.files.values()) == len(reading.records) + len(reading.refused)
    assert {re.sub(r" \(prompt\)", "", one.benchmark) for one in reading.records} == {
        "cv_bench",
        "mmbench_en_dev",
        "vstar",
        "toys",
    }
    assert [one.reason for one in reading.refused] == [TWICE] * 3
    assert reading.left_alone == {}
    assert all(from_json(Record, json.loads(json.dumps(to_json(one)))) == one for one in reading.records)


def test_records_come_in_the_order_of_files_and_rows(tmp_path: Path) -> None:
    first = lines(tmp_path / "b.jsonl", LINE | {"item_id": "2"}, LINE | {"item_id": "1"})
    second = lines(tmp_path / "a.jsonl", LINE | {"item_id": "3"})
    assert [one.item_id for one in read([first, second], NOTHING).records] == ["2", "1", "3"]
    assert [one.item_id for one in read([tmp_path], NOTHING).records] == ["3", "2", "1"]
    assert len(read([first, first], NOTHING).records) == 2


def test_an_item_that_comes_twice_is_counted_and_its_first_row_kept(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", LINE, LINE | {"completion": "C"}, LINE | {"condition": "blank_image"})
    reading = read([path], NOTHING)
    assert [(one.condition, one.completion) for one in reading.records] == [
        ("base", "The answer is (B)."),
        ("blank_image", "The answer is (B)."),
    ]
    assert [(one.reason, str(one.place), one.detail) for one in reading.refused] == [
        (TWICE, f"{path}, line 2", "item '7'")
    ]


def test_rows_that_make_no_record_are_counted_beside_those_that_do(tmp_path: Path) -> None:
    reading = read([lines(tmp_path / "a.jsonl", LINE, LINE | {"options": ["red", "blue", "Blue"]})], NOTHING)
    assert (len(reading.records), [one.reason for one in reading.refused]) == (1, [NO_ITEM])


def test_the_reference_under_base_is_what_is_claimed_of_the_item_elsewhere(tmp_path: Path) -> None:
    rows = [LINE | {"condition": "wrong_caption", "item_id": str(n), "target": target} for n, target in enumerate("AC")]
    base = [LINE | {"item_id": str(n)} for n in range(3)]
    found = read([lines(tmp_path / "a.jsonl", *base), lines(tmp_path / "b.jsonl", *rows)], NOTHING).records
    assert [one.claimed for one in found[:2]] == ["red", "green"]
    alone = read([tmp_path / "a.jsonl"], NOTHING).records
    assert found[2].claimed == alone[2].claimed is not None


def test_where_claims_differ_the_reference_is_our_own(tmp_path: Path) -> None:
    rows = [LINE | {"condition": name, "target": target} for name, target in (("one", "A"), ("two", "C"))]
    both = read([lines(tmp_path / "a.jsonl", LINE, *rows)], NOTHING).records
    alone = read([lines(tmp_path / "b.jsonl", LINE)], NOTHING).records
    assert both[0] == alone[0]


def test_what_is_lost_of_rows_is_counted(tmp_path: Path) -> None:
    tokens = [
        {"token": "The answer is", "logprob": 0},
        {"token": " (B).", "logprob": -0.1},
    ]
    rows = [LINE | {"item_id": str(n), "token_logprobs": tokens} for n in range(3)]
    reading = read([lines(tmp_path / "a.jsonl", *rows)], NOTHING)
    assert list(reading.notes.values()) == [3]


def test_of_several_runs_of_a_task_in_a_folder_the_newest_counts(tmp_path: Path, make_record: Make) -> None:
    for stamp, completion in (("20260102_000000", "new"), ("20260101_000000", "old")):
        record = make_record(completion=completion)
        lines(tmp_path / f"{stamp}_samples_faith_toys_base.jsonl", {"faith": to_json(record)})
    reading = read([tmp_path], NOTHING)
    assert [one.completion for one in reading.records] == ["new"]
    [reason] = reading.left_alone.values()
    assert "20260102_000000_samples_faith_toys_base.jsonl is a newer run of the task" in reason


def test_other_files_of_a_folder_are_left_alone_and_named(tmp_path: Path) -> None:
    lines(tmp_path / "a.jsonl", LINE)
    for name, content in (("r.json", '{"results": {}, "configs": {}}'), ("notes.txt", "x"), ("t.tsv", "a\tb\n")):
        (tmp_path / name).write_text(content)
    reading = read([tmp_path], NOTHING)
    assert list(reading.files) == [tmp_path / "a.jsonl"]
    assert sorted(path.name for path in reading.left_alone) == ["r.json", "t.tsv"]


def test_another_file_that_is_named_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text('{"results": {}, "configs": {}}')
    with pytest.raises(Unknown, match=r"r\.json: is lmms-eval's summary of results"):
        read([tmp_path / "r.json"], NOTHING)


def test_a_folder_without_results_says_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no results in "):
        read([tmp_path], NOTHING)
    (tmp_path / "r.json").write_text("{}")
    with pytest.raises(FileNotFoundError, match=r"1 files were left alone, the first: .*r\.json: is JSON with"):
        read([tmp_path], NOTHING)


def test_a_format_that_is_told_is_not_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("\n")
    with pytest.raises(Unknown):
        read([path], NOTHING)
    assert read([path], NOTHING, format="jsonl").records == []
    with pytest.raises(Malformed, match=r"is no readable xlsx file"):
        read([DATA / "inspect-0.3.90.eval"], Given(benchmark="b"), format="vlmevalkit")


# Nothing that a file may hold ends in anything but records, counted rows, or an error that names the file.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
SEEDS: dict[Format, list[dict[str, Any]]] = {
    "jsonl": [
        LINE | {"target": "C", "letter_logprobs": [-1.0, -1.0, -2.0], "token_logprobs": None, "extras": {"a": "b"}}
    ],
    "lmms-eval": [
        json.loads(line) for path in (DATA / "lmms-eval-0.7.3").glob("*") for line in path.read_text().splitlines()[:1]
    ],
    "inspect": [json.loads((DATA / "inspect-0.3.285.json").read_text())],
    "vlmevalkit": [{"index": 1, "question": "q", "A": "x", "B": "y", "answer": "A", "prediction": "A"}],
}


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value with something in it replaced, dropped or added."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(list(value)))
        changed = dict(value)
        if draw(st.integers(0, 4)):
            changed[key] = draw(mutated(value[key]))
        else:
            del changed[key]
        return changed
    if isinstance(value, list) and value and draw(st.booleans()):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], draw(mutated(value[place])), *value[place + 1 :]]
    return draw(JSON)


def outcome(path: Path, **told: Any) -> str:
    """The error of a file, or nothing where its records can be written; any other exception is the test's failure."""
    try:
        reading = read([path], Given(benchmark="toys"), **told)
    except Malformed as error:
        return str(error)
    assert all(json.dumps(to_json(one)) for one in reading.records)
    return ""


FUZZ = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.mark.slow
@pytest.mark.parametrize("format", SEEDS)
@FUZZ
@given(data=st.data())
def test_a_malformed_row_is_an_error_that_names_file_and_place(
    format: Format, data: st.DataObject, tmp_path: Path
) -> None:
    row = data.draw(mutated(data.draw(st.sampled_from(SEEDS[format]))))
    path = tmp_path / "20260101_000000_samples_cv_bench.jsonl"
    path.write_text(json.dumps([row] if format == "vlmevalkit" else row), encoding="utf-8")
    error = outcome(path, format=format)
    assert not error or error.startswith(str(path))
    assert not error or re.search(r"line \d|row \d|sample \d|header", error)


@pytest.mark.slow
@FUZZ
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode), format=st.sampled_from([None, *SEEDS]))
def test_any_bytes_are_an_error_that_names_the_file(content: bytes, format: Format | None, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    error = outcome(path, format=format)
    assert not error or error.startswith(str(path))


@pytest.mark.slow
@FUZZ
@given(st.data())
def test_a_zipped_log_with_broken_bytes_is_an_error_that_names_the_file(tmp_path: Path, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(sorted(DATA.glob("*.eval"))))
    content = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "x.eval"
    path.write_bytes(bytes(content[: data.draw(st.sampled_from([len(content), len(content) // 2]))]))
    error = outcome(path)
    assert not error or error.startswith(str(path))


def test_a_plain_file_of_our_records_gives_them_back(tmp_path: Path, make_record: Make) -> None:
    these = [make_record(item_id=str(n), condition=name) for n in range(3) for name in ("base", "wrong_think")]
    assert read([lines(tmp_path / "a.jsonl", *map(line_of, these))], NOTHING).records == these


def test_copies_of_data_are_not_changed_by_reading(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(DATA, copy)
    read([copy], Given(model="toy"))
    assert {path.name: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == {
        path.name: path.read_bytes() for path in DATA.rglob("*") if path.is_file()
    }
