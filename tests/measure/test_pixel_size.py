"""What a pixel measures, by PS3.3 section 10.7."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hosr.findings import Basis, Plane
from hosr.measure.pixel_size import PixelSize, basis_of, ends_at_table, without_contradictions
from hosr.measure.spacing import Pair, Spacing

DETECTOR: Pair = (0.15, 0.15)
PATIENT: Pair = (0.125, 0.125)
FILM: Pair = (0.2, 0.2)


def size(basis: Basis, plane: Plane, mm: Pair | None, depth: float = 0.0) -> PixelSize:
    """An expected result, in one line."""
    return PixelSize(basis=basis, plane=plane, mm_per_pixel=mm, depth_uncertainty=depth)


CASES = {
    "differs, fiducial": (
        Spacing(
            pixel_spacing_mm=PATIENT, imager_pixel_spacing_mm=DETECTOR, calibration_type="FIDUCIAL"
        ),
        size(Basis.CALIBRATED_FIDUCIAL, Plane.PATIENT, PATIENT),
    ),
    "differs, geometry": (
        Spacing(
            pixel_spacing_mm=PATIENT, imager_pixel_spacing_mm=DETECTOR, calibration_type="GEOMETRY"
        ),
        size(Basis.CALIBRATED_GEOMETRY, Plane.PATIENT, PATIENT),
    ),
    "differs, no type": (
        Spacing(pixel_spacing_mm=PATIENT, imager_pixel_spacing_mm=DETECTOR),
        size(Basis.CALIBRATED_UNKNOWN, Plane.PATIENT, PATIENT),
    ),
    "differs in one direction only": (
        Spacing(pixel_spacing_mm=(0.125, 0.15), imager_pixel_spacing_mm=DETECTOR),
        size(Basis.CALIBRATED_UNKNOWN, Plane.UNKNOWN, (0.125, 0.15)),
    ),
    "corrected for the table, in front of which no hip lies": (
        Spacing(
            pixel_spacing_mm=(0.14, 0.14),
            imager_pixel_spacing_mm=DETECTOR,
            calibration_type="GEOMETRY",
        ),
        size(Basis.CALIBRATED_GEOMETRY, Plane.UNKNOWN, (0.14, 0.14)),
    ),
    "corrected as little, in a manner that nobody stated": (
        Spacing(pixel_spacing_mm=(0.14, 0.14), imager_pixel_spacing_mm=DETECTOR),
        size(Basis.CALIBRATED_UNKNOWN, Plane.UNKNOWN, (0.14, 0.14)),
    ),
    "calibrated as little, on an object": (
        Spacing(
            pixel_spacing_mm=(0.14, 0.14),
            imager_pixel_spacing_mm=DETECTOR,
            calibration_type="FIDUCIAL",
        ),
        size(Basis.CALIBRATED_FIDUCIAL, Plane.PATIENT, (0.14, 0.14)),
    ),
    "differs, with a factor that is not applied again": (
        Spacing(
            pixel_spacing_mm=PATIENT,
            imager_pixel_spacing_mm=DETECTOR,
            magnification=1.2,
            source_to_detector_mm=1200,
            source_to_patient_mm=1000,
        ),
        size(Basis.CALIBRATED_UNKNOWN, Plane.PATIENT, PATIENT),
    ),
    "differs from the film's": (
        Spacing(pixel_spacing_mm=PATIENT, nominal_scanned_pixel_spacing_mm=FILM),
        size(Basis.CALIBRATED_UNKNOWN, Plane.PATIENT, PATIENT),
    ),
    "the detector's": (
        Spacing(pixel_spacing_mm=DETECTOR, imager_pixel_spacing_mm=DETECTOR),
        size(Basis.DETECTOR_PLANE, Plane.DETECTOR, DETECTOR),
    ),
    "the detector's in other digits": (
        Spacing(pixel_spacing_mm=(0.14999, 0.15), imager_pixel_spacing_mm=DETECTOR),
        size(Basis.DETECTOR_PLANE, Plane.DETECTOR, DETECTOR),
    ),
    "the detector's, typed all the same": (
        Spacing(
            pixel_spacing_mm=DETECTOR, imager_pixel_spacing_mm=DETECTOR, calibration_type="FIDUCIAL"
        ),
        size(Basis.DETECTOR_PLANE, Plane.DETECTOR, DETECTOR),
    ),
    "the film's": (
        Spacing(pixel_spacing_mm=FILM, nominal_scanned_pixel_spacing_mm=FILM),
        size(Basis.FILM_PLANE, Plane.DETECTOR, FILM),
    ),
    "larger than the film's: a film may be a reduced print": (
        Spacing(pixel_spacing_mm=(0.3, 0.3), nominal_scanned_pixel_spacing_mm=FILM),
        size(Basis.CALIBRATED_UNKNOWN, Plane.PATIENT, (0.3, 0.3)),
    ),
    "alone": (
        Spacing(pixel_spacing_mm=PATIENT),
        size(Basis.UNKNOWN, Plane.UNKNOWN, PATIENT),
    ),
    "alone, with a factor that nobody can place": (
        Spacing(pixel_spacing_mm=PATIENT, magnification=1.2),
        size(Basis.UNKNOWN, Plane.UNKNOWN, PATIENT),
    ),
    "alone, fiducial": (
        Spacing(pixel_spacing_mm=PATIENT, calibration_type="FIDUCIAL"),
        size(Basis.CALIBRATED_FIDUCIAL, Plane.PATIENT, PATIENT),
    ),
    "detector's alone, with a factor": (
        Spacing(imager_pixel_spacing_mm=DETECTOR, magnification=1.2),
        size(Basis.ESTIMATED_ERMF, Plane.PATIENT, (0.15 / 1.2, 0.15 / 1.2), 0.05),
    ),
    "detector's alone, a factor before distances": (
        Spacing(
            imager_pixel_spacing_mm=DETECTOR,
            magnification=1.2,
            source_to_detector_mm=1500,
            source_to_patient_mm=1000,
        ),
        size(Basis.ESTIMATED_ERMF, Plane.PATIENT, (0.15 / 1.2, 0.15 / 1.2), 0.05),
    ),
    "detector's alone, with distances": (
        Spacing(
            imager_pixel_spacing_mm=DETECTOR, source_to_detector_mm=1250, source_to_patient_mm=1000
        ),
        size(Basis.ESTIMATED_DISTANCE, Plane.PATIENT, (0.15 / 1.25, 0.15 / 1.25), 0.05),
    ),
    "detector's alone, with a factor of 1, which estimates nothing": (
        Spacing(imager_pixel_spacing_mm=DETECTOR, magnification=1.0),
        size(Basis.DETECTOR_PLANE, Plane.DETECTOR, DETECTOR),
    ),
    "detector's alone": (
        Spacing(imager_pixel_spacing_mm=DETECTOR),
        size(Basis.DETECTOR_PLANE, Plane.DETECTOR, DETECTOR),
    ),
    "film's alone": (
        Spacing(nominal_scanned_pixel_spacing_mm=FILM),
        size(Basis.FILM_PLANE, Plane.DETECTOR, FILM),
    ),
    "none": (Spacing(), size(Basis.UNCALIBRATED, Plane.UNKNOWN, None)),
}


@pytest.mark.parametrize(("spacing", "expected"), CASES.values(), ids=CASES)
def test_radiographs(spacing: Spacing, expected: PixelSize) -> None:
    """The label of a spacing says in which plane it holds and by whose word."""
    assert basis_of(spacing, "DX") == expected


TABLE = Spacing(
    imager_pixel_spacing_mm=DETECTOR, source_to_detector_mm=1800, source_to_patient_mm=1746
)
AT_TABLE = DETECTOR[0] / (1800 / 1746)


@pytest.mark.parametrize(
    ("modality", "spacing", "plane", "mm"),
    [
        ("DX", TABLE, Plane.UNKNOWN, AT_TABLE),
        ("DX", replace(TABLE, magnification=1.03), Plane.UNKNOWN, DETECTOR[0] / 1.03),
        ("DX", replace(TABLE, magnification=1.15), Plane.PATIENT, DETECTOR[0] / 1.15),
        ("CR", TABLE, Plane.PATIENT, AT_TABLE),
        ("XA", TABLE, Plane.PATIENT, AT_TABLE),
    ],
)
def test_a_distance_that_ends_at_the_table(
    modality: str, spacing: Spacing, plane: Plane, mm: float
) -> None:
    """In DX a magnification that no hip has is that at the table: the hip's is at least as large."""
    found = basis_of(spacing, modality)
    assert (found.plane, ends_at_table(found)) == (plane, plane is Plane.UNKNOWN)
    assert found.mm_per_pixel == pytest.approx((mm, mm))
    assert found.depth_uncertainty == (0.0 if plane is Plane.UNKNOWN else 0.05)


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_slices(modality: str) -> None:
    """Pixel Spacing of CT and MR is in the patient, whatever else the header says."""
    spacing = Spacing(pixel_spacing_mm=PATIENT, imager_pixel_spacing_mm=(0.1, 0.1))
    expected = size(Basis.CROSS_SECTIONAL, Plane.PATIENT, PATIENT)
    assert basis_of(spacing, modality) == expected
    assert basis_of(Spacing(), modality) == size(Basis.UNCALIBRATED, Plane.UNKNOWN, None)


