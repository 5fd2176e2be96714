"""Ids that are names of folders on every system, and those that are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.batch.manifest import id_problem
from hosr.folder import MAX_CHARACTERS, folded

VALID = ("a", "A-17", "2.25.1", "Müller 3", "x" * MAX_CHARACTERS, "con-1", "日本", "a..b", "nul_")
INVALID = (
    *(" a", "a ", "", "/", "..", ".a", "a.", "a/b", "a\\b", "C:", "a\0", "a\nb", "a\u202eb", "a*"),
    *("CON", "nul", "com1.txt", "LPT9", "x" * (MAX_CHARACTERS + 1), "日" * 100, "results.jsonl"),
    *("RESULTS.parquet", "\udcff"),
)


@pytest.mark.parametrize("name", VALID)
def test_a_plain_name_may_stand(name: str) -> None:
    """Letters of any script, digits, inner dots and spaces are no problem."""
    assert id_problem(name) is None


@pytest.mark.parametrize("name", [name for name in INVALID if name])
def test_other_names_are_refused(name: str) -> None:
    """What some system takes for a path, a device or a hidden file is refused."""
    assert id_problem(name) is not None


@given(st.text(max_size=20))
def test_a_valid_name_stays_in_its_folder(name: str) -> None:
    """No id leads out of the folder of the batch, nor to the folder itself."""
    if name and id_problem(name) is None:
        path = Path("/out") / name
        assert path.parent == Path("/out")
        assert path.name == name


@given(st.text(max_size=20))
def test_folding_is_stable(name: str) -> None:
    """A folded name is its own folded name, in whatever case it was written."""
    assert folded(folded(name)) == folded(name)
    assert folded(name.upper()) == folded(name.upper().lower())
