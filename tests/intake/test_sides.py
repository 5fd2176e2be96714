"""The side of a record, held against what the images say and where its marks lie on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import Fault, ImagesRefused
from tests.command import marked
from tests.images import DELETE, SLICE_UID, axial, film, volume
from tests.intake.studies import matched

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset


@pytest.mark.parametrize(
    ("changes", "columns", "is_refused"),
    [
        ({}, (10, 18), False),
        ({}, (64, 66), False),
        ({}, (70, 90), True),
        ({}, (55, 90), False),
        ({"PatientOrientation": ["R", "F"]}, (10, 18), True),
        ({"PatientOrientation": ["R", "F"]}, (70, 90), False),
        ({"PatientOrientation": DELETE}, (70, 90), False),
        ({"ImageLaterality": "R"}, (70, 90), False),
    ],
)
def test_marks_at_the_other_hip_refuse_the_images(
    changes: dict[str, Any], columns: tuple[int, int], *, is_refused: bool, tmp_path: Path
) -> None:
    """On an AP pelvis whose rows have a direction, a right hip is not marked in the left half."""
    unsided = {"ImageLaterality": DELETE, "ViewPosition": DELETE, "PatientOrientation": ["L", "F"]}
    image = film(**{**unsided, **changes})
    first, last = columns
    record = {**marked(gap={"points": [[first, 10], [last, 10]]}), "view": "ap_pelvis"}
    if not is_refused:
        assert matched(tmp_path, [image], record).reading.hips[0].gap is not None
        return
    with pytest.raises(ImagesRefused, match="other half of the pelvis") as caught:
        matched(tmp_path, [image], record)
    assert caught.value.faults == (
        Fault(
            "$.hips[0].side",
            "is right, but all its marks lie in the other half of the pelvis",
            "correct the side; a film of one hip is the view ap_hip",
        ),
    )


RIGHT, LEFT = {"points": [[10, 10], [18, 10]]}, {"points": [[100, 10], [108, 10]]}
CROSSING = {"points": [[10, 10], [100, 10]]}


@pytest.mark.parametrize(
    ("hip", "faults"),
    [
        (
            {"gap": RIGHT, "islands": [{"length": RIGHT}, {"length": LEFT}]},
            ["islands[1].length: lies at the other hip, yet it is one of the right hip"],
        ),
        (
            {"gap": LEFT, "islands": [{"region": {"polygon": [[5, 5], [9, 5], [9, 9]]}}]},
            ["gap: lies at the other hip, yet it is one of the right hip"],
        ),
        (
            {"gap": CROSSING, "islands": [{"length": CROSSING}, {"length": RIGHT}]},
            [
                "gap: runs from one hip to the other, yet it is one of the right hip",
                "islands[0].length: runs from one hip to the other, yet it is one of the right hip",
            ],
        ),
        # The head of the other hip calibrates as well.
        (
            {"gap": RIGHT, "calibration": {"points": [[70, 40], [100, 40]], "true_mm": 28}},
            [],
        ),
    ],
)
def test_each_mark_of_a_hip_lies_at_that_hip(
    hip: dict[str, Any], faults: list[str], tmp_path: Path
) -> None:
    """One island of the other hip, among marks that lie where they should, is told by its place."""
    image = film(ImageLaterality=DELETE, ViewPosition=DELETE, PatientOrientation=["L", "F"])
    record = {**marked(**hip), "view": "ap_pelvis"}
    remedy = "mark it at that hip, or leave it out; a film of one hip is the view ap_hip"
    told = [f"$.hips[0].{each}; {remedy}" for each in faults]
    if not told:
        assert matched(tmp_path, [image], record).reading.hips[0].gap is not None
        return
    with pytest.raises(ImagesRefused) as caught:
        matched(tmp_path, [image], record)
    assert [str(fault) for fault in caught.value.faults] == told


@pytest.mark.parametrize(
    ("view", "of_left", "is_refused"),
    [
        ("ap_pelvis", {"gap": RIGHT}, True),
        ("ap_hip", {"gap": RIGHT}, True),
        ("ap_pelvis", {"gap": {"points": [[12, 14], [21, 14]]}}, True),
        ("ap_pelvis", {"gap": {"mm": 8}}, False),
        ("ap_pelvis", {"gap": LEFT}, False),
        ("ap_pelvis", {"gap": {"points": [[10, 50], [18, 50]]}}, False),  # it may lie on its side
    ],
)
def test_two_hips_are_not_marked_at_one_place(
    view: str, of_left: dict[str, Any], *, is_refused: bool, tmp_path: Path
) -> None:
    """A line that was copied from one hip to the other is refused, whatever the header leaves open."""
    image = film(ImageLaterality=DELETE, ViewPosition=DELETE, PatientOrientation=DELETE)
    record = marked(gap=RIGHT)
    (other,) = marked(side="left", islands=None, **of_left)["hips"]
    record |= {"view": view, "hips": [*record["hips"], other]}
    if not is_refused:
        assert len(matched(tmp_path, [image], record).reading.hips) == 2
        return
    with pytest.raises(ImagesRefused) as caught:
        matched(tmp_path, [image], record)
    assert caught.value.faults == (
        Fault(
            "$.hips[1]",
            "marks the same place of one image as the other hip",
            "mark each hip where it is, or name the image of each",
        ),
    )


@pytest.mark.parametrize(
    ("orientation", "view", "override", "is_refused"),
    [
        (["A", "F"], "ap_pelvis", None, True),
        (["PR", "F"], "ap_hip", None, True),
        (["H", "A"], "ap_pelvis", None, True),
        (["A", "F"], "ap_pelvis", {"orientation": ["L", "F"]}, False),
        (["A", "F"], "ap_pelvis", {"view": "ap_pelvis"}, False),
        (["LP", "F"], "ap_pelvis", None, False),
        (["A", "F"], "lateral", None, False),
        (["A", "F"], "oblique", None, False),
    ],
)
def test_an_image_that_is_seen_from_the_side_is_no_anteroposterior_view(
    orientation: list[str],
    view: str,
    override: dict[str, Any] | None,
    *,
    is_refused: bool,
    tmp_path: Path,
) -> None:
    """Rows that run from front to back show no hip from the front; a record may say that they do not."""
    image = film(ImageLaterality=DELETE, ViewPosition=DELETE, PatientOrientation=orientation)
    record = marked() | {"view": view}
    if override is not None:
        record |= {"overrides": [override | {"reason": "The plate is set so by default"}]}
        record["schema_version"] = "1.1"
    if not is_refused:
        assert matched(tmp_path, [image], record).reading.view == view
        return
    with pytest.raises(ImagesRefused) as caught:
        matched(tmp_path, [image], record)
    assert caught.value.faults == (
        Fault(
            "$.view",
            f'is "{view}", but by Patient Orientation the image is seen from the side',
            "correct the view, give the images that were graded, or say in overrides why not",
        ),
    )


@pytest.mark.parametrize(
    ("orientation", "rows", "is_refused"),
    [
        (["H", "L"], (10, 18), False),
        (["H", "L"], (60, 78), True),
        (["F", "R"], (10, 18), True),
        (["F", "R"], (60, 78), False),
        (["H", "L"], (41, 43), False),
    ],
)
def test_a_film_that_lies_on_its_side_has_its_halves_above_one_another(
    orientation: list[str], rows: tuple[int, int], *, is_refused: bool, tmp_path: Path
) -> None:
    """Where the columns run from one side to the other, the row of a mark tells whose it is."""
    image = film(ImageLaterality=DELETE, ViewPosition=DELETE, PatientOrientation=orientation)
    first, last = rows
    record = {**marked(gap={"points": [[10, first], [10, last]]}), "view": "ap_pelvis"}
    if not is_refused:
        assert matched(tmp_path, [image], record).reading.hips[0].gap is not None
        return
    with pytest.raises(ImagesRefused, match="other half of the pelvis"):
        matched(tmp_path, [image], record)


SUPINE, PRONE = ["1", "0", "0", "0", "1", "0"], ["-1", "0", "0", "0", "-1", "0"]


@pytest.mark.parametrize("kind", ["CT", "MR"])
@pytest.mark.parametrize(
    ("directions", "first_mm", "side", "is_refused"),
    [
        (SUPINE, -120, "right", False),
        (SUPINE, -120, "left", True),
        (SUPINE, 100, "right", True),
        (SUPINE, 100, "left", False),
        # A patient who was moved aside, so that the hip is near the middle of the scanner.
        (SUPINE, 5, "right", False),
        (SUPINE, -25, "left", False),
        # Lying face down the columns run to the right, and the header says so.
        (PRONE, 120, "left", False),
        (PRONE, 120, "right", True),
    ],
)
def test_marks_at_the_other_hip_of_a_slice_refuse_it(
    kind: str,
    directions: list[str],
    first_mm: int,
    side: str,
    *,
    is_refused: bool,
    tmp_path: Path,
) -> None:
    """The first axis of the patient runs to the left, however the patient lies."""
    image = axial(
        1,
        kind,
        ImageOrientationPatient=directions,
        ImagePositionPatient=[str(first_mm), "-40", "2"],
    )
    gap = {"points": [[2, 10], [12, 10]]}
    record = marked(side=side, image=SLICE_UID + "1", gap=gap)
    if not is_refused:
        assert matched(tmp_path, [image], record).reading.hips[0].gap is not None
        return
    with pytest.raises(ImagesRefused) as caught:
        matched(tmp_path, [image], record)
    assert caught.value.faults == (
        Fault(
            "$.hips[0].side",
            f"is {side}, but all its marks lie in the other half of the patient",
            "correct the side",
        ),
    )


def test_a_frame_of_a_volume_is_held_against_its_own_place(tmp_path: Path) -> None:
    """Each frame is placed by itself; a mark across the midline is of either side."""
    image: Dataset = volume()
    hip = marked(
        side="left", image=str(image.SOPInstanceUID), frame=2, gap={"points": [[4, 4], [8, 4]]}
    )
    with pytest.raises(ImagesRefused, match="other half of the patient"):
        matched(tmp_path, [image], hip)
    across = marked(
        side="left", image=str(image.SOPInstanceUID), frame=2, gap={"points": [[4, 4], [120, 4]]}
    )
    assert matched(tmp_path, [image], across).reading.hips[0].gap is not None
