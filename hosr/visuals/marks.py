"""What was marked on the images of a report, as marks to be drawn, and the pictures they are on.

All of it frozen values: what is drawn, and the image that it is drawn on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from hosr.findings import Hip, Island, Length, Outline, Place, Plane, Point
from hosr.identity import ADDED
from hosr.pixels.display_pipeline import LookupTable, Window
from hosr.pixels.frames import Crop
from hosr.report import Report
from hosr.vocabulary.terms import Side


class MarkKind(StrEnum):
    """What a mark shows."""

    GAP = "gap"
    GAP_LATERAL = "gap on the lateral view"
    ISLAND = "island"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing drawn: two points are a line, more are the corners of a closed outline.

    Points are (column, row) as in DICOM graphic data; `mm` is the length in millimetres where it
    has one, in this `plane`, and `end_place` the image of the second point where that is another
    one. On a key image such a line shows as the one point that lies there. One that `is_projected` is
    what is seen of a line across slices: shorter than that, or the one point that it runs through.
    """

    kind: MarkKind
    side: Side
    place: Place
    points: tuple[Point, ...]
    mm: float | None = None
    plane: Plane = Plane.PATIENT
    number: int = 1
    end_place: Place | None = None
    is_projected: bool = field(default=False, metadata=ADDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyImage:
    """The picture of one hip: a PNG of the crop without any drawing, and what is drawn on it.

    `width` and `height` are the size of the PNG; the crop is scaled to it, in each direction by
    its own factor where the pixels of the image are not square. `toward_left` and `toward_right`
    are the patient's direction at the left and the right edge of the picture (R, L, A, P, H, F;
    "" where unknown). `centimetre` is the length of 1 cm in the patient at the depth of the gap,
    in pixels of the PNG along a row; None where the image or the reader gives none.
    `fitted` is the window or VOI LUT that it is shown by where the one of the header would show
    nothing, and `remarks` say so, and what else is odd in how the header wants it displayed.
    `surfaces` are outlines that a program found, drawn thinly below the marks; they may leave the crop.
    """

    side: Side
    place: Place
    crop: Crop
    width: int
    height: int
    png: bytes
    marks: tuple[Mark, ...]
    toward_left: str = ""
    toward_right: str = ""
    centimetre: float | None = None
    fitted: Window | LookupTable | None = None
    remarks: tuple[str, ...] = ()
    surfaces: tuple[Outline, ...] = ()

    def project(self, point: Point) -> Point:
        """A point of the image in picture coordinates, (0, 0) at the top-left corner."""
        column, row = point
        return (
            (column - self.crop.left) * self.width / self.crop.width,
            (row - self.crop.top) * self.height / self.crop.height,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A hip without a picture, and why: one of `hosr.pixels.frames.REASONS`, with more for a note."""

    side: Side
    reason: str
    detail: str = ""


def marks_of(report: Report) -> tuple[Mark, ...]:
    """Every mark of every hip, right hip first: gap, lateral gap, islands, calibration object.

    An island is counted as in the report. One with an outline and a length line has two marks of
    its number, and its millimetres stand with the line.
    """
    return tuple(mark for graded in report.hips for mark in _of_hip(graded.hip))


def marks_on(marks: Iterable[Mark], side: Side, place: Place) -> tuple[Mark, ...]:
    """The marks of one hip on one frame; of a line to another frame the point that lies here."""
    found = (_here(mark, place) for mark in marks if mark.side is side)
    return tuple(mark for mark in found if mark is not None)


def surfaces_on(hip: Hip, place: Place) -> tuple[Outline, ...]:
    """The surfaces of a hip that were found on one frame."""
    return tuple(each for each in hip.outlines if _is_same(each.polygon.place, place))


def _of_hip(hip: Hip) -> Iterator[Mark]:
    yield from _line(hip.side, MarkKind.GAP, hip.gap)
    yield from _line(hip.side, MarkKind.GAP_LATERAL, hip.gap_lateral)
    for number, island in enumerate(hip.islands or (), start=1):
        yield from _island(hip.side, island, number)
    if hip.calibration is not None:
        line = hip.calibration.line
        yield Mark(
            kind=MarkKind.CALIBRATION,
            side=hip.side,
            place=line.place,
            points=(line.start, line.end),
            mm=hip.calibration.true_mm,
            end_place=line.end_place,
        )


def _island(side: Side, island: Island, number: int) -> Iterator[Mark]:
    length = island.length
    has_line = length is not None and length.line is not None
    if island.region is not None:
        yield Mark(
            kind=MarkKind.ISLAND,
            side=side,
            place=island.region.place,
            points=island.region.corners,
            mm=None if length is None or has_line else length.mm,
            plane=Plane.PATIENT if length is None else length.plane,
            number=number,
        )
    yield from _line(side, MarkKind.ISLAND, length, number)


def _line(side: Side, kind: MarkKind, length: Length | None, number: int = 1) -> Iterator[Mark]:
    if length is None or length.line is None:
        return
    line = length.line
    is_point = line.is_projected and line.start == line.end
    yield Mark(
        kind=kind,
        side=side,
        place=line.place,
        points=(line.start,) if is_point else (line.start, line.end),
        mm=length.mm,
        plane=length.plane,
        number=number,
        end_place=line.end_place if line.spans_images else None,
        is_projected=line.is_projected,
    )


def _here(mark: Mark, place: Place) -> Mark | None:
    starts, ends = _is_same(mark.place, place), _is_same(mark.end_place or mark.place, place)
    if starts and ends:
        return mark
    if starts:
        return replace(mark, points=mark.points[:1])
    return replace(mark, points=mark.points[1:]) if ends else None


def _is_same(first: Place, second: Place) -> bool:
    """A single-frame image is its first frame."""
    frames = first.frame or 1, second.frame or 1
    return first.sop_instance_uid == second.sop_instance_uid and frames[0] == frames[1]
