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

# More points do not fit a sphere better, and fewer do for trying.
_ENOUGH = 20_000
_FEW = 1_000
_TRIES = 200
_ROUNDS = 8
# So much of what lies near the joint surely is of its sphere. Points that lie off by more than this many
# times what the last of these does belong to the rim, to a screw or to the stem.
_SURE_SHARE = 0.4
_OUTLYING = 3.0
_ACCURATE_MM = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """A fitted sphere (a circle on a film), and how far around its centre is left out."""

    centre_mm: Floats
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
    """The head by its outline on the pelvis: the femur's, or else the cup of an implant."""
    pelvis = solids.cells(Role.PELVIS)
    for role, margin_mm in ((Role.FEMUR, FILM_ZONE_MARGIN_MM), (Role.IMPLANT, ZONE_MARGIN_MM)):
        own = solids.cells(role)
        outline = crossings(own, solids.beside(own) & pelvis, solids.depth(role), solids.level)
        found = _fit(_placed(solids, outline), margin_mm)
        if isinstance(found, Joint):
            return found
    return "no round head is seen on the pelvis"


def _fit(points_mm: Floats, margin_mm: float) -> Joint | str:
    if len(points_mm) < LEAST_JOINT_POINTS:
        return "pelvis and femur do not meet in the images"
    points = points_mm[:: max(1, len(points_mm) // _ENOUGH)]
    centre, radius = _roughly(points)
    for _ in range(_ROUNDS):
        off = np.abs(np.linalg.norm(points - centre, axis=1) - radius)
        kept = off <= max(_ACCURATE_MM, _OUTLYING * float(np.quantile(off, _SURE_SHARE)))
        centre, radius = _least_squares(points[kept])
    off = np.abs(np.linalg.norm(points - centre, axis=1) - radius)
    residual = float(np.sqrt((off[kept] ** 2).mean()))
    least, most = JOINT_RADII_MM
    if residual > MOST_RESIDUAL_MM or not least <= radius <= most:
        return f"no sphere fits the joint (radius {radius:.0f} mm, off by {residual:.1f} mm)"
    return Joint(centre, radius + margin_mm)


def _roughly(points_mm: Floats) -> tuple[Floats, float]:
    """Of many spheres through a few points each, the one that the nearer part of all lies closest to.

    Rims, screws and stems, which may be more than half of the points, then weigh nothing. The choice is
    the same every time.
    """
    chance = np.random.default_rng(len(points_mm))
    some = points_mm[:: max(1, len(points_mm) // _FEW)]
    best, found = np.inf, _least_squares(some)
    for _ in range(_TRIES):
        centre, radius = _least_squares(
            some[chance.choice(len(some), points_mm.shape[1] + 1, replace=False)]
        )
        if not JOINT_RADII_MM[0] <= radius <= JOINT_RADII_MM[1]:
            continue
        off = np.abs(np.linalg.norm(some - centre, axis=1) - radius)
        near = float(np.quantile(off, _SURE_SHARE))
        if near < best:
            best, found = near, (centre, radius)
    return found


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
