"""A table as records, one after another, each through the same door as any record."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, RecordRefused, UsageError
from hosr.folder import folded
from hosr.intake.matching import note_identity, note_missing_codes
from hosr.intake.record import Record
from hosr.intake.record.refusal import first_of, listing
from hosr.intake.registry.hips import HipRow, is_spoken, key_source, read_hips, row_key
from hosr.intake.registry.import_report import Refusal, Survey
from hosr.intake.registry.mapping import PER_STUDY, has_place
from hosr.intake.tables.columns import belongs_to_hip, is_date
from hosr.intake.tables.reader import open_table
from hosr.intake.tables.records import Group
from hosr.intake.tables.rows import Row, Run, Table, runs_of, split_sheet
from hosr.intake.tables.spreadsheet_dates import is_swapped
from hosr.study import is_no_name

if TYPE_CHECKING:
    from hosr.intake.registry.mapping import Mapping, Reading


# Rows of one name that are kept together; a record has two at most.
_MOST_ROWS = 10
_TABLE_PLACE = re.compile(r"row (\d+), column (.+)", re.DOTALL)
_NUMBER_SHOWN = re.compile(r"^is [-+.\de]+, (?=less|more|not more)")
_HIP_PLACE = re.compile(r"\$\.hips\[(\d)\]\.?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A record that the rows of a table became; its images as the table names them."""

    id: str
    rows: tuple[int, ...]
    images: tuple[str, ...]
    record: Record


def read_entries(
    path: Path,
    mapping: Mapping,
    survey: Survey,
    *,
    judge: Callable[[Record], object] = lambda _: None,
    name_problem: Callable[[str], str | None] = lambda _: None,
) -> Iterator[Imported | Refusal]:
    """Every record of a table, or why its rows are refused, in the order of the rows.

    The table is read twice, the first time for names that are used again. `judge` may refuse a
    record with `RecordRefused`; `name_problem` says why a name cannot be that of a record.
    Raises `RecordRefused` where the table as a whole is refused, and `UsageError` where the
    temporary folder is full.
    """
    swapped: dict[int, int] = {}
    with (
        find_repeated(_names(path, mapping, swapped)) as is_repeated,
        _opened(path, mapping) as table,
    ):
        survey.begin(table.header, table.notes)
        importer = _Importer(mapping, survey, swapped, is_repeated, judge, name_problem)
        rows = _wanted(table.rows, mapping, survey)
        for run in runs_of(rows, partial(_name_of, mapping=mapping), _MOST_ROWS):
            survey.begin_rows(len(run.rows))
            refused: set[int] = set()
            for outcome in importer.outcomes(run):
                _note(outcome, survey)
                refused.update(outcome.rows if isinstance(outcome, Refusal) else ())
                yield outcome
            survey.refused_rows += len(refused)


@dataclass(frozen=True, slots=True)
class _Importer:
    """How the rows of one name become records."""

    mapping: Mapping
    survey: Survey
    swapped: dict[int, int]
    is_repeated: Callable[[str], bool]
    judge: Callable[[Record], object]
    name_problem: Callable[[str], str | None]

    def outcomes(self, run: Run) -> Iterator[Imported | Refusal]:
        """The record of each reading that the rows hold, or why there is none."""
        is_silent = True
        for reading in self.mapping.each:
            rows = [row for row in run.rows if is_spoken(row, reading)]
            if rows:
                is_silent = False
                yield self._entry(run, reading, rows).outcome(self.judge)
        if is_silent:
            entry = self._entry(run, self.mapping.each[0], run.rows)
            remedy = "fill in a column of one, or remove the row"
            entry.blame_row(Fault(f"row {run.rows[0].number}", "holds no reading", remedy))
            yield entry.outcome(self.judge)

    def _entry(self, run: Run, reading: Reading, rows: Iterable[Row]) -> _Entry:
        mapping, survey, name = reading.mapping, self.survey, reading.entry_name(run.name)
        hips = [hip for row in rows for hip in read_hips(row, mapping, survey, self.swapped)]
        entry = _Entry(name, hips, mapping, survey)
        for fault in run.beside:
            entry.blame_row(fault)
        for words in self._key_problems(run, name):
            entry.blame_key(*words)
        return entry

    def _key_problems(self, run: Run, name: str) -> Iterator[tuple[str, str]]:
        """Why the rows cannot be those of the record that they name: the problem and the remedy."""
        if not run.name:
            if not any(row.faults for row in run.rows):
                yield "is empty", "fill it in, so that the rows of one study are known"
        elif is_no_name(run.name):
            yield "is a word that names no study", "give each study a name of its own"
        elif run.beside:
            return
        elif self.is_repeated(folded(name)):
            yield "is used again for other rows", _REPEATED[self.mapping.table.layout]
        elif not (run.is_first and run.is_last):
            yield f"is the same in more than {_MOST_ROWS} rows", _ONE_OR_TWO
        else:
            problem = self.name_problem(name)
            if problem is not None:
                yield problem, "map another column to id, or compose one"


