"""Generated files are committed; here each is compared with what its generator writes now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lmms_faith.cli import app
from lmms_faith.report.measures_page import measures_pages

ROOT = Path(__file__).parents[1]
REMEDY = "differs from its generator; run `make generate`"


def test_conditions_page_is_current() -> None:
    printed = CliRunner().invoke(app, ["conditions"]).output
    assert (ROOT / "docs/conditions.md").read_text() == printed, f"docs/conditions.md {REMEDY}"


def test_command_line_page_is_current(tmp_path: Path) -> None:
    from typer.cli import app as typer_app

    fresh = tmp_path / "cli.md"
    result = CliRunner().invoke(
        typer_app, ["lmms_faith.cli", "utils", "docs", "--name", "lmms-faith", "--output", str(fresh)]
    )
    assert result.exit_code == 0, result.output
    assert (ROOT / "docs/cli.md").read_text() == fresh.read_text(), f"docs/cli.md {REMEDY}"


def test_measures_pages_are_current() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/measures").glob("*.md")}
    assert committed == measures_pages(), f"docs/measures/ {REMEDY}"


@pytest.mark.parametrize(
    "page", [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda p: p.name
)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_names_only_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert named
    assert named <= targets
