"""What a registry knows beside the images: a table of covariates, joined by patient, side and study."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.cohort.columns import COLUMNS, EXTRA_PREFIX, Row
from hosr.cohort.disclosure import Disclosure, Entry, Identities
from hosr.cohort.readings import HipReading
from hosr.cohort.rows import subject_of
from hosr.errors import Fault, RecordRefused, UsageError
from hosr.intake.record.lengths import read_meaning
from hosr.intake.record.refusal import first_of, listing, quoted
from hosr.intake.tables.reader import read_rows
from hosr.intake.tables.rows import name_faults, split_sheet, written
from hosr.intake.tables.spreadsheet_dates import identifier_problem
from hosr.study import is_no_id
from hosr.vocabulary.terms import Event, Side

if TYPE_CHECKING:
    from hosr.intake.tables.rows import Row as TableRow


_KEYS = ("patient_id", "side", "study_instance_uid")
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,6})?", re.ASCII)
_HEADS_MM = (16.0, 70.0)
_MOST_CHARACTERS = 200

_APPROACHES = (
    "posterior",
    "direct_anterior",
    "anterolateral",
    "lateral",
    "transtrochanteric",
    "other",
)
_PROPHYLAXES = ("none", "nsaid", "radiotherapy", "both", "unknown")
_SWITCHES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

# subject, side, study; "" for every one.
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariates:
    """The cells that hold for a subject, a side of it, or a study, and the row that says so."""

    name: str
    cells: dict[_Key, Row]
    row_numbers: dict[_Key, int]


class _Wrong(Exception):
    """A cell that is refused: a problem and a remedy."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.fault = problem, remedy
        super().__init__(problem)


def read_covariates(path: Path) -> Covariates:
    """The covariates of a table (CSV, Parquet or XLSX) with a column patient_id.

    `side` and `study_instance_uid` narrow a row down; where they are empty or absent, it holds
    for both hips and all studies. Columns that hosr does not know begin with x_ in the cohort.
    Raises `RecordRefused` with every fault of the table.
    """
    table, name = read_rows(path), split_sheet(path)[0].name
    faults = list(_header_faults(table.header))
    if faults:
        raise RecordRefused(first_of(faults, name))
    cells: dict[_Key, Row] = {}
    numbers: dict[_Key, int] = {}
    for row in table.rows:
        read, own = _read_row(row)
        faults += own
        key = _key(read)
        if not own and key in cells and cells[key] != _without_keys(read):
            problem = (
                f"differs from row {numbers[key]}, which is of the same patient, side and study"
            )
            faults.append(Fault(f"row {row.number}", problem, "keep one of them"))
        numbers.setdefault(key, row.number)
        cells.setdefault(key, _without_keys(read))
    if faults:
        raise RecordRefused(first_of(faults, name))
    return Covariates(name=name, cells=cells, row_numbers=numbers)


def _header_faults(header: Sequence[str]) -> Iterator[Fault]:
    yield from name_faults(header)
    for column in dict.fromkeys(header):
        if not column.isprintable():
            yield Fault("header", "has a column without a readable name", "name it or remove it")
        elif column in _OWN:
            remedy = "remove it; it follows from the reports"
            yield Fault(f"column {column}", "is no covariate", remedy)
    if "patient_id" not in header:
        yield Fault("header", 'has no column "patient_id"', "add it, to say whom a row is about")


def _read_row(row: TableRow) -> tuple[Row, list[Fault]]:
    cells: Row = {}
    faults = []
    for column, cell in row.cells.items():
        name = column if column in _READERS or column.startswith(EXTRA_PREFIX) else f"x_{column}"
        try:
            cells[name] = _READERS.get(column, _read_text)(written(cell))
        except _Wrong as wrong:
            faults.append(Fault(f"row {row.number}, column {column}", *wrong.fault))
    problem = identifier_problem(row.cells.get("patient_id"))
    if problem is not None:
        faults.append(Fault(f"row {row.number}, column patient_id", *problem))
    if "patient_id" not in row.cells:
        faults.append(Fault(f"row {row.number}, column patient_id", "is empty", "fill it in"))
    return cells, faults


def _key(cells: Row) -> _Key:
    patient, side, study = (str(cells.get(name, "")) for name in _KEYS)
    return patient, side, study


def _without_keys(cells: Row) -> Row:
    return {name: cell for name, cell in cells.items() if name not in _KEYS}


def _read_text(text: str) -> str:
    if len(text) > _MOST_CHARACTERS or not text.isprintable():
        problem = f"holds more than {_MOST_CHARACTERS} characters, or a line break or control sign"
        raise _Wrong(problem, "shorten it to one line")
    return text


def _read_head(text: str) -> float:
    meant = read_meaning(text, may_be_class=False)
    if _NUMBER.fullmatch(text) is None:
        remedy = "write the millimetres with a decimal point" if meant is None else meant.mm
        remedy = remedy if meant is None else f"write {remedy}"
        raise _Wrong("is not a number of millimetres", remedy)
    least, most = _HEADS_MM
    if not least <= float(text) <= most:
        problem = f"is not between {least:g} and {most:g} mm"
        raise _Wrong(problem, "give the diameter of the head in millimetres")
    return float(text)


def _read_switch(text: str) -> bool:
    if text.casefold() not in _SWITCHES:
        raise _Wrong("is neither true nor false", "write true or false, or leave it empty")
    return _SWITCHES[text.casefold()]


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        word = text.casefold().replace(" ", "_").replace("-", "_")
        if word not in words:
            raise _Wrong("is an unknown word", f"write {listing(list(words))}")
        return word

    return read


