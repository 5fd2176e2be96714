"""Lengths in space in a record: two points of the patient, and what may stand beside them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hosr.errors import RecordRefused
from hosr.findings import Basis, Length, Place, Plane, Segment
from hosr.intake.record import Record, parse_record, record_json
from hosr.pipeline import grade_record
from tests.intake.records import SPACE, minimal

_UID = SPACE["frame_of_reference_uid"]
_ENDS = SPACE["points_mm"]


def _record(view: str | None = "ct", **hip: Any) -> dict[str, Any]:
    return {**minimal(**hip), "schema_version": "1.1", **({"view": view} if view else {})}


def _read(record: dict[str, Any]) -> Record:
    return parse_record(json.dumps(record))


def test_millimetres_follow_from_points_in_space() -> None:
    """They hold in the patient, as measured on slices; points are kept as graphic data keep them."""
    gap = _read(_record(gap={**SPACE, "mm": 12.4, "image": "1.2", "frame": 3})).hips[0].gap
    assert gap is not None
    assert gap.mm == pytest.approx(12.4, abs=1e-6)
    assert (gap.plane, gap.basis, gap.line) == (Plane.PATIENT, Basis.CROSS_SECTIONAL, None)
    assert gap.segment == Segment(
        start_mm=(-81.5, 12.25, -40.0),
        end_mm=(-81.5, 19.690000534057617, -30.079999923706055),
        frame_of_reference_uid=_UID,
        place=Place(sop_instance_uid="1.2", frame=3),
    )


def test_they_are_graded_without_images() -> None:
    """As on CT where the record does not say the view: a radiograph has no such points."""
    for view in ("ct", None):
        spurs = {"pelvis": True, "femur": True}
        record = _read(_record(view, presence="present", spurs=spurs, gap=SPACE, bridging="none"))
        (graded,) = grade_record(record)
        brooker = graded.grade("brooker")
        assert brooker is not None
        assert brooker.possible == ("II",)


def test_they_are_written_as_points() -> None:
    """A record that is written again has the points and their frame, and no millimetres beside them."""
    gap = {**SPACE, "uncertainty_mm": 1.3}
    written = record_json(_read(_record(gap={**gap, "mm": 12.4})))
    assert written["schema_version"] == "1.1"
    assert written["hips"][0]["gap"] == gap


_FAULTS: tuple[tuple[dict[str, Any], str, str, str], ...] = (
    ({**SPACE, "mm": 8.2}, ".mm", "is 8.2, but its points lie 12.40 mm apart",
     'correct one of them, or keep "points_mm"'),
    ({**SPACE, "points": [[1, 2], [3, 4]]}, "", "is given twice, by points on an image and in space",
     'keep "points" or "points_mm"'),
    ({"points_mm": _ENDS}, ".frame_of_reference_uid", "is missing",
     "add the Frame of Reference UID of the images that the points are of"),
    ({"mm": 8.2, "frame_of_reference_uid": _UID}, ".frame_of_reference_uid",
     "is given without points in space", 'give "points_mm", or leave it out'),
    ({**SPACE, "plane": "detector"}, ".plane", 'is "detector", but points in space are in the patient',
     "leave the plane out"),
    ({**SPACE, "image": ["1.2", "1.3"]}, ".points_mm", "are shown on one image, but two are named",
     "name the one slice to show them on, or none"),
    ({**SPACE, "points_mm": [_ENDS[0], _ENDS[0]]}, ".points_mm", "marks the same point twice",
     "mark both ends"),
    ({**SPACE, "points_mm": [[0, 0, 0], [0, 0, 201]]}, ".points_mm", "are 201.0 mm apart, more than 200",
     "correct the points, in millimetres"),
    ({**SPACE, "points_mm": [[1, 2], [3, 4]]}, ".points_mm[0]", "has 2 of at least 3 entries",
     "add what is missing"),
    ({**SPACE, "points_mm": [[0, 0, 1e5], [0, 0, 1e5 + 8]]}, ".points_mm[0][2]", "is 100000, more than 10000",
     "correct the number"),
    ({**SPACE, "frame_of_reference_uid": "scanner"}, ".frame_of_reference_uid", "is not a DICOM UID",
     "copy it from the image header: numbers joined by dots, at most 64 characters"),
)  # fmt: skip


@pytest.mark.parametrize(("gap", "place", "problem", "remedy"), _FAULTS)
def test_what_does_not_go_together_is_named(
    gap: dict[str, Any], place: str, problem: str, remedy: str
) -> None:
    """Each with its place and what to write instead."""
    with pytest.raises(RecordRefused) as refusal:
        _read(_record(gap=gap))
    first = refusal.value.faults[0]
    assert (first.path, first.problem, first.remedy) == (f"$.hips[0].gap{place}", problem, remedy)


def test_a_radiograph_has_no_points_in_space() -> None:
    """Whatever has them was measured on slices."""
    with pytest.raises(RecordRefused) as refusal:
        _read(_record("ap_pelvis", islands=[{"length": SPACE}]))
    (fault,) = refusal.value.faults
    assert str(fault) == (
        '$.hips[0].islands[0].length.points_mm: are points in space, but the view "ap_pelvis" is a '
        'radiograph; mark "points" on the image; space is for CT and MR'
    )


def test_version_1_0_does_not_know_them() -> None:
    """A program that reads 1.0 must not meet them."""
    with pytest.raises(RecordRefused) as refusal:
        _read({**_record(islands=[{}, {"length": SPACE}]), "schema_version": "1.0"})
    assert [fault.path for fault in refusal.value.faults] == [
        "$.hips[0].islands[1].length.points_mm",
        "$.hips[0].islands[1].length.frame_of_reference_uid",
    ]


def test_a_length_is_that_of_its_segment() -> None:
    """A value that says otherwise cannot be made; one that says nothing has the length of its segment."""
    segment = Segment(
        start_mm=(0.0, 0.0, 0.0), end_mm=(3.0, 4.0, 0.0), frame_of_reference_uid="1.2"
    )
    assert Length(segment=segment) == Length(
        mm=5.0, plane=Plane.PATIENT, basis=Basis.CROSS_SECTIONAL, segment=segment
    )
    with pytest.raises(ValueError, match="that of its segment"):
        Length(mm=6.0, segment=segment)
