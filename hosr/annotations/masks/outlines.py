"""Outlines of structures on an image: of the pieces on a film, and of all surfaces on a slice.

An outline follows the level between the centres of pixels (marching squares), and is then thinned to
corners none of which lies farther off than a small part of a pixel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from hosr.findings import Outline, Place, Polygon, to_graphic_precision
from hosr.measure.length import in_patient_mm
from hosr.vocabulary.surfaces import Structure

if TYPE_CHECKING:
    from hosr.annotations.masks.lattice import Floats, Lattice
    from hosr.annotations.masks.scene import Bools, Field
    from hosr.annotations.roles import Role
    from hosr.annotations.slices import Slice

# Corners of an outline: more are not seen, and make a report large.
MOST_CORNERS = 200
# How far a corner may lie off the outline that is left out, in pixels; doubled until few enough are left.
_TOLERANCE_PIXELS = 0.25
# Outlines of less than this many pixels are left out, and of one structure all but the largest.
_LEAST_AREA_PIXELS = 4.0
_MOST_OUTLINES = 6

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


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A structure to be outlined: its cells or how surely they are filled, and its first cell."""

    role: Role
    values: Bools | Field
    low: tuple[int, ...]
    level: float


def outlines_on(plane: Slice, lattice: Lattice, layers: Iterable[Layer]) -> tuple[Outline, ...]:
    """The outlines of structures where a slice of the images cuts them."""
    found: list[Outline] = []
    for layer in layers:
        index, first = _sample(plane, lattice, layer)
        if index is not None:
            values = layer.values.astype(np.float32, copy=False)
            cut = ndimage.map_coordinates(values, index, order=1, cval=0.0)
            found += _outlines(replace(layer, values=cut), first, plane.place)
    return tuple(found)


def outlines_of_film(place: Place, layers: Iterable[Layer]) -> tuple[Outline, ...]:
    """The outlines of structures on the film that they were drawn on."""
    return tuple(
        outline
        for layer in layers
        for outline in _outlines(layer, (layer.low[1], layer.low[0]), place)
    )


def _outlines(layer: Layer, first: tuple[int, int], place: Place) -> Iterator[Outline]:
    """Those of one structure, the largest few."""
    for polygon in trace(layer.values, layer.level)[:_MOST_OUTLINES]:
        if area(polygon) >= _LEAST_AREA_PIXELS:
            corners = graphic(simplify(polygon) + np.array(first))
            surface = Polygon(corners=corners, place=place)
            yield Outline(structure=Structure(layer.role), polygon=surface)


def _sample(plane: Slice, lattice: Lattice, layer: Layer) -> tuple[Floats | None, tuple[int, int]]:
    """Where the pixels of a slice lie among the cells of a structure, and the first of those pixels."""
    corners = np.array(
        [in_patient_mm((c + 0.5, r + 0.5), plane.frame) for c, r in ((0, 0), (1, 0), (0, 1))]
    )
    start = lattice.to_index(corners) - np.array(layer.low)
    origin, across, down = start[0], start[1] - start[0], start[2] - start[0]
    size = np.array(layer.values.shape)
    ends = np.array(np.meshgrid(*((-1, limit) for limit in size))).reshape(3, -1).T
    frame = np.column_stack((across, down, np.cross(across, down)))
    local = np.linalg.solve(frame, (ends - origin).T)
    if local[2].min() > 0 or local[2].max() < 0:
        return None, (0, 0)
    low = np.maximum(np.floor(local[:2].min(axis=1)).astype(int), 0)
    high = np.ceil(local[:2].max(axis=1)).astype(int) + 1
    high = np.minimum(high, (plane.columns, plane.rows))
    if (low >= high).any():
        return None, (0, 0)
    columns, rows = np.meshgrid(np.arange(low[0], high[0]), np.arange(low[1], high[1]))
    index = origin[:, None, None] + across[:, None, None] * columns + down[:, None, None] * rows
    return index, (int(low[0]), int(low[1]))
