"""A JSON file of another maker as plain values, within bounds, and with nothing left open."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import read_bytes

# The outlines of a data set of some thousand films have this size; a study's have a thousandth.
MAX_BYTES = 64 * 1024 * 1024


def read_json(path: Path) -> Any:
    """The value that a file holds.

    Raises `RecordRefused` for what is no JSON, is larger than `MAX_BYTES`, nested too deeply, names a
    key twice in one object, or holds NaN, an infinity or a number that no computer counts with.
    """
    content = read_bytes(path, MAX_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refusal(path, "is not UTF-8 text", "save it as UTF-8") from None
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        problem = f"is not JSON ({where}: {error.msg[:1].lower()}{error.msg[1:]})"
        raise _refusal(path, problem, "write it anew") from None
    except RecursionError:
        raise _refusal(path, "is nested too deeply", "write it flat") from None
    except _Unclear as error:
        raise _refusal(path, str(error), "correct it") from None


class _Unclear(Exception):
    """JSON leaves open what this means."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unclear("has an object that names a key more than once")
    return found


def _refuse_constant(_: str) -> Any:
    raise _Unclear("holds NaN or an infinity")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Unclear("holds a number that is larger than any measure")
    return value


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def _refusal(path: Path, problem: str, remedy: str) -> RecordRefused:
    return RecordRefused(Fault(path.name, problem, remedy))
