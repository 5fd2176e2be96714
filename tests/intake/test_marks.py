"""Where a mark lies: on which image, on which frame, and inside of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import Fault, ImagesRefused, RecordRefused
from hosr.findings import Calibration, Island, Line, Place, Polygon
from hosr.intake.record import parse_record
from tests.command import marked
from tests.images import COLUMNS, DELETE, FILM_UID, ROWS, SLICE_UID, axial, film, volume
from tests.intake.studies import matched, matched_hip

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

VOLUME_UID = SLICE_UID + "1"
LINE: list[list[float]] = [[10, 10], [18, 10]]
FILM, THIRD = Place(sop_instance_uid=FILM_UID), Place(sop_instance_uid=SLICE_UID + "3")


def _slices() -> list[Dataset]:
    return [axial(number) for number in range(1, 6)]


def _line(place: Place, end_place: Place | None = None) -> Line:
    return Line(start=(10, 10), end=(18, 10), place=place, end_place=end_place)


@pytest.mark.parametrize(
    ("images", "hip", "line"),
    [
        ([film()], {"gap": {"points": LINE}}, _line(FILM)),
        ([film()], {"gap": {"points": LINE, "frame": 1}}, _line(FILM)),
        (_slices(), {"gap": {"points": LINE, "image": SLICE_UID + "3"}}, _line(THIRD)),
        (_slices(), {"gap": {"points": LINE}, "image": SLICE_UID + "3"}, _line(THIRD)),
        (
            _slices(),
            {"gap": {"points": LINE, "image": SLICE_UID + "3"}, "image": SLICE_UID + "1"},
            _line(THIRD),
        ),
        (
            _slices(),
            {"gap": {"points": LINE, "image": [SLICE_UID + "3", SLICE_UID + "4"]}},
            _line(THIRD, Place(sop_instance_uid=SLICE_UID + "4")),
        ),
        (
            [volume(3)],
            {"gap": {"points": LINE, "frame": 2}},
            _line(Place(sop_instance_uid=VOLUME_UID, frame=2)),
        ),
        (
            [volume(3)],
            {"gap": {"points": LINE}, "frame": 2},
            _line(Place(sop_instance_uid=VOLUME_UID, frame=2)),
        ),
        (
            [volume(3)],
            {"gap": {"points": LINE, "frame": 3}, "frame": 2},
            _line(Place(sop_instance_uid=VOLUME_UID, frame=3)),
        ),
        (
            [volume(3)],
            {"gap": {"points": LINE, "frame": [1, 3]}},
            _line(
                Place(sop_instance_uid=VOLUME_UID, frame=1),
                Place(sop_instance_uid=VOLUME_UID, frame=3),
            ),
        ),
    ],
)
def test_a_mark_is_on_its_own_image_or_that_of_the_hip_or_the_only_one(
    images: list[Dataset], hip: dict[str, Any], line: Line, tmp_path: Path
) -> None:
    """What a mark leaves out is that of the hip, or of the only image; frame 1 of one is none."""
    found = matched_hip(tmp_path, images, **hip)
    assert found.gap is not None
    assert found.gap.line == line


def test_everything_that_is_marked_is_placed(tmp_path: Path) -> None:
    """Islands, outlines and the calibration get their image, as gaps do."""
    outline: list[list[float]] = [[1, 1], [9, 1], [9, 9]]
    marks = {"points": LINE}
    hip = matched_hip(
        tmp_path,
        [film()],
        islands=[{"length": marks, "region": {"polygon": outline}}, {}],
        calibration={**marks, "true_mm": 7.0},
    )
    assert hip.islands is not None
    (marked_island, bare) = hip.islands
    assert marked_island.region == Polygon(corners=((1, 1), (9, 1), (9, 9)), place=FILM)
    assert marked_island.length is not None
    assert marked_island.length.line == _line(FILM)
    assert bare == Island()
    assert hip.calibration == Calibration(line=_line(FILM), true_mm=7.0)
    assert hip.place == FILM


def test_nothing_is_lost_on_the_way_to_an_image(tmp_path: Path) -> None:
    """What has no place on an image stays as the record says it."""
    said: dict[str, Any] = {
        "presence": "present",
        "spurs": {"pelvis": True, "femur": False},
        "gap": {"mm": 8.2, "category": "<10mm"},
        "bridging": "none",
        "site": ["anterior"],
        "hardware_nearby": True,
        "mass": {"sizes_mm": [34, 28], "contrast": "enhances"},
        "stage": "maturation",
        "features": ["XR_MAT_CORTEX"],
        "comment": "Compared with the other side.",
        "islands": [
            {"length": {"points": LINE}, "site": ["lateral"]},
            {"length": {"mm": 9}, "site": ["medial", "posterior"]},
            {"site": ["above_trochanter"]},
        ],
    }
    record = {**marked(**said), "schema_version": "1.1"}
    before = parse_record(record).hips[0]
    (after,) = matched(tmp_path, [film()], record).reading.hips
    placed = {"gap", "islands", "place"}
    kept = [field.name for field in fields(before) if field.name not in placed]
    assert {name: getattr(after, name) for name in kept} == {
        name: getattr(before, name) for name in kept
    }
    islands = [replace(island, length=None) for island in after.islands or ()]
    assert islands == [replace(island, length=None) for island in before.islands or ()]


@pytest.mark.parametrize(
    ("images", "hip", "fault"),
    [
        (
            _slices(),
            {"gap": {"points": LINE}},
            Fault(
                "$.hips[0].gap.image",
                "no image is named, and 5 are given",
                "name it by its SOP Instance UID",
            ),
        ),
        (
            [volume(3)],
            {"gap": {"points": LINE}},
            Fault(
                "$.hips[0].gap.frame",
                "the image has 3 frames, and none is named",
                "name one from 1 to 3",
            ),
        ),
        (
            [volume(3)],
            {"gap": {"points": LINE, "frame": 4}},
            Fault("$.hips[0].gap.frame", "the image has no frame 4", "name one from 1 to 3"),
        ),
        (
            [film()],
            {"gap": {"points": LINE, "frame": 2}},
            Fault("$.hips[0].gap.frame", "the image has no frame 2", "leave it out"),
        ),
        (
            [film()],
            {"islands": [{}, {"region": {"polygon": [[0, 0], [121, 0], [120, 81]]}}]},
            Fault(
                "$.hips[0].islands[1].region.polygon",
                "the point [121, 0] lies outside the image (and 1 more)",
                "points are [column, row] within 0..120, 0..80",
            ),
        ),
        (
            [film()],
            {"calibration": {"points": [[0, 0], [120.5, 0]], "true_mm": 100}},
            Fault(
                "$.hips[0].calibration.points",
                "the point [120.5, 0] lies outside the image",
                "points are [column, row] within 0..120, 0..80",
            ),
        ),
    ],
)
def test_a_mark_that_cannot_be_placed_is_a_fault_of_the_record(
    images: list[Dataset], hip: dict[str, Any], fault: Fault, tmp_path: Path
) -> None:
    """A mark without an image, without its frame or outside of the image is named with its path."""
    with pytest.raises(RecordRefused, match=r"^\$\.hips\[0\]\.") as caught:
        matched_hip(tmp_path, images, **hip)
    assert caught.value.faults == (fault,)


def test_an_image_that_is_not_there_is_a_fault_of_the_images(tmp_path: Path) -> None:
    """Each place that names an unknown image is a fault, but not what only follows it."""
    with pytest.raises(ImagesRefused, match="not among the images given") as caught:
        matched_hip(
            tmp_path,
            [film()],
            image="2.25.7",
            gap={"points": LINE},
            gap_lateral={"points": LINE, "image": "2.25.8"},
        )
    assert [(fault.path, fault.problem) for fault in caught.value.faults] == [
        ("$.hips[0].image", "image 2.25.7 is not among the images given"),
        ("$.hips[0].gap_lateral.image", "image 2.25.8 is not among the images given"),
    ]


def test_the_edges_belong_to_the_image(tmp_path: Path) -> None:
    """The corners of the image are its own: 0, 0 and columns, rows."""
    corners = {"points": [[0, 0], [COLUMNS, ROWS]]}
    image = film(PatientOrientation=DELETE)
    hip = matched_hip(tmp_path, [image], gap=None, islands=[{"length": corners}])
    assert hip.islands is not None
    assert hip.islands[0].length is not None
    assert hip.islands[0].length.mm == pytest.approx((COLUMNS**2 + ROWS**2) ** 0.5)
