"""Objects of known size on the images of a record: held against one another, and against any hip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hosr.errors import Fault, RecordRefused
from hosr.intake.images import Note
from tests.command import marked
from tests.images import DELETE, FILM_UID, film
from tests.intake.studies import matched

if TYPE_CHECKING:
    from pathlib import Path


def _two_hips(left_mm: float) -> dict[str, Any]:
    """Each hip with a head of 30 pixels, that of the right one 26 mm wide."""
    record = marked(calibration={"points": [[10, 40], [40, 40]], "true_mm": 26})
    head = {"points": [[80, 40], [110, 40]], "true_mm": left_mm}
    gap = {"points": [[100, 10], [108, 10]]}
    (left,) = marked(side="left", gap=gap, calibration=head)["hips"]
    return record | {"view": "ap_pelvis", "hips": [*record["hips"], left]}


@pytest.mark.parametrize(
    ("left_mm", "is_refused"), [(26, False), (24, False), (23.4, True), (28.8, True)]
)
def test_two_heads_on_one_film_give_a_pixel_one_size(
    left_mm: float, *, is_refused: bool, tmp_path: Path
) -> None:
    """Two hips are magnified alike: where their heads say otherwise, one true size is wrong."""
    image = film(ImageLaterality=DELETE, PatientOrientation=DELETE)
    if not is_refused:
        assert len(matched(tmp_path, [image], _two_hips(left_mm)).reading.hips) == 2
        return
    with pytest.raises(RecordRefused) as caught:
        matched(tmp_path, [image], _two_hips(left_mm))
    size = f"{left_mm / 30:.3g}"
    assert caught.value.faults == (
        Fault(
            "$.hips[1].calibration",
            f"gives a pixel {size} mm, and that of the other hip 0.867 mm on the same image",
            "check the points and the true size of both",
        ),
    )


@pytest.mark.parametrize(
    ("true_mm", "factor"), [(28, None), (24, None), (29, "1.03"), (22, "1.36"), (20, "1.50")]
)
def test_a_head_that_is_magnified_as_few_hips_are_is_noted(
    true_mm: float, factor: str | None, tmp_path: Path
) -> None:
    """The head of the next size typed by mistake: lengths follow it, so whoever reads is asked."""
    head = {"points": [[30, 30], [60, 30]], "image": FILM_UID, "true_mm": true_mm}
    found = matched(tmp_path, [film()], marked(calibration=head))
    problem = f"magnifies {factor} times, which few hips are; compare the true size"
    expected = [] if factor is None else [Note(path="$.hips[0].calibration", problem=problem)]
    assert [note for note in found.notes if "calibration" in note.path] == expected
