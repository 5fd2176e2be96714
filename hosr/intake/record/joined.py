"""Rules that join several keys, kept on the record as it came.

They do not wait until every single key is right, so that one refusal names all that is wrong.
Contradictions between findings are found later, with the grades.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hosr.intake.record.lengths import ANY_LENGTH, SAME_POINT, is_same_point
from hosr.intake.record.refusal import Located, Location, quoted
from hosr.vocabulary.terms import Side

_GAPS = ("gap", "gap_lateral")


def joined_faults(record: Any) -> Iterator[Located]:
    """Every fault that shows only when several keys are read together."""
    hips = record.get("hips") if isinstance(record, dict) else None
    if not isinstance(hips, list):
        return
    first_of: dict[str, int] = {}
    for index, hip in enumerate(hips[:2]):
        if not isinstance(hip, dict):
            continue
        place = ("hips", index)
        side = hip.get("side")
        if isinstance(side, str) and side in set(Side):
            if side in first_of:
                problem = f"is {quoted(side)}, as in hips[{first_of[side]}]"
                yield Located((*place, "side"), problem, "give each side once", "E09")
            first_of.setdefault(side, index)
        yield from _reason_faults(hip, place)
        for location, length, is_gap in _lengths(hip, place):
            yield from _length_faults(length, location, is_gap=is_gap)


def _reason_faults(hip: dict[str, Any], place: Location) -> Iterator[Located]:
    evaluable, reason = hip.get("evaluable", True), hip.get("not_evaluable_reason")
    said = isinstance(reason, str) and bool(reason.strip())
    location = (*place, "not_evaluable_reason")
    if evaluable is False and (
        reason is None or reason == "" or (isinstance(reason, str) and not said)
    ):
        yield Located(location, "is missing, but the hip is not evaluable", "say why it is not")
    if evaluable is True and said:
        remedy = 'write "evaluable": false, or remove the reason'
        yield Located(location, "is given, but the hip is evaluable", remedy)


def _lengths(
    hip: dict[str, Any], place: Location
) -> Iterator[tuple[Location, dict[str, Any], bool]]:
    for key in _GAPS:
        if isinstance(hip.get(key), dict):
            yield (*place, key), hip[key], True
    islands = hip.get("islands")
    for index, island in enumerate(islands if isinstance(islands, list) else ()):
        if isinstance(island, dict) and isinstance(island.get("length"), dict):
            yield (*place, "islands", index, "length"), island["length"], False


def _spans_images(length: dict[str, Any]) -> bool:
    """Whether the two points are said to lie on different images or frames."""
    pairs = (length.get("image"), length.get("frame"))
    return any(isinstance(pair, list) and len(pair) == 2 and pair[0] != pair[1] for pair in pairs)


def _length_faults(
    length: dict[str, Any], location: Location, *, is_gap: bool
) -> Iterator[Located]:
    given = {key for key, value in length.items() if value is not None}
    forms = {"mm", "points", "category"} if is_gap else {"mm", "points"}
    if not given & forms:
        more = ' or {"category": ">=10mm"}' if is_gap else ""
        yield Located(location, "holds no length", f"write {ANY_LENGTH}{more}")
    if is_same_point(length.get("points")) and not _spans_images(length):
        yield Located((*location, "points"), *SAME_POINT)
    if {"mm", "points"} <= given:
        problem = "is given twice, in millimetres and by points"
        yield Located(location, problem, 'keep "mm" or "points"')
    if "points" not in given:
        for key in sorted(given & {"image", "frame"}):
            remedy = 'give the points, or name the image beside "side"'
            yield Located((*location, key), "is given without points", remedy)
