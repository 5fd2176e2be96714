"""Distances between marked points."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.errors import RecordRefused
from hosr.findings import Basis, Calibration, Length, Line, Place, Plane, Point
from hosr.measure.length import measure
from hosr.measure.spacing import FrameGeometry, ImageGeometry, Spacing

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
UID = "1.2.3"
OTHER = "1.2.4"


def radiograph(**spacing: object) -> ImageGeometry:
    """A radiograph of 1000 by 1000 pixels."""
    return ImageGeometry(modality="DX", rows=1000, columns=1000, spacing=Spacing(**spacing))  # type: ignore[arg-type]


def slice_at(*heights_mm: float, frame_of_reference: str = "1.2.9") -> ImageGeometry:
    """CT slices of 0.5 mm (between rows) by 0.25 mm pixels at these heights."""
    frames = tuple(
        FrameGeometry(
            position_mm=(-50.0, -40.0, height), orientation=AXIAL, pixel_spacing_mm=(0.5, 0.25)
        )
        for height in heights_mm
    )
    return ImageGeometry(
        modality="CT",
        rows=512,
        columns=512,
        spacing=Spacing(pixel_spacing_mm=(0.5, 0.25)),
        frames=frames,
        frame_of_reference_uid=frame_of_reference,
    )


def line(end: Point, start: Point = (0.0, 0.0), uid: str = UID, frame: int | None = None) -> Line:
    """A line on one image."""
    return Line(start=start, end=end, place=Place(sop_instance_uid=uid, frame=frame))


def test_rows_come_first() -> None:
    """Spacing is between rows first: it scales the second coordinate of a point."""
    marked = line((30.0, 40.0))
    image = radiograph(pixel_spacing_mm=(0.1, 0.2))
    assert measure(marked, image, None, None, "$") == Length(
        mm=math.hypot(30 * 0.2, 40 * 0.1), plane=Plane.UNKNOWN, basis=Basis.UNKNOWN, line=marked
    )


def test_no_spacing() -> None:
    """Without spacing a line has no millimetres, and says so."""
    marked = line((30.0, 40.0))
    expected = Length(mm=None, plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=marked)
    assert measure(marked, radiograph(), None, None, "$") == expected


@pytest.mark.parametrize("reading_error_mm", [1.0, 1.5])
def test_estimated_magnification(reading_error_mm: float) -> None:
    """An estimated magnification adds five per cent of the length to the reading error."""
    image = radiograph(imager_pixel_spacing_mm=(0.12, 0.12), magnification=1.2)
    marked = line((200.0, 0.0))
    length = measure(marked, image, None, None, "$", reading_error_mm=reading_error_mm)
    assert length.mm == pytest.approx(20.0)
    assert (length.plane, length.basis) == (Plane.PATIENT, Basis.ESTIMATED_ERMF)
    assert length.uncertainty_mm == pytest.approx(math.hypot(reading_error_mm, 1.0))


def head(end: Point, true_mm: float = 32.0, uid: str = UID) -> Calibration:
    """An implant head marked from the corner of the image."""
    return Calibration(line=line(end, uid=uid), true_mm=true_mm)


def test_implant_head() -> None:
    """An implant head of known size sets the scale at the depth of the hip."""
    image = radiograph(imager_pixel_spacing_mm=(0.15, 0.15))
    length = measure(line((0.0, 100.0)), image, None, head((256.0, 0.0)), "$")
    assert length.mm == 12.5
    assert (length.plane, length.basis) == (Plane.PATIENT, Basis.KNOWN_OBJECT)
    assert length.uncertainty_mm == pytest.approx(math.hypot(1.0, 12.5 * math.sqrt(2) / 256))


@pytest.mark.parametrize(
    "oblong",
    [
        {"pixel_spacing_mm": (0.2, 0.1)},
        {"nominal_scanned_pixel_spacing_mm": (0.2, 0.1)},
        {"pixel_aspect_ratio": (2.0, 1.0)},
        {"pixel_spacing_mm": (0.2, 0.1), "pixel_aspect_ratio": (1.0, 1.0)},
    ],
)
def test_implant_head_with_oblong_pixels(oblong: dict[str, Any]) -> None:
    """The head is round: a pixel twice as high as wide counts double in its direction."""
    image = radiograph(**oblong)
    across = measure(line((100.0, 0.0)), image, None, head((320.0, 0.0)), "$")
    down = measure(line((0.0, 50.0)), image, None, head((0.0, 160.0)), "$")
    assert across.mm == down.mm == 10.0


def test_implant_head_stands_above_the_header() -> None:
    """A spacing that was calibrated otherwise is replaced, not corrected again."""
    marked = line((100.0, 0.0))
    sizes = {
        measure(marked, radiograph(**spacing), None, head((320.0, 0.0)), "$").mm
        for spacing in (
            {},
            {"pixel_spacing_mm": (0.125, 0.125)},
            {"pixel_spacing_mm": (0.11, 0.11), "imager_pixel_spacing_mm": (0.12, 0.12)},
            {"imager_pixel_spacing_mm": (0.12, 0.12), "magnification": 1.3},
        )
    }
    assert sizes == {10.0}


def test_implant_head_of_another_image() -> None:
    """A calibration counts on its own image only."""
    image = radiograph(pixel_spacing_mm=(0.1, 0.1), imager_pixel_spacing_mm=(0.1, 0.1))
    marked = line((100.0, 0.0))
    calibrated = measure(marked, image, None, head((320.0, 0.0), uid=OTHER), "$")
    assert calibrated == measure(marked, image, None, None, "$")


@pytest.mark.parametrize(
    ("calibration", "problem"),
    [
        (head((0.0, 0.0)), "has no size"),
        (head((200.0, 0.0), true_mm=0.0), "has no size"),
        (head((200.0, 0.0), true_mm=math.nan), "has no size"),
        (head((160.0, 0.0)), "magnified by a factor outside 1.0 to 1.6"),
        (head((400.0, 0.0)), "magnified by a factor outside 1.0 to 1.6"),
    ],
)
def test_impossible_implant_head(calibration: Calibration, problem: str) -> None:
    """A head that would be seen reduced, or magnified beyond belief, is refused."""
    image = radiograph(imager_pixel_spacing_mm=(0.15, 0.15))
    with pytest.raises(RecordRefused, match=rf"\$\.gap: .*{problem}.*\[E15\]"):
        measure(line((9.0, 9.0)), image, None, calibration, "$.gap")


@pytest.mark.parametrize(
    ("spacing", "pixels", "true_mm", "problem"),
    [
        ({}, 200.0, 3.2, "is given as 3.2 mm: were centimetres meant?"),
        ({"imager_pixel_spacing_mm": (0.15, 0.15)}, 20.0, 2.8, "is given as 2.8 mm"),
        ({}, 200.0, 10.0, None),
        ({"nominal_scanned_pixel_spacing_mm": (0.15, 0.15)}, 400.0, 32.0, "outside 0.0 to 1.6"),
        ({"nominal_scanned_pixel_spacing_mm": (0.15, 0.15)}, 160.0, 32.0, None),
        ({"pixel_spacing_mm": (0.15, 0.15)}, 400.0, 32.0, "outside 0.8 to 1.6"),
        ({"pixel_spacing_mm": (0.15, 0.15)}, 160.0, 32.0, "outside 0.8 to 1.6"),
        ({"pixel_spacing_mm": (0.15, 0.15)}, 200.0, 32.0, None),
    ],
)
def test_a_head_fits_what_the_header_knows_of_pixels(
    spacing: dict[str, Any], pixels: float, true_mm: float, problem: str | None
) -> None:
    """A size in centimetres is refused whatever the header says; any spacing bounds the magnification."""
    image, calibration = radiograph(**spacing), head((pixels, 0.0), true_mm=true_mm)
    marked = line((100.0, 0.0))
    if problem is None:
        length = measure(marked, image, None, calibration, "$.gap")
        assert length.mm == pytest.approx(100.0 * true_mm / pixels)
        return
    with pytest.raises(RecordRefused) as caught:
        measure(marked, image, None, calibration, "$.gap")
    (fault,) = caught.value.faults
    assert problem in fault.problem
    assert (fault.path, fault.remedy) == ("$.gap", "check the two points and the true size")


def test_implant_head_on_slices() -> None:
    """CT and MR are in the patient's millimetres; a calibration there is a mistake."""
    with pytest.raises(RecordRefused, match=r"marked on CT or MR.*\[E15\]"):
        measure(line((9.0, 9.0)), slice_at(0.0), None, head((64.0, 0.0)), "$")


