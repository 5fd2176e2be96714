"""Spurs that were outlined on a film without a gap between them: measured as masks, in drawings of any kind."""

from __future__ import annotations

import pytest

from hosr.annotations.pictures.shapes import fill_outlines
from hosr.annotations.roles import Meaning, Role, RoledFigure
from hosr.annotations.sources import Figure, Form, Label
from hosr.findings import Place
from hosr.intake.images import SourceImages, read_images
from hosr.vocabulary.terms import Side
from tests.annotations.pictures.given import film_images
from tests.images import FILM_UID, SLICE_UID, axial, dicom_bytes

RING = ((20.0, 20.0), (40.0, 20.0), (40.0, 30.0), (20.0, 30.0))
LINE = ((20.0, 20.0), (40.0, 20.0))


def _figure(
    role: Role,
    points: tuple[tuple[float, ...], ...] = RING,
    form: Form = Form.POLYGON,
    image: str = FILM_UID,
) -> RoledFigure:
    place = Place(sop_instance_uid=image)
    figure = Figure(
        label=Label(name=role.value), place="sr.dcm", form=form, points=points, image=place
    )
    return RoledFigure(meaning=Meaning(role=role, side=Side.RIGHT), figure=figure)


SPUR, FEMUR = _figure(Role.PELVIC_SPUR), _figure(Role.FEMUR)
ISLAND, GAP = _figure(Role.ISLAND), _figure(Role.GAP, LINE, Form.LINE)


@pytest.mark.parametrize(
    ("figures", "filled"),
    [
        ([SPUR, FEMUR, ISLAND], [Role.PELVIC_SPUR, Role.FEMUR]),
        ([SPUR, FEMUR, GAP], []),
        ([FEMUR, ISLAND], []),
        ([_figure(Role.PELVIC_SPUR, form=Form.BOX), FEMUR], []),
        ([SPUR, _figure(Role.FEMUR, ((0, 0), (500, 0), (0, 9)))], [Role.PELVIC_SPUR]),
        ([_figure(Role.PELVIC_SPUR, image="1.9")], []),
    ],
)
def test_outlines_become_masks_where_a_spur_is_outlined_and_no_gap_drawn(
    figures: list[RoledFigure], filled: list[Role]
) -> None:
    """Boxes, islands and what lies outside stay figures, and every figure is one or the other."""
    masks, others = fill_outlines(figures, film_images())

    assert [meaning.role for _, meaning in masks] == filled
    assert len(masks) + len(others) == len(figures)


def test_outlines_on_slices_stay_figures() -> None:
    """One slice is no volume, and no projection either."""
    slices: SourceImages = read_images(dicom_bytes(axial()))

    masks, _ = fill_outlines([_figure(Role.PELVIC_SPUR, image=f"{SLICE_UID}1")], slices)

    assert masks == []
