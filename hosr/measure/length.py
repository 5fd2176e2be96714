"""A length: the distance between two marked points, in millimetres where the image allows.

And what it stands for in the patient, by its magnification; and how surely it is read.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hosr.errors import Fault, RecordRefused
from hosr.findings import Algorithm, Basis, Length, Observer, Plane
from hosr.measure.pixel_size import MAGNIFICATION, PixelSize, basis_of, magnification_limits
from hosr.measure.spacing import CROSS_SECTIONAL, aspect_of
from hosr.phrases import figures, phrase

if TYPE_CHECKING:
    from hosr.findings import Calibration, Line, Place, Point
    from hosr.measure.spacing import FrameGeometry, ImageGeometry, Pair

# The least and the most that a length may be magnified; where nobody can tell the plane, it may be
# that in the patient already.
MAGNIFICATIONS = {
    Plane.PATIENT: (1.0, 1.0),
    Plane.DETECTOR: MAGNIFICATION,
    Plane.UNKNOWN: (1.0, MAGNIFICATION[1]),
    Plane.UNSTATED: (1.0, 1.0),
}

# 95 % half-widths of a gap as read: repeat films, readers and the fuzzy edge of new bone taken
# together (conventions; Auleley 2001 and reader studies of the hip). One careful reader on a
# calibrated film stays within 0.6 mm, several within 1.4 mm; an algorithm's marks are less sure.
PERSON_READING_ERROR_MM = 1.0
ALGORITHM_READING_ERROR_MM = 1.5

# How well one end of a calibration object is marked, as a 95 % half-width (a convention).
_CLICK_PIXELS = 1.0

# Heads have 22 to 62 mm, balls and coins 20 to 30; in centimetres they are smaller than this.
_SMALLEST_OBJECT_MM = 7.0


def patient_interval_mm(
    length: Length | None, half_width_mm: float = 0.0
) -> tuple[float, float] | None:
    """The least and the greatest length in the patient that a length may stand for.

    It may have been read wrong by the half-width; at first, no reading error is in it. None where
    the length has no millimetres.
    """
    if length is None or length.mm is None:
        return None
    least, most = MAGNIFICATIONS[length.plane]
    return max(0.0, length.mm - half_width_mm) / most, (length.mm + half_width_mm) / least


def reading_error_mm(observer: Observer) -> float:
    """The 95 % half-width of a length that this observer read and nobody qualified."""
    if isinstance(observer, Algorithm):
        return ALGORITHM_READING_ERROR_MM
    return PERSON_READING_ERROR_MM


def measure(
    line: Line,
    start: ImageGeometry,
    end: ImageGeometry | None,
    calibration: Calibration | None,
    path: str,
    *,
    reading_error_mm: float = PERSON_READING_ERROR_MM,
) -> Length:
    """The length of a line that was marked on an image, or across the slices of a volume.

    `start` and `end` are the geometries of the images that the two points lie on (None: the
    same). A calibration counts on its own image only, where it stands above the header; on CT and
    MR it is refused, for their spacing is that of the patient already.

    `uncertainty_mm` stays None where only the reading adds to it. Where the calibration object or
    an estimated magnification adds something, it is both combined: the root of
    `reading_error_mm` squared plus the contribution squared. Marking the object contributes one
    pixel at each end, so sqrt(2) pixels of its length; an estimated magnification five per cent.

    The millimetres are not rounded. A line on an image without spacing has none.
    """
    if line.spans_images:
        return _across(line, start, end or start, path)
    if calibration is not None and _same_image(calibration.line.place, line.place):
        size = _known_object(calibration, start, path)
    else:
        size = _pixel_size(line, start, path)
    if size.mm_per_pixel is None:
        return Length(plane=size.plane, basis=size.basis, line=line)
    mm = _extent(line.start, line.end, size.mm_per_pixel)
    contribution = size.depth_uncertainty * mm
    return Length(
        mm=mm,
        plane=size.plane,
        basis=size.basis,
        uncertainty_mm=math.hypot(reading_error_mm, contribution) if contribution else None,
        line=line,
    )


def _pixel_size(line: Line, image: ImageGeometry, path: str) -> PixelSize:
    if image.modality in CROSS_SECTIONAL and image.frames:
        frame = _frame(image, line.place, path)
        return PixelSize(
            basis=Basis.CROSS_SECTIONAL,
            plane=Plane.PATIENT,
            mm_per_pixel=frame.pixel_spacing_mm,
        )
    return basis_of(image.spacing, image.modality)


def _known_object(calibration: Calibration, image: ImageGeometry, path: str) -> PixelSize:
    """The pixel size at the depth of an object of known size."""
    if image.modality in CROSS_SECTIONAL:
        problem = phrase(
            "a calibration object is marked on CT or MR, whose spacing is in the patient"
        )
        raise RecordRefused(Fault(path, problem, phrase("leave the calibration out"), "E15"))
    aspect = aspect_of(image.spacing)
    pixels = _extent(calibration.line.start, calibration.line.end, (aspect, 1.0))
    if not pixels or not calibration.true_mm > 0:
        problem = phrase("the calibration object has no size")
        remedy = phrase("mark two opposite points of its edge, and give its true size in mm")
        raise RecordRefused(Fault(path, problem, remedy, "E15"))
    column_mm = calibration.true_mm / pixels
    _require_plausible(calibration.true_mm, column_mm, image, path)
    return PixelSize(
        basis=Basis.KNOWN_OBJECT,
        plane=Plane.PATIENT,
        mm_per_pixel=(aspect * column_mm, column_mm),
        depth_uncertainty=math.sqrt(2) * _CLICK_PIXELS / pixels,
    )


def _require_plausible(true_mm: float, column_mm: float, image: ImageGeometry, path: str) -> None:
    """Refuse an object that is too small to be one, or that would be magnified as no hip is."""
    remedy = phrase("check the two points and the true size")
    if true_mm < _SMALLEST_OBJECT_MM:
        problem = phrase(
            "the calibration object is given as {length} mm: were centimetres meant?",
            length=figures(f"{true_mm:g}"),
        )
        raise RecordRefused(Fault(path, problem, remedy, "E15"))
    column, (low, high) = _unmagnified_column(image)
    if column is not None and not low <= round(column / column_mm, 3) <= high:
        problem = phrase(
            "the calibration object would be magnified by a factor outside {low} to {high}",
            low=figures(f"{low:.1f}"),
            high=figures(f"{high:.1f}"),
        )
        raise RecordRefused(Fault(path, problem, remedy, "E15"))


def _unmagnified_column(image: ImageGeometry) -> tuple[float | None, tuple[float, float]]:
    """The header's width of a pixel, and by how much less or more an object is shown on it.

    A digitised film may be a reduced print; Pixel Spacing alone may be corrected already.
    """
    low, high = magnification_limits(image.modality)
    spacing = image.spacing
    if spacing.imager_pixel_spacing_mm is not None:
        return spacing.imager_pixel_spacing_mm[1], (low, high)
    if spacing.nominal_scanned_pixel_spacing_mm is not None:
        return spacing.nominal_scanned_pixel_spacing_mm[1], (0.0, high)
    if spacing.pixel_spacing_mm is not None:
        return spacing.pixel_spacing_mm[1], (low / MAGNIFICATION[1], high)
    return None, (low, high)


def _across(line: Line, start: ImageGeometry, end: ImageGeometry, path: str) -> Length:
    """The distance between points on two slices of one volume, from their positions."""
    if not {start.modality, end.modality} <= CROSS_SECTIONAL:
        problem = phrase(
            "the two points lie on different images, which are not slices of one volume"
        )
        raise RecordRefused(Fault(path, problem, phrase("mark both points on one image")))
    if not (start.frames and end.frames and start.frame_of_reference_uid):
        return Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=line)
    if start.frame_of_reference_uid != end.frame_of_reference_uid:
        problem = phrase("the two points lie in different frames of reference")
        raise RecordRefused(Fault(path, problem, phrase("mark both points in one acquisition")))
    first = _frame(start, line.place, path)
    last = _frame(end, line.end_place or line.place, path)
    return Length(
        mm=math.dist(in_patient_mm(line.start, first), in_patient_mm(line.end, last)),
        plane=Plane.PATIENT,
        basis=Basis.CROSS_SECTIONAL,
        line=line,
    )


def _frame(image: ImageGeometry, place: Place, path: str) -> FrameGeometry:
    number = 1 if place.frame is None else place.frame
    if not 1 <= number <= len(image.frames):
        problem = phrase("the image has no frame {frame}", frame=number)
        raise RecordRefused(
            Fault(path, problem, phrase("name one from 1 to {frames}", frames=len(image.frames)))
        )
    return image.frames[number - 1]


def in_patient_mm(point: Point, frame: FrameGeometry) -> tuple[float, ...]:
    """A point of a slice in patient coordinates (PS3.3 equation C.7.6.2.1-1).

    Graphic data count from the corner of the first pixel, the position is that of its centre.
    """
    along_row = (point[0] - 0.5) * frame.pixel_spacing_mm[1]
    along_column = (point[1] - 0.5) * frame.pixel_spacing_mm[0]
    return tuple(
        frame.position_mm[axis]
        + along_row * frame.orientation[axis]
        + along_column * frame.orientation[axis + 3]
        for axis in range(3)
    )


def _extent(start: Point, end: Point, spacing: Pair) -> float:
    return math.hypot((end[0] - start[0]) * spacing[1], (end[1] - start[1]) * spacing[0])


def _same_image(first: Place, second: Place) -> bool:
    return first.sop_instance_uid == second.sop_instance_uid
