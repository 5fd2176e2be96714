"""A table as every reader gives it: a header, then rows of cells, one after another.

A cell is text, truth, a number, a date or a list of these, whatever file it came from; an empty
one is not there. What a typed cell means is what its text in a CSV would mean.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from hosr.errors import Fault

NO_ROWS = ("holds no rows", "give a header and the rows below it")
SUFFIXES = (".csv", ".parquet", ".xlsx")
_WITH_SHEET = re.compile(r"(?P<file>.+\.xlsx)#(?P<sheet>[^/\\]+)", re.IGNORECASE)
# Beyond this a float no longer tells whole numbers apart.
_LARGEST_EXACT = 2.0**53
# Of longer numbers spreadsheets keep 15 digits, and show fewer: identifiers that are alike then.
_LONGEST_NUMBER = 10**15
_NO_NUMBER = 1e100  # is refused by whatever column it stands in
_SHORTENED = re.compile(r"[1-9](?:[.,]\d+)?[eE]\+?(?:1[1-9]|[2-9]\d)", re.ASCII)
LOST_DIGITS = (
    "has lost digits, as tables that hold it for a number write a long one",
    "write the column as text where the table comes from",
)
BESIDE = ("holds a cell beside the last column", "name its column, or remove the cell")
_NO_TEXT = ("holds bytes that are no text", "write the column as text")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """How a file is written: of CSV its encoding and delimiter, of XLSX its sheet; lines to skip.

    What is left empty is UTF-8; comma, semicolon or tab, whichever the header has most of or a first
    line such as `sep=;` says; and the first sheet. With `is_mapped`, a mapping names encoding and
    delimiter of every CSV, and nothing is taken from the file.
    """

    encoding: str = ""
    delimiter: str = ""
    skip: int = 0
    sheet: str = ""
    is_mapped: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its filled cells, and what is wrong with it.

    Of a row with faults only those cells are there that are sure to be of their column.
    """

    number: int
    cells: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a table, its rows as they are read, and what was assumed of the file."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Run:
    """Neighbouring rows of one name, or a part of them; "" where a row has none.

    `is_first` and `is_last` tell which part it is. `before` and `after` refuse its first and last
    row for neighbours of which it cannot be told whose they are.
    """

    name: str
    rows: list[Row]
    is_first: bool = True
    is_last: bool = True
    before: Fault | None = None
    after: Fault | None = None

    @property
    def beside(self) -> tuple[Fault, ...]:
        """Why it is refused for its neighbours."""
        return tuple(fault for fault in (self.before, self.after) if fault is not None)


def runs_of(rows: Iterable[Row], name_of: Callable[[Row], str | None], most: int) -> Iterator[Run]:
    """Rows by name, never more than so many at once; the name is None where it cannot be told.

    Such a row refuses those beside it: it may be their other hip.
    """
    run, unread = Run("", []), 0
    for row in rows:
        told = name_of(row)
        name = told or ""
        is_same = bool(name) and name == run.name
        if run.rows and (not is_same or len(run.rows) == most):
            if told is None and run.name:
                run.after = _beside(run.rows[-1].number, row.number)
            run.is_last = not is_same
            yield run
            run = Run(name, [], is_first=not is_same)
            if unread and name:
                run.before = _beside(row.number, unread)
        run.name = name
        run.rows.append(row)
        unread = row.number if told is None else 0
    if run.rows:
        yield run


def _beside(number: int, other: int) -> Fault:
    """Why a row is refused for its neighbour, of which it cannot be told whose hip it is."""
    problem = f"stands beside row {other}, which may be its other hip and cannot be assigned"
    return Fault(f"row {number}", problem, f"correct row {other}")


def row_words(numbers: Sequence[int]) -> str:
    """Rows as a fault names them: `row 3`, `rows 3, 4`."""
    return f"row {numbers[0]}" if len(numbers) == 1 else f"rows {', '.join(map(str, numbers))}"


def is_table(path: Path) -> bool:
    """Whether a file is named as a table is; a sheet may stand behind a workbook's name."""
    return split_sheet(path)[0].suffix.lower() in SUFFIXES


def split_sheet(path: Path) -> tuple[Path, str]:
    """The file of a path such as `hips.xlsx#Grades`, and the sheet that it names."""
    found = _WITH_SHEET.fullmatch(path.name)
    return (path.with_name(found["file"]), found["sheet"]) if found else (path, "")


def normalized(text: str) -> str:
    """The text as one sequence of characters, however its accents were typed (Unicode NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def name_faults(header: Iterable[str]) -> Iterator[Fault]:
    """Every column that no cell can be told by: without a name, or with that of another."""
    for column, count in Counter(header).items():
        if not column:
            yield Fault("header", "has a column without a name", "name it or remove it")
        elif count > 1:
            problem = "stands in the header more than once"
            yield Fault(f"column {column}", problem, "keep one of them")


def row_of(
    number: int,
    header: tuple[str, ...],
    values: Iterable[Any],
    faults: Mapping[int, tuple[str, str]],
    used: Collection[str] | None,
) -> Row | None:
    """A row of typed cells; None where nothing is filled. `faults` are cells by their index."""
    plain, faults = list(map(plain_cell, values)), dict(faults)
    for index, cell in enumerate(plain):
        if isinstance(cell, bytes):
            faults[index] = _NO_TEXT
        elif has_lost_digits(cell):
            faults[index] = LOST_DIGITS
    cells = {
        column: cell
        for column, cell in zip(header, plain, strict=False)
        if cell is not None and cell != ""
    }
    found = []
    for index, words in faults.items():
        column = header[index] if index < len(header) else ""
        if used is None or column in used:
            found.append(Fault(f"row {number}, column {column}", *words))
            cells.pop(column, None)
    if any(cell is not None and cell != "" for cell in plain[len(header) :]):
        found.append(Fault(f"row {number}", *BESIDE))
    return Row(number, cells, tuple(found)) if cells or found else None


def has_lost_digits(cell: Any) -> bool:
    """Whether a cell is a long whole number of which not all digits are left: 1.23457E+12."""
    if isinstance(cell, str):
        return ("E" in cell or "e" in cell) and bool(_SHORTENED.fullmatch(cell))
    return isinstance(cell, float) and _LARGEST_EXACT < abs(cell) < _NO_NUMBER


def is_too_long_for_a_spreadsheet(value: Any) -> bool:
    """Whether a number of a workbook has more digits than it keeps."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and _LONGEST_NUMBER <= abs(value) < math.inf


def plain_cell(value: Any) -> Any:
    """A typed cell as text, truth, a number, a date or a list of these; None for an empty one.

    Bytes are text in UTF-8, and stay bytes where they are none.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bytes):
        return _decoded(value)
    if isinstance(value, Decimal):
        near = float(value)
        value = near if math.isfinite(near) and Decimal(repr(near)) == value else str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return [plain_cell(item) for item in value]
    if value is None or isinstance(value, bool | int | dt.date):
        return value
    return str(value).strip()


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value


def _number(value: float) -> int | float | str | None:
    if not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    is_whole = value.is_integer() and abs(value) <= _LARGEST_EXACT
    return int(value) if is_whole else value


def written(cell: Any) -> str:
    """A typed cell as the text that a CSV would hold."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def as_json(cell: Any) -> Any:
    """A cell as a record can hold it: a date, which is none of its kinds of value, as text."""
    if isinstance(cell, list):
        return [as_json(item) for item in cell]
    return written(cell) if isinstance(cell, dt.date) else cell
