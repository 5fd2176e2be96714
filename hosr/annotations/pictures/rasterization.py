"""Outlines and pixels of a picture as a mask of its image.

An outline becomes a ramp: a pixel whose centre lies on it is half filled, one whose centre lies one
pixel or more inside it is full. So the half-filled contour between the centres of pixels is the
outline itself, where the exact part of each pixel that it covers would put it off by up to 0.09 of
a pixel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from hosr.annotations.sources import Label, Mask

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hosr.annotations.pictures.sheets import Sheet
    from hosr.findings import Point

    Floats = npt.NDArray[np.float64]
    Cells = npt.NDArray[np.bool_] | npt.NDArray[np.float32]

# Sides are cut into pieces of this many pixels; a window of so many round each holds all that is near.
_PIECE, _WINDOW, _NEAR = 4.0, 9, 1.5

# More corners than this are the border pixels of something, which do not cross each other.
_MOST_CHECKED = 1500

# The edge of a disc is evened out over ten degrees to either side.
_EVENED, _MOST_ENDS = math.radians(10), 2000

# Fewer corners are drawn by hand; and what parts of a picture leave of whole numbers.
_LEAST_BORDER, _WHOLE = 12, 0.01


def fill(
    rings: Sequence[Sequence[Point]], sheet: Sheet, label: Label, place: str, *, growth: float = 0.0
) -> Mask:
    """The mask of an object that one or several outlines enclose, in points of the image.

    Each is filled by the even-odd rule; what any of them fills is the object. Its edge lies `growth`
    pixels outwards of the outlines, half a pixel at most.
    """
    import numpy as np

    corners = np.concatenate([np.asarray(ring, float) for ring in rings])
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 2, (sheet.columns, sheet.rows))
    wide, high_rows = np.maximum(high - low, 0)
    total = np.zeros((high_rows, wide), np.float32)
    for ring in rings:
        total += _ramp(np.asarray(ring, float) - low, total.shape, growth)
    return as_mask(np.minimum(total, 1.0), (int(low[1]), int(low[0])), sheet, label, place)


def edge_of(cells: npt.NDArray[np.bool_], origin: tuple[int, int]) -> list[Point]:
    """The edge of a round area: where its rows and columns begin and end, evened out along it.

    `origin` is the row and column of the first of its pixels in the picture. Pixels alone would make a
    disc wider by their own size; so it is by a quarter of one.
    """
    import numpy as np

    ends = []
    for lines, is_row in ((cells, True), (cells.T, False)):
        for number in np.flatnonzero(lines.any(axis=1)):
            filled = np.flatnonzero(lines[number])
            ends += [
                (along, number + 0.5) if is_row else (number + 0.5, along)
                for along in (filled[0], filled[-1] + 1)
            ]
    rows, columns = np.nonzero(cells)
    middle = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
    from_middle = np.array(ends[:: 1 + len(ends) // _MOST_ENDS]) - middle
    angles = np.arctan2(from_middle[:, 1], from_middle[:, 0])
    near = np.abs((angles[:, None] - angles + np.pi) % (2 * np.pi) - np.pi) < _EVENED
    radii = near @ np.hypot(*from_middle.T) / near.sum(axis=1)
    order = np.argsort(angles)
    around = np.stack([np.cos(angles), np.sin(angles)], axis=1) * radii[:, None]
    corners = (middle + around + np.array(origin[::-1]))[order]
    return [(float(column), float(row)) for column, row in corners]


def crosses_itself(ring: Sequence[Point]) -> bool:
    """Whether two sides of an outline cross, other than at a common corner."""
    import numpy as np

    if len(ring) > _MOST_CHECKED:
        return False
    a = np.asarray(ring, float)
    b = np.roll(a, -1, axis=0)
    first, last = _turns(a, b, a), _turns(a, b, b)
    apart = (first * last < 0) & (first * last < 0).T
    return bool(apart.any())


def runs_through_pixels(ring: Sequence[Point]) -> bool:
    """Whether an outline goes from pixel to pixel, in whole numbers and along rows, columns and diagonals."""
    if len(ring) < _LEAST_BORDER:
        return False
    if any(abs(value - round(value)) > _WHOLE for point in ring for value in point):
        return False
    steps = [
        (round(abs(x1 - x0)), round(abs(y1 - y0)))
        for (x0, y0), (x1, y1) in pairwise((*ring, ring[0]))
    ]
    return all(0 in step or step[0] == step[1] for step in steps)


def grown(ring: Sequence[Point], growth: float) -> list[Point]:
    """A round outline with its edge so much farther out, seen from its middle."""
    x, y = (sum(values) / len(ring) for values in zip(*ring, strict=True))
    found = []
    for column, row in ring:
        away = math.hypot(column - x, row - y)
        factor = 1 + growth / away if away else 1.0
        found.append((x + (column - x) * factor, y + (row - y) * factor))
    return found


def as_mask(
    occupancy: Cells, origin: tuple[int, int], sheet: Sheet, label: Label, place: str,
    *, is_probability: bool = False,
) -> Mask:  # fmt: skip
    """A mask on the pixels of the image, cut to the box that holds it."""
    import numpy as np

    from hosr.annotations.volumes.boxes import filled_box

    box = filled_box(occupancy > 0) or (slice(0, 0), slice(0, 0))
    return Mask(
        label=label,
        place=place,
        grid=sheet.grid,
        origin=(origin[0] + box[0].start, origin[1] + box[1].start),
        occupancy=cast("Cells", np.ascontiguousarray(occupancy[box])),
        is_probability=is_probability,
    )


def on_image(cells: Cells, sheet: Sheet) -> Cells:
    """The pixels of a whole picture at the pixels of its image, linear between the picture's centres."""
    import numpy as np

    if sheet.is_image:
        return cells
    values = cells.astype(np.float32)
    for axis, count in ((0, sheet.rows), (1, sheet.columns)):
        scale, offset = sheet.scale[1 - axis], sheet.offset[1 - axis]
        at = np.clip((np.arange(count) + 0.5) / scale + offset - 0.5, 0, cells.shape[axis] - 1)
        below = np.minimum(at.astype(int), max(cells.shape[axis] - 2, 0))
        above = np.minimum(below + 1, cells.shape[axis] - 1)
        part = (at - below).astype(np.float32)
        part = part[:, None] if axis == 0 else part[None, :]
        values = values.take(below, axis) * (1 - part) + values.take(above, axis) * part
    return values


