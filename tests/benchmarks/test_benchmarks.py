from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lmms_faith.benchmarks import ENTRY_POINTS, benchmark, benchmarks, shipped
from lmms_faith.benchmarks.spec import Benchmark

NAMES = tuple(one.name for one in shipped())
BROUGHT = """
from lmms_faith.benchmarks.spec import Benchmark
GOOD = Benchmark(
    name="{name}", title="T", columns={{}}, to_item=None, to_images=None, dataset_path="x/y", split="test", licence=""
)
SEVERAL = (GOOD,)
NUMBER = 7
"""


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    benchmarks.cache_clear()
    yield
    benchmarks.cache_clear()


def install(folder: Path, *, name: str, attribute: str, module: str) -> None:
    """What pip leaves of a package that brings a benchmark."""
    (folder / f"{module}.py").write_text(BROUGHT.format(name=name))
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{name} = {module}:{attribute}\n")


def test_our_own_come_first_and_carry_their_names() -> None:
    assert tuple(benchmarks())[: len(NAMES)] == NAMES
    assert all(name == found.name for name, found in benchmarks().items())


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_names_its_data_split_and_licence(name: str) -> None:
    found = benchmark(name)
    assert isinstance(found, Benchmark)
    assert found.dataset_path
    assert found.split
    assert found.licence


@pytest.mark.parametrize("name", ["shape", "Shapes", ""])
def test_an_unknown_benchmark_is_refused_with_all_names(name: str) -> None:
    with pytest.raises(ValueError, match=f"unknown benchmark '{name}'; choose one of: shapes, mathvista, "):
        benchmark(name)


@pytest.mark.parametrize("attribute", ["GOOD", "SEVERAL"])
def test_another_package_can_bring_one_or_several(
    attribute: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, name="toys", attribute=attribute, module=f"brings_{attribute.lower()}")
    monkeypatch.syspath_prepend(tmp_path)
    assert benchmark("toys").dataset_path == "x/y"
    assert "toys" not in {one.name for one in shipped()}


def test_the_core_is_the_papers_benchmarks_and_mathvista() -> None:
    assert [one.name for one in shipped() if one.core] == [
        "mathvista",
        "3dsrbench",
        "cv_bench",
        "spatial_mm_one_obj",
        "spatial_mm_two_obj",
        "spatial_mm_multihop",
        "whatsup_a",
        "whatsup_b",
        "vstar",
        "mme_realworld_lite",
        "mmbench_en_dev",
    ]


@pytest.mark.parametrize(
    ("name", "attribute", "message"),
    [
        pytest.param(
            "seven", "NUMBER", "'brings_seven:NUMBER' gives a int; let it give a Benchmark", id="no benchmark"
        ),
        pytest.param(
            "shapes", "GOOD", "'brings_shapes:GOOD' brings benchmark 'shapes', which exists; rename", id="taken"
        ),
    ],
)
def test_what_another_package_brings_wrongly_is_named(
    name: str, attribute: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, name=name, attribute=attribute, module=f"brings_{name}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=message):
        benchmarks()


def test_the_documented_example_makes_an_item() -> None:
    page = (Path(__file__).parents[2] / "docs/add-a-benchmark.md").read_text(encoding="utf-8")
    written: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], written)
    (example,) = written["BENCHMARKS"]
    row = dict.fromkeys(example.columns, "1") | {"choices": ["a cup", "a jug"], "label": 1}
    assert example.to_item(row).gold == "a jug"
