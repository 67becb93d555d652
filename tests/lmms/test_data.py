import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, Features, Image, List, Value, load_dataset, load_from_disk
from drawn import encoded, picture
from fixtures import FIXTURES, write_fixture
from loguru import logger

from lmms_faith.benchmarks import benchmark, shipped
from lmms_faith.benchmarks.spec import ROW_NUMBER, images_of
from lmms_faith.lmms.data import VARIABLE, Source, check, numbered, override, picture_counts, usable, without_pictures


def load(source: Source) -> Dataset:
    """The split, as the host loads it."""
    kwargs = dict(source["dataset_kwargs"])
    if kwargs.pop("load_from_disk", False):
        return load_from_disk(source["dataset_path"])[source["test_split"]]
    return load_dataset(source["dataset_path"], name=source["dataset_name"], **kwargs)[source["test_split"]]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))


# Where the rows come from


@pytest.mark.parametrize("form", ["parquet", "disk", "splits"])
@pytest.mark.parametrize("name", ["mme_realworld_lite", "mmmu_val", "geometry3k"])
def test_local_data_of_every_form_are_the_rows_that_were_written(name: str, form: Any, tmp_path: Path) -> None:
    write_fixture(name, tmp_path, form)
    source = override(name, {VARIABLE: str(tmp_path)})
    assert source is not None
    found = load(source)
    check(benchmark(name), found.features, len(found))
    texts = without_pictures(benchmark(name), FIXTURES[name]())
    assert without_pictures(benchmark(name), found).to_list() == texts.to_list()
    assert images_of(benchmark(name), found[0], benchmark(name).to_item(numbered(found)[0]))


def test_nothing_is_overridden_unless_named(tmp_path: Path) -> None:
    write_fixture("ai2d", tmp_path)
    assert override("ai2d", {}) is None
    assert override("ai2d", {VARIABLE: " "}) is None
    assert override("mmstar", {VARIABLE: str(tmp_path)}) is None
    assert override("mmstar", {VARIABLE: f"ai2d={tmp_path}/ai2d.parquet"}) is None


def test_pairs_name_paths(tmp_path: Path) -> None:
    ai2d, mmstar = write_fixture("ai2d", tmp_path / "here"), write_fixture("mmstar", tmp_path / "there", "splits")
    environ = {VARIABLE: f"ai2d={ai2d}, mmstar={mmstar}"}
    assert override("ai2d", environ) == {
        "dataset_path": "parquet",
        "dataset_name": None,
        "dataset_kwargs": {"data_files": {"test": [str(ai2d)]}},
        "test_split": "test",
    }
    assert override("mmstar", environ) == {
        "dataset_path": str(mmstar),
        "dataset_name": None,
        "dataset_kwargs": {"load_from_disk": True},
        "test_split": "val",
    }


