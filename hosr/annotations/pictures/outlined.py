"""Outlines of spurs that somebody drew on a radiograph, and no gap: measured as masks are.

Most drawings hold lines, which say what they measure. Where the spurs of a hip were outlined and nobody drew
the space between them, that follows from the outlines by the rules of masks, with those of the bones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hosr.annotations.pictures.shapes import STRUCTURES
from hosr.annotations.pictures.sheets import Sheet
from hosr.annotations.roles import Meaning, Role
from hosr.annotations.sources import Form, Mask
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from hosr.annotations.figures import RoledFigure
    from hosr.findings import Place
    from hosr.intake.images import SourceImages

_SPURS = frozenset({Role.PELVIC_SPUR, Role.FEMORAL_SPUR})
_GAPS = frozenset({Role.GAP, Role.GAP_START, Role.GAP_END})
# An island that was outlined has its length from the outline itself.
_FILLED = STRUCTURES - {Role.ISLAND}


def fill_outlines(
    figures: Sequence[RoledFigure], images: SourceImages | None
) -> tuple[list[tuple[Mask, Meaning]], list[RoledFigure]]:
    """The outlines of radiographs with spurs and without a gap as masks; and the other figures."""
    from hosr.annotations.pictures.areas import fill

    sheets = dict(_sheets(figures, images))
    masks, others = [], []
    for each in figures:
        figure = each.figure
        sheet = None if figure.image is None else sheets.get(figure.image)
        if sheet is None or not _is_area(each, sheet):
            others.append(each)
            continue
        ring = [(column, row) for column, row, *_ in figure.points]
        masks.append((fill([ring], sheet, figure.label, figure.place), each.meaning))
    return masks, others


def _sheets(
    figures: Sequence[RoledFigure], images: SourceImages | None
) -> Iterator[tuple[Place, Sheet]]:
    """The radiographs on which a spur was outlined and no gap was drawn."""
    measured = {each.figure.image for each in figures if each.role in _GAPS}
    for each in figures:
        place = each.figure.image
        if each.role not in _SPURS or each.figure.form is not Form.POLYGON or place in measured:
            continue
        image = None if images is None or place is None else images.find(place.sop_instance_uid)
        if place is None or image is None or image.family is not ImagingModality.RADIOGRAPH:
            continue
        columns, rows = image.reference.columns, image.reference.rows
        yield place, Sheet(place=place, columns=columns, rows=rows, size=None)


def _is_area(each: RoledFigure, sheet: Sheet) -> bool:
    """Whether it is the outline of a structure, and one that lies on the image."""
    points = each.figure.points
    return (
        each.role in _FILLED
        and each.figure.form is Form.POLYGON
        and len(set(points)) > 2
        and all(0 <= p[0] <= sheet.columns and 0 <= p[1] <= sheet.rows for p in points)
    )
