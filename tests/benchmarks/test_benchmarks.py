from collections.abc import Iterator
from pathlib import Path

import pytest

from lmms_faith.benchmarks import ENTRY_POINTS, NAMES, benchmark, benchmarks
from lmms_faith.benchmarks.spec import Benchmark

BROUGHT = """
from lmms_faith.benchmarks.spec import Benchmark
GOOD = Benchmark(name="{name}", to_item=None, to_images=None, dataset_path="x/y", split="test", licence="MIT")
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
    with pytest.raises(ValueError, match=f"unknown benchmark '{name}'; choose one of: {', '.join(NAMES)}"):
        benchmark(name)


def test_another_package_can_bring_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, name="toys", attribute="GOOD", module="brings_toys")
    monkeypatch.syspath_prepend(tmp_path)
    assert benchmark("toys").dataset_path == "x/y"


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
