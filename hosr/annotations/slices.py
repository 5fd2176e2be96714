"""The slices of the images that were given, and points of the patient seen from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.findings import Place, Point, to_graphic_precision
from hosr.measure.slices import OnSlice, seen_from

if TYPE_CHECKING:
    from hosr.annotations.sources import Coordinates
    from hosr.intake.images import SourceImage, SourceImages
    from hosr.measure.spacing import FrameGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One slice of the images: which it is, where it lies, in which frame of reference, and how large."""

    place: Place
    frame: FrameGeometry
    frame_of_reference_uid: str = ""
    rows: int
    columns: int

    def distance_mm(self, point: Coordinates) -> float:
        """How far a point of the patient is from its plane."""
        return abs(self._see(point).height_mm)

    def project(self, point: Coordinates) -> Point:
        """The point on it that a point of the patient lies above or below."""
        column, row = self._see(point).point
        return to_graphic_precision(column), to_graphic_precision(row)

    def _see(self, point: Coordinates) -> OnSlice:
        x, y, z = point
        return seen_from((x, y, z), self.frame)


def slices_of(images: SourceImages) -> tuple[Slice, ...]:
    """Every slice of the images whose header places it in the patient."""
    return tuple(each for image in images.images for each in slices_on(image))


def slices_on(image: SourceImage) -> Iterator[Slice]:
    """The slices of one image: of CT and MR one, or one a frame."""
    geometry = image.geometry
    for number, frame in enumerate(geometry.frames, start=1):
        yield Slice(
            place=Place(
                sop_instance_uid=image.sop_instance_uid,
                frame=None if len(geometry.frames) == 1 else number,
            ),
            frame=frame,
            frame_of_reference_uid=geometry.frame_of_reference_uid,
            rows=geometry.rows,
            columns=geometry.columns,
        )


def nearest_slice(slices: Sequence[Slice], points: Sequence[Coordinates]) -> Slice:
    """The slice from which the farthest of these points is least far; there is one at least."""
    return min(slices, key=lambda each: max(map(each.distance_mm, points)))
