"""Heterotopic bone of known size, in the frontal plane of the hips or in one axial plane.

Islands are ellipsoids whose long axis is their length. Spurs are curved horns that end in a ball; between two tips the
gap is the distance of the ball centres less both radii, whatever the rest of the horns does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .solids import Ellipsoid, Mirror, Point, Solid, chain

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Island:
    """A separate piece of bone; `tilt_deg` turns its long axis from lateral towards the head."""

    centre: Point
    length_mm: float
    width_mm: float
    tilt_deg: float = 0.0

    def solid(self) -> Solid:
        """The ellipsoid on its own side."""
        radii = (self.length_mm / 2, self.width_mm / 2, self.width_mm / 2)
        return Ellipsoid(self.centre, radii, self.tilt_deg)

    def ends(self) -> tuple[Point, Point]:
        """The two ends of the long axis."""
        (low, high) = (self._edge(angle) for angle in (np.pi, 0.0))
        return low, high

    def outline(self, points: int = 24, *, axial: bool = False) -> tuple[Point, ...]:
        """Its contour in the frontal (for an untilted island also the axial) plane through its centre."""
        edge = [self._edge(angle) for angle in np.arange(points) * 2 * np.pi / points]
        if not axial:
            return tuple(edge)
        (_, cy, cz) = self.centre
        return tuple((x, cy + z - cz, cz) for x, _, z in edge)

    def _edge(self, angle: float) -> Point:
        u, w = self.length_mm / 2 * np.cos(angle), self.width_mm / 2 * np.sin(angle)
        cos, sin = np.cos(np.radians(self.tilt_deg)), np.sin(np.radians(self.tilt_deg))
        x, y, z = self.centre
        return float(x + cos * u - sin * w), y, float(z + sin * u + cos * w)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spur:
    """A horn of bone from its root in the parent bone to its tip."""

    points: tuple[Point, ...]
    radii_mm: tuple[float, ...]

    def solid(self) -> Solid:
        """The horn on its own side, bent smoothly through its points; its last ball is exact."""
        knots = np.column_stack((self.points, self.radii_mm))
        steps = np.linspace(0, len(knots) - 1, 5 * (len(knots) - 1) + 1)
        fine = np.array([_between(knots, step) for step in steps])
        return chain([_point(row[:3]) for row in fine], [float(row[3]) for row in fine])


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """All heterotopic bone of one hip, described for the left side (x > 0)."""

    islands: tuple[Island, ...] = ()
    pelvic: tuple[Spur, ...] = ()
    femoral: tuple[Spur, ...] = ()
    gap_between: tuple[int, int] | None = None
    """Which pelvic and which femoral spur face each other across the smallest gap."""

    def gap_ends(self) -> tuple[Point, Point] | None:
        """The two points between which the gap is measured, pelvis first."""
        if self.gap_between is None:
            return None
        upper, lower = self.pelvic[self.gap_between[0]], self.femoral[self.gap_between[1]]
        a, b = np.array(upper.points[-1]), np.array(lower.points[-1])
        unit = (b - a) / np.linalg.norm(b - a)
        return _point(a + unit * upper.radii_mm[-1]), _point(b - unit * lower.radii_mm[-1])

    def gap_mm(self) -> float | None:
        """The true gap."""
        ends = self.gap_ends()
        return None if ends is None else float(np.linalg.norm(np.subtract(*ends)))


def facing(gap_mm: float, tip_mm: float, middle: Point, direction: Point) -> tuple[Point, Point]:
    """Return the tip centres of two spurs whose balls of radius `tip_mm` leave `gap_mm` about a middle point."""
    reach = np.array(direction) / np.linalg.norm(direction) * (gap_mm + 2 * tip_mm) / 2
    return _point(np.array(middle) - reach), _point(np.array(middle) + reach)


def spur_pair(
    gap_mm: float, middle: Point = (126.0, 0.0, 19.0), tip_mm: float = 4.0
) -> tuple[Spur, Spur]:
    """Return a spur from the acetabular rim and one from the greater trochanter that face each other."""
    upper, lower = facing(gap_mm, tip_mm, middle, (0.62, 0.0, -0.79))
    rim = ((101.0, 4.0, 27.0), (109.0, 2.0, 33.0), (116.5, 0.5, 33.0), upper)
    tip = ((139.0, 9.0, -16.0), (143.0, 5.0, -4.0), (141.0, 1.5, 5.0), lower)
    return (
        Spur(points=rim, radii_mm=(11.0, 8.6, 6.4, tip_mm)),
        Spur(points=tip, radii_mm=(11.5, 9.0, 6.6, tip_mm)),
    )


def frontal(gap_mm: float, *islands: Island) -> Growth:
    """Return heterotopic bone whose gap lies in the frontal plane of the hips."""
    upper, lower = spur_pair(gap_mm)
    return Growth(islands=islands, pelvic=(upper,), femoral=(lower,), gap_between=(0, 0))


def axial(gap_mm: float, z: float, *islands: Island) -> Growth:
    """Return heterotopic bone in front of the hip whose gap lies in one axial plane."""
    upper, lower = facing(gap_mm, 3.2, (129.0, -27.0, z), (0.80, 0.60, 0.0))
    rim = Spur(points=((103.0, -18.0, 40.0), (114.0, -31.0, 28.0), upper), radii_mm=(6.5, 5.4, 3.2))
    tip = Spur(points=((139.0, 2.0, -12.0), (142.0, -9.0, z - 6), lower), radii_mm=(8.0, 5.4, 3.2))
    return Growth(islands=islands, pelvic=(rim,), femoral=(tip,), gap_between=(0, 0))


def bridge() -> Growth:
    """Return a ventral and a dorsal mass that overlap in a frontal view, 10 mm and more apart in depth."""
    front = ((105.0, 3.0, 24.0), (117.0, -9.0, 31.0), (131.0, -15.0, 23.0), (139.0, -15.0, 7.0))
    back = ((140.0, 9.0, -14.0), (144.0, 10.0, 4.0), (135.0, 14.0, 20.0), (121.0, 16.0, 29.0))
    return Growth(
        pelvic=(Spur(points=front, radii_mm=(9.0, 8.0, 7.5, 5.5)),),
        femoral=(Spur(points=back, radii_mm=(10.0, 8.5, 7.0, 5.5)),),
    )


def placed(solid: Solid, side: str) -> Solid:
    """Return a left-sided solid on the named side."""
    return solid if side == "left" else Mirror(solid)


def placed_point(point: Point, side: str) -> Point:
    """Return a left-sided point on the named side."""
    return point if side == "left" else (-point[0], point[1], point[2])


def _between(knots: Floats, step: float) -> Floats:
    """Return a place on the Catmull-Rom curve through the knots, the outer knots doubled."""
    wide = np.vstack((knots[:1], knots, knots[-1:]))
    start = min(int(step), len(knots) - 2)
    t, (a, b, c, d) = step - start, wide[start : start + 4]
    curve: Floats = b + 0.5 * t * (
        c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))
    )
    return curve


def _point(values: Floats) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z
