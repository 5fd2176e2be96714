"""The content tree of each case, as a whole, against the one that was looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from hosr.sr.measurement import measurement_tree
from hosr.sr.receivers import Options
from tests.narrative.cases import CASES
from tests.sr.trees import as_text

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "sr"


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_tree_of_a_case_is_the_one_that_was_looked_at(
    name: str, pytestconfig: pytest.Config
) -> None:
    """Every item, relationship, code and number of a measurement report stands as it should."""
    tree = as_text(measurement_tree(CASES[name], Options()))
    path = GOLDEN / f"{name}.txt"
    if pytestconfig.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(tree, encoding="utf-8")

    assert tree == path.read_text(encoding="utf-8")


def test_every_golden_tree_belongs_to_a_case() -> None:
    """No tree is left behind when its case goes."""
    assert sorted(path.stem for path in GOLDEN.iterdir()) == sorted(CASES)
