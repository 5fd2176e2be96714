"""The faults of a record in words: where in it, what is wrong, what to write instead.

Those of single keys are pydantic's errors. Rules that join several keys are kept on the record as
it came: they do not wait until every single key is right, so that one refusal names all that is
wrong. Contradictions between findings are found later, with the grades.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hosr.intake.record import forms, marked
from hosr.intake.record.leaves import SCHEMA_VERSIONS
from hosr.intake.record.length_faults import (
    GAPS,
    OF_LENGTH_SINCE_1_1,
    find_length_faults,
    lengths_of,
)
from hosr.intake.record.lengths import form_of_length
from hosr.intake.record.refusal import (
    Located,
    Location,
    kind_of,
    listing,
    nearest_first,
    quoted,
)
from hosr.vocabulary.terms import Side

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails


# The key that holds an object, or the tag of an observer, and the form of that object.
FORMS: dict[str, type[BaseModel]] = {
    "": forms.RecordForm,
    "study": forms.StudyForm,
    "person": forms.PersonForm,
    "algorithm": forms.AlgorithmForm,
    "context": forms.ContextForm,
    "index_event": forms.IndexEventForm,
    "index_events": forms.IndexEventForm,
    "hips": forms.HipForm,
    "islands": forms.IslandForm,
    "length": marked.LengthForm,
    "region": marked.RegionForm,
    "spurs": forms.SpursForm,
    "gap": marked.GapForm,
    "gap_lateral": marked.GapForm,
    "grades": forms.GradesForm,
    "probabilities": forms.ProbabilitiesForm,
    "cumulative": forms.CumulativeForm,
    "calibration": marked.CalibrationForm,
    "mass": forms.MassForm,
    "boundary": marked.BoundaryForm,
    "candidates": marked.CandidateForm,
    "outlines": marked.OutlineForm,
    "overrides": forms.OverrideForm,
}
_LENGTHS = ("length", *GAPS)

# Unknown keys that are often tried, by the key of the object: the remedy, and the rule if any.
_TRIED = {
    ("hips", "grade"): ('name the scale: "grades": {"brooker": "II"}', "E13"),
    ("hips", "brooker"): ('write it inside "grades"', "E13"),
    ("hips", "della_valle"): ('write it inside "grades"', "E13"),
    ("study", "patient_name"): ("remove it; identity comes from the image headers", ""),
    ("length", "category"): ("give millimetres or points; a category is for gaps only", ""),
}
_IN_MM = ("mm", "uncertainty_mm", "true_mm")
_NUMERIC = frozenset({"finite_number", "greater_than", "greater_than_equal", "less_than_equal"})
_NUMBER = re.compile(r"-?\d{1,9}([.,]\d{1,9})?", re.ASCII)
_ALIKE = 0.75
_MOST_CHARACTERS = 40

Context = dict[str, Any]


def located_faults(error: ValidationError, record: Any) -> list[Located]:
    """Every fault of a record in the order of the fields."""
    return [_fault(details, record) for details in error.errors(include_url=False)]


def _fault(details: ErrorDetails, record: Any) -> Located:
    location = _place_in(record, details["loc"])
    if details["type"] == "refused":
        return Located(location, **details["ctx"])
    problem, remedy = _sentence(details)
    if details["type"] == "extra_forbidden":
        tried = _TRIED.get((_holder(details["loc"]), str(location[-1])))
        if tried is not None:
            return Located(location, problem, *tried)
    return Located(location, problem, remedy, _rule(details["type"], location))


def _place_in(record: Any, steps: Location) -> Location:
    """The steps that lead through the record itself: no tag of a union, no index into a scalar."""
    place: list[str | int] = []
    here = record
    for position, step in enumerate(steps):
        is_tag = position == 1 and steps[0] == "observer" and step in ("person", "algorithm")
        is_index_of_scalar = isinstance(step, int) and not isinstance(here, list)
        if is_tag or is_index_of_scalar or step == "[key]":
            continue
        place.append(step)
        here = _child(here, step)
    return tuple(place)


def _child(here: Any, step: str | int) -> Any:
    if isinstance(here, dict):
        return here.get(step)
    return here[step] if isinstance(here, list) and isinstance(step, int) else None


def _holder(steps: Location) -> str:
    """The key or tag that names the form of the object a step lies in."""
    return next((step for step in reversed(steps[:-1]) if isinstance(step, str)), "")


def _sentence(details: ErrorDetails) -> tuple[str, str]:
    kind, steps, found = details["type"], details["loc"], details["input"]
    if kind in _SENTENCES:
        return _SENTENCES[kind](steps, found, details.get("ctx", {}))
    message = details["msg"]
    return f"cannot be read ({message[:1].lower()}{message[1:]})", "compare it with the schema"


def _missing(steps: Location, _: Any, __: Context) -> tuple[str, str]:
    key = str(steps[-1])
    if key == "side":
        return "is missing", 'add "side": "right" or "side": "left"'
    examples = FORMS[_holder(steps)].model_fields[key].examples or [...]
    example = "..." if examples[0] is ... else json.dumps(examples[0])
    return "is missing", f"add {quoted(key)}: {example}"


def _unknown(steps: Location, _: Any, __: Context) -> tuple[str, str]:
    key, allowed = str(steps[-1]), list(FORMS[_holder(steps)].model_fields)
    nearest = nearest_first(key, allowed)
    close = get_close_matches(key[:_MOST_CHARACTERS].lower(), allowed, n=1, cutoff=_ALIKE)
    if close:
        return "is an unknown key", f"write {quoted(close[0])}, if that is meant, or remove it"
    return "is an unknown key", f"remove it; the keys here are {listing(nearest)}"


def _no_object(steps: Location, found: Any, _: Context) -> tuple[str, str]:
    problem, key = f"is {kind_of(found)}, not an object", steps[-1] if steps else ""
    if key in _LENGTHS and _is_plain(found):
        return problem, f"write {form_of_length(found, may_be_class=key in GAPS)}"
    form = FORMS.get(_holder((*steps, 0)))
    if form is None:
        return problem, "write it in braces"
    return problem, f"write an object with {listing(list(form.model_fields))}"


def _no_number(steps: Location, found: Any, _: Context) -> tuple[str, str]:
    if isinstance(found, float):
        return "is not a whole number", "write a whole number"
    holder, problem = _holder(steps), f"is {kind_of(found)}, not a number"
    if steps[-1] == "mm" and isinstance(found, str):
        return problem, f"write {form_of_length(found, may_be_class=holder in GAPS)}"
    number = _NUMBER.fullmatch(found.strip()) if isinstance(found, str) else None
    if number is None:
        return problem, "write a number"
    return problem, f"write {number[0].replace(',', '.')}, without quotes"


def _out_of_range(steps: Location, found: Any, context: Context) -> tuple[str, str]:
    limits = (("ge", "less than"), ("gt", "not more than"), ("le", "more than"))
    key, words = next((key, words) for key, words in limits if key in context)
    problem = f"is {json.dumps(found).removesuffix('.0')}, {words} {context[key]:g}"
    if steps[-1] in _IN_MM:
        measured = "write the millimetres that were measured, or leave the length out"
        return problem, measured
    return problem, "correct the number"


def _too_short(_: Location, found: Any, context: Context) -> tuple[str, str]:
    if isinstance(found, str):  # of blanks alone it is empty too
        return "is empty", "fill it in, or leave the key out"
    number, least = context["actual_length"], context["min_length"]
    return f"has {number} of at least {least} entries", "add what is missing"


def _is_plain(found: Any) -> bool:
    return isinstance(found, str | int | float) and not isinstance(found, bool)


def _tag(_: Location, __: Any, context: Context) -> tuple[str, str]:
    tag = context.get("tag")
    problem = "has no type" if tag is None else f"has the type {quoted(tag)}"
    return problem, 'write "type": "person" or "type": "algorithm"'


def _rule(kind: str, location: Location) -> str:
    if kind == "missing" and location[-1] == "side":
        return "E09"
    if kind not in _NUMERIC:
        return ""
    if "probabilities" in location or "cumulative" in location:
        return "E14"
    return "E05" if location[-1] in _IN_MM else ""


_SENTENCES: dict[str, Callable[[Location, Any, Context], tuple[str, str]]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "model_type": _no_object,
    "model_attributes_type": _no_object,
    "dict_type": _no_object,
    "list_type": lambda _, found, __: (f"is {kind_of(found)}, not a list", "write it in brackets"),
    "string_type": lambda _, found, __: (f"is {kind_of(found)}, not text", "write it in quotes"),
    "bool_type": lambda _, found, __: (
        f"is {kind_of(found)}, not true or false",
        "write true or false, without quotes",
    ),
    "float_type": _no_number,
    "int_type": _no_number,
    "finite_number": lambda _, __, ___: ("is not a finite number", "correct it, or leave it out"),
    "greater_than": _out_of_range,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "too_short": _too_short,
    "too_long": lambda _, __, context: (
        f"has more than {context['max_length']} entries",
        "remove what is too much",
    ),
    "string_too_long": lambda _, __, context: (
        f"is longer than {context['max_length']} characters",
        "shorten it",
    ),
    "string_too_short": _too_short,
    "union_tag_not_found": _tag,
    "union_tag_invalid": _tag,
}


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
                problem = f"is {quoted(side)}, as in hips[{first_of[side]}]"
                yield Located((*place, "side"), problem, "give each side once", "E09")
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
            problem = f"is given beside probabilities.{scale}"
            yield Located((*place, "cumulative", scale), problem, "keep one of them", "E14")


def _saying_faults(hip: dict[str, Any], place: Location) -> Iterator[Located]:
    """Objects that say nothing, or qualify nothing."""
    mass, boundary = hip.get("mass"), hip.get("boundary")
    if isinstance(mass, dict) and mass.get("sizes_mm") is None and not mass.get("contrast"):
        remedy = 'give "sizes_mm" or "contrast", or leave it out'
        yield Located((*place, "mass"), "says nothing of it", remedy)
    if isinstance(boundary, dict) and boundary.get("sd_mm") is None:
        said = boundary.get("sd_stated")
        if said is not None:
            remedy = 'give "sd_mm", or leave it out'
            yield Located((*place, "boundary", "sd_stated"), "is given without sd_mm", remedy)


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
            remedy = f'write "schema_version": "{SCHEMA_VERSIONS[1]}"'
            yield Located(place, f"is unknown to version {SCHEMA_VERSIONS[0]}", remedy)


_OVERRIDABLE = ("side", "view", "orientation")


def _override_faults(overrides: Any) -> Iterator[Located]:
    """An override that says nothing, or says it without a reason that can be read."""
    for index, override in enumerate(overrides if isinstance(overrides, list) else ()):
        if not isinstance(override, dict):
            continue
        place = ("overrides", index)
        if all(override.get(key) is None for key in _OVERRIDABLE):
            remedy = f"say what holds instead of the header: {listing(_OVERRIDABLE)}"
            yield Located(place, "overrides nothing", remedy)
        reason = override.get("reason")
        if isinstance(reason, str) and not reason.strip():
            yield Located((*place, "reason"), "is blank", "say why the header does not hold")


def _event_faults(context: Any) -> Iterator[Located]:
    """Two index events that are not one of each hip."""
    events = context.get("index_events") if isinstance(context, dict) else None
    if not isinstance(events, list):
        return
    place, remedy = ("context", "index_events"), "give one of the right and one of the left hip"
    if context.get("index_event") is not None:
        yield Located(place, "is given beside index_event", 'keep "index_event", or both of these')
    sides = [event.get("side") for event in events[:2] if isinstance(event, dict)]
    for index, side in enumerate(sides):
        if side is None:
            yield Located((*place, index, "side"), "is missing", remedy)
        elif index and side == sides[0]:
            yield Located((*place, index, "side"), f"is {quoted(side)}, as in the other", remedy)


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
