"""Grading records from a table (CSV, Parquet or XLSX) with one row for each hip.

Columns are the dotted names of the record's keys (`gap.mm`, `spurs.femur`, `grades.brooker`);
lists are parted by `|`; an empty cell leaves its key out. Rows with the same `id`, or without
that column the same `study.study_instance_uid`, are one record. A row becomes the JSON it stands
for and passes the same door, so that a table can say nothing that a record cannot.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault, RecordRefused
from hosr.intake.record import Record, examine, forms
from hosr.intake.record.faults import FORMS
from hosr.intake.record.joined_faults import version_of
from hosr.intake.record.lengths import read_meaning
from hosr.intake.record.refusal import first_of, is_near, listing, nearest_first
from hosr.intake.tables.reader import read_rows
from hosr.intake.tables.rows import Row, as_json, name_faults, split_sheet, written
from hosr.intake.tables.spreadsheet_dates import MADE, identifier_problem, is_made
from hosr.study import is_no_name

if TYPE_CHECKING:
    from pydantic import BaseModel

    from hosr.intake.record.refusal import Located


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


_STUDY = "study.study_instance_uid"
_EVENT, _EVENTS = "context.index_event.", "context.index_events"
_MOST_HIPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEntry:
    """What the rows of one study say: a record, or why not."""

    id: str
    rows: tuple[int, ...]
    images: tuple[str, ...]
    outcome: Record | RecordRefused


def whole(entries: Iterable[TableEntry], path: Path) -> tuple[TableEntry, ...]:
    """The entries of a file, which one fault anywhere refuses, with all faults."""
    entries = tuple(entries)
    refusals = [entry.outcome for entry in entries if isinstance(entry.outcome, RecordRefused)]
    if refusals:
        faults = [fault for refusal in refusals for fault in refusal.faults]
        raise RecordRefused(first_of(faults, split_sheet(path)[0].name))
    return entries


def examine_table(path: Path) -> tuple[TableEntry, ...]:
    """Every record of a table, or the faults of its rows; a fault of the whole refuses it all."""
    table, name = read_rows(path), split_sheet(path)[0].name
    faults = list(header_faults(table.header))
    if faults:
        raise RecordRefused(first_of(faults, name))
    key = IDENTIFIER if IDENTIFIER in table.header else _STUDY
    groups: dict[str, list[Row]] = {}
    for row in table.rows:
        if key not in row.cells:
            remedy = "fill it in, so that the rows of one study are known"
            faults.append(Fault(f"row {row.number}, column {key}", "is empty", remedy))
        elif is_no_name(str(row.cells[key])):
            remedy = "give each study a name of its own"
            faults.append(
                Fault(f"row {row.number}, column {key}", "is a word that names no study", remedy)
            )
        groups.setdefault(str(row.cells.get(key)), []).append(row)
    if faults:
        raise RecordRefused(first_of(faults, name))
    return tuple(read_group(name, rows) for name, rows in groups.items())


def read_group(name: str, rows: Iterable[Row]) -> TableEntry:
    """The record that rows of one name say, or why not; a typed cell says what its text says."""
    return Group(name, [Row(row.number, _spelled(row.cells)) for row in rows]).entry()


def _spelled(cells: Mapping[str, Any]) -> dict[str, Any]:
    kept = (c for c in IDENTIFIERS if isinstance(cells.get(c), dt.date))  # for their own fault
    return {c: cell if isinstance(cell, list) else written(cell) for c, cell in cells.items()} | {
        c: cells[c] for c in kept
    }


class Group:
    """The rows of one record, and where each value of it came from.

    A text in a cell is read by its column; any other value is one that a record holds.
    """

    def __init__(self, name: str, rows: list[Row]) -> None:
        self._name = name
        self._rows = rows
        self._faults: dict[tuple[int, str], Fault] = {}
        self._whole = self._shared()

    def entry(self) -> TableEntry:
        """The record that the rows say, or why not."""
        for row in self._rows[_MOST_HIPS:]:
            problem, remedy = "is one row too many for its record", "a record has one or two hips"
            self._blame(row.number, "side", problem, remedy, "E09")
        hips = [_nested(self._values(row, hip=True)) for row in self._rows[:_MOST_HIPS]]
        said = {**_nested(self._whole), "hips": hips}
        whole = {"schema_version": version_of(said), **said}
        record, located = examine(whole, self._name)
        for fault in located:
            self._blame(*self._place(fault), fault.problem, fault.remedy, fault.rule)
        faults = [self._faults[place] for place in sorted(self._faults, key=itemgetter(0))]
        refusal = RecordRefused(first_of(faults))
        return TableEntry(
            id=self._name,
            rows=tuple(row.number for row in self._rows),
            images=tuple(self._images),
            outcome=refusal if faults or record is None else record,
        )

    def _blame(self, row: int, column: str, problem: str, remedy: str, rule: str = "") -> None:
        path = f"row {row}, column {column}"
        if is_made(self._cell(row, column)) and not is_date(column):
            remedy = MADE
        # A record in JSON is told to use quotes; a cell has none.
        what, to_do = (text.replace(" in quotes", " as text") for text in (problem, remedy))
        self._faults.setdefault((row, column), Fault(path, what, to_do, rule))

    def _cell(self, number: int, column: str) -> Any:
        return next((row.cells.get(column) for row in self._rows if row.number == number), None)

    def _values(self, row: Row, *, hip: bool) -> dict[str, Any]:
        values = {}
        for column, cell in row.cells.items():
            if column == IDENTIFIER or belongs_to_hip(column) is not hip:
                continue
            text = isinstance(cell, str)
            problem = cell_problem(column, cell) if text else None
            if column in IDENTIFIERS:
                problem = identifier_problem(cell)
            if problem is not None:
                self._blame(row.number, column, *problem)
            values[column] = read_cell(column, cell) if text else as_json(cell)
        if "islands" in values and any(column.startswith("islands.") for column in values):
            del values["islands"]
            beside = "is filled in beside single islands"
            self._blame(row.number, "islands", beside, "leave it empty, or write []")
        return values

    def _shared(self) -> dict[str, Any]:
        """What all rows say of the record as a whole; they may repeat it, and must agree."""
        values: dict[str, Any] = {}
        said = [self._values(row, hip=False) for row in self._rows]
        if self._has_events_of_hips(said):
            events = [_nested(_taken(each, _EVENT)) for each in said]
            values[_EVENTS] = [event["context"]["index_event"] for event in events]
        for row, each in zip(self._rows, said, strict=True):
            for column, value in each.items():
                if values.setdefault(column, value) != value:
                    problem = "differs from another row of the same record"
                    remedy = f'make them alike, or give the rows different values of "{IDENTIFIER}"'
                    self._blame(row.number, column, problem, remedy)
        images = values.pop(IMAGES, [])
        self._images: list[str] = images if isinstance(images, list) else [str(images)]
        return values

    def _has_events_of_hips(self, said: list[dict[str, Any]]) -> bool:
        """Whether each of two rows tells the index event of its own hip."""
        sides = [values.get(f"{_EVENT}side") for values in said]
        own = [row.cells.get("side") for row in self._rows]
        self._events_of_hips = len(set(sides)) == _MOST_HIPS and sides == own
        return self._events_of_hips

    def _place(self, fault: Located) -> tuple[int, str]:
        """The row and column that a fault of the record lies in."""
        match fault.location:
            case ("context", "index_events", int(index), *steps) if self._events_of_hips:
                return self._rows[index].number, f"{_EVENT}{'.'.join(map(str, steps))}"
            case ("hips", int(index), *steps):
                row = self._rows[index]
                return row.number, _column(row.cells, steps)
            case steps:
                holders = [row for row in self._rows if _column(row.cells, steps) in row.cells]
                row = (holders or self._rows)[0]
                return row.number, _column(row.cells, steps)


def _taken(values: dict[str, Any], prefix: str) -> dict[str, Any]:
    """What stands under these columns, taken out of the others."""
    return {column: values.pop(column) for column in [*values] if column.startswith(prefix)}


def _column(cells: Mapping[str, Any], steps: Sequence[str | int]) -> str:
    """The column of a place: the cell that holds it, else the dotted name it would have."""
    match steps:
        case ("islands", int(index), *inside):
            numbers = _island_numbers(cells)
            number = numbers[index] if index < len(numbers) else index
            steps = ("islands", number, *inside)
    names = [".".join(map(str, steps[:end])) for end in range(len(steps), 0, -1)]
    return next((name for name in names if name in cells), names[0] if names else "side")


def _island_numbers(columns: Iterable[str]) -> list[int]:
    return sorted({int(name.split(".")[1]) for name in columns if name.startswith("islands.")})


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    """Dotted names as nested objects; islands by number as a list, without holes."""
    nested: dict[str, Any] = {}
    for column, value in values.items():
        *holders, leaf = column.split(".")
        here = nested
        for holder in holders:
            here = here.setdefault(holder, {})
        here[leaf] = value
    islands = nested.get("islands")
    if isinstance(islands, dict):
        nested["islands"] = [islands[str(number)] for number in _island_numbers(values)]
    return nested
