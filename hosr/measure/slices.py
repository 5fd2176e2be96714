"""Slices of one volume and points of the patient among them: how far from each, and where on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import median

from hosr.findings import Point, SpacePoint
from hosr.measure.spacing import FrameGeometry

# Directions that differ by less are the same, written with other digits.
SAME_DIRECTION = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSlice:
    """Where a point of the patient lies, seen from a slice.

    `point` is the place on the slice right below it, as graphic data counts; `height_mm` how far it lies
    above (PS3.3 section C.7.6.2.1.1: along the row's direction crossed with the column's).
    """

    point: Point
    height_mm: float


def seen_from(point_mm: SpacePoint, frame: FrameGeometry) -> OnSlice:
    """A point of the patient, seen from a slice: the inverse of `hosr.measure.length.in_patient_mm`."""
    offset = _offset_mm(point_mm, frame)
    row, column = frame.orientation[:3], frame.orientation[3:]
    return OnSlice(
        point=(
            _dot(offset, row) / frame.pixel_spacing_mm[1] + 0.5,
            _dot(offset, column) / frame.pixel_spacing_mm[0] + 0.5,
        ),
        height_mm=_dot(offset, normal_of(frame)),
    )


def height_mm(point_mm: SpacePoint, frame: FrameGeometry) -> float:
    """How far a point of the patient lies above a slice, as `OnSlice.height_mm`."""
    return _dot(_offset_mm(point_mm, frame), normal_of(frame))


def normal_of(frame: FrameGeometry) -> SpacePoint:
    """The direction in which a slice faces, of length 1."""
    a, b, c, x, y, z = frame.orientation
    normal = (b * z - c * y, c * x - a * z, a * y - b * x)
    length = math.hypot(*normal)
    return normal[0] / length, normal[1] / length, normal[2] / length


def are_parallel(one: FrameGeometry, other: FrameGeometry) -> bool:
    """Whether two slices have the same directions."""
    pairs = zip(one.orientation, other.orientation, strict=True)
    return all(abs(a - b) < SAME_DIRECTION for a, b in pairs)


@dataclass(frozen=True, kw_only=True)
class Slices:
    """Parallel slices of one volume, of so many rows and columns each."""

    frames: tuple[FrameGeometry, ...]
    rows: int
    columns: int

    @cached_property
    def _heights_mm(self) -> list[float]:
        """How far each slice lies above the first given, in order."""
        first, normal = self.frames[0], normal_of(self.frames[0])
        return sorted(_dot(_offset_mm(each.position_mm, first), normal) for each in self.frames)

    @cached_property
    def gap_mm(self) -> float:
        """How far neighbouring slices lie apart, most of them; of a single one the width of its pixels."""
        steps = [b - a for a, b in pairwise(self._heights_mm) if b - a > SAME_DIRECTION]
        return median(steps) if steps else max(self.frames[0].pixel_spacing_mm)

    def outside_mm(self, point_mm: SpacePoint) -> float:
        """How far a point lies outside of what the slices cover; 0 within.

        Each covers half a slice above and below it, and as much beside its edges: what was measured
        between the centres of its voxels may end there.
        """
        half, heights = self.gap_mm / 2, self._heights_mm
        first = seen_from(point_mm, self.frames[0])
        (column, row), (row_mm, column_mm) = first.point, self.frames[0].pixel_spacing_mm
        beyond = (
            _beyond(first.height_mm, heights[0] - half, heights[-1] + half),
            _beyond(column * column_mm, -half, self.columns * column_mm + half),
            _beyond(row * row_mm, -half, self.rows * row_mm + half),
        )
        return math.hypot(*beyond)

    def nearest(self, point_mm: SpacePoint) -> int:
        """The slice whose plane a point is nearest to, by its place among those given."""
        heights = [abs(height_mm(point_mm, frame)) for frame in self.frames]
        return heights.index(min(heights))


def _offset_mm(point_mm: SpacePoint, frame: FrameGeometry) -> list[float]:
    return [at - origin for at, origin in zip(point_mm, frame.position_mm, strict=True)]


def _beyond(value: float, least: float, most: float) -> float:
    return max(least - value, value - most, 0.0)


def _dot(one: list[float], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
