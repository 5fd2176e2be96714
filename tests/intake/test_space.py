"""A line in space among the images given: which slice shows it, as what, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import HosrError, ImagesRefused, RecordRefused
from hosr.findings import Basis, Line, Place, Plane
from tests.command import marked
from tests.images import SLICE_UID, axial, film, volume
from tests.intake.studies import matched

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

FRAME = "1.2.826.0.1.1.9"


def _slices(count: int = 6, **changes: Any) -> list[Dataset]:
    """Slices 2 mm apart, the first 2 mm to the head; pixels of 1 mm, the first at [-50, -40]."""
    return [axial(number, **changes) for number in range(1, count + 1)]


def _gap(start: list[float], end: list[float], **more: Any) -> dict[str, Any]:
    return {"points_mm": [start, end], "frame_of_reference_uid": FRAME, **more}


def _marked(hip: dict[str, Any]) -> dict[str, Any]:
    return {**marked(**hip), "schema_version": "1.1"}


def _line(number: int, start: tuple[float, float], end: tuple[float, float], **more: Any) -> Line:
    place = Place(sop_instance_uid=f"{SLICE_UID}{number}")
    return Line(start=start, end=end, place=place, **more)


PROJECTED = {"is_projected": True}


@pytest.mark.parametrize(
    ("gap", "line"),
    [
        (_gap([-40, -30, 6], [-32, -30, 6]), _line(3, (10.5, 10.5), (18.5, 10.5))),
        (_gap([-40, -30, 6.09], [-32, -30, 5.91]), _line(3, (10.5, 10.5), (18.5, 10.5))),
        (_gap([-40, -30, 6], [-32, -30, 6.2]), _line(3, (10.5, 10.5), (18.5, 10.5), **PROJECTED)),
        (_gap([-40, -30, 4], [-32, -30, 10]), _line(3, (10.5, 10.5), (18.5, 10.5), **PROJECTED)),
        (_gap([-40, -30, 10], [-32, -30, 4.2]), _line(4, (10.5, 10.5), (18.5, 10.5), **PROJECTED)),
        (_gap([-40, -30, 4], [-40, -30, 10]), _line(3, (10.5, 10.5), (10.5, 10.5), **PROJECTED)),
        (
            _gap([-40, -30, 4], [-39.1875, -30, 10]),
            _line(3, (10.90625, 10.5), (10.90625, 10.5), **PROJECTED),
        ),
        (_gap([-40, -30, 1.2], [-32, -30, 1.2]), _line(1, (10.5, 10.5), (18.5, 10.5), **PROJECTED)),
        (_gap([-51.4, -30, 6], [-42, -30, 6]), _line(3, (0.0, 10.5), (8.5, 10.5))),
        (
            _gap([-40, -30, 4], [-32, -30, 10], image=f"{SLICE_UID}5"),
            _line(5, (10.5, 10.5), (18.5, 10.5), **PROJECTED),
        ),
        (
            _gap([-40, -30, 6], [-32, -30, 6.4], image=f"{SLICE_UID}3"),
            _line(3, (10.5, 10.5), (18.5, 10.5), **PROJECTED),
        ),
    ],
    ids=[
        "on a slice",
        "as near to it",
        "a little askew",
        "across slices",
        "nearest to its middle",
        "straight through",
        "less than a pixel wide",
        "between the first slice and its edge",
        "half a slice beside the image",
        "on the slice named",
        "on that named where it ends",
    ],
)
def test_a_slice_shows_a_line_in_space(gap: dict[str, Any], line: Line, tmp_path: Path) -> None:
    """As it is where both ends lie on it, else as its projection; it then is the key image."""
    (hip,) = matched(tmp_path, _slices(), _marked({"gap": gap})).reading.hips
    found = hip.gap
    assert found is not None
    assert found.segment is not None
    assert found.line is not None
    assert found.line.start == pytest.approx(line.start, abs=1e-5)
    assert found.line.end == pytest.approx(line.end, abs=1e-5)
    assert (found.line.place, found.line.is_projected) == (line.place, line.is_projected)
    assert (found.mm, found.plane, found.basis) == (
        found.segment.mm,
        Plane.PATIENT,
        Basis.CROSS_SECTIONAL,
    )
    assert (found.segment.place, hip.place) == (None, line.place)


def test_frames_of_a_volume_and_other_series_are_slices_too(tmp_path: Path) -> None:
    """Of several series in one frame of reference that of the key image shows it, else the largest."""
    one = _gap([-40, -30, 2], [-38, -30, 6])
    volume_uid = f"{SLICE_UID}1"
    frames = [volume(3, SOPInstanceUID="1.2.826.0.1.1.3.1", SeriesInstanceUID="1.2.826.0.1.1.3")]
    cases: tuple[tuple[dict[str, Any], Place], ...] = (
        ({}, Place(sop_instance_uid=f"{SLICE_UID}2")),
        (
            {"image": "1.2.826.0.1.1.3.1", "frame": 3},
            Place(sop_instance_uid="1.2.826.0.1.1.3.1", frame=2),
        ),
        ({"image": volume_uid}, Place(sop_instance_uid=f"{SLICE_UID}2")),
    )
    for hip, place in cases:
        images = [*_slices(), *frames]
        (found,) = matched(tmp_path, images, _marked({"gap": one, **hip})).reading.hips
        assert found.gap is not None
        assert found.gap.line is not None
        assert found.gap.line.place == place


def test_islands_are_measured_in_space_as_well(tmp_path: Path) -> None:
    """Also on MR; beside marks on images."""
    island = {"length": _gap([-40, -30, 4], [-32, -30, 10])}
    gap = {"points": [[10, 10], [18, 10]], "image": f"{SLICE_UID}3"}
    record = _marked({"gap": gap, "islands": [island]})
    (hip,) = matched(tmp_path, _slices(kind="MR"), record).reading.hips
    (measured,) = hip.islands or ()
    assert measured.length is not None
    assert (measured.length.mm, measured.length.basis) == (10.0, Basis.CROSS_SECTIONAL)


GIVE_ALL = "give all that it was measured on; x, y, z lead to the left, back and head"
NEAREST = "name the slice nearest to its middle, or none"
_NAME = "name the slice to show them on, or none"
_OTHERS = "give the images that it was measured on, or correct the UID"
_PLACELESS = (
    "are points in space, but the slices do not say where in one frame of reference they lie; "
    'mark "points" on an image, or give the millimetres'
)
OUTSIDE: dict[str, Any] = _gap([-40, -30, 4], [-32, -30, 16])


@pytest.mark.parametrize(
    ("images", "gap", "error", "fault"),
    [
        (
            _slices(FrameOfReferenceUID="1.2.3"),
            _gap([-40, -30, 4], [-32, -30, 10]),
            ImagesRefused,
            f"frame_of_reference_uid: is {FRAME}, but that of the images is 1.2.3; {_OTHERS}",
        ),
        (
            _slices(FrameOfReferenceUID=""),
            _gap([-40, -30, 4], [-32, -30, 10]),
            RecordRefused,
            f"points_mm: {_PLACELESS}",
        ),
        (
            _slices(),
            OUTSIDE,
            RecordRefused,
            f"points_mm: the point [-32, -30, 16] lies 3.0 mm outside the slices; {GIVE_ALL}",
        ),
        (
            _slices(),
            _gap([-40, -30, 4], [-32, 77.5, 4]),
            RecordRefused,
            f"points_mm: the point [-32, 77.5, 4] lies 37.0 mm outside the slices; {GIVE_ALL}",
        ),
        (
            _slices(),
            _gap([-40, -30, 2], [-32, -30, 2], image=f"{SLICE_UID}4"),
            RecordRefused,
            f"image: is a slice that the line does not reach; {NEAREST}",
        ),
        (
            [*_slices(), axial(9, FrameOfReferenceUID="1.2.3", SeriesInstanceUID="1.2.3.4")],
            _gap([-40, -30, 2], [-32, -30, 2], image=f"{SLICE_UID}9"),
            RecordRefused,
            f"image: is no slice of the frame of reference of the points; {_NAME}",
        ),
        (
            _slices(ImagePositionPatient=""),
            _gap([-40, -30, 4], [-32, -30, 10]),
            RecordRefused,
            f"points_mm: {_PLACELESS}",
        ),
        (
            [film()],
            _gap([-40, -30, 4], [-32, -30, 10]),
            RecordRefused,
            'points_mm: are points in space, but no image is one of CT or MR; mark "points" on an image',
        ),
        (
            _slices(),
            _gap([-40, -30, 2], [-32, -30, 2], image="1.2.3"),
            ImagesRefused,
            "image: image 1.2.3 is not among the images given; give that image, or correct the UID",
        ),
    ],
)
def test_what_no_slice_shows_is_refused(
    images: list[Dataset], gap: dict[str, Any], error: type[HosrError], fault: str, tmp_path: Path
) -> None:
    """Another frame of reference, points beyond the slices, a slice that the line does not reach."""
    with pytest.raises(error) as refusal:
        matched(tmp_path, images, _marked({"gap": gap}))
    assert f"$.hips[0].gap.{fault}" in map(str, refusal.value.faults)


def test_a_line_at_the_other_hip_is_refused(tmp_path: Path) -> None:
    """Points that were written with x to the right, as NIfTI has them, lie in the other half."""
    slices = _slices(ImagePositionPatient=["40", "-40", "2"])[:1]
    with pytest.raises(ImagesRefused, match="all its marks lie in the other half"):
        matched(tmp_path, slices, _marked({"gap": _gap([45, -30, 2], [53, -30, 2])}))


def test_points_in_space_name_their_images(tmp_path: Path) -> None:
    """A record that has no other name for them is of these images and no others: their frame is compared."""
    record = _marked({"gap": _gap([-40, -30, 4], [-32, -30, 10])})
    del record["study"]
    assert not any(
        "names neither" in note.problem for note in matched(tmp_path, _slices(), record).notes
    )


def test_distances_that_are_not_the_gap_are_compared_and_shown_nowhere(tmp_path: Path) -> None:
    """One in space names no slice of the report; outside of the slices it is refused like any other."""
    length = _gap([-40, -30, 2], [-32, -30, 12])
    candidate = {"between": ["pelvic_spur", "femur"], "length": length, "why": "longer"}
    gap = _gap([-40, -30, 4], [-32, -30, 4])
    found = matched(tmp_path, _slices(), _marked({"gap": gap, "candidates": [candidate]}))
    (hip,) = found.reading.hips
    (other,) = hip.candidates
    assert (other.length.line, other.length.segment is None) == (None, False)
    assert [image.instance.sop_instance_uid for image in found.subject.images] == [f"{SLICE_UID}2"]
    candidate["length"] = OUTSIDE
    with pytest.raises(RecordRefused) as refusal:
        matched(tmp_path, _slices(), _marked({"gap": gap, "candidates": [candidate]}))
    assert [fault.path for fault in refusal.value.faults] == [
        "$.hips[0].candidates[0].length.points_mm"
    ]


def test_outlines_lie_on_their_images(tmp_path: Path) -> None:
    """On the hip's own image where they name none, and within it."""
    outline = {"structure": "femur", "polygon": [[10, 10], [20, 10], [20, 20]]}
    gap = {"points": [[10, 10], [18, 10]], "image": f"{SLICE_UID}3"}
    hip = {"gap": gap, "image": f"{SLICE_UID}4", "outlines": [outline]}
    (placed,) = matched(tmp_path, _slices(), _marked(hip)).reading.hips
    assert [each.polygon.place.sop_instance_uid for each in placed.outlines] == [f"{SLICE_UID}4"]
    outline["polygon"] = [[10, 10], [200, 10], [20, 20]]
    with pytest.raises(
        RecordRefused, match=r"outlines\[0\].polygon: the point \[200, 10\] lies outside"
    ):
        matched(tmp_path, _slices(), _marked(hip))