def _ramp(ring: Floats, shape: tuple[int, int], growth: float) -> npt.NDArray[np.float32]:
    import numpy as np

    near = _distance(ring, shape)
    inwards = np.where(_inside(ring, shape), near, -near) + growth
    return np.clip(0.5 + inwards / 2, 0, 1).astype(np.float32)


def _inside(ring: Floats, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Which centres of pixels lie inside, by how many sides lie before them in their row."""
    import numpy as np

    start, end = ring, np.roll(ring, -1, axis=0)
    top, bottom = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first = np.clip(np.ceil(top - 0.5).astype(int), 0, shape[0])
    last = np.clip(np.ceil(bottom - 0.5).astype(int), 0, shape[0])
    side = np.repeat(np.arange(len(ring)), last - first)
    if not side.size:
        return np.zeros(shape, bool)
    before = np.cumsum(last - first) - (last - first)
    row = np.arange(side.size) - before[side] + first[side]
    (x0, y0), (x1, y1) = start[side].T, end[side].T
    column = x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0)
    crossed = np.zeros((shape[0], shape[1] + 1), np.int32)
    np.add.at(crossed, (row, np.clip(np.ceil(column - 0.5).astype(int), 0, shape[1])), 1)
    return np.asarray(np.cumsum(crossed, axis=1)[:, :-1] % 2 == 1)


def _distance(ring: Floats, shape: tuple[int, int]) -> Floats:
    """How far centres of pixels are from the outline, where they are near it; else 2."""
    import numpy as np

    start, along = ring, np.roll(ring, -1, axis=0) - ring
    pieces = np.maximum(np.ceil(np.hypot(*along.T) / _PIECE).astype(int), 1)
    side = np.repeat(np.arange(len(ring)), pieces)
    number = np.arange(side.size) - (np.cumsum(pieces) - pieces)[side]
    step = along[side] / pieces[side, None]
    from_ = start[side] + step * number[:, None]
    corner = np.floor(np.minimum(from_, from_ + step) - _NEAR).astype(int)
    window = np.stack(np.meshgrid(np.arange(_WINDOW), np.arange(_WINDOW)), -1).reshape(-1, 2)
    cells = corner[:, None] + window[None]
    offset = cells + 0.5 - from_[:, None]
    squared = np.maximum((step**2).sum(axis=1), 1e-12)[:, None]
    part = np.clip((offset * step[:, None]).sum(axis=2) / squared, 0, 1)
    away = np.hypot(*(offset - part[..., None] * step[:, None]).transpose(2, 0, 1))
    nearest = np.full(shape, 2.0)
    column, row = cells[..., 0], cells[..., 1]
    within = (column >= 0) & (column < shape[1]) & (row >= 0) & (row < shape[0])
    np.minimum.at(nearest, (row[within], column[within]), away[within])
    return nearest


def _turns(a: Floats, b: Floats, points: Floats) -> Floats:
    """On which side of each line a-b each point lies: a matrix of signs, and nearly zero on the line."""
    import numpy as np

    along, to = b - a, points[None] - a[:, None]
    turn = along[:, None, 0] * to[..., 1] - along[:, None, 1] * to[..., 0]
    return np.where(np.abs(turn) < 1e-9, 0.0, np.sign(turn))
