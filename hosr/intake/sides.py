"""Whether the images show the side that a record speaks of: by their headers, and by where its marks lie."""

from __future__ import annotations

from collections import defaultdict

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


def _compare_half(
    hip: Hip, source: SourceImages, view: View | None, path: str, placed: Placed
) -> None:
    """Marks of one hip that all lie at the other hip: the side or the image is wrong.

    The calibration object counts for neither: the head of the other hip serves as well.
    """
    for place, points in _marked_points(hip).items():
        image = source.find(place.sop_instance_uid)
        if image is None:
            continue
        if image.family in _CROSS_SECTIONAL:
            is_other = _lie_across_patient(points, image, place, hip.side)
            remedy = phrase("correct the side")
            problem = phrase(
                "is {side}, but all its marks lie in the other half of the patient", side=hip.side
            )
        else:
            is_other = view is View.AP_PELVIS and _lie_across_film(points, image, hip.side)
            problem = phrase(
                "is {side}, but all its marks lie in the other half of the pelvis", side=hip.side
            )
            remedy = phrase("correct the side; a film of one hip is the view ap_hip")
        if is_other:
            placed.image_faults.append(Fault(f"{path}.side", problem, remedy))
            return


def _lie_across_film(points: list[Point], image: SourceImage, side: Side) -> bool:
    """Bone near the midline may cross it, so a tenth of the film about it belongs to either side."""
    film = image.reference
    halves = (
        (0, half_of_pelvis(film, side), film.columns),
        (1, half_of_turned_pelvis(film, side), film.rows),
    )
    return any(
        all(
            not half[0] - _MIDLINE * size <= point[axis] <= half[1] + _MIDLINE * size
            for point in points
        )
        for axis, half, size in halves
        if half is not None
    )


def _lie_across_patient(points: list[Point], image: SourceImage, place: Place, side: Side) -> bool:
    """By the first axis of the patient, which runs to the left (PS3.3 section C.7.6.2.1.1)."""
    frames, number = image.geometry.frames, place.frame or 1
    if number > len(frames):
        return False
    towards_own = -1 if side is Side.RIGHT else 1
    return all(
        in_patient_mm(point, frames[number - 1])[0] * towards_own < -_PATIENT_MIDLINE_MM
        for point in points
    )


def _marked_points(hip: Hip) -> dict[Place, list[Point]]:
    """The ends of the gap line and the island lines, and the outlines, by image."""
    points: dict[Place, list[Point]] = defaultdict(list)
    lengths = [hip.gap, *(island.length for island in hip.islands or ())]
    for length in lengths:
        if length is not None and length.line is not None:
            line = length.line
            points[line.place].append(line.start)
            points[line.end_place or line.place].append(line.end)
    for island in hip.islands or ():
        if island.region is not None:
            points[island.region.place] += island.region.corners
    return points
