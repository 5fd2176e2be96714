"""JSON of other makers: a file as plain values, with nothing left open, and each asked for what it has to be."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hosr.annotations.account import Unusable
from hosr.intake.record.json_text import read_text, refuse_file

# The outlines of a data set of some thousand films have this size; a study's have a thousandth.
MAX_BYTES = 64 * 1024 * 1024

# Coordinates and counts beyond this are no places in a picture.
_LARGEST = 1e9
_MOST_NAME = 200

_REMEDY = "correct it"

Pair = tuple[float, float]


def read_json(path: Path) -> Any:
    """The value that a file holds.

    Raises `RecordRefused` for what is no JSON, is larger than `MAX_BYTES`, nested too deeply, names a
    key twice in one object, or holds NaN, an infinity or a number that no computer counts with.
    """
    content = read_text(path, MAX_BYTES)
    try:
        return json.loads(
            content,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        problem = f"is not JSON ({where}: {error.msg[:1].lower()}{error.msg[1:]})"
        raise refuse_file(path.name, problem, "write it anew") from None
    except RecursionError:
        raise refuse_file(path.name, "is nested too deeply", "write it flat") from None
    except Unusable as refusal:
        raise refuse_file(path.name, refusal.problem, refusal.remedy) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unusable("has an object that names a key more than once", _REMEDY)
    return found


def _refuse_constant(_: str) -> Any:
    raise Unusable("holds NaN or an infinity", _REMEDY)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise Unusable("holds a number that is larger than any measure", _REMEDY)
    return value


def _whole(text: str) -> int:
    _finite(text)
    return int(text)


def number(value: Any, what: str) -> float:
    """A finite number."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return float(value)
    raise Unusable(f"has {what} that is no number")


def whole(value: Any, what: str) -> int:
    """A whole number from 0 on, which may be written as 3.0."""
    found = number(value, what)
    if found < 0 or not found.is_integer():
        raise Unusable(f"has {what} that is no whole number")
    return int(found)


def numbers(value: Any, what: str) -> list[float]:
    """A list of finite numbers."""
    if not isinstance(value, list):
        raise Unusable(f"has {what} that is no list of numbers")
    return [number(each, what) for each in value]


def pairs(value: Any, what: str) -> list[Pair]:
    """A flat list x1, y1, x2, y2 as pairs."""
    flat = numbers(value, what)
    if len(flat) % 2:
        raise Unusable(f"has {what} of {len(flat)} numbers, which are no pairs")
    return [(x, y) for x, y in batched_in(flat, 2)]


def points(value: Any, what: str, dimension: int = 2) -> list[tuple[float, ...]]:
    """A list of points, each a list of as many numbers."""
    if not isinstance(value, list):
        raise Unusable(f"has {what} that is no list of points")
    found = [tuple(numbers(point, what)) for point in value]
    if any(len(point) != dimension for point in found):
        raise Unusable(f"has {what} with a point that has not {dimension} coordinates")
    return found


def batched_in(values: Sequence[float], count: int) -> Iterator[tuple[float, ...]]:
    """The values in groups of this many."""
    for start in range(0, len(values), count):
        yield tuple(values[start : start + count])


def text(value: Any) -> str:
    """A name that fits on one line; "" where there is none."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else "?" for c in value.strip())[:_MOST_NAME]


def objects(value: Any) -> list[dict[str, Any]]:
    """A list of JSON objects; what is none is left out."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
