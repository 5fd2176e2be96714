"""Islands from what was drawn of them: a line is a length, an outline a region, a box neither."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.annotations.figures.lines import (
    diameter_of,
    length_along,
    length_between,
    place_of,
    points_of,
)
from hosr.annotations.figures.shapes import holds, middle
from hosr.annotations.roles import Role
from hosr.annotations.sources import Form
from hosr.findings import Island, Polygon

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hosr.annotations.account import Account
    from hosr.annotations.figures.roled import RoledFigure
    from hosr.intake.images import SourceImages


def find_islands(
    figures: Sequence[RoledFigure], images: SourceImages | None, account: Account
) -> tuple[Island, ...] | None:
    """The islands of a hip, in the order in which they were drawn; None where none was.

    A line whose middle lies in an outline of the same image is the length of that island. Two such
    lines leave open which of them is: a fault.
    """
    drawn = [each for each in figures if each.role is Role.ISLAND]
    if not drawn:
        return None
    inside = {id(each): _lines_in(each, drawn) for each in drawn if _is_area(each)}
    taken = {id(line) for lines in inside.values() for line in lines}
    islands = [
        _island(each, inside.get(id(each), []), images, account)
        for each in drawn
        if id(each) not in taken
    ]
    return tuple(islands)


def _is_area(each: RoledFigure) -> bool:
    return each.figure.form in (Form.POLYGON, Form.BOX)


def _lines_in(area: RoledFigure, drawn: Sequence[RoledFigure]) -> list[RoledFigure]:
    return list(_each_line_in(area, drawn))


def _each_line_in(area: RoledFigure, drawn: Sequence[RoledFigure]) -> Iterator[RoledFigure]:
    for each in drawn:
        if each.figure.form is Form.LINE and place_of(each) == place_of(area):
            points = points_of(each)
            if holds(points_of(area), middle((points[0], points[-1]))):
                yield each


def _island(
    each: RoledFigure,
    lines: Sequence[RoledFigure],
    images: SourceImages | None,
    account: Account,
) -> Island:
    label = each.figure.label
    if len(lines) > 1:
        places = " and ".join(line.place for line in lines)
        problem = f"are {len(lines)} lengths of the one island that {label} outlines"
        account.blame(places, problem, "keep the longest diameter")
    if each.figure.form is Form.LINE:
        account.take(each.place, f"{label}: an island, and its length")
        return Island(length=length_between(each, each))
    if each.figure.form is Form.POINT:
        account.take(each.place, f"{label}: an island that nobody measured")
        return Island()
    region = Polygon(corners=points_of(each), place=place_of(each))
    if lines:
        account.take(lines[0].place, f"{lines[0].figure.label}: the length of the island {label}")
        return Island(length=length_between(lines[0], lines[0]), region=region)
    if each.figure.form is Form.BOX:
        words = f"{label}: an island within a box, which is no outline: its length is not stated"
        account.take(each.place, words)
        return Island(region=region)
    account.take(each.place, f"{label}: an island, its outline and longest diameter")
    return Island(length=length_along(diameter_of(each, images)), region=region)