def test_impossible_header() -> None:
    """A header that contradicts physics measures nothing, and refuses nothing."""
    image = radiograph(pixel_spacing_mm=(0.2, 0.2), imager_pixel_spacing_mm=(0.1, 0.1))
    found = measure(line((9.0, 9.0)), image, None, None, "$")
    assert (found.mm, found.basis) == (None, Basis.UNCALIBRATED)


def test_within_a_slice() -> None:
    """On one slice the spacing measures, in the patient, and the reading error stands alone."""
    marked = line((40.0, 0.0), start=(0.0, 0.0), frame=2)
    assert measure(marked, slice_at(0.0, 5.0), None, None, "$") == Length(
        mm=10.0, plane=Plane.PATIENT, basis=Basis.CROSS_SECTIONAL, line=marked
    )


def test_slice_without_position() -> None:
    """A slice that does not say where it lies still has its spacing."""
    image = replace(slice_at(), spacing=Spacing(pixel_spacing_mm=(0.5, 0.25)))
    assert measure(line((0.0, 8.0)), image, None, None, "$").mm == 4.0


def across(start: Point, end: Point, frames: tuple[int | None, int | None] = (None, None)) -> Line:
    """A line from one image or frame to another."""
    uids = (UID, OTHER) if frames == (None, None) else (UID, UID)
    return Line(
        start=start,
        end=end,
        place=Place(sop_instance_uid=uids[0], frame=frames[0]),
        end_place=Place(sop_instance_uid=uids[1], frame=frames[1]),
    )


