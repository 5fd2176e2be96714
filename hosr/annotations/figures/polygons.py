"""Plain geometry of outlines: diameters, and what lies inside."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from hosr.findings import Point

_TURNS = 90
"""Directions in which the widths of an outline are looked at: every two degrees."""


def longest_diameter(corners: Sequence[Point], aspect: float = 1.0) -> tuple[Point, Point]:
    """The two corners that lie farthest apart; `aspect` is the height of a pixel over its width."""
    hull = _hull(corners)
    pairs = ((a, b) for n, a in enumerate(hull) for b in hull[n:])
    return max(pairs, key=lambda ends: math.hypot(_along(ends, 0), _along(ends, 1) * aspect))


def roundness(corners: Sequence[Point], aspect: float = 1.0) -> float:
    """The least width of an outline as a part of its greatest: 1 for a circle."""
    hull = [(column, row * aspect) for column, row in _hull(corners)]
    widths = []
    for turn in range(_TURNS):
        angle = math.pi * turn / _TURNS
        along = [x * math.cos(angle) + y * math.sin(angle) for x, y in hull]
        widths.append(max(along) - min(along))
    return min(widths) / max(widths) if max(widths) else 0.0


def holds(corners: Sequence[Point], point: Point) -> bool:
    """Whether a point lies inside an outline, by the even-odd rule."""
    x, y = point
    is_inside = False
    for (x0, y0), (x1, y1) in _sides(corners):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            is_inside = not is_inside
    return is_inside


def middle(ends: tuple[Point, Point]) -> Point:
    """The point halfway between two others."""
    (x0, y0), (x1, y1) = ends
    return (x0 + x1) / 2, (y0 + y1) / 2


def _along(ends: tuple[Point, Point], axis: int) -> float:
    return ends[1][axis] - ends[0][axis]


def _sides(corners: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    yield from pairwise((*corners, corners[0]))


def _hull(corners: Sequence[Point]) -> list[Point]:
    """The corners of the convex hull, by Andrew's monotone chain."""
    points = sorted(set(corners))
    if len(points) < 3:
        return points
    return [*_chain(points)[:-1], *_chain(points[::-1])[:-1]]


def _chain(points: Sequence[Point]) -> list[Point]:
    found: list[Point] = []
    for point in points:
        while len(found) > 1 and _turn(found[-2], found[-1], point) <= 0:
            found.pop()
        found.append(point)
    return found


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
