"""Whether the images show the side that a record speaks of: by their headers, and by where its marks lie."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from hosr.errors import Fault
from hosr.findings import Hip, Place, Point
from hosr.intake.images import Note, SourceImage, SourceImages
from hosr.intake.marks import Placed
from hosr.measure.length import in_patient_mm
from hosr.phrases import phrase
from hosr.report import places
from hosr.study import half_of_pelvis, half_of_turned_pelvis
from hosr.vocabulary.terms import ImagingModality, Side, View

_CROSS_SECTIONAL = (ImagingModality.CT, ImagingModality.MR)

# The share of a film's width on either side of its middle that may show either hip's bone.
_MIDLINE = 0.05
# The same in a scanner. Hips lie some 90 mm from the middle of the patient, who may be moved aside
# to bring one of them to the middle of the scanner, but not so far that it lies beyond.
_PATIENT_MIDLINE_MM = 30.0
# What is marked of two hips lies further apart on a film than this share of its width: the hips lie
# some 180 mm apart, and a film shows 430 mm at most of what is about them.
_APART = 0.1


def compare_side(
    hip: Hip, source: SourceImages, view: View | None, path: str, placed: Placed
) -> None:
    """Refuse images that show another side than the record names, by their header or by its marks."""
    _compare_headers(hip, source, path, placed)
    _compare_half(hip, source, view, path, placed)


def _compare_headers(hip: Hip, source: SourceImages, path: str, placed: Placed) -> None:
    for place in places(hip):
        image = source.find(place.sop_instance_uid)
        if image is not None and image.header_side not in (hip.side, None):
            if "side" in image.overridden:
                problem = phrase(
                    "is {side}, but an override says {other}",
                    side=hip.side,
                    other=image.header_side,
                )
                remedy = phrase("correct the side or the override")
            else:
                problem = phrase(
                    "is {side}, but the image header says {other}",
                    side=hip.side,
                    other=image.header_side,
                )
                remedy = phrase(
                    "correct the side, name the image of that side, or say in overrides why not"
                )
            placed.image_faults.append(Fault(f"{path}.side", problem, remedy))
            return


def note_described_sides(hips: tuple[Hip, ...], source: SourceImages) -> tuple[Note, ...]:
    """A note where a description names the side of no hip of the record, or not that of a hip's film.

    Descriptions are written for an order and copied, so none is refused for one; and a film of both
    hips is often described by the one that it was ordered for.
    """
    recorded = {hip.side for hip in hips}
    notes = []
    for index, hip in enumerate(hips):
        named = {place.sop_instance_uid for place in places(hip)}
        images = [image for image in map(source.find, named) if image is not None]
        for image in images:
            if image.described_side is None:
                continue
            side, element = image.described_side
            shows_both = image.family in _CROSS_SECTIONAL or image.header_view is not View.AP_HIP
            if side is not hip.side and not (side in recorded and shows_both):
                problem = phrase(
                    "is {side}, but {element} names the {other}",
                    side=hip.side,
                    element=element,
                    other=side,
                )
                notes.append(Note(path=f"$.hips[{index}].side", problem=problem))
    return tuple(dict.fromkeys(notes))


def compare_hips(hips: tuple[Hip, ...], source: SourceImages, placed: Placed) -> None:
    """Refuse two hips of which both are marked at the same place of one image.

    Where a header does not say which way an image lies, this still tells a line that was drawn at,
    or copied to, the wrong hip.
    """
    if len(hips) < 2:
        return
    first, second = (_points_by_place(hip) for hip in hips)
    for place in first.keys() & second.keys():
        image = source.find(place.sop_instance_uid)
        if image is None:
            continue
        centres = [_centre(points) for points in (first[place], second[place])]
        least = 0.0 if image.family in _CROSS_SECTIONAL else _APART * image.reference.columns
        if math.dist(*centres) <= least:
            problem = phrase("marks the same place of one image as the other hip")
            remedy = phrase("mark each hip where it is, or name the image of each")
            placed.image_faults.append(Fault("$.hips[1]", problem, remedy))
            return


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """A line or an outline of a hip, with the image that each of its points lies on."""

    path: str
    points: tuple[tuple[Place, Point], ...]


def _compare_half(
    hip: Hip, source: SourceImages, view: View | None, path: str, placed: Placed
) -> None:
    """Marks of one hip that lie at the other hip: the side, the image or the mark is wrong.

    The calibration object counts for neither: the head of the other hip serves as well.
    """
    marks = _marks(hip, path)
    offsets = {mark.path: _offsets(mark, hip.side, source, view) for mark in marks}
    beyond = [at for at, found in offsets.items() if found and max(found) < -1]
    across = [at for at, found in offsets.items() if found and min(found) < -1 and max(found) > 1]
    if len(beyond) == len(marks) > 0:
        placed.image_faults.append(_other_side(hip.side, path, is_film=view is View.AP_PELVIS))
        return
    remedy = phrase("mark it at that hip, or leave it out")
    if view is View.AP_PELVIS:
        remedy = phrase(
            "mark it at that hip, or leave it out; a film of one hip is the view ap_hip"
        )
    for at in beyond:
        problem = phrase("lies at the other hip, yet it is one of the {side} hip", side=hip.side)
        placed.image_faults.append(Fault(at, problem, remedy))
    for at in across:
        problem = phrase(
            "runs from one hip to the other, yet it is one of the {side} hip", side=hip.side
        )
        placed.image_faults.append(Fault(at, problem, remedy))


def _other_side(side: Side, path: str, *, is_film: bool) -> Fault:
    if is_film:
        problem = phrase(
            "is {side}, but all its marks lie in the other half of the pelvis", side=side
        )
        remedy = phrase("correct the side; a film of one hip is the view ap_hip")
    else:
        problem = phrase(
            "is {side}, but all its marks lie in the other half of the patient", side=side
        )
        remedy = phrase("correct the side")
    return Fault(f"{path}.side", problem, remedy)


def _offsets(mark: _Mark, side: Side, source: SourceImages, view: View | None) -> list[float]:
    """How far its points lie from the midline towards their own side, 1 being what either may cross.

    Nothing where the images do not tell of all of them.
    """
    found = [
        _offset(place, point, side, source.find(place.sop_instance_uid), view)
        for place, point in mark.points
    ]
    known = [offset for offset in found if offset is not None]
    return known if len(known) == len(found) else []


def _offset(
    place: Place, point: Point, side: Side, image: SourceImage | None, view: View | None
) -> float | None:
    if image is None:
        return None
    if image.family in _CROSS_SECTIONAL:
        return _offset_in_patient(point, image, place, side)
    return _offset_on_film(point, image, side) if view is View.AP_PELVIS else None


def _offset_on_film(point: Point, image: SourceImage, side: Side) -> float | None:
    """Bone near the midline may cross it, so a tenth of the film about it belongs to either side."""
    film = image.reference
    halves = (
        (0, half_of_pelvis(film, side), film.columns),
        (1, half_of_turned_pelvis(film, side), film.rows),
    )
    for axis, half, size in halves:
        if half is not None and 0 <= point[axis] <= size:
            towards_own = -1 if half[0] == 0 else 1
            return towards_own * (point[axis] - size / 2) / (_MIDLINE * size)
    return None


def _offset_in_patient(point: Point, image: SourceImage, place: Place, side: Side) -> float | None:
    """By the first axis of the patient, which runs to the left (PS3.3 section C.7.6.2.1.1)."""
    frames, number = image.geometry.frames, place.frame or 1
    if number > len(frames):
        return None
    towards_own = -1 if side is Side.RIGHT else 1
    return in_patient_mm(point, frames[number - 1])[0] * towards_own / _PATIENT_MIDLINE_MM


def _marks(hip: Hip, path: str) -> list[_Mark]:
    """The gap line, the island lines and their outlines, each with where the record has it."""
    islands = [(f"{path}.islands[{n}]", island) for n, island in enumerate(hip.islands or ())]
    lengths = [(f"{path}.gap", hip.gap), *((f"{at}.length", i.length) for at, i in islands)]
    marks = [
        _Mark(path=at, points=((line.place, line.start), (line.end_place or line.place, line.end)))
        for at, length in lengths
        if length is not None and (line := length.line) is not None
    ]
    marks += [
        _Mark(path=f"{at}.region", points=tuple((region.place, each) for each in region.corners))
        for at, island in islands
        if (region := island.region) is not None
    ]
    return marks


def _points_by_place(hip: Hip) -> dict[Place, list[Point]]:
    points: dict[Place, list[Point]] = defaultdict(list)
    for mark in _marks(hip, ""):
        for place, point in mark.points:
            points[place].append(point)
    return points


def _centre(points: list[Point]) -> Point:
    columns, rows = zip(*points, strict=True)
    return sum(columns) / len(columns), sum(rows) / len(rows)
