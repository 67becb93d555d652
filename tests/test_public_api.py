import ast
import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import lmms_faith

PACKAGE = Path(lmms_faith.__file__).parent


def exported(path: Path) -> list[str] | None:
    """The literal `__all__` of a source file; None where it has none."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return list(ast.literal_eval(node.value))
    return None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


EXPORTS = {module_of(path): names for path in sorted(PACKAGE.rglob("*.py")) if (names := exported(path)) is not None}
# Public names are those of packages; demo/ and lmms/ need torch or the host, which the core tests do without.
IMPORTABLE = [name for name in EXPORTS if not name.startswith(("lmms_faith.demo", "lmms_faith.lmms"))]


def test_the_packages_of_the_core_say_what_is_public() -> None:
    assert {"lmms_faith.conditions", "lmms_faith.judges", "lmms_faith.metrics"} <= set(IMPORTABLE)


@pytest.mark.parametrize("module", EXPORTS)
def test_public_names_are_sorted_and_named_once(module: str) -> None:
    assert EXPORTS[module] == sorted(set(EXPORTS[module]))


@pytest.mark.parametrize("module", IMPORTABLE)
def test_public_names_are_what_is_importable(module: str) -> None:
    found = importlib.import_module(module)
    public = {
        name for name, value in vars(found).items() if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public - {"annotations"} == set(EXPORTS[module])


@pytest.mark.parametrize("module", IMPORTABLE)
def test_public_names_are_documented(module: str) -> None:
    found = importlib.import_module(module)
    undocumented = [
        name
        for name in EXPORTS[module]
        if (inspect.isclass(value := getattr(found, name)) or inspect.isroutine(value)) and not value.__doc__
    ]
    assert undocumented == []
