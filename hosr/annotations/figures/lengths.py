"""The lengths of a record that figures stand for: a gap, an object of known size, an island."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.annotations.figures.polygons import holds, longest_diameter, middle, roundness
from hosr.annotations.roles import Role
from hosr.annotations.sources import Form
from hosr.findings import Basis, Calibration, Island, Length, Line, Place, Plane, Polygon, Segment
from hosr.measure.spacing import aspect_of
from hosr.phrases import several
from hosr.vocabulary.terms import View

if TYPE_CHECKING:
    from hosr.annotations.account import Account
    from hosr.annotations.roles import RoledFigure
    from hosr.findings import Point
    from hosr.intake.images import SourceImages
    from hosr.vocabulary.terms import Side

# An outline that a person or a model draws round a ball is as wide as it is long within this.
_ROUND = 0.93

_ONE_REMEDY = "keep one of them, or give the other the role ignore"


def length_along(line: Line) -> Length:
    """A length that is yet to be measured, by the image that its line is on."""
    return Length(plane=Plane.UNKNOWN, basis=Basis.UNCALIBRATED, line=line)


def length_between(start: RoledFigure, end: RoledFigure) -> Length:
    """From the first point of a figure to the last of another, on images or in the patient."""
    if start.figure.image is not None and end.figure.image is not None:
        return length_along(line_between(start, end))
    first, last = start.figure, end.figure
    (x0, y0, z0), (x1, y1, z1) = first.points[0], last.points[-1]
    uid = first.frame_of_reference_uid
    segment = Segment(start_mm=(x0, y0, z0), end_mm=(x1, y1, z1), frame_of_reference_uid=uid)
    return Length(segment=segment)


def line_between(start: RoledFigure, end: RoledFigure) -> Line:
    """From a point of one figure to a point of another; they may lie on two slices."""
    first, last = place_of(start), place_of(end)
    return Line(
        start=points_of(start)[0],
        end=points_of(end)[-1],
        place=first,
        end_place=None if last == first else last,
    )


def place_of(each: RoledFigure) -> Place:
    """The image that a figure is on."""
    return each.figure.image or Place(sop_instance_uid="")


def points_of(each: RoledFigure) -> tuple[Point, ...]:
    """The points of a figure on its image."""
    return tuple((column, row) for column, row, *_ in each.figure.points)


def diameter_of(each: RoledFigure, images: SourceImages | None) -> Line:
    """The longest diameter of an outline, by the shape of the pixels of its image."""
    start, end = longest_diameter(points_of(each), _aspect(place_of(each), images))
    return Line(start=start, end=end, place=place_of(each))


def find_gaps(
    figures: Sequence[RoledFigure], side: Side, images: SourceImages | None, account: Account
) -> tuple[Length | None, Length | None]:
    """The gap of a hip, and that on the lateral view where there is one beside it.

    Two gaps on one view, or a start without its end, are faults.
    """
    lines = [*_drawn_gaps(figures), *_marked_gap(figures, side, account)]
    lateral = [given for given in lines if _is_lateral(given[1], images)]
    frontal = [given for given in lines if given not in lateral]
    if not frontal:  # what was measured on a lateral view alone is the gap that there is
        frontal, lateral = lateral, []
    for found in (frontal, lateral):
        if len(found) > 1:
            named = several(place for place, _ in found)
            problem = f"are {len(found)} gaps of the {side} hip, which has one"
            account.blame(named, problem, _ONE_REMEDY)
    gap, gap_lateral = (on[0][1] if on else None for on in (frontal, lateral))
    return gap, gap_lateral


def _drawn_gaps(figures: Sequence[RoledFigure]) -> list[tuple[str, Length]]:
    return [(each.place, length_between(each, each)) for each in figures if each.role is Role.GAP]


def _marked_gap(
    figures: Sequence[RoledFigure], side: Side, account: Account
) -> list[tuple[str, Length]]:
    """The gap from its start to its end, where each is a point of its own."""
    starts = [each for each in figures if each.role is Role.GAP_START]
    ends = [each for each in figures if each.role is Role.GAP_END]
    _only(starts, f"of the start of the gap at the {side} hip", account)
    _only(ends, f"of the end of the gap at the {side} hip", account)
    if starts and ends:
        named = f"{starts[0].place} and {ends[0].place}"
        if (starts[0].figure.image is None) is not (ends[0].figure.image is None):
            problem = f"mark the gap of the {side} hip on an image and in the patient"
            account.blame(named, problem, "mark both ends in one program")
            return []
        return [(named, length_between(starts[0], ends[0]))]
    for given, words in ((starts, ("start", "end")), (ends, ("end", "start"))):
        if given:
            problem = (
                f"marks the {words[0]} of the gap at the {side} hip, and nothing its {words[1]}"
            )
            account.blame(given[0].place, problem, f"mark the {words[1]} as well")
    return []


def find_calibration(
    figures: Sequence[RoledFigure], side: Side, images: SourceImages | None, account: Account
) -> Calibration | None:
    """The object of known size by which the lines of a hip are measured, where one was drawn."""
    drawn = [each for each in figures if each.role is Role.CALIBRATION]
    _only(drawn, f"of a calibration object for the {side} hip", account)
    if not drawn:
        return None
    each = drawn[0]
    line = _across_object(each, images, account)
    if each.meaning.true_mm is None:
        problem = f"{each.figure.label} is a calibration object of no known size"
        account.blame(each.place, problem, "give its true size in mm: true_mm = 32")
    if line is None or each.meaning.true_mm is None:
        return None
    return Calibration(line=line, true_mm=each.meaning.true_mm)


def _across_object(each: RoledFigure, images: SourceImages | None, account: Account) -> Line | None:
    if each.figure.form is Form.LINE:
        return line_between(each, each)
    aspect = _aspect(place_of(each), images)
    if roundness(points_of(each), aspect) < _ROUND:
        problem = f"{each.figure.label} is a calibration object, and its outline is not round"
        account.blame(each.place, problem, "draw a line across it, of the length true_mm")
        return None
    account.take(each.place, f"{each.figure.label}: the diameter of the outline calibrates")
    return diameter_of(each, images)


def _only(given: Sequence[RoledFigure], what: str, account: Account) -> None:
    if len(given) > 1:
        places = several(each.place for each in given)
        account.blame(places, f"are {len(given)} marks {what}", _ONE_REMEDY)


def _is_lateral(length: Length, images: SourceImages | None) -> bool:
    line = length.line
    image = None
    if line is not None and images is not None:
        image = images.find(line.place.sop_instance_uid)
    return image is not None and image.header_view is View.LATERAL


def _aspect(place: Place, images: SourceImages | None) -> float:
    """The height of a pixel over its width; square where no image is given."""
    image = None if images is None else images.find(place.sop_instance_uid)
    return 1.0 if image is None else aspect_of(image.geometry.spacing)


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
    middles = defaultdict(list)
    for each in drawn:
        if each.figure.form is Form.LINE:
            points = points_of(each)
            middles[place_of(each)].append((middle((points[0], points[-1])), each))
    inside = {
        id(each): _lines_in(each, middles[place_of(each)]) for each in drawn if _is_area(each)
    }
    taken = {id(line) for lines in inside.values() for line in lines}
    islands = [
        _island(each, inside.get(id(each), []), images, account)
        for each in drawn
        if id(each) not in taken
    ]
    return tuple(islands)


def _is_area(each: RoledFigure) -> bool:
    return each.figure.form in (Form.POLYGON, Form.BOX)


def _lines_in(area: RoledFigure, middles: Sequence[tuple[Point, RoledFigure]]) -> list[RoledFigure]:
    """The lines whose middle lies in an area; all are of its image."""
    corners = points_of(area)
    rows = [row for _, row in corners]
    top, bottom = min(rows), max(rows)
    return [
        each
        for at, each in middles
        if top <= at[1] <= bottom and holds(corners, at)  # most are told by their row
    ]


def _island(
    each: RoledFigure,
    lines: Sequence[RoledFigure],
    images: SourceImages | None,
    account: Account,
) -> Island:
    label = each.figure.label
    if len(lines) > 1:
        places = several(line.place for line in lines)
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
