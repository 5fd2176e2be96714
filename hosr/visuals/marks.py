"""Everything that was marked on the images of a report, as marks to be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.findings import Plane
from hosr.visuals.values import Mark, MarkKind

if TYPE_CHECKING:
    from hosr.findings import Hip, Island, Length, Place
    from hosr.report import Report
    from hosr.vocabulary.terms import Side


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
    yield Mark(
        kind=kind,
        side=side,
        place=line.place,
        points=(line.start, line.end),
        mm=length.mm,
        plane=length.plane,
        number=number,
        end_place=line.end_place if line.spans_images else None,
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
