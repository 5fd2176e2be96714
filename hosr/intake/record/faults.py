"""The faults of a record in words: where in it, what is wrong, what to write instead.

Those of single keys are pydantic's errors; rules that join several keys stand in `joined_faults`.
Contradictions between findings are found later, with the grades.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from hosr.intake.record import forms, marked
from hosr.intake.record.length_faults import (
    GAPS,
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
from hosr.phrases import Figures, Phrase, figures, phrase, several

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
    ("hips", "grade"): (
        phrase("name the scale: {text}", text='"grades": {"brooker": "II"}'),
        "E13",
    ),
    ("hips", "brooker"): (phrase('write it inside "grades"'), "E13"),
    ("hips", "della_valle"): (phrase('write it inside "grades"'), "E13"),
    ("study", "patient_name"): (phrase("remove it; identity comes from the image headers"), ""),
    ("length", "category"): (phrase("give millimetres or points; a category is for gaps only"), ""),
}
_SIDES = several(('"side": "right"', '"side": "left"'), "or")
_TYPES = several(('"type": "person"', '"type": "algorithm"'), "or")
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
    told = f"{message[:1].lower()}{message[1:]}"
    return phrase("cannot be read ({told})", told=told), phrase("compare it with the schema")


def _missing(steps: Location, _: Any, __: Context) -> tuple[str, str]:
    key = str(steps[-1])
    if key == "side":
        return phrase("is missing"), phrase("add {text}", text=_SIDES)
    examples = FORMS[_holder(steps)].model_fields[key].examples or [...]
    example = "..." if examples[0] is ... else json.dumps(examples[0])
    return phrase("is missing"), phrase("add {text}", text=f"{quoted(key)}: {example}")


def _unknown(steps: Location, _: Any, __: Context) -> tuple[str, str]:
    key, allowed = str(steps[-1]), list(FORMS[_holder(steps)].model_fields)
    nearest = nearest_first(key, allowed)
    close = get_close_matches(key[:_MOST_CHARACTERS].lower(), allowed, n=1, cutoff=_ALIKE)
    if close:
        remedy = phrase("write {word}, if that is meant, or remove it", word=quoted(close[0]))
        return phrase("is an unknown key"), remedy
    keys = listing(nearest)
    return phrase("is an unknown key"), phrase("remove it; the keys here are {keys}", keys=keys)


def _no_object(steps: Location, found: Any, _: Context) -> tuple[str, str]:
    problem, key = (
        phrase("is {kind}, not an object", kind=kind_of(found)),
        steps[-1] if steps else "",
    )
    if key in _LENGTHS and _is_plain(found):
        return problem, phrase("write {text}", text=form_of_length(found, may_be_class=key in GAPS))
    form = FORMS.get(_holder((*steps, 0)))
    if form is None:
        return problem, phrase("write it in braces")
    keys = listing(list(form.model_fields))
    return problem, phrase("write an object with {keys}", keys=keys)


def _no_number(steps: Location, found: Any, _: Context) -> tuple[str, str]:
    if isinstance(found, float):
        return phrase("is not a whole number"), phrase("write a whole number")
    holder, problem = _holder(steps), phrase("is {kind}, not a number", kind=kind_of(found))
    if steps[-1] == "mm" and isinstance(found, str):
        meant = form_of_length(found, may_be_class=holder in GAPS)
        return problem, phrase("write {text}", text=meant)
    number = _NUMBER.fullmatch(found.strip()) if isinstance(found, str) else None
    if number is None:
        return problem, phrase("write a number")
    meant = number[0].replace(",", ".")
    return problem, phrase("write {number}, without quotes", number=meant)


def _out_of_range(steps: Location, found: Any, context: Context) -> tuple[str, str]:
    problem = _beyond(figures(json.dumps(found).removesuffix(".0")), context)
    if steps[-1] in _IN_MM:
        measured = phrase("write the millimetres that were measured, or leave the length out")
        return problem, measured
    return problem, phrase("correct the number")


def _beyond(number: Figures, context: Context) -> Phrase:
    """That a number lies beyond the limit that pydantic tells of."""
    if "ge" in context:
        return phrase("is {number}, less than {limit}", number=number, limit=_limit(context["ge"]))
    if "gt" in context:
        limit = _limit(context["gt"])
        return phrase("is {number}, not more than {limit}", number=number, limit=limit)
    return phrase("is {number}, more than {limit}", number=number, limit=_limit(context["le"]))


def _limit(value: float) -> Figures:
    return figures(f"{value:g}")


def _too_short(_: Location, found: Any, context: Context) -> tuple[str, str]:
    if isinstance(found, str):  # of blanks alone it is empty too
        return phrase("is empty"), phrase("fill it in, or leave the key out")
    number, least = context["actual_length"], context["min_length"]
    problem = phrase("has {number} of at least {least} entries", number=number, least=least)
    return problem, phrase("add what is missing")


def _is_plain(found: Any) -> bool:
    return isinstance(found, str | int | float) and not isinstance(found, bool)


def _tag(_: Location, __: Any, context: Context) -> tuple[str, str]:
    tag = context.get("tag")
    problem = (
        phrase("has no type") if tag is None else phrase("has the type {found}", found=quoted(tag))
    )
    return problem, phrase("write {text}", text=_TYPES)


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
    "list_type": lambda _, found, __: (
        phrase("is {kind}, not a list", kind=kind_of(found)),
        phrase("write it in brackets"),
    ),
    "string_type": lambda _, found, __: (
        phrase("is {kind}, not text", kind=kind_of(found)),
        phrase("write it in quotes"),
    ),
    "bool_type": lambda _, found, __: (
        phrase("is {kind}, not true or false", kind=kind_of(found)),
        phrase("write true or false, without quotes"),
    ),
    "float_type": _no_number,
    "int_type": _no_number,
    "finite_number": lambda _, __, ___: (
        phrase("is not a finite number"),
        phrase("correct it, or leave it out"),
    ),
    "greater_than": _out_of_range,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "too_short": _too_short,
    "too_long": lambda _, __, context: (
        phrase("has more than {number} entries", number=context["max_length"]),
        phrase("remove what is too much"),
    ),
    "string_too_long": lambda _, __, context: (
        phrase("is longer than {number} characters", number=context["max_length"]),
        phrase("shorten it"),
    ),
    "string_too_short": _too_short,
    "union_tag_not_found": _tag,
    "union_tag_invalid": _tag,
}