_ONE_OR_TWO = "give each study a value of its own"
_REPEATED = {
    PER_STUDY: "give each study one row with a value of its own",
    "row per hip": "sort the table so that the rows of one study stand together",
}


def _note(outcome: Imported | Refusal, survey: Survey) -> None:
    if isinstance(outcome, Refusal):
        survey.refuse(outcome)
    else:
        survey.records += 1
        survey.hips += len(outcome.record.hips)
        survey.without_identity += bool(note_identity(outcome.record))
        survey.missing_codes += bool(note_missing_codes(outcome.record))


@contextmanager
def _opened(path: Path, mapping: Mapping) -> Iterator[Table]:
    """The table, which has every mapped column once."""
    with open_table(path, mapping.table.file, mapping.columns) as table:
        header, faults = Counter(table.header), []
        name = split_sheet(path)[0].name
        for column in mapping.columns:
            if column not in header:
                close = get_close_matches(column, header, n=3, cutoff=0.6)
                written = f"write {listing(close)} in the mapping" if close else ""
                remedy = written or "compare the mapping with the header"
                read = [s.name for s in mapping.sources if column in s.columns]
                places = read or ["[only]"]
                problem = f"is not in the table, but {listing(places)} is read from it"
                faults.append(Fault(f"{name}, column {column}", problem, remedy))
            elif header[column] > 1:
                problem = "stands in the header more than once"
                faults.append(Fault(f"{name}, column {column}", problem, "rename one of them"))
        if faults:
            raise RecordRefused(faults)
        yield replace(table, rows=islice(table.rows, mapping.table.skip_below, None))


def _wanted(rows: Iterable[Row], mapping: Mapping, survey: Survey | None = None) -> Iterator[Row]:
    """The rows that [only] wants; of one with faults it cannot be told, and it is read."""
    for row in rows:
        if row.faults or mapping.takes(row.cells):
            yield row
        elif survey is not None:
            survey.left_out += 1


def _name_of(row: Row, mapping: Mapping) -> str | None:
    """The name of a row; None where a fault of a row for one hip may have hidden it."""
    is_unread = bool(row.faults) and mapping.table.layout != PER_STUDY
    return row_key(row, mapping) or (None if is_unread else "")


def _names(path: Path, mapping: Mapping, swapped: dict[int, int]) -> Iterator[str]:
    """The name of each run of rows, of which no two should be alike.

    Notes by the identity of each source the first row in which day and month are swapped.
    """
    dated = [source for source in mapping.sources if is_date(source.name)]
    with _opened(path, mapping) as table:
        last = ""
        for raw in _wanted(table.rows, mapping):
            for source in dated:
                if is_swapped(source.text(raw.cells), source.dates):
                    swapped.setdefault(id(source), raw.number)
            name = row_key(raw, mapping)
            if name and (name != last or mapping.table.layout == PER_STUDY):
                # Not every file system tells names apart that differ in case or composition.
                yield from (folded(reading.entry_name(name)) for reading in mapping.each)
            last = name


