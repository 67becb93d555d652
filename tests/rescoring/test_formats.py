import json
import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from lmms_faith.rescoring.fields import Malformed
from lmms_faith.rescoring.formats import Unknown, detect

DATA = Path(__file__).parent / "data"
PLAIN = '{"item_id": "1", "completion": "A"}'
TSV = '"index"\t"question"\t"answer"\t"prediction"\n"1"\t"q"\t"A"\t"A"\n'


@pytest.mark.parametrize(
    ("content", "format"),
    [
        pytest.param('{"doc_id": 0, "target": "A", "filtered_resps": "A"}\n', "lmms-eval", id="a sample log"),
        pytest.param('{"faith": {"schema": 3}}\n', "lmms-eval", id="a log of ours"),
        pytest.param(PLAIN + "\n" + PLAIN, "jsonl", id="plain JSONL"),
        pytest.param("\ufeff\n\n" + PLAIN, "jsonl", id="plain JSONL behind blank lines and a mark"),
        pytest.param('{"item_id": "1"}', "jsonl", id="plain JSONL that lacks its completion"),
        pytest.param('[{"index": 1, "prediction": "A"}]', "vlmevalkit", id="rows in one line"),
        pytest.param(json.dumps([{"index": 1, "prediction": "A"}], indent=4), "vlmevalkit", id="rows in many lines"),
        pytest.param(TSV, "vlmevalkit", id="a table"),
        pytest.param(TSV.replace('"', ""), "vlmevalkit", id="a table without quotes"),
        pytest.param('{"version": 2, "eval": {"task": "t"}}', "inspect", id="a log of inspect in one line"),
        pytest.param('{\n "version": 2,\n "eval": {}\n}', "inspect", id="a log of inspect in many lines"),
    ],
)
def test_the_content_tells_the_format_whatever_the_name(content: str, format: str, tmp_path: Path) -> None:
    for name in ("results", "results.json", "results.xlsx"):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        assert detect(path) == format


def test_zipped_files(tmp_path: Path) -> None:
    for log in DATA.glob("inspect-*.eval"):
        shutil.copy(log, tmp_path / "log.zip")
        assert detect(tmp_path / "log.zip") == "inspect"
    Workbook().save(tmp_path / "table.dat")
    assert detect(tmp_path / "table.dat") == "vlmevalkit"


def test_logs_that_the_tools_wrote() -> None:
    found = {path.name: detect(path) for path in DATA.rglob("*") if path.suffix in (".eval", ".json", ".jsonl")}
    assert len(found) == 6
    assert all(format == ("inspect" if "inspect" in name else "lmms-eval") for name, format in found.items())


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"", "is empty", id="nothing"),
        pytest.param(b" \n\n", "is empty", id="space"),
        pytest.param(b"hello\n", "starts with 'hello'", id="prose"),
        pytest.param(b"a,b\n1,2\n", "starts with 'a,b'", id="another table"),
        pytest.param(b"\xff\xfe\x00", "line 1 is no UTF-8 text", id="bytes"),
        pytest.param(b"[1, 2]", "is JSON without rows that have an index", id="a list of numbers"),
        pytest.param(b"[]", "is JSON without rows", id="an empty list"),
        pytest.param(b"{}", r"is JSON with the fields \(none\)", id="an empty object"),
        pytest.param(b'{"a": 1, "b": 2}', "is JSON with the fields 'a', 'b'", id="another object"),
        pytest.param(b'{"results": {}, "configs": {}}', "is lmms-eval's summary", id="the host's results"),
        pytest.param(b'{"fingerprint": "0", "item_id": "1"}', "holds verdicts or extractions", id="verdicts"),
    ],
)
def test_other_files_are_unknown_and_the_message_says_what_they_are(
    content: bytes, problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(Unknown, match=rf"x: {problem}.*expected an lmms-eval sample log, a VLMEvalKit"):
        detect(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b'{"item_id": "1", "comp\n' + PLAIN.encode(), "line 1: is no JSON", id="a broken first line"),
        pytest.param(b"PK\x03\x04 and no zip", "is a damaged zip file", id="a broken zip"),
        pytest.param(b'{"a":' + b"[" * 100_000, "line 1: is no JSON", id="brackets beyond reason"),
    ],
)
def test_a_broken_file_is_named(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(Malformed, match=rf"x[,:] ?{problem}"):
        detect(path)


def test_another_zip_is_unknown(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("word/document.xml", "")
    with pytest.raises(Unknown, match=r"x\.zip: is a zip of word/document\.xml"):
        detect(tmp_path / "x.zip")
