"""The joint, as a sphere fitted to the socket, which no gap is measured in and no bridge runs through.

The shortest way from pelvis to femur is the joint space itself, 2 mm at a native hip, and bone that is
drawn into the joint touches both bones: neither is a gap or a bridge of heterotopic ossification.
On a film the head is fitted instead, by the part of its outline that is projected onto the pelvis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hosr.annotations.masks.lattice import Box, Floats, Lattice
from hosr.annotations.masks.limits import (
    FILM_ZONE_MARGIN_MM,
    JOINT_RADII_MM,
    JOINT_SPACE_MM,
    LEAST_JOINT_POINTS,
    MOST_RESIDUAL_MM,
    ZONE_MARGIN_MM,
)
from hosr.annotations.masks.scene import Bools, Solids
from hosr.annotations.masks.surfaces import crossings, nearest_within
from hosr.annotations.roles import Role

# More points do not fit a sphere better.
_ENOUGH = 20_000
_ROUNDS = 8
# Points that lie off by more than this many times the middle one belong to the rim or to a screw.
_OUTLYING = 3.0
_ACCURATE_MM = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """A fitted sphere (a circle on a film), and how far around its centre is left out."""

    centre_mm: Floats
    radius_mm: float
    zone_mm: float

    def holds(self, points_mm: Floats) -> npt.NDArray[np.bool_]:
        """Which points, one a row, lie in the zone."""
        inside: npt.NDArray[np.bool_] = (
            np.linalg.norm(points_mm - self.centre_mm, axis=1) <= self.zone_mm
        )
        return inside

    def cells(self, lattice: Lattice, box: Box) -> Bools:
        """Which cells of a box lie in the zone."""
        found = np.zeros(box.shape, dtype=np.bool_)
        middle = lattice.to_index(self.centre_mm[None, :])[0]
        reach = self.zone_mm * np.linalg.norm(np.linalg.inv(lattice.steps), axis=1)
        low = tuple(int(value) for value in np.floor(middle - reach))
        high = tuple(int(value) + 1 for value in np.ceil(middle + reach))
        near = Box(low, high).meet(box)
        if near.is_empty:
            return found
        grid = np.indices(near.shape).reshape(len(low), -1).T + np.array(near.low)
        found[near.within(box)] = self.holds(lattice.to_mm(grid)).reshape(near.shape)
        return found


def fit_joint(solids: Solids) -> Joint | str:
    """The joint of a hip whose bones lie in the box; in words why there is none."""
    if solids.lattice.is_film:
        return _fit_head(solids)
    pelvis = _surface_mm(solids, Role.PELVIS)
    opposite = np.concatenate([_surface_mm(solids, Role.FEMUR), _surface_mm(solids, Role.IMPLANT)])
    if not len(pelvis):
        return "no pelvis is labelled"
    if not len(opposite):
        return "no femur is labelled"
    return _fit(nearest_within(_thin(pelvis), opposite, JOINT_SPACE_MM), ZONE_MARGIN_MM)


def _fit_head(solids: Solids) -> Joint | str:
    """The head by its outline on the pelvis: the femur's, or the implant's where a stem is in it."""
    pelvis = solids.cells(Role.PELVIS)
    for role in (Role.FEMUR, Role.IMPLANT):
        own = solids.cells(role)
        outline = crossings(own, solids.beside(own) & pelvis, solids.depth(role), solids.level)
        found = _fit(_placed(solids, outline), FILM_ZONE_MARGIN_MM)
        if isinstance(found, Joint):
            return found
    return "no round head is seen on the pelvis"


def _fit(points_mm: Floats, margin_mm: float) -> Joint | str:
    if len(points_mm) < LEAST_JOINT_POINTS:
        return "pelvis and femur do not meet in the volume"
    centre, radius, kept = _sphere(points_mm)
    off = np.abs(np.linalg.norm(points_mm[kept] - centre, axis=1) - radius)
    residual = float(np.sqrt((off**2).mean()))
    least, most = JOINT_RADII_MM
    if residual > MOST_RESIDUAL_MM or not least <= radius <= most:
        return f"no sphere fits the joint (radius {radius:.0f} mm, off by {residual:.1f} mm)"
    return Joint(centre, radius, radius + margin_mm)


def _sphere(points_mm: Floats) -> tuple[Floats, float, npt.NDArray[np.bool_]]:
    """Least squares, and again without what lies far off, until nothing does."""
    kept = np.ones(len(points_mm), dtype=np.bool_)
    centre, radius = _least_squares(points_mm)
    for _ in range(_ROUNDS):
        off = np.abs(np.linalg.norm(points_mm - centre, axis=1) - radius)
        limit = max(_ACCURATE_MM, _OUTLYING * float(np.median(off)))
        again = off <= limit
        if again.sum() < LEAST_JOINT_POINTS or (again == kept).all():
            break
        kept = again
        centre, radius = _least_squares(points_mm[kept])
    return centre, radius, kept


def _least_squares(points_mm: Floats) -> tuple[Floats, float]:
    """|p|^2 = 2 p.c + (r^2 - |c|^2), which is linear in c and the rest."""
    middle = points_mm.mean(axis=0)
    local = points_mm - middle
    system = np.column_stack((2 * local, np.ones(len(local))))
    solution, *_ = np.linalg.lstsq(system, (local**2).sum(axis=1), rcond=None)
    offset = solution[:-1]
    return middle + offset, float(np.sqrt(max(0.0, solution[-1] + offset @ offset)))


def _surface_mm(solids: Solids, role: Role) -> Floats:
    own = solids.cells(role)
    return _placed(solids, crossings(own, ~own, None, solids.level))


def _placed(solids: Solids, points: Floats) -> Floats:
    return solids.lattice.to_mm(points + np.array(solids.box.low))


def _thin(points: Floats) -> Floats:
    return points[:: max(1, len(points) // _ENOUGH)]
