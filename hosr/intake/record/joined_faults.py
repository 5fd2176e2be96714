"""The faults of a record that show only when several of its keys are read together.

They are found in the record as it came: they do not wait until every single key is right, so that one
refusal names all that is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hosr.intake.record.leaves import SCHEMA_VERSIONS
from hosr.intake.record.length_faults import OF_LENGTH_SINCE_1_1, find_length_faults, lengths_of
from hosr.intake.record.refusal import Located, Location, listing, quoted
from hosr.phrases import phrase
from hosr.vocabulary.terms import Side


def joined_faults(record: Any) -> Iterator[Located]:
    """Every fault that shows only when several keys are read together."""
    if isinstance(record, dict):
        yield from _version_faults(record)
        yield from _override_faults(record.get("overrides"))
        yield from _event_faults(record.get("context"))
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
                problem = phrase(
                    "is {found}, as in hips[{index}]", found=quoted(side), index=first_of[side]
                )
                yield Located((*place, "side"), problem, phrase("give each side once"), "E09")
            first_of.setdefault(side, index)
        yield from _reason_faults(hip, place)
        yield from _score_faults(hip, place)
        yield from _saying_faults(hip, place)
        for location, length in lengths_of(hip, place):
            yield from find_length_faults(length, location, record.get("view"))


def _score_faults(hip: dict[str, Any], place: Location) -> Iterator[Located]:
    """Scores of one scale that are given in both forms."""
    given = [hip.get("probabilities"), hip.get("cumulative")]
    scales = [{key for key in each if each[key]} for each in given if isinstance(each, dict)]
    if len(scales) == len(given):
        for scale in sorted(set.intersection(*scales)):
            problem = phrase("is given beside probabilities.{scale}", scale=scale)
            yield Located((*place, "cumulative", scale), problem, phrase("keep one of them"), "E14")


def _saying_faults(hip: dict[str, Any], place: Location) -> Iterator[Located]:
    """Objects that say nothing, or qualify nothing."""
    mass, boundary = hip.get("mass"), hip.get("boundary")
    if isinstance(mass, dict) and mass.get("sizes_mm") is None and not mass.get("contrast"):
        remedy = phrase('give "sizes_mm" or "contrast", or leave it out')
        yield Located((*place, "mass"), phrase("says nothing of it"), remedy)
    if isinstance(boundary, dict) and boundary.get("sd_mm") is None:
        said = boundary.get("sd_stated")
        if said is not None:
            remedy = phrase('give "sd_mm", or leave it out')
            yield Located(
                (*place, "boundary", "sd_stated"), phrase("is given without sd_mm"), remedy
            )


# Since version 1.1.
_SINCE_1_1: tuple[Location, ...] = (
    ("conclusion",),
    ("incomplete",),
    ("overrides",),
    ("study", "date"),
    ("context", "index_events"),
)
_OF_HIP_SINCE_1_1 = (
    *("bridging_basis", "site", "hardware_nearby", "mass", "cumulative"),
    *("boundary", "candidates", "outlines"),
)


def version_of(record: dict[str, Any]) -> str:
    """The first version of records that has all keys of this one."""
    return SCHEMA_VERSIONS[any(_newer_keys(record))]


def _newer_keys(record: dict[str, Any]) -> Iterator[Location]:
    places = [*_SINCE_1_1]
    for hip in _places_in(record, ("hips",)):
        places += [(*hip, key) for key in _OF_HIP_SINCE_1_1]
        held = _value_at(record, hip)
        lengths = lengths_of(held, hip) if isinstance(held, dict) else ()
        places += [(*place, key) for place, _ in lengths for key in OF_LENGTH_SINCE_1_1]
        places += [(*island, "site") for island in _places_in(record, (*hip, "islands"))]
    return (place for place in places if _value_at(record, place) is not None)


def _places_in(record: dict[str, Any], place: Location) -> list[Location]:
    listed = _value_at(record, place)
    return [(*place, index) for index in range(len(listed))] if isinstance(listed, list) else []


def _value_at(value: Any, place: Location) -> Any:
    for step in place:
        if isinstance(step, int):
            value = value[step]
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def _version_faults(record: dict[str, Any]) -> Iterator[Located]:
    if record.get("schema_version") == SCHEMA_VERSIONS[0]:
        for place in _newer_keys(record):
            remedy = phrase("write {text}", text=f'"schema_version": "{SCHEMA_VERSIONS[1]}"')
            yield Located(
                place, phrase("is unknown to version {version}", version=SCHEMA_VERSIONS[0]), remedy
            )


_OVERRIDABLE = ("side", "view", "orientation")


def _override_faults(overrides: Any) -> Iterator[Located]:
    """An override that says nothing, or says it without a reason that can be read."""
    for index, override in enumerate(overrides if isinstance(overrides, list) else ()):
        if not isinstance(override, dict):
            continue
        place = ("overrides", index)
        if all(override.get(key) is None for key in _OVERRIDABLE):
            remedy = phrase(
                "say what holds instead of the header: {words}", words=listing(_OVERRIDABLE)
            )
            yield Located(place, phrase("overrides nothing"), remedy)
        reason = override.get("reason")
        if isinstance(reason, str) and not reason.strip():
            yield Located(
                (*place, "reason"), phrase("is blank"), phrase("say why the header does not hold")
            )


def _event_faults(context: Any) -> Iterator[Located]:
    """Two index events that are not one of each hip."""
    events = context.get("index_events") if isinstance(context, dict) else None
    if not isinstance(events, list):
        return
    place, remedy = (
        ("context", "index_events"),
        phrase("give one of the right and one of the left hip"),
    )
    if context.get("index_event") is not None:
        yield Located(
            place,
            phrase("is given beside index_event"),
            phrase('keep "index_event", or both of these'),
        )
    sides = [event.get("side") for event in events[:2] if isinstance(event, dict)]
    for index, side in enumerate(sides):
        if side is None:
            yield Located((*place, index, "side"), phrase("is missing"), remedy)
        elif index and side == sides[0]:
            yield Located(
                (*place, index, "side"),
                phrase("is {found}, as in the other", found=quoted(side)),
                remedy,
            )


def _reason_faults(hip: dict[str, Any], place: Location) -> Iterator[Located]:
    evaluable, reason = hip.get("evaluable", True), hip.get("not_evaluable_reason")
    said = isinstance(reason, str) and bool(reason.strip())
    location = (*place, "not_evaluable_reason")
    if evaluable is False and (
        reason is None or reason == "" or (isinstance(reason, str) and not said)
    ):
        yield Located(
            location,
            phrase("is missing, but the hip is not evaluable"),
            phrase("say why it is not"),
        )
    if evaluable is True and said:
        remedy = phrase('write "evaluable": false, or remove the reason')
        yield Located(location, phrase("is given, but the hip is evaluable"), remedy)