LARGER = "Pixel Spacing is larger than Imager Pixel Spacing; neither is used"
TOO_MUCH = "Pixel Spacing corrects for a magnification above 1.6; no spacing is used"
FACTOR = "Estimated Radiographic Magnification Factor is not between 1 and {}; it is not used"
OF_A_C_ARM = (
    "the header does not say how much a C-arm magnifies, which is up to 2.5 times; "
    "its spacing gives no millimetres"
)
DISTANCES = (
    "the distances from source to detector and to patient give no magnification between 1 and 1.6; "
    "they are not used"
)


@pytest.mark.parametrize(
    ("modality", "header", "basis", "problems"),
    [
        ("DX", {"pixel_spacing_mm": (0.16, 0.16)}, Basis.UNCALIBRATED, [LARGER]),
        ("DX", {"pixel_spacing_mm": (0.15, 0.16)}, Basis.UNCALIBRATED, [LARGER]),
        ("DX", {"pixel_spacing_mm": (0.1511, 0.1511)}, Basis.UNCALIBRATED, [LARGER]),
        ("DX", {"pixel_spacing_mm": (0.09, 0.09)}, Basis.UNCALIBRATED, [TOO_MUCH]),
        ("XA", {"pixel_spacing_mm": (0.09, 0.09)}, Basis.CALIBRATED_UNKNOWN, []),
        ("DX", {"magnification": 0.8}, Basis.DETECTOR_PLANE, [FACTOR.format("1.6")]),
        ("CR", {"magnification": 1.7}, Basis.DETECTOR_PLANE, [FACTOR.format("1.6")]),
        ("XA", {"magnification": 1.61}, Basis.ESTIMATED_ERMF, []),
        ("RF", {"magnification": 2.6}, Basis.UNCALIBRATED, [FACTOR.format("2.5"), OF_A_C_ARM]),
        ("XA", {}, Basis.UNCALIBRATED, [OF_A_C_ARM]),
        ("RF", {"pixel_spacing_mm": DETECTOR}, Basis.UNCALIBRATED, [OF_A_C_ARM]),
        ("CR", {}, Basis.DETECTOR_PLANE, []),
        (
            "DX",
            {"pixel_spacing_mm": (0.16, 0.16), "magnification": 0.8},
            Basis.UNCALIBRATED,
            [LARGER, FACTOR.format("1.6")],
        ),
        (
            "DX",
            {"source_to_detector_mm": 1000, "source_to_patient_mm": 1100},
            Basis.DETECTOR_PLANE,
            [DISTANCES],
        ),
        ("CT", {"pixel_spacing_mm": (0.16, 0.16)}, Basis.CROSS_SECTIONAL, []),
    ],
)
def test_impossible(
    modality: str, header: dict[str, Any], basis: Basis, problems: list[str]
) -> None:
    """What physics denies measures nothing and is told; what it does not touch still counts."""
    spacing = Spacing(imager_pixel_spacing_mm=DETECTOR, **header)
    assert basis_of(spacing, modality).basis is basis
    assert without_contradictions(spacing, modality)[1] == tuple(problems)
