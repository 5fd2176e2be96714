"""How long a centimetre in the patient is in a picture, where the picture can tell."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hosr.findings import Plane
from hosr.measure.spacing import CROSS_SECTIONAL

if TYPE_CHECKING:
    from hosr.findings import Hip, Line
    from hosr.study import ImageReference
    from hosr.visuals.values import KeyImage


# A capture of a slice has the spacing of its screen (PS3.3 section 10.7.1.3).
_CAPTURES = "1.2.840.10008.5.1.4.1.1.7"


def centimetre_of(picture: KeyImage, hip: Hip, image: ImageReference) -> float | None:
    """The length of 1 cm in the patient, in pixels of the picture.

    By a length of the hip that holds in the patient, the gap before all, so that the ruler is that
    of its depth; else by the calibration object; else by the spacing of a slice. None otherwise:
    a ruler at the detector would make a gap look wider than it is.
    """
    for line, mm in _known(hip):
        ends = (line.place, line.end_place or line.place)
        if any(end.sop_instance_uid != picture.place.sop_instance_uid for end in ends):
            continue
        pixels = math.dist(picture.project(line.start), picture.project(line.end))
        if not line.spans_images and pixels and mm:
            return 10 * pixels / mm
    if not _is_slice(image) or image.pixel_spacing_mm is None:
        return None
    return 10 / image.pixel_spacing_mm[1] * picture.width / picture.crop.width


def _known(hip: Hip) -> Iterator[tuple[Line, float]]:
    """The lines whose length in the patient is known, surest first."""
    for length in (hip.gap, *(island.length for island in hip.islands or ())):
        if length is not None and length.line is not None and length.plane is Plane.PATIENT:
            yield length.line, length.mm or 0.0
    if hip.calibration is not None:
        yield hip.calibration.line, hip.calibration.true_mm


def _is_slice(image: ImageReference) -> bool:
    sop_class = image.instance.sop_class_uid
    is_capture = sop_class == _CAPTURES or sop_class.startswith(f"{_CAPTURES}.")
    return image.modality in CROSS_SECTIONAL and not is_capture
