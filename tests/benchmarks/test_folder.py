"""A folder of pictures that is downloaded by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lmms_faith.benchmarks.folder import Folder

FOLDER = Folder("TOYS_ROOT", "toys", "download them")


def test_pictures_are_found_anywhere_under_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOYS_ROOT", str(tmp_path))
    (tmp_path / "a" / "b").mkdir(parents=True)
    Image.new("RGB", (4, 3)).save(tmp_path / "a" / "b" / "1.jpg")
    Image.new("RGB", (5, 3)).save(tmp_path / "2.jpeg")
    assert FOLDER.path == tmp_path
    assert [FOLDER.picture(name).size for name in ("1.jpg", "2.jpeg")] == [(4, 3), (5, 3)]


def test_without_the_variable_the_folder_is_in_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOYS_ROOT", raising=False)
    assert FOLDER.path == Path("toys")


def test_a_picture_that_is_not_there_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOYS_ROOT", str(tmp_path / "empty"))
    with pytest.raises(FileNotFoundError, match=r"image 1\.jpg is nowhere under .*empty; download them"):
        FOLDER.picture("1.jpg")
