import csv
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas
import pytest
from pyarrow import parquet

import lmms_faith
from lmms_faith.record import SCHEMA, Record
from lmms_faith.report.tidy_file import COLUMNS, metadata, read_rows, write_rows
from lmms_faith.summary import Judged, Row, gather

pytestmark = pytest.mark.slow

ROWS = [
    Row(
        model="m, n", benchmark="toys", condition="base", metric="acc", value=1 / 3, low=0.1, high=0.7, n=9, method="x"
    ),
    Row(model="m", benchmark="toys", condition="base", metric="nll", value=math.inf, n=2, category='a "b"'),
    Row(model="m", benchmark="é", condition="paper", metric="worst_case_acc", value=math.nan, n=0, arity="4+"),
]
ABOUT = {"lmms-faith": "0", "seed": 0, "runs": {"d": "hf: a=\"b\", 'c'\nd"}}
KINDS = ["csv", "parquet"]


def same(one: Row, other: Row) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) or (getattr(one, name) != getattr(one, name) != getattr(other, name))
        for name in COLUMNS
    )


@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_metadata_come_back_as_they_were(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"table.{kind}"
    write_rows(path, iter(ROWS), ABOUT)
    rows, about = read_rows(path)
    assert len(rows) == len(ROWS)
    assert all(map(same, rows, ROWS))
    assert about == ABOUT


def test_pandas_reads_either_alike(tmp_path: Path) -> None:
    for kind in KINDS:
        write_rows(tmp_path / f"table.{kind}", ROWS, ABOUT)
    left = pandas.read_csv(tmp_path / "table.csv", comment="#", keep_default_na=False, na_values={"value": ["nan"]})
    right = pandas.read_parquet(tmp_path / "table.parquet")
    assert list(left.columns) == list(right.columns) == list(COLUMNS)
    assert left["value"].tolist()[:2] == right["value"].tolist()[:2] == [1 / 3, math.inf]
    assert left["n"].tolist() == right["n"].tolist() == [9, 2, 0]


def test_other_tools_find_the_metadata(tmp_path: Path) -> None:
    write_rows(tmp_path / "table.parquet", ROWS, ABOUT)
    assert json.loads(parquet.read_schema(tmp_path / "table.parquet").metadata[b"lmms_faith"]) == ABOUT
    write_rows(tmp_path / "table.csv", ROWS, ABOUT)
    first, *rest = (tmp_path / "table.csv").read_text(encoding="utf-8").splitlines()
    assert json.loads(first.removeprefix("# lmms-faith ")) == ABOUT
    assert next(csv.reader(rest)) == list(COLUMNS)


@pytest.mark.parametrize("kind", KINDS)
def test_no_rows_make_a_file_with_columns(kind: str, tmp_path: Path) -> None:
    write_rows(tmp_path / f"table.{kind}", [], ABOUT)
    assert read_rows(tmp_path / f"table.{kind}") == ([], ABOUT)


def test_the_metadata_say_what_a_table_was_made_from(make_record: Callable[..., Record]) -> None:
    gathered = gather([Judged(make_record(seed=4))])
    runs = {"20260101": "openai: model=gpt,api_key=sk-123,base_url=http://x", "20260102": "hf: hf_token: abc"}
    about = metadata(gathered, judge="rule-1", resamples=10, seed=1, runs=runs)
    assert about["lmms-faith"] == lmms_faith.__version__
    assert (about["schema"], about["judge"], about["resamples"], about["seed"]) == (SCHEMA, "rule-1", 10, 1)
    assert about["records"] == {"count": 1, "seeds": [4], "versions": {"lmms_faith": ["0"]}}
    assert about["runs"] == {
        "20260101": "openai: model=gpt,api_key=***,base_url=http://x",
        "20260102": "hf: hf_token=***",
    }


@pytest.mark.parametrize("act", [lambda path: write_rows(path, ROWS, ABOUT), read_rows], ids=["write", "read"])
def test_another_kind_of_file_is_refused(act: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"table.xlsx is neither .parquet nor .csv"):
        act(tmp_path / "table.xlsx")


def test_what_this_package_did_not_write_is_refused(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"a": [1]})
    frame.to_csv(tmp_path / "table.csv")
    frame.to_parquet(tmp_path / "table.parquet")
    with pytest.raises(ValueError, match="does not start with '# lmms-faith '"):
        read_rows(tmp_path / "table.csv")
    with pytest.raises(ValueError, match="has no metadata of lmms-faith"):
        read_rows(tmp_path / "table.parquet")


def test_without_pyarrow_parquet_says_what_to_install_and_csv_works(tmp_path: Path) -> None:
    code = f"""
import sys
sys.modules["pyarrow"] = None
from pathlib import Path
from lmms_faith.report.tidy_file import write_rows
write_rows(Path({str(tmp_path / "table.csv")!r}), [], {{}})
try:
    write_rows(Path({str(tmp_path / "table.parquet")!r}), [], {{}})
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "a parquet file needs pyarrow: pip install 'lmms-faith[report]'; or name a .csv\n"
    assert (tmp_path / "table.csv").exists()