class _Entry:
    """The rows of one record, and where each fault of it lies in the table."""

    def __init__(self, name: str, hips: list[HipRow], mapping: Mapping, survey: Survey) -> None:
        self._name = name
        self._hips = hips
        self._mapping = mapping
        self._faults: dict[tuple[int, str], Fault] = {}
        self._fill_assumed(survey)
        for index, hip in enumerate(hips):
            for number, fault in enumerate(hip.faults):
                self._faults[index, f"#{number}"] = fault
            for column, (problem, remedy) in hip.problems.items():
                self._blame(index, column, Fault("", problem, remedy))

    def _fill_assumed(self, survey: Survey) -> None:
        for name, value in self._mapping.assumed.items():
            if belongs_to_hip(name):
                lacking = [
                    h for h in self._hips if name not in h.values and has_place(name, h.values)
                ]
            else:
                lacking = [] if any(name in hip.values for hip in self._hips) else self._hips[:1]
            for hip in lacking:
                hip.values[name] = value
                survey.assume(name)

    def blame_row(self, fault: Fault) -> None:
        """Refuse a row as a whole, and with it its record."""
        self._faults[0, fault.path] = fault

    def blame_key(self, problem: str, remedy: str) -> None:
        """Refuse every row for what says which record it belongs to."""
        source = key_source(self._mapping)
        for index in range(len(self._hips)):
            if source is not None:
                self._blame(index, source.name, Fault("", problem, remedy))

    def outcome(self, judge: Callable[[Record], object]) -> Imported | Refusal:
        """The record, or every fault of its rows."""
        numbers = tuple(dict.fromkeys(hip.number for hip in self._hips))
        if any(", column " not in fault.path for hip in self._hips for fault in hip.faults):
            return self._refusal(numbers)  # what lacks most of its cells is not judged by them
        rows = [Row(index, hip.values) for index, hip in enumerate(self._hips)]
        entry = Group(self._name, rows).entry()
        if isinstance(entry.outcome, RecordRefused):
            for fault in entry.outcome.faults:
                self._blame_table(fault)
        elif not self._faults:
            try:
                judge(entry.outcome)
            except RecordRefused as refusal:
                for fault in refusal.faults:
                    self._blame_record(fault)
        if self._faults or isinstance(entry.outcome, RecordRefused):
            return self._refusal(numbers)
        return Imported(id=self._name, rows=numbers, images=entry.images, record=entry.outcome)

    def _refusal(self, numbers: tuple[int, ...]) -> Refusal:
        ordered = [self._faults[place] for place in sorted(self._faults, key=_row_of)]
        return Refusal(rows=numbers, faults=tuple(first_of(ordered)))

    def _blame(self, index: int, name: str, fault: Fault) -> None:
        path = f"row {self._hips[index].number}, {self._label(name, self._hips[index].side)}"
        self._faults.setdefault((index, name), replace(fault, path=path))

    def _blame_table(self, fault: Fault) -> None:
        place = _TABLE_PLACE.fullmatch(fault.path)
        if place is None:
            self._faults.setdefault((0, fault.path), fault)
        else:
            # A column that was mapped by mistake may hold the numbers of patients.
            problem = _NUMBER_SHOWN.sub("is ", fault.problem)
            self._blame(int(place[1]), place[2], replace(fault, problem=problem))

    def _blame_record(self, fault: Fault) -> None:
        """A fault of the record as a whole, which names its place as a JSON path."""
        place = _HIP_PLACE.fullmatch(fault.path)
        index = int(place[1]) if place else 0
        steps = place[2] if place else fault.path.removeprefix("$").removeprefix(".")
        name = re.sub(r"\[(\d+)\]", r".\1", steps)
        path = f"row {self._hips[index].number}, {self._label(name, self._hips[index].side)}"
        # One place can break several rules, and each is worth its line.
        self._faults[index, f"{name} {fault.problem}"] = replace(fault, path=path)

    def _label(self, name: str, side: str) -> str:
        """A place in the record as the table calls it, and as the record does."""
        steps = name.split(".")
        for end in range(len(steps), 0, -1):
            source = self._mapping.source(".".join(steps[:end]), side)
            if source is not None:
                return source.label
        inside = [s for s in self._mapping.sources if s.name.startswith(f"{name}.")]
        columns = dict.fromkeys(c for s in inside if s.side in ("", side) for c in s.columns)
        if columns:
            return f"column {' + '.join(columns)} ({name})"
        return f"[constants] {name}" if name in self._mapping.constants else name or "record"


def _row_of(place: tuple[int, str]) -> int:
    return place[0]


_DIGEST_BYTES = 16


@contextmanager
def find_repeated(names: Iterable[str]) -> Iterator[Callable[[str], bool]]:
    """A test for names that occur more than once among these.

    Their digests are kept in a temporary database that SQLite removes by itself, so that a table
    of any length takes the same memory. Raises `UsageError` where there is no room for it.
    """
    try:
        with closing(sqlite3.connect("", isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode = OFF")
            database.execute("CREATE TABLE name (digest BLOB PRIMARY KEY, times INT) WITHOUT ROWID")
            database.execute("BEGIN")
            database.executemany(
                "INSERT INTO name VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1",
                ((_digest(name),) for name in names),
            )

            def is_repeated(name: str) -> bool:
                question = "SELECT times > 1 FROM name WHERE digest = ?"
                row = database.execute(question, (_digest(name),)).fetchone()
                return bool(row and row[0])

            yield is_repeated
    except sqlite3.OperationalError:
        fault = Fault("temporary folder", "has no room", "free some, or set TMPDIR")
        raise UsageError(fault) from None


def _digest(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()
