"""Which part of an image stands for a hip whose findings were not drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hosr.findings import Length, Polygon
from hosr.sr.labels import RegionKind, hip_region
from hosr.vocabulary.terms import Side, View
from tests.narrative.cases import a_report, spurred

FIRST, SECOND, WHOLE = (0.0, 1250.0), (1250.0, 2500.0), (0.0, 2500.0)


def _columns(side: Side, view: View, **header: object) -> tuple[float, float]:
    report = a_report(spurred(Length(mm=6.2), side), view=view)
    (image,) = report.subject.images
    image = replace(image, **header)  # type: ignore[arg-type]
    report = replace(report, subject=replace(report.subject, images=(image,)))
    drawn = hip_region(report.hips[0].hip, report)
    assert drawn.kind is RegionKind.FRAME
    assert isinstance(drawn.shape, Polygon)
    columns = [column for column, _ in drawn.shape.corners]
    return min(columns), max(columns)


@pytest.mark.parametrize(
    ("orientation", "right", "left"),
    [
        (("L", "F"), FIRST, SECOND),
        (("LP", "F"), FIRST, SECOND),
        (("L", "H"), FIRST, SECOND),
        (("R", "F"), SECOND, FIRST),
        (("RA", "FA"), SECOND, FIRST),
        (("A", "F"), WHOLE, WHOLE),
        (("PL", "F"), WHOLE, WHOLE),
        (("F", "L"), WHOLE, WHOLE),
        (("", "F"), WHOLE, WHOLE),
        (None, WHOLE, WHOLE),
    ],
)
def test_the_half_is_that_of_the_header(
    orientation: tuple[str, str] | None, right: tuple[float, float], left: tuple[float, float]
) -> None:
    """The direction of the rows alone tells the halves apart; where it does not, none is taken."""
    columns = [
        _columns(side, View.AP_PELVIS, patient_orientation=orientation)
        for side in (Side.RIGHT, Side.LEFT)
    ]

    assert columns == [right, left]


@pytest.mark.parametrize(
    ("view", "laterality", "expected"),
    [
        (View.AP_PELVIS, "", FIRST),
        (View.AP_PELVIS, "B", FIRST),
        (View.AP_PELVIS, "R", WHOLE),
        (View.AP_HIP, "R", WHOLE),
        (View.LATERAL, "", WHOLE),
    ],
)
def test_an_image_of_one_hip_has_no_halves(
    view: View, laterality: str, expected: tuple[float, float]
) -> None:
    """Only an image of both hips is halved; the half of a film of one hip would be beside it."""
    columns = _columns(Side.RIGHT, view, patient_orientation=("L", "F"), laterality=laterality)

    assert columns == expected