_READERS: dict[str, Callable[[str], Any]] = {
    "patient_id": _read_text,
    "side": _one_of([side.value for side in Side]),
    "study_instance_uid": _read_text,
    "follow_up_label": _read_text,
    "procedure": _one_of([event.value for event in Event]),
    "approach": _one_of(_APPROACHES),
    "implant_head_mm": _read_head,
    "prophylaxis": _one_of(_PROPHYLAXES),
    "prior_ho": _read_switch,
    "blinded": _read_switch,
}
_OWN = {column.name for column in COLUMNS} - _READERS.keys()


def join(
    readings: Sequence[HipReading],
    covariates: Covariates,
    *,
    identified: bool,
    allowed: Collection[str] = (),
) -> tuple[tuple[HipReading, ...], tuple[str, ...]]:
    """The readings with their covariates, a narrower row before a wider; and what is to be known.

    `allowed` are columns that are kept although they may be taken for identity. Raises
    `RecordRefused` where an ID is that of patients of several issuers and, unless the cohort keeps
    identity, where a column holds some.
    """
    keys = _subject_keys(readings)
    faults = [
        Fault(
            f"row {covariates.row_numbers[key]}, column patient_id",
            "is there from several issuers",
            "write it as ID^^^ISSUER",
        )
        for key in covariates.cells
        if len(keys.get(key[0], ())) > 1
    ]
    notes: tuple[str, ...] = ()
    if not identified:
        found, notes = _judge_columns(readings, covariates, allowed)
        faults += found
    if faults:
        raise RecordRefused(first_of(faults, covariates.name))
    used: set[_Key] = set()
    joined = tuple(_joined(reading, covariates, keys, used) for reading in readings)
    left = len(covariates.cells) - len(used)
    if not left:
        return joined, notes
    are = "row of covariates is" if left == 1 else "rows of covariates are"
    return joined, (*notes, f"{left} {are} of no hip of this cohort")


def _subject_keys(readings: Sequence[HipReading]) -> dict[str, set[str]]:
    """The subjects that a patient ID may mean: written with its issuer, or without."""
    keys: dict[str, set[str]] = defaultdict(set)
    for reading in readings:
        subject = subject_of(reading)
        if not is_no_id(reading.patient.patient_id):
            keys[subject].add(subject)
            keys[reading.patient.patient_id.strip()].add(subject)
    return keys


def _joined(
    reading: HipReading, covariates: Covariates, keys: dict[str, set[str]], used: set[_Key]
) -> HipReading:
    subject, patient_id = subject_of(reading), reading.patient.patient_id.strip()
    if is_no_id(patient_id):
        return reading
    cells: Row = {}
    for patient in dict.fromkeys((patient_id, subject)):
        for side, study in (
            ("", ""),
            (reading.side, ""),
            ("", reading.study_id),
            (reading.side, reading.study_id),
        ):
            key = (patient, side, study)
            if key in covariates.cells and keys[patient] == {subject}:
                used.add(key)
                cells |= covariates.cells[key]
    return replace(reading, cells={**reading.cells, **cells}) if cells else reading


def _judge_columns(
    readings: Sequence[HipReading], covariates: Covariates, allowed: Collection[str]
) -> tuple[list[Fault], tuple[str, ...]]:
    """The columns that name a patient or a reader, or tell a date; and what is told of the others."""
    identities = Identities(readings)
    faults: list[Fault] = []
    notes: list[str] = []
    for name, entries in sorted(_texts(covariates).items()):
        found = identities.judge(entries)
        if found is None:
            continue
        is_allowed = name in allowed
        if found.is_leak or (found.is_identifying and not is_allowed):
            faults.append(_identifying(name, found))
        else:
            notes.append(_kept(name, found, is_allowed=is_allowed))
    return faults, tuple(notes)


def _texts(covariates: Covariates) -> dict[str, list[Entry]]:
    """The cells of each column that passes into the cohort as it is."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for key, cells in covariates.cells.items():
        row = covariates.row_numbers[key]
        for name, cell in cells.items():
            if name.startswith(EXTRA_PREFIX) or name == "follow_up_label":
                found[name].append(Entry(patient=key[0], row=row, text=cell))
    return found


def _identifying(name: str, found: Disclosure) -> Fault:
    others = found.cells - 1
    more = f" ({others} more cells of it do so too)" if others else ""
    allow = "" if found.is_leak else f"keep it with --allow-column {name} if it names nobody, "
    return Fault(
        f"row {found.row}, column {name}",
        f"holds a name, an ID or a date, which identify{more}",
        f"remove the column, {allow}or keep identity with --identified",
    )


def _kept(name: str, found: Disclosure, *, is_allowed: bool) -> str:
    are = "cell is" if found.cells == 1 else "cells are"
    why = "kept as --allow-column says" if is_allowed else "the column as a whole names nobody"
    return f"column {name}: {found.cells} {are} like a name, an ID or a date; {why}"


def allowed_names(covariates: Covariates | None, columns: Iterable[str]) -> frozenset[str]:
    """The columns of the cohort that are allowed by these names, with or without their x_.

    Raises `UsageError` for one that no covariate has.
    """
    known = frozenset() if covariates is None else frozenset(_texts(covariates))
    found: set[str] = set()
    for column in columns:
        names = {column, f"{EXTRA_PREFIX}{column}"} & known
        if not names:
            problem = f"{quoted(column)} is no column of text of the covariates"
            remedy = f"name one of {listing(sorted(known))}" if known else "leave it out"
            raise UsageError(Fault("--allow-column", problem, remedy))
        found |= names
    return frozenset(found)
