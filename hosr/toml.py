"""TOML documents that people write for hosr: the tables in them, or why there are none."""

from __future__ import annotations

import tomllib
from typing import Any

from hosr.errors import Fault, UsageError

MAX_TOML_BYTES = 1 << 20
"""Larger than any that a person writes."""

# Deeper than any form of hosr goes, and far from where walking through it would end.
_MAX_DEPTH = 32

_REMEDY = "correct it there; put names with dots, blanks or accents in quotes"


def parse_toml(content: bytes | str, name: str) -> dict[str, Any]:
    """The tables of a document, with the values that TOML has; `name` stands for it in its faults.

    Raises `UsageError` for what is not UTF-8, not TOML, or nested too deeply.
    """
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        document = tomllib.loads(text)
    except UnicodeDecodeError:
        raise UsageError(Fault(name, "is not UTF-8 text", "save it as UTF-8")) from None
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        problem = f"is not TOML ({said[:1].lower()}{said[1:]})"
        raise UsageError(Fault(name, problem, _REMEDY)) from None
    except RecursionError:
        raise _too_deep(name) from None
    if _is_deep(document):
        raise _too_deep(name)
    return document


def _is_deep(document: dict[str, Any]) -> bool:
    """Whether tables or lists lie in one another beyond the limit; dotted names are tables as well."""
    level: list[Any] = [document]
    for _ in range(_MAX_DEPTH):
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
    return any(isinstance(value, dict | list) for value in level)


def _too_deep(name: str) -> UsageError:
    return UsageError(Fault(name, "is nested too deeply", "write it flat"))
