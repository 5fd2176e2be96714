"""What of a length in a record does not go together: two forms of it, a form and its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hosr.findings import SAME_MM, Plane
from hosr.intake.record.lengths import SAME_POINT, any_form, distance_mm, is_same_point
from hosr.intake.record.refusal import Located, Location, quoted
from hosr.phrases import figures, phrase
from hosr.vocabulary.terms import VIEW_MODALITIES, ImagingModality

GAPS = ("gap", "gap_lateral")
OF_LENGTH_SINCE_1_1 = ("points_mm", "frame_of_reference_uid")

_RADIOGRAPHS = {
    view.value
    for view, modality in VIEW_MODALITIES.items()
    if modality is ImagingModality.RADIOGRAPH
}
_SPACE, _FRAME = "points_mm", "frame_of_reference_uid"

_Length = dict[str, Any]


def lengths_of(hip: dict[str, Any], place: Location) -> Iterator[tuple[Location, _Length]]:
    """Every length of a hip that is an object, with its place."""
    for key in GAPS:
        if isinstance(hip.get(key), dict):
            yield (*place, key), hip[key]
    for key in ("islands", "candidates"):
        listed = hip.get(key)
        for index, each in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(each, dict) and isinstance(each.get("length"), dict):
                yield (*place, key, index, "length"), each["length"]


def find_length_faults(length: _Length, location: Location, view: Any) -> Iterator[Located]:
    """What of a length does not go together; `view` is that of the record."""
    given = {key for key, value in length.items() if value is not None}
    is_gap = location[-1] in GAPS
    forms = {"mm", "points", _SPACE, *(["category"] if is_gap else [])}
    if not given & forms:
        remedy = phrase("write {text}", text=any_form(may_be_class=is_gap))
        yield Located(location, phrase("holds no length"), remedy)
    if is_same_point(length.get("points")) and not _spans_images(length):
        yield Located((*location, "points"), *SAME_POINT)
    if {"mm", "points"} <= given:
        problem = phrase("is given twice, in millimetres and by points")
        yield Located(location, problem, phrase('keep "mm" or "points"'))
    if not given & {"points", _SPACE}:
        for key in sorted(given & {"image", "frame"}):
            remedy = phrase('give the points, or name the image beside "side"')
            yield Located((*location, key), phrase("is given without points"), remedy)
    if _SPACE in given:
        yield from _space_faults(length, location, given, view)
    elif _FRAME in given:
        remedy = phrase('give "points_mm", or leave it out')
        yield Located((*location, _FRAME), phrase("is given without points in space"), remedy)


def _spans_images(length: _Length) -> bool:
    """Whether the two points are said to lie on different images or frames."""
    pairs = (length.get("image"), length.get("frame"))
    return any(isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1] for pair in pairs)


def _space_faults(
    length: _Length, location: Location, given: set[str], view: Any
) -> Iterator[Located]:
    """What does not go together with points in space."""
    place = (*location, _SPACE)
    if isinstance(view, str) and view in _RADIOGRAPHS:
        problem = phrase(
            "are points in space, but the view {found} is a radiograph", found=quoted(view)
        )
        yield Located(place, problem, phrase('mark "points" on the image; space is for CT and MR'))
    if _FRAME not in given:
        remedy = phrase("add the Frame of Reference UID of the images that the points are of")
        yield Located((*location, _FRAME), phrase("is missing"), remedy)
    if "points" in given:
        problem = phrase("is given twice, by points on an image and in space")
        yield Located(location, problem, phrase('keep "points" or "points_mm"'))
    elif _spans_images(length):
        remedy = phrase("name the one slice to show them on, or none")
        yield Located(place, phrase("are shown on one image, but two are named"), remedy)
    if isinstance(length.get("plane"), str) and length["plane"] != Plane.PATIENT:
        problem = phrase(
            "is {found}, but points in space are in the patient", found=quoted(length["plane"])
        )
        yield Located((*location, "plane"), problem, phrase("leave the plane out"))
    mm, distance = length.get("mm"), distance_mm(length.get(_SPACE))
    if isinstance(mm, int | float) and distance is not None and abs(mm - distance) > SAME_MM:
        problem = phrase(
            "is {mm}, but its points lie {distance} mm apart",
            mm=figures(f"{mm:g}"),
            distance=figures(f"{distance:.2f}"),
        )
        yield Located(
            (*location, "mm"), problem, phrase('correct one of them, or keep "points_mm"')
        )
