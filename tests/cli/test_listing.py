"""The commands that list what there is."""

from __future__ import annotations

from typer.testing import CliRunner

from lmms_faith.benchmarks import shipped
from lmms_faith.cli import app
from lmms_faith.report.benchmarks_page import options_of


def test_every_benchmark_is_listed_with_its_items_options_and_data() -> None:
    result = CliRunner().invoke(app, ["benchmarks"])
    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line for line in result.output.splitlines() if line.strip()}
    assert lines["name"].split() == ["name", "benchmark", "items", "options", "licence", "data"]
    for one in shipped():
        assert f" {options_of(one)} " in lines[one.name]
        assert f" {one.rows:,} " in lines[one.name] if one.rows else " – " in lines[one.name]
    assert "local folder" in lines["spatial_mm_multihop"]
    assert "shipped" in lines["shapes"]
