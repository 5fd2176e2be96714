"""TOML documents: as they are, or refused in one fault."""

from __future__ import annotations

import pytest

from hosr.errors import Fault, UsageError
from hosr.toml import parse_toml

_QUOTES = "correct it there; put names with dots, blanks or accents in quotes"


def test_a_document_is_its_tables() -> None:
    """As bytes, with or without a byte order mark, or as text; a dotted name is a table."""
    read = {"a": {"b": "\u00e9"}}
    content = 'a.b = "\u00e9"'
    assert parse_toml(content, "m.toml") == read
    assert parse_toml(content.encode(), "m.toml") == read
    assert parse_toml(content.encode("utf-8-sig"), "m.toml") == read


@pytest.mark.parametrize(
    ("content", "problem", "remedy"),
    [
        (b"\xff", "is not UTF-8 text", "save it as UTF-8"),
        (
            b"[table\nx",
            "is not TOML (expected ']' at the end of a table declaration (at line 1, column 7))",
            _QUOTES,
        ),
        (b"a = " + b"[" * 10_000, "is nested too deeply", "write it flat"),
        (b"a = " + b"[" * 40 + b"]" * 40, "is nested too deeply", "write it flat"),
        (b".".join([b"a"] * 10_000) + b" = 1", "is nested too deeply", "write it flat"),
    ],
)
def test_what_is_none_is_one_fault(content: bytes, problem: str, remedy: str) -> None:
    """With the place in it; lists and dotted names without end are no document either."""
    with pytest.raises(UsageError) as refused:
        parse_toml(content, "m.toml")
    assert refused.value.faults == (Fault("m.toml", problem, remedy),)


def test_what_a_person_nests_is_read() -> None:
    """The limit is far beyond any form of hosr."""
    content = ".".join(["a"] * 30) + " = 1"
    assert parse_toml(content, "m.toml")
