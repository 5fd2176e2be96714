"""Points in the patient on the slices of the images that were given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.findings import Place, Point, to_graphic_precision

if TYPE_CHECKING:
    from hosr.annotations.sources import Coordinates
    from hosr.intake.images import SourceImages
    from hosr.measure.spacing import FrameGeometry

IN_PLANE_MM = 0.1
"""How far points may be from the plane of a slice that they count as drawn on: what rounding leaves."""

NEAR_MM = 3.0
"""How far a point that only marks bone may be from its slice: half the space between thick slices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One slice: which it is, where it lies, and in which frame of reference."""

    place: Place
    frame: FrameGeometry
    frame_of_reference_uid: str

    def distance_mm(self, point: Coordinates) -> float:
        """How far a point is from its plane."""
        return abs(_dot(_normal(self.frame), _from_corner(point, self.frame)))

    def project(self, point: Coordinates) -> Point:
        """Where a point is seen on it: the inverse of PS3.3 equation C.7.6.2.1-1."""
        offset, directions = _from_corner(point, self.frame), self.frame.orientation
        column = _dot(directions[:3], offset) / self.frame.pixel_spacing_mm[1] + 0.5
        row = _dot(directions[3:], offset) / self.frame.pixel_spacing_mm[0] + 0.5
        return to_graphic_precision(column), to_graphic_precision(row)


def slices_of(images: SourceImages) -> tuple[Slice, ...]:
    """Every slice of the images whose header places it in the patient."""
    return tuple(_slices(images))


def nearest_slice(slices: Sequence[Slice], points: Sequence[Coordinates]) -> Slice:
    """The slice from which the farthest of these points is least far."""
    return min(slices, key=lambda each: max(map(each.distance_mm, points)))


def _slices(images: SourceImages) -> Iterator[Slice]:
    for image in images.images:
        frames = image.geometry.frames
        for number, frame in enumerate(frames, start=1):
            uid = image.sop_instance_uid
            place = Place(sop_instance_uid=uid, frame=None if len(frames) == 1 else number)
            reference = image.geometry.frame_of_reference_uid
            yield Slice(place=place, frame=frame, frame_of_reference_uid=reference)


def _from_corner(point: Coordinates, frame: FrameGeometry) -> tuple[float, ...]:
    return tuple(a - b for a, b in zip(point, frame.position_mm, strict=True))


def _normal(frame: FrameGeometry) -> tuple[float, float, float]:
    a, b, c, x, y, z = frame.orientation
    return b * z - c * y, c * x - a * z, a * y - b * x


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
