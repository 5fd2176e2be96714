"""The distances between opposing surfaces of bone: which pairs there are, and which line is the gap.

    pelvic spur - femoral spur     where both are there
    pelvic spur - femur            outside the joint, and not where they overlap in a projection
    femoral spur - pelvis          the same

Of each pair the shortest line whose way is free of bone and metal; of all pairs the shortest. Surfaces of
an implant are no bone, and never an end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from hosr.annotations.masks.joint import Joint
from hosr.annotations.masks.lattice import Floats
from hosr.annotations.masks.limits import GRAZE_CELLS, MOST_TRIES, POINTS_TRIED, SAME_PLACE_MM
from hosr.annotations.masks.pieces import SPUR_OF, Piece
from hosr.annotations.masks.scene import BONES, NEW_BONE, PRECEDENCE, Bools, Solids
from hosr.annotations.masks.surfaces import crossings, settle_gap
from hosr.annotations.roles import Role

# How finely a line is followed, in cells.
_STEP_CELLS = 0.5
# Its ends lie on surfaces: so much of it, in cells, says nothing of what it runs through.
_END_CELLS = 1.0
# Decimals of a millimetre in which lines of one length are alike.
_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Way:
    """The shortest line between two structures; `is_free` where nothing stands in its way."""

    between: tuple[Role, Role]
    start_mm: Floats
    end_mm: Floats
    is_free: bool = True
    overlaps: bool = False
    """Whether the two overlap in the projection, so that no distance says anything."""

    @property
    def length(self) -> float:
        """Its length."""
        return float(np.linalg.norm(self.end_mm - self.start_mm))


def find_ways(solids: Solids, spurs: dict[Role, list[Piece]], joint: Joint | None) -> list[Way]:
    """The shortest line of every pair, shortest first; `spurs` are the pieces of each bone.

    Without a joint there is none in a volume. On a film the joint does not lie between two spurs, but
    behind or before them, and without it the distances to a bone are left out.
    """
    is_film = solids.lattice.is_film
    if joint is None and not is_film:
        return []
    zone = None if is_film else joint
    tips = {bone: _free_surface(solids, spurs[bone], zone) for bone in BONES}
    ways = [_shortest(solids, tuple(SPUR_OF.values()), [tips[bone] for bone in BONES], joint)]
    for bone, other in (BONES, BONES[::-1]):
        if joint is None or not len(tips[bone]):
            continue
        between = (SPUR_OF[bone], other)
        tip = tips[bone][~joint.holds(tips[bone])]
        if is_film and _overlap(solids, spurs[bone], other, joint):
            ways.append(Way(between=between, start_mm=tip[0], end_mm=tip[0], overlaps=True))
        else:
            surface = bone_surface(solids, other, joint)
            ways.append(_shortest(solids, between, [tip, surface], joint))
    return sorted((way for way in ways if way is not None), key=lambda way: way.length)


def bone_surface(solids: Solids, bone: Role, joint: Joint | None) -> Floats:
    """The surface of a bone towards soft tissue, outside the joint, in mm."""
    cells = solids.cells(bone)
    points = crossings(cells, solids.beside(cells), solids.depth(bone), solids.level)
    return _outside(_placed(solids, points, None), joint)


def _free_surface(solids: Solids, pieces: list[Piece], joint: Joint | None) -> Floats:
    parts = [np.empty((0, len(solids.box.low)))]
    for piece in pieces:
        free = _beside(solids, piece)
        depth = solids.depth(*NEW_BONE)
        window = None if depth is None else depth[piece.window]
        points = crossings(piece.cells, free, window, solids.level)
        parts.append(_outside(_placed(solids, points, piece.window), joint))
    return np.concatenate(parts)


def _beside(solids: Solids, piece: Piece) -> Bools:
    if solids.owner is None:
        return ~solids.cells(*NEW_BONE, window=piece.window)
    free: Bools = solids.owner[piece.window] == 0
    return free


def _placed(solids: Solids, points: Floats, window: tuple[slice, ...] | None) -> Floats:
    start = np.array(solids.box.low, dtype=np.float64)
    if window is not None:
        start = start + np.array([part.start for part in window])
    return solids.lattice.to_mm(points + start)


def _outside(points_mm: Floats, joint: Joint | None) -> Floats:
    return points_mm if joint is None else points_mm[~joint.holds(points_mm)]


def _overlap(solids: Solids, pieces: list[Piece], bone: Role, joint: Joint) -> bool:
    """Whether spurs of the other bone are projected onto this one, away from the joint."""
    for piece in pieces:
        common = np.argwhere(piece.cells & solids.cells(bone, window=piece.window))
        if len(_outside(_placed(solids, common.astype(np.float64), piece.window), joint)):
            return True
    return False


def _shortest(
    solids: Solids, between: tuple[Role, ...], surfaces: list[Floats], joint: Joint | None
) -> Way | None:
    """The shortest free line between two surfaces; where none is free, the shortest that is not."""
    first, second = between
    starts, ends = surfaces
    if not (len(starts) and len(ends)):
        return None
    lines = _nearest_lines(starts, ends)
    alive = np.ones(len(lines[0]), dtype=np.bool_)
    shortest: Way | None = None
    for _ in range(MOST_TRIES):
        place = int(alive.argmax())  # the first one, for they are sorted
        if not alive[place]:
            break
        start, end = lines[0][place], lines[1][place]
        free = solids.lattice.is_film or not _runs_through(solids, start, end, joint)
        if free:
            start, end = _settled(solids, surfaces, start, end)
        way = Way(between=(first, second), start_mm=start, end_mm=end, is_free=free)
        if free:
            return way
        shortest = shortest or way
        apart = [
            np.linalg.norm(side - point, axis=1)
            for side, point in zip(lines, (start, end), strict=True)
        ]
        alive &= np.maximum(*apart) >= SAME_PLACE_MM
    return _way_round(solids, first, second, surfaces, joint) or shortest


def _way_round(
    solids: Solids, first: Role, second: Role, surfaces: list[Floats], joint: Joint | None
) -> Way | None:
    """The shortest free line of all between some points of two surfaces, where no nearest one is free."""
    some = [points[:: max(1, len(points) // POINTS_TRIED)] for points in surfaces]
    apart = np.linalg.norm(some[0][:, None, :] - some[1][None, :, :], axis=2)
    for place in np.argsort(apart, axis=None, kind="stable"):
        row, column = divmod(int(place), len(some[1]))
        start, end = some[0][row], some[1][column]
        if not _runs_through(solids, start, end, joint):
            return Way(between=(first, second), start_mm=start, end_mm=end)
    return None


def _settled(
    solids: Solids, surfaces: list[Floats], start_mm: Floats, end_mm: Floats
) -> tuple[Floats, Floats]:
    """The line between the surfaces themselves; those of probabilities that fall slowly it hardly moves."""
    if (start_mm == end_mm).all():
        return start_mm, end_mm
    cell_mm = solids.lattice.cell_along_mm(start_mm, end_mm)
    return settle_gap((surfaces[0], surfaces[1]), start_mm, end_mm, cell_mm)


def _nearest_lines(starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Lines from every point of the smaller surface to the nearest one of the other, shortest first."""
    if len(starts) > len(ends):
        second, first = _nearest_lines(ends, starts)
        return first, second
    apart, nearest = cKDTree(ends).query(starts)
    # Of lines of one length that one, wherever the axes of the grid begin.
    order = np.lexsort((*np.round(starts.T, _PLACES), np.round(apart, _PLACES)))
    return starts[order], ends[nearest[order]]


