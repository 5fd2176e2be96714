"""Analytic solids as signed distances in patient millimetres: negative inside, zero on the surface.

Axes follow DICOM: x to the patient's left, y to the back, z to the head. A solid is asked for its distances on a plane,
given as arrays that broadcast against each other, so a plane costs one pass of numpy and no mesh is ever stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
Point = tuple[float, float, float]
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """The part of space that a solid may occupy, so that the rest is never computed."""

    x: Range
    y: Range
    z: Range

    def join(self, other: Box) -> Box:
        """Return the smallest box around both."""
        return Box(_span(self.x, other.x), _span(self.y, other.y), _span(self.z, other.z))

    def grow(self, margin_mm: float) -> Box:
        """Return the box with a margin on every face."""
        low, high = -margin_mm, margin_mm
        return Box(*((r[0] + low, r[1] + high) for r in (self.x, self.y, self.z)))


class Solid(Protocol):
    """Anything with an extent and a signed distance."""

    @property
    def box(self) -> Box:
        """Where the solid may be."""
        ...

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """Signed distance in millimetres at broadcast positions."""
        ...


@dataclass(frozen=True, slots=True)
class Ball:
    """A sphere."""

    centre: Point
    radius_mm: float

    @property
    def box(self) -> Box:
        """The cube around the sphere."""
        return _cube(self.centre, self.radius_mm)

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """Exact distance."""
        cx, cy, cz = self.centre
        squared = (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2
        return _f32(np.sqrt(squared) - self.radius_mm)


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """An ellipsoid whose first and third axes may be tilted in the frontal plane (x to z)."""

    centre: Point
    radii_mm: Point
    tilt_deg: float = 0.0

    @property
    def box(self) -> Box:
        """The cube around the longest axis."""
        return _cube(self.centre, max(self.radii_mm))

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """First-order distance, exact on the surface: k0 (k0 - 1) / k1 with k0 = |p/r|, k1 = |p/r^2|."""
        cx, cy, cz = self.centre
        a, b, c = self.radii_mm
        cos, sin = np.cos(np.radians(self.tilt_deg)), np.sin(np.radians(self.tilt_deg))
        u, v, w = cos * (x - cx) + sin * (z - cz), y - cy, cos * (z - cz) - sin * (x - cx)
        k0 = np.sqrt((u / a) ** 2 + (v / b) ** 2 + (w / c) ** 2)
        k1 = np.sqrt((u / a**2) ** 2 + (v / b**2) ** 2 + (w / c**2) ** 2)
        return _f32(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6))


@dataclass(frozen=True, slots=True)
class Capsule:
    """A tapered rod with round ends: a ball of radius `start_mm` swept to a ball of radius `end_mm`."""

    start: Point
    end: Point
    start_mm: float
    end_mm: float

    @property
    def box(self) -> Box:
        """The box around both end balls."""
        return _cube(self.start, self.start_mm).join(_cube(self.end, self.end_mm))

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """Distance to the axis less the local radius; exact beyond the ends."""
        (ax, ay, az), axis = self.start, np.subtract(self.end, self.start)
        px, py, pz = x - ax, y - ay, z - az
        along = np.clip((px * axis[0] + py * axis[1] + pz * axis[2]) / float(axis @ axis), 0.0, 1.0)
        radial = (px - along * axis[0]) ** 2 + (py - along * axis[1]) ** 2
        radius = self.start_mm + along * (self.end_mm - self.start_mm)
        return _f32(np.sqrt(radial + (pz - along * axis[2]) ** 2) - radius)


@dataclass(frozen=True, slots=True)
class HalfSpace:
    """All points on the side of a plane to which its normal points."""

    point: Point
    normal: Point

    @property
    def box(self) -> Box:
        """All of space."""
        return _cube(self.point, 1e4)

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """Exact distance."""
        (px, py, pz), normal = self.point, np.divide(self.normal, np.linalg.norm(self.normal))
        return _f32(-((x - px) * normal[0] + (y - py) * normal[1] + (z - pz) * normal[2]))


@dataclass(frozen=True, slots=True)
class Blend:
    """Solids joined with a fillet of `fillet_mm`; where one is much nearer than the rest, its surface stays exact."""

    solids: tuple[Solid, ...]
    fillet_mm: float = 0.0

    @property
    def box(self) -> Box:
        """The box around every member."""
        return reduce(Box.join, (solid.box for solid in self.solids)).grow(self.fillet_mm / 4)

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """The smallest distance, smoothed."""
        return reduce(self._pair, (solid.distance(x, y, z) for solid in self.solids))

    def _pair(self, a: Field, b: Field) -> Field:
        nearest = np.minimum(a, b)
        if self.fillet_mm <= 0:
            return nearest
        overlap = np.maximum(self.fillet_mm - np.abs(a - b), 0.0)
        return _f32(nearest - overlap**2 / (4 * self.fillet_mm))


@dataclass(frozen=True, slots=True)
class Cut:
    """One solid with others taken out of it."""

    solid: Solid
    removed: tuple[Solid, ...]

    @property
    def box(self) -> Box:
        """The box of what is cut."""
        return self.solid.box

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """The larger of the solid's distance and the negated distances of what is taken away."""
        kept = (-solid.distance(x, y, z) for solid in self.removed)
        return reduce(lambda a, b: _f32(np.maximum(a, b)), kept, self.solid.distance(x, y, z))


@dataclass(frozen=True, slots=True)
class Mirror:
    """A solid seen in the midline: turns a left hip into a right one."""

    solid: Solid

    @property
    def box(self) -> Box:
        """The mirrored box."""
        box = self.solid.box
        return Box((-box.x[1], -box.x[0]), box.y, box.z)

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """The distance at the mirrored place."""
        return self.solid.distance(_f32(-x), y, z)


def chain(points: Sequence[Point], radii_mm: Sequence[float], fillet_mm: float = 0.0) -> Blend:
    """Tapered rods through the points, one after the other: a curved horn."""
    links = zip(points, points[1:], radii_mm, radii_mm[1:], strict=False)
    return Blend(tuple(Capsule(a, b, ra, rb) for a, b, ra, rb in links), fillet_mm)


def at(solid: Solid, point: Point) -> float:
    """Signed distance of one point."""
    x, y, z = (np.full((1, 1), value, dtype=np.float32) for value in point)
    return float(solid.distance(x, y, z)[0, 0])


def _cube(centre: Point, reach: float) -> Box:
    return Box(*((value - reach, value + reach) for value in centre))


def _span(a: Range, b: Range) -> Range:
    return min(a[0], b[0]), max(a[1], b[1])


def _f32(values: npt.NDArray[np.floating]) -> Field:
    return np.asarray(values, dtype=np.float32)
