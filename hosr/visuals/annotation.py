"""What stands over an image in a presentation state: shapes and words, in pixels of that image.

Points are (column, row) with (0, 0) at the top-left corner of the top-left pixel, as those of
content items are (PS3.3 section C.10.5.1.1). Words are structural English and lie beside what
they name, inside the image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hosr.composite import numbered
from hosr.composite.labels import compared_label, plane_label
from hosr.findings import Hip, Length, Place, Point, to_graphic_precision
from hosr.report import GradedHip, Report
from hosr.study import ImageReference, half_of_pelvis
from hosr.visuals.marks import Mark, MarkKind, marks_on, surfaces_on
from hosr.visuals.placement import Box, place_label, text_box
from hosr.vocabulary.terms import Side, View

# As shares of the image: the size of letters by its longer side, the place of the grades by its
# height, the edge that stays free by its longer side.
_FONT = 0.015
_GRADE_AT = 0.06
_EDGE = 0.01


class Layer(StrEnum):
    """The graphic layers, from the lowest to the highest."""

    SURFACES = "SURFACES"
    CALIBRATION = "CALIBRATION"
    ISLANDS = "ISLANDS"
    GAP = "GAP"
    GRADES = "GRADES"


_LAYERS = {
    MarkKind.GAP: Layer.GAP,
    MarkKind.GAP_LATERAL: Layer.GAP,
    MarkKind.ISLAND: Layer.ISLANDS,
    MarkKind.CALIBRATION: Layer.CALIBRATION,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A point, a line, or an outline whose last point is its first."""

    layer: Layer
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A line of text in a box; `anchor` is the point that it speaks of, if there is one."""

    layer: Layer
    text: str
    box: Box
    anchor: Point | None = None


def annotate(
    report: Report, marks: Iterable[Mark], place: Place
) -> tuple[tuple[Shape, ...], tuple[Words, ...]]:
    """The shapes and the words over one image or frame."""
    marks = tuple(marks)
    image = report.subject.image(place)
    here = [
        (graded, mark) for graded in report.hips for mark in marks_on(marks, graded.hip.side, place)
    ]
    shapes = tuple(Shape(layer=_LAYERS[mark.kind], points=_closed(mark.points)) for _, mark in here)
    surfaces = [
        Shape(layer=Layer.SURFACES, points=_closed(each.polygon.corners))
        for graded in report.hips
        for each in surfaces_on(graded.hip, place)
    ]
    writing = _Writing(image, [shape.points for shape in shapes])
    for graded, mark in here:
        writing.name(mark, _mark_label(mark, graded.hip))
    marked = {mark.side for mark in marks if mark.kind is not MarkKind.CALIBRATION}
    for graded in report.hips:
        if graded.hip.place is not None and numbered(graded.hip.place, image) == place:
            state = report.status.label
            if graded.hip.side not in marked:
                state = f"{state}, not localised"
            writing.grade(graded, report.view, state)
    return (*surfaces, *shapes), tuple(writing.words)


class _Writing:
    """Words that find their places on one image, one after another."""

    def __init__(self, image: ImageReference, drawn: list[tuple[Point, ...]]) -> None:
        longer = max(image.rows, image.columns)
        edge = longer * _EDGE
        self._image = image
        self._drawn = drawn
        self._font = longer * _FONT
        self._picture = Box(edge, edge, image.columns - edge, image.rows - edge)
        self._named: set[tuple[Side, str]] = set()
        self.words: list[Words] = []

    def name(self, mark: Mark, text: str) -> None:
        """Write beside a mark, once for all marks of a hip with the same name."""
        if (mark.side, text) in self._named:
            return
        self._named.add((mark.side, text))
        column, row = (sum(values) / len(mark.points) for values in zip(*mark.points, strict=True))
        box = self._place(text, mark.points, self._picture)
        words = Words(layer=_LAYERS[mark.kind], text=text, box=box, anchor=_precise((column, row)))
        self.words.append(words)

    def grade(self, graded: GradedHip, view: View, state: str) -> None:
        """Write the grade of a hip at the top of its half of the image, clear of the joint."""
        text = f"{compared_label(graded)} ({state})"
        half = half_of_pelvis(self._image, graded.hip.side) if view is View.AP_PELVIS else None
        left, right = half or (0.0, float(self._image.columns))
        picture = Box(
            max(left, self._picture.left),
            self._picture.top,
            min(right, self._picture.right),
            self._picture.bottom,
        )
        box = self._place(text, [((left + right) / 2, self._image.rows * _GRADE_AT)], picture)
        self.words.append(Words(layer=Layer.GRADES, text=text, box=box))

    def _place(self, text: str, named: Sequence[Point], picture: Box) -> Box:
        taken = [words.box for words in self.words]
        box = place_label(text_box(text, self._font), named, self._drawn, taken, picture)
        return _within(box, self._image)


def _within(box: Box, image: ImageReference) -> Box:
    """The box, cut to the image: no coordinate may lie outside of it."""
    left, top = _precise((max(box.left, 0.0), max(box.top, 0.0)))
    right, bottom = _precise(
        (min(box.right, float(image.columns)), min(box.bottom, float(image.rows)))
    )
    return Box(left, top, right, bottom)


def _precise(point: Point) -> Point:
    """The point as graphic data holds it, to a tenth of a pixel."""
    column, row = (to_graphic_precision(round(value, 1)) for value in point)
    return column, row


def _closed(points: tuple[Point, ...]) -> tuple[Point, ...]:
    return (*points, points[0]) if len(points) > 2 else points


def _mark_label(mark: Mark, hip: Hip) -> str:
    """What a mark shows; of a line across images one end is here, or its projection."""
    across = "; other end on another image" if len(mark.points) == 1 else ""
    if mark.is_projected:
        across = "; across slices, projected on this one"
    return f"{_size_label(mark, hip)}{across}"


def _size_label(mark: Mark, hip: Hip) -> str:
    if mark.kind is MarkKind.CALIBRATION:
        return f"{mark.mm:g} mm object"
    length = _length(mark, hip)
    if mark.kind is MarkKind.ISLAND:
        known = f", {plane_label(length)}" if length and length.mm is not None else ""
        return f"island {mark.number}{known}"
    if length is None or length.mm is None:
        return "gap, not in millimetres"
    return plane_label(length)


def _length(mark: Mark, hip: Hip) -> Length | None:
    """The length that a mark shows, which knows in which plane it holds."""
    if mark.kind is MarkKind.ISLAND:
        return (hip.islands or ())[mark.number - 1].length
    return hip.gap if mark.kind is MarkKind.GAP else hip.gap_lateral
