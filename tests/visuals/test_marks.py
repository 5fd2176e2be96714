"""Marks out of reports: all of them, in order, each on its frame."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from hosr.findings import Calibration, Island, Length, Line, Place, Plane, Polygon
from hosr.report import Report, places
from hosr.visuals.marks import Mark, MarkKind, marks_of, marks_on
from hosr.vocabulary.terms import Side
from tests.drawn import drawn
from tests.strategies import reports
from tests.visuals.pictures import report_of

HERE, NEXT = Place(sop_instance_uid="1.2.3"), Place(sop_instance_uid="1.2.4")
LINE = Line(start=(1.0, 2.0), end=(3.0, 4.0), place=HERE)
ACROSS = Line(start=(1.0, 2.0), end=(3.0, 4.0), place=HERE, end_place=NEXT)
OUTLINE = Polygon(corners=((5.0, 5.0), (6.0, 5.0), (6.0, 7.0)), place=HERE)


def _mark(kind: MarkKind, side: Side = Side.RIGHT, **given: Any) -> Mark:
    plain: dict[str, Any] = {"place": HERE, "points": (LINE.start, LINE.end), **given}
    return Mark(kind=kind, side=side, **plain)


def test_every_mark_in_order() -> None:
    """Right hip first; gap, lateral gap, islands by number, calibration; lengths not rounded."""
    stated = Island(length=Length(mm=4.0))
    report = report_of(
        {"side": Side.LEFT, "gap": Length(mm=7.123456, line=LINE, plane=Plane.PATIENT)},
        {
            "side": Side.RIGHT,
            "gap": Length(line=LINE, plane=Plane.PATIENT),
            "gap_lateral": Length(mm=9.5, plane=Plane.DETECTOR, line=replace(LINE, place=NEXT)),
            "islands": (
                Island(length=Length(mm=14.0, line=LINE, plane=Plane.PATIENT), region=OUTLINE),
                Island(length=Length(mm=6.0, plane=Plane.UNKNOWN), region=OUTLINE),
                stated,
                Island(length=Length(mm=3.0, line=LINE, plane=Plane.PATIENT)),
                Island(region=OUTLINE),
            ),
            "calibration": Calibration(line=LINE, true_mm=32.0),
        },
    )
    outline: dict[str, Any] = {"points": OUTLINE.corners}
    assert marks_of(report) == (
        _mark(MarkKind.GAP),
        _mark(MarkKind.GAP_LATERAL, place=NEXT, mm=9.5, plane=Plane.DETECTOR),
        _mark(MarkKind.ISLAND, **outline),
        _mark(MarkKind.ISLAND, mm=14.0),
        _mark(MarkKind.ISLAND, number=2, mm=6.0, plane=Plane.UNKNOWN, **outline),
        _mark(MarkKind.ISLAND, number=4, mm=3.0),
        _mark(MarkKind.ISLAND, number=5, **outline),
        _mark(MarkKind.CALIBRATION, mm=32.0),
        _mark(MarkKind.GAP, Side.LEFT, mm=7.123456),
    )


def test_a_line_across_slices_is_a_point_on_each() -> None:
    """Of a line between two slices each shows the end that lies in it; a third shows nothing."""
    report = report_of(
        {"side": Side.RIGHT, "gap": Length(mm=12.0, line=ACROSS, plane=Plane.PATIENT)}
    )
    marks = marks_of(report)
    whole = _mark(MarkKind.GAP, mm=12.0, end_place=NEXT)
    assert marks == (whole,)
    assert marks_on(marks, Side.RIGHT, HERE) == (replace(whole, points=(LINE.start,)),)
    assert marks_on(marks, Side.RIGHT, NEXT) == (replace(whole, points=(LINE.end,)),)
    assert marks_on(marks, Side.RIGHT, Place(sop_instance_uid="1.2.5")) == ()
    assert marks_on(marks, Side.LEFT, HERE) == ()


@pytest.mark.parametrize(("frame", "shown"), [(None, True), (1, True), (2, False)])
def test_the_frame_counts(frame: int | None, *, shown: bool) -> None:
    """A mark shows on its own frame; an image without frames is its first."""
    mark = _mark(MarkKind.GAP, place=Place(sop_instance_uid="1.2.3", frame=frame))
    assert marks_on((mark,), Side.RIGHT, HERE) == ((mark,) if shown else ())


@drawn(20)
@given(reports())
def test_any_report_has_all_its_marks(report: Report) -> None:
    """Each mark is on an image of its hip, and each image that something is marked on has one.

    Outlines are drawn below the marks, and distances that lost are not drawn.
    """
    marks = marks_of(report)
    assert marks == marks_of(report)
    for graded in report.hips:
        own = [mark for mark in marks if mark.side is graded.hip.side]
        marked = {place for mark in own for place in (mark.place, mark.end_place) if place}
        assert marked <= set(places(graded.hip))
        unmarked = replace(graded.hip, candidates=(), outlines=())
        assert set(places(unmarked)) - marked <= {graded.hip.place}
