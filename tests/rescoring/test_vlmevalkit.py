import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from lmms_faith.record import Record
from lmms_faith.rescoring.answer import NO_ITEM, Answer, Given, Refused, record_of
from lmms_faith.rescoring.fields import Malformed
from lmms_faith.rescoring.vlmevalkit import CUT_CELL, NO_GOLD, read

Row = Mapping[str, Any]
COLUMNS = ("index", "question", "hint", "A", "B", "C", "D", "answer", "category", "l2-category", "split", "prediction")


def row(index: int, *options: str, answer: str = "A", prediction: str = "A", **more: Any) -> dict[str, Any]:
    cells: dict[str, Any] = {"index": index, "question": "What is drawn?", "hint": None, "answer": answer}
    return (
        cells
        | dict(zip("ABCD", options))
        | {"category": "shape", "l2-category": "fine", "prediction": prediction}
        | more
    )


ROTATED = [
    row(7, "a star", "a disc", "a box", answer="B", prediction="B"),
    row(1000007, "a disc", "a box", "a star", answer="A", prediction="<think>It is a star.</think> C. a star"),
    row(2000007, "a box", "a star", "a disc", answer="C", prediction="I can't tell."),
    row(8, "1", "2", answer="A", prediction="Failed to obtain answer via API.", hint="Look closely."),
]


def columns_of(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys([*COLUMNS, *(name for one in rows for name in one)]))


def write_xlsx(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(columns))
    for one in rows:
        sheet.append([one.get(name) for name in columns])
    book.save(path)


