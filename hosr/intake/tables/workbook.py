"""Rows of one sheet of an XLSX workbook, which is measured before it is opened.

A workbook is a ZIP file of XML (ISO/IEC 29500). What is handed to the library that reads it is a
copy of the few parts that it needs, of the size that was counted: no file can say a small size and
unpack to a large one, and no sheet can claim cells that would fill the memory. The same pass finds
what a value read back would hide: formulas that were never computed, and errors.

Of merged cells the first holds the value and the others are empty; nothing is filled in.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.parsers import expat

from hosr.intake.record.json_text import refuse_file
from hosr.intake.record.refusal import listing, quoted
from hosr.intake.tables.rows import (
    LOST_DIGITS,
    NO_ROWS,
    FileForm,
    Row,
    Table,
    is_too_long_for_a_spreadsheet,
    normalized,
    plain_cell,
    row_of,
    written,
)
from hosr.intake.tables.spreadsheet_dates import is_one_order, may_be_swapped, words_of_doubt

_MOST_BYTES = 256 * 1024 * 1024  # unpacked
_MOST_CELLS = 20_000_000
_READ_BYTES = 1 << 20

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_SHARED = frozenset({"[Content_Types].xml", "_rels/.rels", _WORKBOOK, _RELATIONS})
_OPTIONAL = ("sharedstrings.xml", "styles.xml")
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)

_NOT_COMPUTED = (
    "holds a formula that was never computed",
    "open the file in a spreadsheet program, save it, and give that file",
)
_ERROR = ("holds an error of a spreadsheet", "correct its formula, or leave the cell empty")


class _NotAWorkbook(Exception):
    """Parts of the workbook are missing, damaged or of another kind."""


# What the libraries of ZIP files and XML say of bytes that are none.
_DAMAGED = (
    _NotAWorkbook,
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    OSError,
    ValueError,
    LookupError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


def is_workbook(file: BinaryIO) -> bool:
    """Whether a ZIP file is an XLSX workbook, or is said to be one."""
    try:
        return _WORKBOOK in zipfile.ZipFile(file).namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def read_workbook(file: BinaryIO, name: str, form: FileForm, used: Collection[str] | None) -> Table:
    """The table in one sheet of a workbook.

    Raises `RecordRefused` for what is no such file or too large, and where the library is missing.
    """
    try:
        import python_calamine as calamine
    except ImportError:
        remedy = "install hosr[table], or save it as CSV"
        raise refuse_file(name, "is XLSX, which needs python-calamine", remedy) from None
    try:
        copy, sheet, look = _measured(file, name, form.sheet)
        notes = (*sheet.notes, *look.notes)
        opened = calamine.load_workbook(copy).get_sheet_by_name(sheet.name)
    except (*_DAMAGED, calamine.CalamineError):
        raise refuse_file(name, "is not a readable XLSX file", "save it again") from None
    first = opened.start[1] if opened.start else 0
    numbered = enumerate(opened.iter_rows(), start=1)
    header: tuple[str, ...] = ()
    for number, values in numbered:
        cells = [_text(value) for value in values] if number > form.skip else []
        if any(cells):
            header = tuple(cells)
            break
    while header and not header[-1]:
        header = header[:-1]
    if not header:
        raise refuse_file(name, *NO_ROWS)
    doubtful = _find_swapped(opened, form.skip)
    return Table(header, _rows(numbered, header, look.faults_from(first), doubtful, used), notes)


def _find_swapped(opened: Any, skip: int) -> dict[int, int]:
    """Columns of dates in which one is left a text, for its day was no month; the row of the first."""
    dated: set[int] = set()
    left: dict[int, int] = {}
    for number, values in enumerate(opened.iter_rows(), start=1):
        if number > skip:
            for index, value in enumerate(values):
                if isinstance(value, dt.date):
                    dated.add(index)
                elif isinstance(value, str) and is_one_order(value.strip()):
                    left.setdefault(index, number)
    return {index: number for index, number in left.items() if index in dated}


def _text(value: Any) -> str:
    cell = plain_cell(value)
    return "" if cell is None else normalized(written(cell))


def _rows(
    numbered: Iterator[tuple[int, list[Any]]],
    header: tuple[str, ...],
    faults: dict[int, dict[int, tuple[str, str]]],
    doubtful: dict[int, int],
    used: Collection[str] | None,
) -> Iterator[Row]:
    for number, values in numbered:
        found = {n: LOST_DIGITS for n, v in enumerate(values) if is_too_long_for_a_spreadsheet(v)}
        for index, left in doubtful.items():
            if index < len(values) and may_be_swapped(values[index]):
                found[index] = words_of_doubt(left)
        row = row_of(number, header, values, {**found, **faults.get(number, {})}, used)
        if row is not None:
            yield row


def _measured(file: BinaryIO, name: str, asked: str) -> tuple[io.BytesIO, _Chosen, _Look]:
    """A copy of the parts that a sheet is made of, which sheet it is, and what it holds."""
    with zipfile.ZipFile(file) as archive:
        parts = {info.filename: info for info in archive.infolist()}
        if sum(info.file_size for info in parts.values()) > _MOST_BYTES:
            problem = f"unpacks to more than {_MOST_BYTES // 1024 // 1024} MiB"
            raise refuse_file(name, problem, "save the one sheet, or save it as CSV")
        sheet = _choose(_sheets(archive), name, asked)
        kept = [
            p for p in parts if p in _SHARED or p == sheet.part or p.lower().endswith(_OPTIONAL)
        ]
        copy = io.BytesIO()
        look = _Look()
        with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as measured:
            for each in kept:
                with archive.open(parts[each]) as source, measured.open(each, "w") as target:
                    while chunk := source.read(_READ_BYTES):
                        target.write(chunk)
                        if each == sheet.part:
                            look.feed(chunk)
        look.feed(b"", is_last=True)
    if look.rows * look.columns > _MOST_CELLS:
        problem = f"has a sheet of more than {_MOST_CELLS} cells"
        raise refuse_file(name, problem, "delete what stands far from the table, or save it as CSV")
    copy.seek(0)
    return copy, sheet, look


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The parts of the sheets by their names, in order."""
    targets: dict[str, str] = {}
    for tag, attributes in _elements(archive.read(_RELATIONS)):
        if tag == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes["Target"]
            full = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            targets[attributes["Id"]] = posixpath.normpath(full)
    found: dict[str, str] = {}
    for tag, attributes in _elements(archive.read(_WORKBOOK)):
        if tag == "sheet":
            key = next((v for k, v in attributes.items() if k.rpartition(":")[2] == "id"), "")
            if key in targets:
                found[attributes["name"]] = targets[key]
    return found


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part, by its name without a prefix."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda tag, attributes: found.append(
        (tag.rpartition(":")[2], attributes)
    )
    parser.Parse(xml, True)
    return found


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise _NotAWorkbook  # no workbook declares a type of document, in which entities multiply

    parser.StartDoctypeDeclHandler = refuse
    return parser


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A sheet, the part that it is in, and what was assumed in choosing it."""

    name: str
    part: str
    notes: tuple[str, ...] = ()


def _choose(sheets: dict[str, str], name: str, asked: str) -> _Chosen:
    if not sheets:
        raise _NotAWorkbook
    if not asked:
        sheet, part = next(iter(sheets.items()))
        note = f"the sheet {quoted(sheet)} is read, the first of {len(sheets)}"
        return _Chosen(sheet, part, (note,) if len(sheets) > 1 else ())
    for sheet, part in sheets.items():
        if normalized(sheet) == normalized(asked):
            return _Chosen(sheet, part)
    problem = f"has no sheet {quoted(asked)}"
    raise refuse_file(name, problem, f"name one of its sheets: {listing(list(sheets))}")


class _Look:
    """What the XML of a sheet says: how far its cells reach, and which hold no value of their own."""

    def __init__(self) -> None:
        self.rows = self.columns = self._merged = 0
        self._faults: dict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
        self._row = self._column = 0
        self._kind = ""
        self._has_formula = self._in_value = self._has_value = False
        self._parser = _parser()
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._say

    def feed(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Look at more of the part."""
        self._parser.Parse(chunk, is_last)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is assumed of cells that are merged."""
        note = "of merged cells the first holds the value, and the others are empty"
        return (f"{note} ({self._merged:,})",) if self._merged else ()

    def faults_from(self, first: int) -> dict[int, dict[int, tuple[str, str]]]:
        """The cells that cannot be used, by row from 1 and by column from this one."""
        return {
            row: {column - 1 - first: words for column, words in cells.items()}
            for row, cells in self._faults.items()
        }

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "row":
                self._row = int(attributes.get("r", self._row + 1))
                self._column = 0
                self.rows = max(self.rows, self._row)
            case "c":
                self._place(attributes.get("r", ""))
                self._kind = attributes.get("t", "")
                self._has_formula = self._has_value = False
            case "mergeCell":
                self._merged += 1
            case "f":
                self._has_formula = True
            case "v":
                self._in_value = True

    def _place(self, text: str) -> None:
        found = _PLACE.fullmatch(text)
        if found is None and text:
            raise _NotAWorkbook
        if found is None:
            self._column += 1
        else:
            self._column = 0
            for letter in found[1]:
                self._column = self._column * 26 + ord(letter) - 64
            self._row = int(found[2])
        self.rows, self.columns = max(self.rows, self._row), max(self.columns, self._column)

    def _say(self, _: str) -> None:
        self._has_value = self._has_value or self._in_value

    def _end(self, tag: str) -> None:
        match tag.rpartition(":")[2]:
            case "v":
                self._in_value = False
            case "c" if self._kind == "e":
                self._faults[self._row][self._column] = _ERROR
            case "c" if self._has_formula and not self._has_value and self._kind != "str":
                self._faults[self._row][self._column] = _NOT_COMPUTED
