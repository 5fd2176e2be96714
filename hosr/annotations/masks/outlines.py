"""Outlines of what fills the pixels of a picture.

An outline follows the level between the centres of pixels (marching squares), and is then thinned to
corners none of which lies farther off than a small part of a pixel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from hosr.findings import to_graphic_precision

if TYPE_CHECKING:
    from hosr.annotations.masks.lattice import Floats
    from hosr.annotations.masks.scene import Bools, Field

# Corners of an outline: more are not seen, and make a report large.
MOST_CORNERS = 200
# How far a corner may lie off the outline that is left out, in pixels; doubled until few enough are left.
_TOLERANCE_PIXELS = 0.25

_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
# The sides of a square of four centres that an outline enters and leaves by, for each of the 16 ways in
# which they are inside: 8 top left, 4 top right, 2 bottom right, 1 bottom left. What touches at a corner
# is one piece.
_WAYS: dict[int, tuple[tuple[int, int], ...]] = {
    1: ((_BOTTOM, _LEFT),),
    2: ((_RIGHT, _BOTTOM),),
    3: ((_RIGHT, _LEFT),),
    4: ((_TOP, _RIGHT),),
    5: ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    6: ((_TOP, _BOTTOM),),
    7: ((_TOP, _LEFT),),
    8: ((_LEFT, _TOP),),
    9: ((_BOTTOM, _TOP),),
    10: ((_RIGHT, _TOP), (_LEFT, _BOTTOM)),
    11: ((_RIGHT, _TOP),),
    12: ((_LEFT, _RIGHT),),
    13: ((_BOTTOM, _RIGHT),),
    14: ((_LEFT, _BOTTOM),),
}


def trace(values: Bools | Field, level: float = 0.5) -> list[Floats]:
    """The closed outlines of a picture, largest first, those of holes among them.

    As (column, row), where the centres of pixels lie at whole numbers.
    """
    padded = np.pad(values.astype(np.float64), 1)
    following = _links(padded >= level)
    outlines = []
    while following:
        start, here = following.popitem()
        edges = [start]
        while here != start:
            edges.append(here)
            here = following.pop(here)
        outlines.append(_points(np.array(edges), padded, level) - 1.0)
    return sorted(outlines, key=area, reverse=True)


def area(polygon: Floats) -> float:
    """What a polygon encloses."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def simplify(polygon: Floats, most: int = MOST_CORNERS) -> Floats:
    """The same outline by fewer corners (Douglas and Peucker 1973, doi 10.3138/FM57-6770-U75U-7727)."""
    tolerance = _TOLERANCE_PIXELS
    while True:
        far = int(np.linalg.norm(polygon - polygon[0], axis=1).argmax())
        closed = np.vstack((polygon, polygon[:1]))
        kept = sorted(
            {*_keep(closed, 0, far, tolerance), *_keep(closed, far, len(polygon), tolerance)}
        )
        thinned = closed[kept[:-1]]
        if len(thinned) <= most:
            return thinned if len(thinned) >= 3 else polygon[:: max(1, len(polygon) // 3)][:3]
        tolerance *= 2


def _keep(points: Floats, first: int, last: int, tolerance: float) -> set[int]:
    kept, waiting = {first, last}, [(first, last)]
    while waiting:
        start, end = waiting.pop()
        if end - start < 2:
            continue
        chord = points[end] - points[start]
        between = points[start + 1 : end] - points[start]
        length = float(np.hypot(*chord))
        if length:
            off = np.abs(between[:, 0] * chord[1] - between[:, 1] * chord[0]) / length
        else:
            off = np.hypot(between[:, 0], between[:, 1])
        worst = int(off.argmax())
        if off[worst] > tolerance:
            middle = start + 1 + worst
            kept.add(middle)
            waiting += [(start, middle), (middle, end)]
    return kept


def _links(inside: Bools) -> dict[int, int]:
    """From every edge that an outline crosses to the next one that it crosses."""
    corners = inside.astype(np.int8)
    case = 8 * corners[:-1, :-1] + 4 * corners[:-1, 1:] + 2 * corners[1:, 1:] + corners[1:, :-1]
    width = inside.shape[1]
    upright = inside.size
    links: dict[int, int] = {}
    for number, ways in _WAYS.items():
        rows, columns = np.nonzero(case == number)
        here = rows * width + columns
        edges = {
            _TOP: here,
            _BOTTOM: here + width,
            _LEFT: upright + here,
            _RIGHT: upright + here + 1,
        }
        for start, end in ways:
            links.update(zip(edges[start].tolist(), edges[end].tolist(), strict=True))
    return links


def _points(edges: npt.NDArray[np.int64], values: Floats, level: float) -> Floats:
    """Where an outline crosses edges between two centres, as (column, row)."""
    size, width = values.size, values.shape[1]
    upright = edges >= size
    rows, columns = np.divmod(np.where(upright, edges - size, edges), width)
    here = values[rows, columns]
    there = values[rows + upright, columns + ~upright]
    part = np.clip((level - here) / np.where(there == here, 1.0, there - here), 0.0, 1.0)
    return np.column_stack((columns + part * ~upright, rows + part * upright))


def graphic(polygon: Floats) -> tuple[tuple[float, float], ...]:
    """An outline by pixel centres as graphic data, whose pixels have their corners at whole numbers."""
    return tuple(
        (to_graphic_precision(column + 0.5), to_graphic_precision(row + 0.5))
        for column, row in polygon
    )
