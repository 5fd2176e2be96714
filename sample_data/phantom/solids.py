"""Analytic solids as signed distances in patient millimetres: negative inside, zero on the surface.

Axes follow DICOM: x to the patient's left, y to the back, z to the head. A solid is asked for its distances on a plane,
given as arrays that broadcast against each other, so a plane costs one pass of numpy and no mesh is ever stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
Point = tuple[float, float, float]
Range = tuple[float, float]

NEAR_MM = 6.0
FAR_MM = 1e3


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
        return f32(np.sqrt(squared) - self.radius_mm)


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
        return f32(k0 * (k0 - 1.0) / np.maximum(k1, 1e-6))


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
        return f32(np.sqrt(radial + (pz - along * axis[2]) ** 2) - radius)


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
        return f32(-((x - px) * normal[0] + (y - py) * normal[1] + (z - pz) * normal[2]))


@dataclass(frozen=True, slots=True)
class Blend:
    """Solids joined with a fillet of `fillet_mm`; where one is much nearer than the rest, its surface stays exact.

    A member is computed only near its own box, so outside distances beyond `NEAR_MM` may be too large.
    """

    solids: tuple[Solid, ...]
    fillet_mm: float = 0.0

    @property
    def box(self) -> Box:
        """The box around every member."""
        return reduce(Box.join, (solid.box for solid in self.solids)).grow(self.fillet_mm / 4)

    def distance(self, x: Field, y: Field, z: Field) -> Field:
        """The smallest distance, smoothed."""
        nearest = np.full(np.broadcast(x, y, z).shape, FAR_MM, dtype=np.float32)
        for solid in self.solids:
            box = solid.box.grow(max(NEAR_MM, self.fillet_mm))
            window = tuple(
                map(_join, *(_window(*pair) for pair in ((x, box.x), (y, box.y), (z, box.z))))
            )
            if all(part.start < part.stop for part in window):
                crop = (_crop(axis, window) for axis in (x, y, z))
                nearest[window] = self._pair(nearest[window], solid.distance(*crop))
        return nearest

    def _pair(self, a: Field, b: Field) -> Field:
        nearest = np.minimum(a, b)
        if self.fillet_mm <= 0:
            return nearest
        overlap = np.maximum(self.fillet_mm - np.abs(a - b), 0.0)
        return f32(nearest - overlap**2 / (4 * self.fillet_mm))


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
        return reduce(lambda a, b: f32(np.maximum(a, b)), kept, self.solid.distance(x, y, z))


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
        return self.solid.distance(f32(-x), y, z)


def chain(points: Sequence[Point], radii_mm: Sequence[float], fillet_mm: float = 0.0) -> Blend:
    """Tapered rods through the points, one after the other: a curved horn."""
    links = zip(pairwise(points), pairwise(radii_mm), strict=True)
    return Blend(tuple(Capsule(a, b, ra, rb) for (a, b), (ra, rb) in links), fillet_mm)


def at(solid: Solid, point: Point) -> float:
    """Signed distance of one point."""
    x, y, z = (np.full((1, 1), value, dtype=np.float32) for value in point)
    return float(solid.distance(x, y, z)[0, 0])


def f32(values: npt.ArrayLike) -> Field:
    """Return single precision."""
    return np.asarray(values, dtype=np.float32)


def _window(axis: Field, span: Range) -> tuple[slice, slice]:
    """Return the rows and columns where an axis, constant along one of them, is within a span."""
    inside = (axis >= span[0]) & (axis <= span[1])
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not rows.size:
        return slice(0, 0), slice(0, 0)
    tall, wide = axis.shape
    down = slice(int(rows[0]), int(rows[-1]) + 1) if tall > 1 else slice(0, 1 << 30)
    return down, slice(int(columns[0]), int(columns[-1]) + 1) if wide > 1 else slice(0, 1 << 30)


def _join(*parts: slice) -> slice:
    return slice(max(part.start for part in parts), min(part.stop for part in parts))


def _crop(axis: Field, window: tuple[slice, ...]) -> Field:
    """Cut a window out of an axis, leaving alone the direction in which it is constant."""
    down, across = window
    return axis[
        down if axis.shape[0] > 1 else slice(None), across if axis.shape[1] > 1 else slice(None)
    ]


def _cube(centre: Point, reach: float) -> Box:
    return Box(*((value - reach, value + reach) for value in centre))


def _span(a: Range, b: Range) -> Range:
    return min(a[0], b[0]), max(a[1], b[1])
