"""Modules and functions stay of a size that a reader holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MODULE_LINES = 400
FUNCTION_LINES = 40

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
