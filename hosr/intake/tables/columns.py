"""The columns of a table: the dotted names of the record's keys, and what their cells hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault
from hosr.intake.record import forms
from hosr.intake.record.lengths import read_meaning
from hosr.intake.record.refusal import listing, nearest_first
from hosr.intake.tables.rows import name_faults

if TYPE_CHECKING:
    from pydantic import BaseModel


# Columns that belong to the table, not to the record: which rows go together, and their images.
IDENTIFIER, IMAGES = "id", "images"

_NESTED: dict[str, type[BaseModel]] = {
    "study": forms.StudyForm,
    "context": forms.ContextForm,
    "index_event": forms.IndexEventForm,
    "length": forms.LengthForm,
    "region": forms.RegionForm,
    "spurs": forms.SpursForm,
    "gap": forms.GapForm,
    "gap_lateral": forms.GapForm,
    "grades": forms.GradesForm,
    "calibration": forms.CalibrationForm,
}
_OF_HIP = frozenset(forms.HipForm.model_fields)
_NUMBERS = frozenset({"mm", "uncertainty_mm", "true_mm"})
_SWITCHES = frozenset({"evaluable", "pelvis", "femur"})
_LISTS = frozenset({"causes", "symptoms", "features", IMAGES})
_JSON = frozenset({"points", "polygon", "islands"})
_MARKED = re.compile(r"(gap|gap_lateral|islands\.\d+\.length)\.(image|frame)")

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"(\d{1,10})(\.0+)?", re.ASCII)
_WITH_COMMA = re.compile(r"-?\d+,\d{1,2}", re.ASCII)


def belongs_to_hip(column: str) -> bool:
    """Whether a column says something of one hip, or of the whole record."""
    return column.split(".", 1)[0] in _OF_HIP


def _names(form: type[BaseModel]) -> Iterator[str]:
    for key in form.model_fields:
        if key in _NESTED:
            yield from (f"{key}.{name}" for name in _names(_NESTED[key]))
        elif key not in ("hips", "observer", "probabilities", "parameters"):
            yield key


def _known_columns() -> list[str]:
    """Every column; `#` stands for the number of an island."""
    observers = (forms.PersonForm, forms.AlgorithmForm)
    observer = dict.fromkeys(f"observer.{name}" for form in observers for name in _names(form))
    islands = [f"islands.#.{name}" for name in _names(forms.IslandForm)]
    return [
        IDENTIFIER,
        IMAGES,
        *_names(forms.RecordForm),
        *observer,
        *_names(forms.HipForm),
        *islands,
    ]


_KNOWN = _known_columns()
_SCALES = "|".join(forms.ProbabilitiesForm.model_fields)
_OPEN = re.compile(rf"observer\.parameters\.[^.]+|probabilities\.({_SCALES})\.[^.]+")


def header_faults(header: Sequence[str]) -> Iterator[Fault]:
    """What is wrong with the names of the columns."""
    yield from name_faults(header)
    for column in dict.fromkeys(header):
        if column and not _is_known(column):
            nearest = nearest_first(column, _KNOWN)[:3]
            inside = [name for name in _KNOWN if name.startswith(f"{column}.")]
            remedy = f"rename it, for example to {listing((inside or nearest)[:3])}, or remove it"
            yield Fault(f"column {column}", "is an unknown column", remedy)
    if not {IDENTIFIER, "study.study_instance_uid"} & set(header):
        remedy = f'add a column "{IDENTIFIER}" or "study.study_instance_uid"'
        yield Fault("header", "does not say which rows are of one study", remedy)


def _is_known(column: str) -> bool:
    return re.sub(r"\bislands\.\d{1,3}\.", "islands.#.", column) in _KNOWN or bool(
        _OPEN.fullmatch(column)
    )


def read_cell(column: str, text: str) -> Any:
    """The JSON value that a cell stands for; what cannot be read stays text, for the door to refuse."""
    leaf = column.rsplit(".", 1)[-1]
    if leaf in _LISTS or (_MARKED.fullmatch(column) and "|" in text):
        return [_number(part) if leaf == "frame" else part.strip() for part in text.split("|")]
    if _is_number(column) and _NUMBER.fullmatch(text):
        return float(text)
    if leaf in _SWITCHES and text.casefold() in ("true", "false"):
        return text.casefold() == "true"
    if leaf == "frame" or column.startswith("grades."):
        return _number(text)
    if leaf in _JSON:
        return _json(text)
    return text


def cell_problem(column: str, text: str) -> tuple[str, str] | None:
    """What is wrong with the text of a cell that must hold a number, and the remedy."""
    if not _is_number(column) or _NUMBER.fullmatch(text):
        return None
    problem = "is not a number with a decimal point"
    place = column.rsplit(".", 1)[0]
    is_gap = place in ("gap", "gap_lateral")
    if column == f"{place}.mm":
        meant = read_meaning(text, may_be_class=is_gap)
        if meant is not None and meant.gap_class:
            return problem, f'write {meant.gap_class} in the column "{place}.category"'
        if meant is not None:
            return problem, f"write {meant.mm}"
    if _WITH_COMMA.fullmatch(text):
        return problem, f"write {text.replace(',', '.')}"
    return problem, "write digits with a decimal point, or leave the cell empty"


def _is_number(column: str) -> bool:
    return column.rsplit(".", 1)[-1] in _NUMBERS or column.startswith("probabilities.")


def _number(text: str) -> int | str:
    """A whole number; programs that keep tables write 3 as 3.0."""
    found = _WHOLE.fullmatch(text.strip())
    return int(found[1]) if found else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
