"""Grading records from a table (CSV, Parquet or XLSX) with one row for each hip.

An empty cell leaves its key out. Rows with the same `id`, or without that column the same
`study.study_instance_uid`, are one record. A row becomes the JSON it stands for and passes the same
door, so that a table can say nothing that a record cannot.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault, RecordRefused
from hosr.intake.record import Record, examine
from hosr.intake.record.joined_faults import version_of
from hosr.intake.record.refusal import first_of
from hosr.intake.tables.columns import (
    IDENTIFIER,
    IDENTIFIERS,
    IMAGES,
    belongs_to_hip,
    cell_problem,
    header_faults,
    is_date,
    read_cell,
)
from hosr.intake.tables.reader import read_rows
from hosr.intake.tables.rows import Row, as_json, split_sheet, written
from hosr.intake.tables.spreadsheet_dates import MADE, identifier_problem, is_made
from hosr.study import is_no_name

if TYPE_CHECKING:
    from hosr.intake.record.refusal import Located

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
