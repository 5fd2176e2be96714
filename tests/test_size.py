"""Modules and functions stay of a size that a reader holds, and the way to them is told as it is."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULE_LINES = 400
FUNCTION_LINES = 40

PROGRAMS = sorted(ROOT.glob("hosr/**/*.js"))
TOP = {"LICENSE", "README.md", "hosr", "pyproject.toml", "sample_data", "templates", "tests"}
PACKAGES = sorted(ROOT.glob("hosr/*/**/__init__.py"))
MODULES = sorted([*ROOT.glob("hosr/**/*.py"), *ROOT.glob("sample_data/**/*.py")])


def _functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Each function with its lines of code, its docstring not counted."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            docstring = ast.get_docstring(node, clean=False)
            lines = (node.end_lineno or 0) - node.lineno + 1
            yield node.name, lines - (docstring.count("\n") + 1 if docstring else 0)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_of_a_size_that_a_reader_holds(path: Path) -> None:
    """No module passes 400 lines, and no function 40 lines of code."""
    source = path.read_text(encoding="utf-8")

    assert source.count("\n") <= MODULE_LINES
    assert {
        name: lines for name, lines in _functions(ast.parse(source)) if lines > FUNCTION_LINES
    } == {}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_a_program_of_a_page_is_of_that_size_too(path: Path) -> None:
    """No module passes 400 lines."""
    assert path.read_text(encoding="utf-8").count("\n") <= MODULE_LINES


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_a_package_says_at_its_top_what_its_modules_are(path: Path) -> None:
    """Each is named there, but for those of the command line that are a command's."""
    told = _docstring(path)
    modules = {each.stem: _docstring(each) for each in path.parent.glob("*.py") if each != path}
    unnamed = {name for name in modules if not re.search(rf"\b{name}\b", told)}

    assert {name for name in unnamed if not modules[name].startswith("`hosr ")} == set()


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""


def test_the_top_level_holds_nothing_else() -> None:
    """Beside these only files whose names begin with a dot."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = {line.partition("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in found if not name.startswith(".")} == TOP
