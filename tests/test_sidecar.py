import json
from pathlib import Path

import pytest

from lmms_faith import sidecar

START = '{"model": '
LINE = json.dumps({"model": "é}", "more": {"a": 1}}, ensure_ascii=False)


@pytest.mark.parametrize("kept", range(1, len(LINE.encode())))
def test_a_line_that_was_cut_off_is_taken_off_wherever_it_was_cut(kept: int, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(f"{LINE}\n".encode() + LINE.encode()[:kept])
    sidecar.prepare(path, start=START)
    assert path.read_text() == LINE + "\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "", id="empty"),
        pytest.param(LINE + "\n", LINE + "\n", id="whole"),
        pytest.param(LINE, LINE + "\n", id="whole but for its end of line"),
        pytest.param("my notes", "my notes\n", id="not ours"),
        pytest.param('{"mine": ', '{"mine": \n', id="not ours, cut off"),
    ],
)
def test_everything_else_stays(before: str, after: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(before)
    sidecar.prepare(path, start=START)
    assert path.read_text() == after


def test_a_missing_file_is_made_and_lines_are_added(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.jsonl"
    sidecar.prepare(path, start=START)
    with path.open("ab") as file:
        sidecar.append(file, "é\n")
        assert path.read_text() == "é\n"
        sidecar.append(file, "b\n")
    assert path.read_text() == "é\nb\n"
