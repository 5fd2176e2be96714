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
        ({}, (50, 90), False),
        ({"PatientOrientation": ["R", "F"]}, (10, 18), True),
        ({"PatientOrientation": ["R", "F"]}, (70, 90), False),
        ({"PatientOrientation": DELETE}, (70, 90), False),
        ({"PatientOrientation": ["A", "F"]}, (70, 90), False),
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


@pytest.mark.parametrize(
    ("orientation", "rows", "is_refused"),
    [
        (["H", "L"], (10, 18), False),
        (["H", "L"], (60, 78), True),
        (["F", "R"], (10, 18), True),
        (["F", "R"], (60, 78), False),
        (["H", "L"], (41, 43), False),
        (["H", "A"], (60, 78), False),
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
