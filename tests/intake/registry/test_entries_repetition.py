"""Names that are used again are found, without keeping names in memory."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.errors import UsageError
from hosr.intake.registry.entries import find_repeated


@given(st.lists(st.sampled_from(["", "a", "b", "A", "\u00e4", "\ud800"])))
def test_a_name_is_repeated_that_comes_more_than_once(names: list[str]) -> None:
    """Every name is known as it came, also one that was never among them."""
    with find_repeated(names) as is_repeated:
        found = {name for name in [*names, "z"] if is_repeated(name)}
    assert found == {name for name in names if names.count(name) > 1}


def test_no_room_is_one_fault() -> None:
    """Where the temporary folder is full, that is said."""

    def fail() -> None:
        with find_repeated([]):
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(
        UsageError, match=r"^temporary folder: has no room; free some, or set TMPDIR$"
    ):
        fail()
