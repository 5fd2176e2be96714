"""Where the surface of a structure runs between the centres of cells.

A surface lies where the line between two neighbouring centres crosses the level: between yes and no
half way, between probabilities where they reach it. Distances of cell centres are too long by 0.6 to 1.0
of a cell, those of these points are off by a tenth (tried; the vertices of marching cubes are the same
points).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import ConvexHull, QhullError, cKDTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from hosr.annotations.masks.lattice import Floats
    from hosr.annotations.masks.scene import Bools, Field

# Below so many points a hull saves nothing.
_FEW = 64
# The cap at an end, in cells: how deep and how wide it is, what share of it is used, and of how many
# points at the least. Rounding moves an end out by no more than 0.6 of a cell, and seldom in.
_CAP_CELLS = 1.0
_CAP_RADIUS_CELLS = 4.0
_CAP_SHARE = 0.9
_LEAST_CAP_POINTS = 8
_MOVED_CELLS = (-0.6, 0.25)
# The tip of a diameter, in cells: how deep and how wide it is, and how far an end may be moved.
_TIP_CELLS = 2.0
_TIP_RADIUS_CELLS = 7.0
_LOST_CELLS = (-0.5, 0.5)
# By dimensions, and whether surfaces lie between cells: what of a tip is lost, in cells, is the first less the
# second times the logarithm of how many cells it has.
_TIP_LOSS = {
    (3, False): (0.47, 0.195),
    (3, True): (0.76, 0.195),
    (2, False): (0.44, 0.26),
    (2, True): (0.70, 0.26),
}


def crossings(inside: Bools, outside: Bools, depth: Field | None, level: float) -> Floats:
    """The points of the surface between cells that are inside and neighbours that are outside.

    Indices of the array, one point a row; `depth` is what crosses the level, None for half way.
    """
    found = [
        _along(inside, outside, depth, level, axis, forward)
        for axis in range(inside.ndim)
        for forward in (True, False)
    ]
    return np.concatenate(found)


def _along(
    inside: Bools, outside: Bools, depth: Field | None, level: float, axis: int, forward: bool
) -> Floats:
    ahead, behind = [slice(None)] * inside.ndim, [slice(None)] * inside.ndim
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    here, there = (behind, ahead) if forward else (ahead, behind)
    crossed = inside[tuple(here)] & outside[tuple(there)]
    places = np.column_stack(np.unravel_index(np.flatnonzero(crossed), crossed.shape))
    points = places.astype(np.float64)
    part: npt.NDArray[np.float64] | float = 0.5
    if depth is not None:
        index = tuple(places.T)
        own = depth[tuple(here)][index].astype(np.float64)
        other = depth[tuple(there)][index].astype(np.float64)
        part = np.clip((own - level) / np.maximum(own - other, 1e-6), 0.0, 1.0)
    points[:, axis] += part if forward else 1.0 - part
    return points


def longest_diameter(points_mm: Floats) -> tuple[Floats, Floats]:
    """The two points that lie farthest apart (Feret's diameter).

    They are corners of the convex hull; so few that all their pairs are compared.
    """
    corners = points_mm
    if len(corners) > _FEW:
        try:
            corners = corners[ConvexHull(corners).vertices]
        except QhullError:  # all in one plane, or on one line
            corners = np.unique(corners, axis=0)
    best, pair = -1.0, (corners[0], corners[0])
    for start in range(0, len(corners), 512):
        block = corners[start : start + 512]
        apart = ((block[:, None, :] - corners[None, :, :]) ** 2).sum(axis=2)
        here = int(apart.argmax())
        row, column = divmod(here, len(corners))
        if apart[row, column] > best:
            best, pair = float(apart[row, column]), (block[row], corners[column])
    return pair


def settle_diameter(
    centres_mm: Floats, ends_mm: tuple[Floats, Floats], cell_mm: float, *, is_soft: bool
) -> tuple[Floats, Floats]:
    """A longest diameter with each end where the surface around it is, not where rounding moved it.

    Blunt ends are rounded outwards, and of sharp ones the last part is lost, for it holds no centre of a
    cell. How sharp an end is shows in how many cells it has within two cells of its tip (`centres_mm`
    are those of all cells of the piece): the fewer, the farther out it lies. Fitted to 43 shapes in random
    places and directions (`hosr describe volumes` has what is left).
    """
    start, end = ends_mm
    way = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    back = _lost_cells(centres_mm - start, -way, cell_mm, is_soft=is_soft) * cell_mm
    ahead = _lost_cells(centres_mm - end, way, cell_mm, is_soft=is_soft) * cell_mm
    return start - back * way, end + ahead * way


def _lost_cells(local_mm: Floats, way: Floats, cell_mm: float, *, is_soft: bool) -> float:
    """How many cells of an end were lost by rounding, negative where it was moved out."""
    deep = -(local_mm @ way) < _TIP_CELLS * cell_mm
    near = np.linalg.norm(local_mm, axis=1) < _TIP_RADIUS_CELLS * cell_mm
    first, slope = _TIP_LOSS[len(way), is_soft]
    lost = first - slope * np.log(int((deep & near).sum()) + 0.5)
    return float(np.clip(lost, *_LOST_CELLS))


def settle_gap(
    surfaces: tuple[Floats, Floats], start_mm: Floats, end_mm: Floats, cell_mm: float
) -> tuple[Floats, Floats]:
    """A shortest line between two surfaces, each end where the surface around it is.

    The two points that lie nearest are those that rounding moved out most: the line comes out too short by a
    quarter to half a cell, and so by a tenth at most (tried). An end is never moved towards the other.
    """
    way = (end_mm - start_mm) / max(float(np.linalg.norm(end_mm - start_mm)), 1e-9)
    ahead = min(0.0, _beyond(surfaces[0], start_mm, way, cell_mm))
    back = min(0.0, _beyond(surfaces[1], end_mm, -way, cell_mm))
    return start_mm + ahead * way, end_mm - back * way


def _beyond(points_mm: Floats, end_mm: Floats, way: Floats, cell_mm: float) -> float:
    """How far beyond an end the surface reaches, negative where it does not reach that far.

    The surface is a paraboloid fitted to the cap around the end.
    """
    local = points_mm - end_mm
    local = local[np.abs(local).max(axis=1) < _CAP_RADIUS_CELLS * cell_mm]
    height = local @ way
    across = (local - height[:, None] * way) @ np.linalg.svd(way[None, :])[2][1:].T
    near = height > -_CAP_CELLS * cell_mm
    if near.sum() < _LEAST_CAP_POINTS:
        return 0.0
    across = across - across[near].mean(axis=0)
    off = np.linalg.norm(across, axis=1)
    cap = (off <= np.quantile(off[near], _CAP_SHARE)) & (height > -3 * _CAP_CELLS * cell_mm)
    if cap.sum() < _LEAST_CAP_POINTS:
        return 0.0
    system = np.column_stack((np.ones(int(cap.sum())), across[cap], off[cap] ** 2))
    (top, *slope, bend), *_ = np.linalg.lstsq(system, height[cap], rcond=None)
    found = float(top)
    if bend < 0:
        crest = -np.array(slope) / (2 * bend)
        crest *= min(1.0, float(off[cap].max()) / max(float(np.linalg.norm(crest)), 1e-9))
        found = float(top + crest @ slope + bend * (crest @ crest))
    least, most = _MOVED_CELLS
    return float(np.clip(found, least * cell_mm, most * cell_mm))


def nearest_within(points_mm: Floats, others_mm: Floats, reach_mm: float) -> Floats:
    """Those of the points that lie within a reach of any of the others."""
    if not (len(points_mm) and len(others_mm)):
        return points_mm[:0]
    apart, _ = distance_tree(others_mm).query(points_mm, distance_upper_bound=reach_mm)
    near: Floats = points_mm[np.isfinite(apart)]
    return near


def distance_tree(points_mm: Floats) -> cKDTree:
    """A tree for distances alone: it answers in a part of the time of scipy's own choice (tried).

    Of several nearest points it names another one than that does.
    """
    return cKDTree(points_mm, balanced_tree=False, compact_nodes=False)
