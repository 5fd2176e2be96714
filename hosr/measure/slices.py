"""Slices of one volume and points of the patient among them: how far from each, and where on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
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
    offset = [at - origin for at, origin in zip(point_mm, frame.position_mm, strict=True)]
    row, column = frame.orientation[:3], frame.orientation[3:]
    return OnSlice(
        point=(
            _dot(offset, row) / frame.pixel_spacing_mm[1] + 0.5,
            _dot(offset, column) / frame.pixel_spacing_mm[0] + 0.5,
        ),
        height_mm=_dot(offset, normal_of(frame)),
    )


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


def gap_mm(frames: tuple[FrameGeometry, ...]) -> float:
    """How far neighbouring slices lie apart, most of them; of a single one the width of its pixels."""
    heights = _heights_mm(frames)
    steps = [b - a for a, b in pairwise(heights) if b - a > SAME_DIRECTION]
    return median(steps) if steps else max(frames[0].pixel_spacing_mm)


def outside_mm(
    point_mm: SpacePoint, frames: tuple[FrameGeometry, ...], rows: int, columns: int
) -> float:
    """How far a point lies outside of what parallel slices cover; 0 within.

    Each covers half a slice above and below it, and as much beside its edges: what was measured
    between the centres of its voxels may end there.
    """
    half = gap_mm(frames) / 2
    first = seen_from(point_mm, frames[0])
    heights = _heights_mm(frames)
    (column, row), (row_mm, column_mm) = first.point, frames[0].pixel_spacing_mm
    beyond = (
        _beyond(first.height_mm, heights[0] - half, heights[-1] + half),
        _beyond(column * column_mm, -half, columns * column_mm + half),
        _beyond(row * row_mm, -half, rows * row_mm + half),
    )
    return math.hypot(*beyond)


def _heights_mm(frames: tuple[FrameGeometry, ...]) -> list[float]:
    """How far each slice lies above the first given, in order."""
    return sorted(seen_from(frame.position_mm, frames[0]).height_mm for frame in frames)


def _beyond(value: float, least: float, most: float) -> float:
    return max(least - value, value - most, 0.0)


def _dot(one: list[float], other: tuple[float, ...]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
