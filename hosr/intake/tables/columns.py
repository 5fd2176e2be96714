"""The columns of a table of records, by the dotted names of a record's keys (`gap.mm`), and what their cells say.

Lists are parted by `|`. What a cell stands for is JSON; what cannot be read stays text, for the door to refuse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault
from hosr.intake.record import forms
from hosr.intake.record.faults import FORMS
from hosr.intake.record.lengths import read_meaning
from hosr.intake.record.refusal import is_near, listing, nearest_first
from hosr.intake.tables.rows import name_faults

if TYPE_CHECKING:
    from pydantic import BaseModel


# Columns that belong to the table, not to the record: which rows go together, and their images.
IDENTIFIER, IMAGES = "id", "images"

# Columns of texts by which patients and orders are told apart.
IDENTIFIERS = ("study.patient_id", "study.accession_number")

_OF_HIP = frozenset(forms.HipForm.model_fields)
_NUMBERS = frozenset({"mm", "uncertainty_mm", "true_mm", "sd_mm", "level"})
_SWITCHES = frozenset({"evaluable", "pelvis", "femur", "hardware_nearby", "sd_stated"})
_LISTS = frozenset({"causes", "symptoms", "features", "site", IMAGES})
_JSON = frozenset(
    {
        "points",
        "points_mm",
        "polygon",
        "cell_mm",
        "candidates",
        "outlines",
        "islands",
        "index_events",
        "sizes_mm",
    }
)
_MARKED = re.compile(r"(gap|gap_lateral|islands\.\d+\.length)\.(image|frame)")

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"(\d{1,10})(\.0+)?", re.ASCII)
_WITH_COMMA = re.compile(r"-?\d+,\d{1,2}", re.ASCII)


def belongs_to_hip(column: str) -> bool:
    """Whether a column says something of one hip, or of the whole record."""
    return column.split(".", 1)[0] in _OF_HIP


def is_date(column: str) -> bool:
    """Whether a column holds a day or a moment."""
    return column == "graded_at" or column.endswith(".date")


# What columns of a fixed name cannot say.
_NOT_COLUMNS = frozenset(
    {
        "hips",
        "observer",
        "probabilities",
        "cumulative",
        "parameters",
        "overrides",
        "candidates",
        "outlines",
    }
)


def _names(form: type[BaseModel]) -> Iterator[str]:
    for key in form.model_fields:
        if key in _NOT_COLUMNS:
            continue
        if key in FORMS and key not in ("islands", "index_events"):
            yield from (f"{key}.{name}" for name in _names(FORMS[key]))
        else:
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
# The columns of scores that a model gave, by the scale and the class.
SCORES = ("probabilities.", "cumulative.")
_SCALES = "|".join(forms.ProbabilitiesForm.model_fields)
_OPEN = re.compile(rf"observer\.parameters\.[^.]+|(probabilities|cumulative)\.({_SCALES})\.[^.]+")

_MOST_MISTYPED = 50
# A column of another unit is not renamed: its numbers would be taken as millimetres.
_OTHER_UNITS = frozenset({"cm", "m", "um", "in", "inch", "inches", "px", "pixel", "pixels"})


def header_faults(header: Sequence[str]) -> Iterator[Fault]:
    """What is wrong with the names of the columns."""
    yield from name_faults(header)
    unknown = [column for column in dict.fromkeys(header) if column and not _is_known(column)]
    for number, column in enumerate(unknown):
        remedy = "remove it, or read the table by a mapping (`hosr import`)"
        # A table with more of them than anybody mistypes is one of another program.
        if column.rpartition(".")[2].casefold() in _OTHER_UNITS:
            remedy = "lengths are in mm: convert it, or read the table by a mapping (`hosr import`)"
        elif number < _MOST_MISTYPED and (near := near_names(column)):
            remedy = f"rename it, for example to {listing(near)}, or remove it"
        yield Fault(f"column {column}", "is an unknown column", remedy)
    if not {IDENTIFIER, "study.study_instance_uid"} & set(header):
        remedy = f'add a column "{IDENTIFIER}" or "study.study_instance_uid"'
        yield Fault("header", "does not say which rows are of one study", remedy)


def near_names(column: str) -> list[str]:
    """The names of columns that this one may be meant for; none where it is of another table."""
    inside = [name for name in _KNOWN if name.startswith(f"{column}.")]
    near = (name for name in nearest_first(column, _KNOWN) if is_near(column, name))
    return (inside or list(near))[:3]


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
    return column.rsplit(".", 1)[-1] in _NUMBERS or column.startswith(SCORES)


def _number(text: str) -> int | str:
    """A whole number; programs that keep tables write 3 as 3.0."""
    found = _WHOLE.fullmatch(text.strip())
    return int(found[1]) if found else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
