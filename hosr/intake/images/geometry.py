"""From one header to the measurable side of its image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.intake.images.elements import CALIBRATION_TYPE
from hosr.measure.spacing import FrameGeometry, Spacing

if TYPE_CHECKING:
    from hosr.intake.images.header import Header
    from hosr.measure.spacing import Pair


# Where multi-frame objects keep what single-frame ones have at the top (PS3.3 section C.7.6.16.2,
# and section C.8.19.6 for X-ray frames): the element, and the functional group that holds it.
_GROUPS = {
    "PixelSpacing": "PixelMeasuresSequence",
    "ImagePositionPatient": "PlanePositionSequence",
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "ImagerPixelSpacing": "FramePixelDataPropertiesSequence",
}

# How far the directions of rows and columns may be from unit length and a right angle.
_ORTHONORMAL = 0.01


def spacing_of(header: Header) -> Spacing:
    """Everything that the header says about the size of pixels."""
    groups = [
        *header.items("SharedFunctionalGroupsSequence")[:1],
        *header.items("PerFrameFunctionalGroupsSequence")[:1],
    ]
    return Spacing(
        pixel_spacing_mm=_pair(header, "PixelSpacing", groups),
        imager_pixel_spacing_mm=_pair(header, "ImagerPixelSpacing", groups),
        nominal_scanned_pixel_spacing_mm=_pair(header, "NominalScannedPixelSpacing", groups),
        pixel_aspect_ratio=_pair(header, "PixelAspectRatio", groups),
        calibration_type=header.text(CALIBRATION_TYPE),
        magnification=_positive(header, "EstimatedRadiographicMagnificationFactor"),
        source_to_detector_mm=_positive(header, "DistanceSourceToDetector"),
        source_to_patient_mm=_positive(header, "DistanceSourceToPatient"),
    )


def frames_of(header: Header, frames: int) -> tuple[FrameGeometry, ...]:
    """Where each frame lies in the patient; empty, with a note, where one of them is not placed."""
    shared = header.items("SharedFunctionalGroupsSequence")[:1]
    per_frame = header.items("PerFrameFunctionalGroupsSequence")
    if not per_frame and frames == 1:
        places = [_place(header, shared)]
    elif len(per_frame) == frames:
        places = [_place(header, [frame, *shared]) for frame in per_frame]
    else:
        places = [None]
    placed = tuple(place for place in places if place is not None)
    if len(placed) == frames:
        return placed
    header.note("the slices are not placed in the patient; no length across slices")
    return ()


def _place(header: Header, groups: list[Header]) -> FrameGeometry | None:
    position = _numbers(header, "ImagePositionPatient", groups, 3)
    directions = _numbers(header, "ImageOrientationPatient", groups, 6)
    spacing = _pair(header, "PixelSpacing", groups)
    if position is None or directions is None or spacing is None:
        return None
    if not _is_orthonormal(directions[:3], directions[3:]):
        return None
    x, y, z = position
    a, b, c, d, e, f = directions
    return FrameGeometry(
        position_mm=(x, y, z), orientation=(a, b, c, d, e, f), pixel_spacing_mm=spacing
    )


def _is_orthonormal(row: tuple[float, ...], column: tuple[float, ...]) -> bool:
    def product(first: tuple[float, ...], second: tuple[float, ...]) -> float:
        return sum(a * b for a, b in zip(first, second, strict=True))

    errors = (product(row, row) - 1, product(column, column) - 1, product(row, column))
    return all(abs(error) <= _ORTHONORMAL for error in errors)


def _pair(header: Header, keyword: str, groups: list[Header]) -> Pair | None:
    numbers = _numbers(header, keyword, groups, 2)
    if numbers is None:
        return None
    if min(numbers) <= 0:
        header.note(f"{keyword} is not positive; it is not used")
        return None
    return numbers[0], numbers[1]


def _positive(header: Header, keyword: str) -> float | None:
    numbers = header.numbers(keyword, 1)
    if numbers is None:
        return None
    if numbers[0] <= 0:
        header.note(f"{keyword} is not positive; it is not used")
        return None
    return numbers[0]


def _numbers(
    header: Header, keyword: str, groups: list[Header], count: int
) -> tuple[float, ...] | None:
    """The numbers where the object keeps them: in a functional group, else at the top."""
    holders = [item for group in groups for item in group.items(_GROUPS.get(keyword, ""))]
    for holder in (*holders, header):
        if holder.has(keyword):
            return holder.numbers(keyword, count)
    return None
