"""What a mark measures on its image, and what its source said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import Fault, HosrError, RecordRefused
from hosr.findings import Basis, Length, Line, Place, Plane
from hosr.vocabulary.terms import GapClass
from tests.command import marked
from tests.images import DELETE, FILM_UID, SLICE_UID, axial, film, volume
from tests.intake.studies import matched, matched_hip

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

LINE: list[list[float]] = [[10, 10], [18, 10]]
ALGORITHM = {"type": "algorithm", "name": "grader", "version": "1"}


def _on(uid: str, frame: int | None = None) -> Line:
    return Line(start=(10, 10), end=(18, 10), place=Place(sop_instance_uid=uid, frame=frame))


@pytest.mark.parametrize(
    ("image", "gap", "length"),
    [
        (
            film(),
            {},
            Length(mm=8, plane=Plane.DETECTOR, basis=Basis.DETECTOR_PLANE, line=_on(FILM_UID)),
        ),
        (
            film(PixelSpacing=["1", "1"], ImagerPixelSpacing=DELETE),
            {},
            Length(mm=8, plane=Plane.UNKNOWN, basis=Basis.UNKNOWN, line=_on(FILM_UID)),
        ),
        (
            film(PixelSpacing=["1", "1"], ImagerPixelSpacing=DELETE),
            {"plane": "patient", "uncertainty_mm": 0.5},
            Length(
                mm=8,
                plane=Plane.PATIENT,
                basis=Basis.UNKNOWN,
                uncertainty_mm=0.5,
                line=_on(FILM_UID),
            ),
        ),
        (
            film(ImagerPixelSpacing=DELETE),
            {"category": "<10mm"},
            Length(
                plane=Plane.UNKNOWN,
                basis=Basis.UNCALIBRATED,
                gap_class=GapClass.BELOW_10_MM,
                line=_on(FILM_UID),
            ),
        ),
        (
            axial(),
            {},
            Length(
                mm=8, basis=Basis.CROSS_SECTIONAL, plane=Plane.PATIENT, line=_on(SLICE_UID + "1")
            ),
        ),
        (
            volume(),
            {"frame": 2},
            Length(
                mm=2, basis=Basis.CROSS_SECTIONAL, plane=Plane.PATIENT, line=_on(SLICE_UID + "1", 2)
            ),
        ),
    ],
)
def test_a_mark_is_measured_as_its_header_allows(
    image: Dataset, gap: dict[str, Any], length: Length, tmp_path: Path
) -> None:
    """Millimetres, plane and basis come from the header; class and uncertainty from the source."""
    assert matched_hip(tmp_path, [image], gap={"points": LINE, **gap}).gap == length


_HEAD = {"points": [[40, 40], [80, 40]], "true_mm": 32}


@pytest.mark.parametrize(
    ("image", "given", "length"),
    [
        (film(), {}, Length(mm=8, basis=Basis.STATED_UNCALIBRATED)),
        (film(ImagerPixelSpacing=DELETE), {}, Length(mm=8, basis=Basis.STATED_UNCALIBRATED)),
        # A header that contradicts itself refuses what is measured by it, and not what was stated.
        (film(PixelSpacing=["9", "9"]), {}, Length(mm=8, basis=Basis.STATED_UNCALIBRATED)),
        (film(PixelSpacing=["0.8", "0.8"]), {}, Length(mm=8)),
        (film(), {"calibration": _HEAD}, Length(mm=8)),
        (axial(), {}, Length(mm=8)),
        (film(), {"gap": {"mm": 0}}, Length(mm=0)),
        (film(), {"gap": {"mm": 8, "plane": "patient"}}, Length(mm=8, plane=Plane.PATIENT)),
        (film(), {"gap": {"mm": 8, "plane": "detector"}}, Length(mm=8, plane=Plane.DETECTOR)),
    ],
)
def test_the_image_tells_what_a_stated_length_may_be(
    image: Dataset, given: dict[str, Any], length: Length, tmp_path: Path
) -> None:
    """A length without a plane is suspect where a ruler on its image measures no true size."""
    assert matched_hip(tmp_path, [image], **{"gap": {"mm": 8}, **given}).gap == length


def test_points_on_two_slices_are_measured_in_space(tmp_path: Path) -> None:
    """The way from one slice to another counts: 8 mm across and 6 mm along make 10 mm."""
    slices = [axial(number) for number in range(1, 5)]
    gap = {"points": LINE, "image": [SLICE_UID + "1", SLICE_UID + "4"]}
    found = matched_hip(tmp_path, slices, gap=gap).gap
    assert found is not None
    assert found.mm == pytest.approx(10)


def test_a_known_object_calibrates_every_mark_of_its_hip(tmp_path: Path) -> None:
    """An implant head of 32 mm, 40 pixels wide, takes 8 pixels to 6.4 mm in the patient."""
    hip = matched_hip(
        tmp_path, [film()], calibration={"points": [[40, 40], [80, 40]], "true_mm": 32}
    )
    assert hip.gap is not None
    assert hip.gap.mm == pytest.approx(6.4)
    assert (hip.gap.plane, hip.gap.basis) == (Plane.PATIENT, Basis.KNOWN_OBJECT)


def test_a_known_object_among_oblong_pixels(tmp_path: Path) -> None:
    """Without a spacing, Pixel Aspect Ratio tells how a length down counts to one across."""
    oblong = film(ImagerPixelSpacing=DELETE, PixelAspectRatio=["2", "1"])
    hip = matched_hip(
        tmp_path,
        [oblong],
        gap={"points": [[10, 10], [10, 18]]},
        calibration={"points": [[40, 40], [80, 40]], "true_mm": 32},
    )
    assert hip.gap is not None
    assert hip.gap.mm == pytest.approx(12.8)


@pytest.mark.parametrize(
    ("observer", "reading_error_mm"),
    [({"type": "person", "name": "Rossi^Maria"}, 1.0), (ALGORITHM, 1.5)],
)
def test_an_algorithm_is_less_sure_than_a_person(
    observer: dict[str, str], reading_error_mm: float, tmp_path: Path
) -> None:
    """The uncertainty of a corrected length holds the reading error of who marked it."""
    estimated = film(EstimatedRadiographicMagnificationFactor="1.25")
    record = {**marked(), "observer": observer}
    (hip,) = matched(tmp_path, [estimated], record).reading.hips
    assert hip.gap is not None
    assert hip.gap.uncertainty_mm == pytest.approx((reading_error_mm**2 + (0.05 * 6.4) ** 2) ** 0.5)


def test_a_plane_that_the_calibration_excludes_is_refused_as_its(tmp_path: Path) -> None:
    """It is the object that puts the length into the patient, and not the header."""
    gap = {"points": [[10, 10], [18, 10]], "plane": "detector"}
    with pytest.raises(RecordRefused, match="but the calibration object says patient"):
        matched(tmp_path, [film()], marked(gap=gap, calibration=_HEAD))


@pytest.mark.parametrize(
    ("images", "gap", "kind", "fault"),
    [
        (
            [film()],
            {"plane": "patient"},
            RecordRefused,
            Fault(
                "$.hips[0].gap.plane",
                "the plane is given as patient, but the image header says detector",
                "leave the plane out",
            ),
        ),
        (
            [film(), film(SOPInstanceUID="2.25.2")],
            {"image": [FILM_UID, "2.25.2"]},
            RecordRefused,
            Fault(
                "$.hips[0].gap",
                "the two points lie on different images, which are not slices of one volume",
                "mark both points on one image",
            ),
        ),
        (
            [axial(1, FrameOfReferenceUID=DELETE), axial(2, FrameOfReferenceUID=DELETE)],
            {"image": [SLICE_UID + "1", SLICE_UID + "2"]},
            RecordRefused,
            Fault(
                "$.hips[0].gap",
                "the slices do not say where they lie, so nothing is measured across them",
                "mark both points on one image",
            ),
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(
    images: list[Dataset], gap: dict[str, Any], kind: type[HosrError], fault: Fault, tmp_path: Path
) -> None:
    """A mark that contradicts its header, or whose header contradicts itself, gives no number."""
    with pytest.raises(kind, match=r"^\$\.hips\[0\]\.gap") as caught:
        matched_hip(tmp_path, images, gap={"points": LINE, **gap})
    assert caught.value.faults == (fault,)