def test_across_slices() -> None:
    """Across slices the positions measure: 3, 4 and 12 mm make 13."""
    marked = across((10.0, 10.0), (22.0, 18.0))
    assert measure(marked, slice_at(0.0), slice_at(12.0), None, "$") == Length(
        mm=13.0, plane=Plane.PATIENT, basis=Basis.CROSS_SECTIONAL, line=marked
    )


def test_across_frames() -> None:
    """The frames of a multi-frame image are slices too."""
    marked = across((10.0, 10.0), (22.0, 18.0), frames=(1, 3))
    assert measure(marked, slice_at(0.0, 6.0, 12.0), None, None, "$").mm == 13.0


def test_across_slices_that_are_not_placed() -> None:
    """Slices that do not say where they lie give no millimetres between them."""
    marked = across((10.0, 10.0), (22.0, 18.0))
    expected = Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=marked)
    assert measure(marked, slice_at(0.0), slice_at(), None, "$") == expected
    unnamed = slice_at(0.0, frame_of_reference="")
    assert measure(marked, unnamed, unnamed, None, "$") == expected


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (radiograph(), radiograph(), "not slices of one volume"),
        (slice_at(0.0), slice_at(5.0, frame_of_reference="1.8"), "different frames of reference"),
    ],
)
def test_across_unrelated_images(start: ImageGeometry, end: ImageGeometry, problem: str) -> None:
    """Between images that share no space there is no distance."""
    with pytest.raises(RecordRefused, match=problem):
        measure(across((1.0, 1.0), (2.0, 2.0)), start, end, None, "$")


def test_frame_that_is_not_there() -> None:
    """A frame number beyond the last frame is a fault of the record."""
    with pytest.raises(RecordRefused, match="the image has no frame 3; name one from 1 to 2"):
        measure(line((9.0, 9.0), frame=3), slice_at(0.0, 1.0), None, None, "$")


coordinates = st.integers(min_value=0, max_value=512).map(float)
points = st.tuples(coordinates, coordinates)


@given(points, points)
def test_either_way(start: Point, end: Point) -> None:
    """A length is the same from either end, on one slice and across two."""
    there = measure(line(end, start=start), slice_at(0.0), None, None, "$")
    back = measure(line(start, start=end), slice_at(0.0), None, None, "$")
    assert there.mm == back.mm
    over = measure(across(start, end), slice_at(0.0), slice_at(7.0), None, "$")
    assert over.mm == pytest.approx(math.hypot(there.mm or 0.0, 7.0))


@given(points, points, st.floats(min_value=1.0, max_value=1.6))
def test_magnification_cancels(start: Point, end: Point, magnification: float) -> None:
    """With a head of known size the magnification of the image does not matter."""
    image = radiograph(imager_pixel_spacing_mm=(0.1 * magnification, 0.1 * magnification))
    length = measure(line(end, start=start), image, None, head((320.0, 0.0)), "$")
    assert length.mm == pytest.approx(0.1 * math.dist(start, end))
