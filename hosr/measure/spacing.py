"""What an image header says of size and place: spacings, distances, where slices lie."""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """The attributes of PS3.3 section 10.7 as the header gives them.

    Pairs are (between rows, between columns) in mm; distances in mm; "" and None mean absent.
    `pixel_aspect_ratio` is the height and the width of a pixel in no unit (section C.7.6.3.1.7).
    """

    pixel_spacing_mm: Pair | None = None
    imager_pixel_spacing_mm: Pair | None = None
    nominal_scanned_pixel_spacing_mm: Pair | None = None
    pixel_aspect_ratio: Pair | None = None
    calibration_type: str = ""
    magnification: float | None = None
    source_to_detector_mm: float | None = None
    source_to_patient_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameGeometry:
    """Where one slice or frame lies in the patient (PS3.3 section C.7.6.2)."""

    position_mm: tuple[float, float, float]
    orientation: tuple[float, float, float, float, float, float]
    pixel_spacing_mm: Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageGeometry:
    """The measurable side of one image.

    `frames` holds one entry a frame for CT and MR whose headers place them, else it is empty.
    """

    modality: str
    rows: int
    columns: int
    spacing: Spacing = Spacing()
    frames: tuple[FrameGeometry, ...] = ()
    frame_of_reference_uid: str = ""


# Modalities whose Pixel Spacing is in the patient by definition (PS3.3 sections C.8.2.1, C.8.3.1).
CROSS_SECTIONAL = frozenset({"CT", "MR"})


def aspect_of(spacing: Spacing) -> float:
    """The height of a pixel over its width; square where the header says nothing."""
    pair = (
        spacing.pixel_spacing_mm
        or spacing.imager_pixel_spacing_mm
        or spacing.nominal_scanned_pixel_spacing_mm
        or spacing.pixel_aspect_ratio
    )
    return 1.0 if pair is None else pair[0] / pair[1]