def _runs_through(solids: Solids, start_mm: Floats, end_mm: Floats, joint: Joint | None) -> bool:
    """Whether a line runs through a bone or metal, or through new bone within the joint."""
    lattice = solids.lattice
    first, last = lattice.to_index(np.array([start_mm, end_mm])) - np.array(solids.box.low)
    cells = float(np.linalg.norm(last - first))
    if cells <= 2 * _END_CELLS:
        return False
    steps = np.arange(_END_CELLS, cells - _END_CELLS, _STEP_CELLS) / cells
    points = first + steps[:, None] * (last - first)
    index = np.clip(np.rint(points).astype(int), 0, np.array(solids.box.shape) - 1)
    within = tuple(index.T)
    hit = _at(solids, (*BONES, Role.IMPLANT), within)
    if joint is not None:
        inner = joint.holds(lattice.to_mm(points + np.array(solids.box.low)))
        hit |= inner & _at(solids, NEW_BONE, within)
    return int(hit.sum()) * _STEP_CELLS > GRAZE_CELLS


def _at(solids: Solids, roles: tuple[Role, ...], within: tuple[Bools, ...]) -> Bools:
    if solids.owner is None:
        return np.zeros(len(within[0]), dtype=np.bool_)
    numbers = [PRECEDENCE.index(role) + 1 for role in roles]
    found: Bools = np.isin(solids.owner[within], numbers)
    return found