@pytest.mark.parametrize(
    ("name", "files", "taken"),
    [
        pytest.param("ai2d", ["part1.parquet", "part2.parquet"], ["part1.parquet", "part2.parquet"], id="all"),
        pytest.param(
            "mathvision_testmini",
            ["data/test-00000-of-00001-3f.parquet", "data/testmini-00000-of-00001-8f.parquet"],
            ["data/testmini-00000-of-00001-8f.parquet"],
            id="the split's",
        ),
        pytest.param(
            "blink_counting",
            [
                "Counting/val-00000-of-00001.parquet",
                "Counting/test-00000-of-00001.parquet",
                "Jigsaw/val-00000-of-00001.parquet",
            ],
            ["Counting/val-00000-of-00001.parquet"],
            id="the configuration's",
        ),
        pytest.param(
            "blink_counting",
            ["Counting/val/0000.parquet", "Counting/test/0000.parquet"],
            ["Counting/val/0000.parquet"],
            id="converted",
        ),
    ],
)
def test_of_a_download_the_right_files_are_taken(name: str, files: list[str], taken: list[str], tmp_path: Path) -> None:
    for file in files:
        (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / file).touch()
    source = override(name, {VARIABLE: str(tmp_path)})
    assert source is not None
    paths = source["dataset_kwargs"]["data_files"][benchmark(name).split]
    assert [str(Path(path).relative_to(tmp_path / name)) for path in paths] == taken


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{0}/nowhere", "LMMS_FAITH_DATA={0}/nowhere: no such folder; give one with ai2d/ or ai2d.parquet in it"),
        ("aid2={0}/full", "LMMS_FAITH_DATA names unknown benchmark 'aid2'; choose from: shapes, "),
        ("ai2d={0}/nowhere", "LMMS_FAITH_DATA: data of 'ai2d': {0}/nowhere does not exist; give a parquet file"),
        ("ai2d={0}/rows.csv", "{0}/rows.csv is no parquet file; give a parquet file"),
        ("ai2d={0}/empty", "{0}/empty holds no parquet file; give a parquet file"),
        ("ai2d={0}/saved", "{0}/saved has splits train, val and no test; give"),
        ("ai2d={0}/hub", "{0}/hub has splits train and no test; give"),
    ],
)
def test_data_that_are_not_there_are_refused_in_one_line(value: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "rows.csv").touch()
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved/dataset_dict.json").write_text(json.dumps({"splits": ["train", "val"]}))
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub/train-00000-of-00001.parquet").touch()
    with pytest.raises(ValueError, match="LMMS_FAITH_DATA") as refusal:
        override("ai2d", {VARIABLE: value.format(tmp_path)})
    assert message.format(tmp_path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


# What is asked of them


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    said: list[str] = []
    sink = logger.add(said.append, level="WARNING", format="{message}")
    yield said
    logger.remove(sink)


@pytest.mark.parametrize(
    ("column", "feature", "found"),
    [
        ("options", None, "has no column 'options' (a list of strings); it has question, answer, image"),
        ("options", Value("string"), "column 'options' should be a list of strings and is string"),
        ("options", List(Value("int64")), "should be a list of strings and is a list of int64"),
        ("answer", Value("float64"), "column 'answer' should be a string or an integer and is float64"),
        ("question", {"text": Value("string")}, "column 'question' should be a string and is a struct"),
        ("image", List(Image()), "column 'image' should be an image and is a list of an image"),
    ],
)
def test_a_missing_or_changed_column_is_named(column: str, feature: Any, found: str) -> None:
    features = dict(FIXTURES["ai2d"]().features) | {column: feature}
    with pytest.raises(ValueError, match="benchmark 'ai2d': lmms-lab-encoder/ai2d ") as refusal:
        check(benchmark("ai2d"), {name: kept for name, kept in features.items() if kept is not None}, 3088)
    assert found in str(refusal.value)
    assert "LMMS_FAITH_DATA" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("feature", [Value("int8"), Value("string"), Value("large_string")])
def test_a_key_may_be_text_or_a_number(feature: Any) -> None:
    check(benchmark("ai2d"), dict(FIXTURES["ai2d"]().features) | {"answer": feature}, 3088)


def test_another_row_count_is_warned_of(warnings: list[str]) -> None:
    features = FIXTURES["ai2d"]().features
    check(benchmark("ai2d"), features, 3088)
    assert warnings == []
    check(benchmark("ai2d"), features, 3)
    assert [line.strip() for line in warnings] == [
        "benchmark 'ai2d': 3 rows in split 'test', 3088 are known; scores are of those here"
    ]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"options": (4, 4)}, []),
        ({"options": (2, 3)}, ["benchmark 'ai2d': 3 items have 4 options, where 2, 3 are known"]),
        ({"options": None}, []),
        ({"options": None, "free": 1.0}, ["benchmark 'ai2d': 3 items have 4 options, where 0 are known"]),
    ],
)
def test_another_number_of_options_is_warned_of(known: dict[str, Any], said: list[str], warnings: list[str]) -> None:
    usable(replace(benchmark("ai2d"), **known), numbered(FIXTURES["ai2d"]()))
    assert [line.strip() for line in warnings] == said


