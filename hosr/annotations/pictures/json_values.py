"""Values of JSON that programs for drawing write, each asked for what it has to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hosr.annotations.pictures.refusal import Unusable

# Coordinates and counts beyond this are no places in a picture.
_LARGEST = 1e9
_MOST_NAME = 200

Pair = tuple[float, float]


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