def write_tsv(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> None:
    """As pandas writes it for VLMEvalKit: every field quoted."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        writer.writerows([["" if one.get(name) is None else one[name] for name in columns] for one in rows])


def write_json(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> None:
    """As pandas hands it to VLMEvalKit: missing cells are NaN."""
    cells = [{name: math.nan if one.get(name) is None else one[name] for name in columns} for one in rows]
    path.write_text(json.dumps(cells, indent=4, ensure_ascii=False), encoding="utf-8")


FORMS = {"xlsx": write_xlsx, "tsv": write_tsv, "json": write_json}


def written(folder: Path, rows: Sequence[Row], form: str = "xlsx", name: str = "toy-vl_MMBench_DEV_EN") -> Path:
    path = folder / f"{name}.{form}"
    FORMS[form](path, rows, columns_of(rows))
    return path


def records(path: Path, given: Given | None = None) -> list[Record]:
    return [record_of(one) for one in read(path, given or Given()) if isinstance(one, Answer)]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_file_gives_the_same_records(form: str, tmp_path: Path) -> None:
    found = records(written(tmp_path, ROTATED, form))
    assert [one.item_id for one in found] == ["7", "1000007", "2000007", "8"]
    assert [one.family for one in found] == ["7", "7", "7", "8"]
    assert [one.cluster for one in found] == ["7", "7", "7", "8"]
    assert [one.status for one in found] == ["answered", "answered", "no_answer", "failed"]
    assert [one.hit for one in found] == ["gold", "claimed" if found[1].claimed == "a star" else "other", None, None]
    assert [one.think for one in found] == [None, "It is a star.", None, None]
    assert {(one.model, one.benchmark, one.condition) for one in found} == {("toy-vl", "mmbench_en_dev", "base")}
    assert found[0].extras == {"turn": "0", "ability": "fine"}


def test_3dsrbench_goes_through_the_circular_adapter(tmp_path: Path) -> None:
    rows = [
        row(1, "Yes", "No", answer="A", prediction="A", category="location_above", qid="QWERTYUI-0"),
        row(2, "No", "Yes", answer="B", prediction="A", category="location_above", qid="QWERTYUI-1"),
    ]
    found = records(written(tmp_path, rows, name="toy_3DSRBench"))
    assert [(one.benchmark, one.item_id, one.family) for one in found] == [
        ("3dsrbench_circular", "QWERTYUI-0", "QWERTYUI"),
        ("3dsrbench_circular", "QWERTYUI-1", "QWERTYUI"),
    ]
    assert [(one.hit, one.claimed) for one in found] == [("gold", "No"), ("claimed", "No")]


def test_copies_of_one_question_claim_the_same_text(tmp_path: Path) -> None:
    claimed = {one.claimed for one in records(written(tmp_path, ROTATED[:3]))}
    assert len(claimed) == 1
    assert claimed <= {"a star", "a box"}


@pytest.mark.parametrize(
    ("name", "folder", "given", "expected"),
    [
        pytest.param("m_x_MMBench_DEV_EN", "", Given(), ("m_x", "mmbench_en_dev"), id="a data set that we know"),
        pytest.param("m_MMBench_DEV_EN_openai_result", "", Given(), ("m", "mmbench_en_dev"), id="a judged file"),
        pytest.param("a_b_CCBench", "a_b", Given(), ("a_b", "CCBench"), id="any data set in the model's folder"),
        pytest.param("a_b_CCBench", "a_b/T20260101_G1", Given(), ("a_b", "CCBench"), id="below it"),
        pytest.param("results", "", Given(benchmark="mine", model="me"), ("me", "mine"), id="told"),
    ],
)
def test_model_and_benchmark(name: str, folder: str, given: Given, expected: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    found = records(written(tmp_path / folder, ROTATED[:1], name=name), given)
    assert [(one.model, one.benchmark) for one in found] == [expected]


def test_a_name_that_tells_nothing_asks_for_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"results\.xlsx: the benchmark can't be told .* --benchmark NAME"):
        list(read(written(tmp_path, ROTATED, name="results"), Given()))


def test_other_data_sets_have_what_their_columns_say(tmp_path: Path) -> None:
    rows = [
        row(1, "red", "blue", answer="B", prediction="(B)", hint="A hint.", image_path="x.jpg"),
        row(1000001, "blue", "red", answer="A", prediction="B", image_path="x.jpg"),
        row(2, answer="12", prediction="<answer>12</answer>", image_path="y.jpg"),
        row(3000009, "red", "blue", prediction="A"),
    ]
    found = records(written(tmp_path, rows, name="results"), Given(benchmark="mine"))
    assert [(one.item_id, one.family, one.cluster) for one in found] == [
        ("1", "1", "1"),
        ("1000001", "1", "1"),
        ("2", "2", "y.jpg"),
        ("3000009", "3000009", "3000009"),
    ]
    assert [(one.kind, one.gold, one.hit) for one in found] == [
        ("choice", "blue", "gold"),
        ("choice", "blue", "claimed"),
        ("integer", "12", "gold"),
        ("choice", "red", "gold"),
    ]
    assert {one.category for one in found} == {"shape"}


def test_a_thought_in_a_column_of_its_own_is_put_back(tmp_path: Path) -> None:
    rows = [
        row(1, "red", "blue", prediction="A", thinking="It is red."),
        row(2, "red", "blue", prediction="A", thinking="It is red.</think>"),
        row(3, "red", "blue", prediction="A", thinking=None),
    ]
    found = records(written(tmp_path, rows, name="results"), Given(benchmark="mine"))
    assert [one.completion for one in found] == ["<think>It is red.</think>A", "<think>It is red.</think>A", "A"]
    assert [one.think for one in found] == ["It is red.", "It is red.", None]


def test_under_a_foreign_perturbation_the_claim_is_unknown(tmp_path: Path) -> None:
    found = records(written(tmp_path, ROTATED[:1]), Given(condition="wrong_caption"))
    assert [(one.condition, one.claimed, one.misled) for one in found] == [("wrong_caption", None, None)]


def test_numbers_in_option_cells_are_texts(tmp_path: Path) -> None:
    found = records(written(tmp_path, [row(1, 3, 4.5, True, prediction="B")], name="r"), Given(benchmark="mine"))
    assert found[0].options == ("3", "4.5", "True")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"answer": None}, NO_GOLD, id="a test split without gold"),
        pytest.param({"prediction": "x" * 32_767}, CUT_CELL, id="a cell that is full"),
        pytest.param({"answer": "Z"}, NO_ITEM, id="gold beyond the options"),
        pytest.param({"A": None}, NO_ITEM, id="a gap in the options"),
        pytest.param({"B": "a star"}, NO_ITEM, id="one option twice"),
    ],
)
def test_rows_that_make_no_record_are_kept_with_the_reason(changed: Row, reason: str, tmp_path: Path) -> None:
    path = written(tmp_path, [ROTATED[0], {**row(9, "a star", "a disc"), **changed}])
    refused = [one for one in read(path, Given()) if isinstance(one, Refused)]
    assert [(one.reason, one.place.where) for one in refused] == [(reason, "row 3")]


def test_a_benchmark_whose_columns_are_missing_says_which(tmp_path: Path) -> None:
    [refused] = read(written(tmp_path, ROTATED[:1], name="r"), Given(benchmark="cv_bench"))
    assert isinstance(refused, Refused)
    assert (
        refused.detail == "benchmark 'cv_bench' needs columns task, source, choices, idx, which the file does not have"
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("column", ["index", "question", "prediction"])
def test_a_missing_column_is_named(form: str, column: str, tmp_path: Path) -> None:
    path = tmp_path / f"toy_MMBench_DEV_EN.{form}"
    FORMS[form](path, ROTATED[:1], [name for name in COLUMNS if name != column])
    with pytest.raises(Malformed, match=rf"(?:row|line) [12], field '{column}': is no column; the file has "):
        list(read(path, Given()))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        pytest.param("a.xlsx", b"PK\x03\x04 no zip", "is no readable xlsx file", id="no xlsx"),
        pytest.param(
            "a.tsv", b"index\tquestion\tprediction\n1\tq\n", "line 2: has 2 columns, the first", id="a short line"
        ),
        pytest.param("a.tsv", b'index\tquestion\tprediction\n1\t"q', "is no line of a tsv file", id="an open quote"),
        pytest.param("a.tsv", b"index\tquestion\tprediction\n\xff\tq\tp\n", "is no line of a tsv file", id="no UTF-8"),
        pytest.param("a.json", b'[{"index": 1', "is no JSON", id="JSON that is cut off"),
        pytest.param("a.json", b"[3]", "row 1: is '3', not an object with the columns index", id="a list of numbers"),
    ],
)
def test_a_broken_file_is_named(name: str, content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Malformed, match=rf"{name}.*{problem}"):
        list(read(path, Given(benchmark="mine")))


def test_a_long_field_of_a_tsv_is_read_and_csv_is_left_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    path = written(tmp_path, [row(1, "red", "blue", prediction="x" * 200_000 + " The answer is A.")], "tsv")
    assert [one.hit for one in records(path)] == ["gold"]
    assert csv.field_size_limit() == before