def test_a_value_where_there_should_be_options_is_warned_of(warnings: list[str]) -> None:
    usable(replace(benchmark("mathverse"), free=0.0), numbered(FIXTURES["mathverse"]()))
    assert [line.strip() for line in warnings] == [
        "benchmark 'mathverse': 2 items have no options, where 2, 3, 4, 5 are known"
    ]


def test_every_column_kind_in_use_is_known() -> None:
    for one in shipped():
        with pytest.raises(ValueError, match=f"benchmark '{one.name}'"):
            check(one, {}, 0)


def test_rows_are_numbered_before_any_is_left_out() -> None:
    rows = numbered(FIXTURES["ai2d"]())
    assert rows.select([2])[0][ROW_NUMBER] == 2


def test_rows_that_make_no_item_are_left_out_with_the_reason() -> None:
    rows = FIXTURES["mmstar"]().to_list()
    broken = [rows[0], rows[1] | {"answer": "Z"}, rows[2] | {"answer": None}, rows[0], rows[2]]
    dataset = numbered(Dataset.from_list(broken, features=FIXTURES["mmstar"]().features))
    kept, refused = usable(benchmark("mmstar"), dataset)
    assert list(kept) == [0, 4]
    assert [where for where, _ in refused] == ["row 1", "row 2", "row 3"]
    assert [why.partition(":")[0] for _, why in refused] == [
        "ValueError",
        "ValueError",
        "id '0' is that of row 0 as well",
    ]


def test_no_picture_is_left_for_a_log() -> None:
    features = Features(
        {
            "id": Value("string"),
            "shown": Image(),
            "all": List(Image()),
            "bytes": Value("string"),
            "other": Value("string"),
        }
    )
    dataset = Dataset.from_dict(
        {"id": ["a"], "shown": [picture(1)], "all": [[picture(2)]], "bytes": [encoded(1)], "other": [encoded(2)]},
        features=features,
    )
    assert without_pictures(benchmark("mme_realworld_lite"), dataset).column_names == ["id"]


@pytest.mark.parametrize("form", ["{}", "data:image/jpeg;base64,{}", "{}\n"])
@pytest.mark.parametrize("place", [0, 7, 2500])
def test_a_picture_in_any_row_of_a_text_column_keeps_it_from_logs(place: int, form: str) -> None:
    texts: list[str | None] = [None, "short", ""] * 1000
    texts[place] = form.format(encoded(1))
    dataset = Dataset.from_dict({"text": texts, "other": ["short"] * len(texts)})
    assert without_pictures(benchmark("ai2d"), dataset).column_names == ["other"]
    assert without_pictures(benchmark("ai2d"), dataset.select(range(2999, -1, -1))).column_names == ["other"]


@pytest.mark.parametrize("text", ["There is a cat, a dog and a bird. ", "words without any stop ", "电" * 5])
def test_long_texts_are_no_pictures(text: str) -> None:
    dataset = Dataset.from_dict({"text": [None, text * 300]})
    assert without_pictures(benchmark("ai2d"), dataset).column_names == ["text"]


@pytest.mark.parametrize("name", [one.name for one in shipped() if one.name in FIXTURES])
def test_pictures_are_counted_as_they_are_shown(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAITH_SPATIALMM_ROOT", str(tmp_path))
    if name.startswith("spatial_mm"):
        write_fixture(name, tmp_path)
    one, rows = benchmark(name), numbered(FIXTURES[name]())
    backwards = rows.select(range(len(rows) - 1, -1, -1))
    for some in (rows, backwards):
        assert picture_counts(one, some) == [len(images_of(one, row, one.to_item(row))) for row in some]


def test_pictures_in_a_list_are_counted() -> None:
    features = Features({"images": List(Image()), "image": Image()})
    rows = Dataset.from_dict(
        {"images": [[picture(1), picture(2)], [], None], "image": [None, picture(1), None]}, features
    )
    one = replace(benchmark("ai2d"), columns={"images": "images", "image": "image"})
    assert picture_counts(one, rows) == [2, 1, 0]
