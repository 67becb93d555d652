import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lmms_faith
from lmms_faith.benchmarks import MODULES as ADAPTERS

ROOT = Path(__file__).parents[1]
PACKAGE = Path(lmms_faith.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("torch", "transformers", "pandas", "matplotlib", "jinja2", "lmms_eval", "datasets")


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def test_higher_floors_import_lower_ones_only() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    assert command, "lint-imports is missing: pip install 'lmms-faith[dev]'"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    "module",
    [
        "lmms_faith",
        "lmms_faith.cli",
        "lmms_faith.benchmarks",
        "lmms_faith.conditions",
        "lmms_faith.judges",
        "lmms_faith.summary",
        "lmms_faith.report.table",
        "lmms_faith.lmms.plugin",
    ],
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_importing_the_package_alone_loads_no_arrays_either() -> None:
    code = "import sys, lmms_faith; print('numpy' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_in_its_first_line_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert docstring.split("\n\n")[0].rstrip().endswith((".", "?"))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_no_drawer_for_odds_and_ends(path: Path) -> None:
    assert path.stem not in {"utils", "util", "common", "helpers", "helper", "misc"}


# The names stand for floors of the house, so a module of the core can't be added without a file of tests. Adapters have
# theirs together: whatever is named in ADAPTERS is a parameter of tests/benchmarks/test_every_benchmark.py.
CORE = [
    path
    for path in MODULES
    if path.relative_to(PACKAGE).parts[0] not in {"cli", "demo", "lmms"}
    and not path.name.startswith("__")
    and not (path.parent.name == "benchmarks" and path.stem in ADAPTERS)
]


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_a_module_of_the_core_has_a_file_of_tests_at_its_place(path: Path) -> None:
    place = ROOT / "tests" / path.relative_to(PACKAGE)
    assert place.with_name(f"test_{path.name}").exists()
