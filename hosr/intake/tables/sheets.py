"""Rows of a CSV or Parquet file of any length, one after another, as its mapping says it is written."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import refuse_file, refusing_unreadable
from hosr.intake.record.refusal import listing
from hosr.intake.registry.mapping import normalized

if TYPE_CHECKING:
    from hosr.intake.registry.mapping import Mapping, TableForm


_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
_UTF_8_MARK = b"\xef\xbb\xbf"
_LONGEST_LINE = 1_000_000
_BATCH_ROWS = 1024
# Bytes that an encoding has no character for come out of "surrogateescape" as these.
_UNREADABLE = ("\udc80", "\udcff")


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row: its number, counted from 1 with the header, its filled cells, and what is wrong."""

    number: int
    cells: ReadOnly[str, Any]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenTable:
    """The header of a table, and its rows as they are read."""

    header: tuple[str, ...]
    rows: Iterator[RawRow]


@contextmanager
def open_table(path: Path, mapping: Mapping) -> Iterator[OpenTable]:
    """The rows of a table, of which only a few are in memory at once.

    Raises `RecordRefused` where it is no such table, or lacks a mapped column.
    """
    name = path.name
    with ExitStack() as stack:
        file = stack.enter_context(_opened(path))
        start = file.read(4)
        file.seek(0)
        if start == _ZIP:
            raise refuse_file(name, "is a ZIP or office file", "save it as CSV or Parquet")
        if start == _PARQUET:
            table = _parquet(file, name)
        else:
            encoding = _encoding(start, name, mapping.table)
            text = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")
            table = _csv(stack.enter_context(text), encoding, name, mapping)
        _check_header(table.header, mapping, name)
        yield table


def _opened(path: Path) -> BinaryIO:
    with refusing_unreadable(path.name or str(path)):
        return path.open("rb")


def _check_header(header: tuple[str, ...], mapping: Mapping, name: str) -> None:
    faults = []
    for column in mapping.columns:
        if column not in header:
            close = get_close_matches(column, header, n=3, cutoff=0.6)
            written = f"write {listing(close)} in the mapping" if close else ""
            remedy = written or "compare the mapping with the header"
            places = [s.name for s in mapping.sources if column in s.columns]
            problem = f"is not in the table, but {listing(places)} is read from it"
            faults.append(Fault(f"{name}, column {column}", problem, remedy))
        elif header.count(column) > 1:
            problem = "stands in the header more than once"
            faults.append(Fault(f"{name}, column {column}", problem, "rename one of them"))
    if faults:
        raise RecordRefused(faults)


def _encoding(start: bytes, name: str, form: TableForm) -> str:
    """The encoding that the mapping names, which the start of the file must not deny."""
    lacking = [key for key in ("encoding", "delimiter") if not getattr(form, key)]
    if lacking:
        problem = f"is CSV, of which the mapping does not say the {' and the '.join(lacking)}"
        remedy = 'write encoding = "utf-8" and delimiter = ";" in [table], for example'
        raise refuse_file(name, problem, remedy)
    if not start.startswith(_UTF_8_MARK):
        return form.encoding
    if form.encoding not in ("utf-8", "utf-8-sig"):
        problem = f"begins with the mark of UTF-8, but the mapping says {form.encoding}"
        raise refuse_file(name, problem, 'write encoding = "utf-8" in [table]')
    return "utf-8-sig"


def _csv(text: TextIO, encoding: str, name: str, mapping: Mapping) -> OpenTable:
    form = mapping.table
    lines = _lines(text, name)
    for _ in range(form.skip):
        next(lines, "")
    reader = csv.reader(lines, delimiter=form.delimiter, strict=True)
    numbered = _numbered(reader, name, form)
    header = next((cells for _, cells in numbered), None)
    if header is None:
        raise refuse_file(name, "is empty", "give a header and one row for each hip or study")
    columns = tuple(normalized(cell) for cell in header)
    if any(map(_is_unreadable, columns)):
        remedy = "name its encoding in [table] of the mapping"
        raise refuse_file(name, f"has a header that is not {form.encoding} text", remedy)
    if any(_is_utf_8(column, encoding) for column in columns):
        remedy = 'write encoding = "utf-8" in [table]'
        raise refuse_file(name, f"has a header in UTF-8, not in {form.encoding}", remedy)
    return OpenTable(columns, _csv_rows(numbered, columns, mapping.columns, encoding))


def _lines(text: TextIO, name: str) -> Iterator[str]:
    """The lines of a text, none of which can fill the memory."""
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE and not line.endswith("\n"):
            problem = f"has a line of more than {_LONGEST_LINE} characters"
            raise refuse_file(name, problem, "check its quotes and line ends")
        yield line


def _numbered(reader: Any, name: str, form: TableForm) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, with their numbers."""
    try:
        for number, line in enumerate(reader, start=form.skip + 1):
            cells = [cell.strip() for cell in line]
            if any(cells):
                yield number, cells
    except csv.Error:
        problem = f"is not CSV (near line {reader.line_num + form.skip})"
        raise refuse_file(name, problem, "check its quotes") from None
    except UnicodeError:
        remedy = "name its encoding in [table] of the mapping"
        raise refuse_file(name, f"is not {form.encoding} text", remedy) from None
    except OSError:
        raise refuse_file(name, "cannot be read to its end", "check the disk it lies on") from None


def _csv_rows(
    numbered: Iterator[tuple[int, list[str]]],
    columns: tuple[str, ...],
    used: tuple[str, ...],
    encoding: str,
) -> Iterator[RawRow]:
    for number, texts in numbered:
        faults = []
        if len(texts) != len(columns):
            problem = f"has {len(texts)} cells, the header {len(columns)}"
            remedy = "quote a cell that holds the delimiter"
            faults.append(Fault(f"row {number}", problem, remedy))
        cells = {column: text for column, text in zip(columns, texts, strict=False) if text}
        for column in used:
            path = f"row {number}, column {column}"
            text = cells.get(column, "")
            if _is_unreadable(text):
                problem = f"holds bytes that are no {encoding.removesuffix('-sig')} text"
                faults.append(Fault(path, problem, "correct the file, or name its encoding"))
                cells[column] = text.encode("utf-8", "replace").decode()
            elif _is_utf_8(text, encoding):
                problem = f"is UTF-8, but the mapping says {encoding}"
                faults.append(Fault(path, problem, "correct the cell, or name the encoding"))
        yield RawRow(number, cells, tuple(faults))


def _is_unreadable(text: str) -> bool:
    low, high = _UNREADABLE
    return not text.isascii() and any(low <= character <= high for character in text)


def _is_utf_8(text: str, encoding: str) -> bool:
    """Whether a text was read by a one-byte encoding and is UTF-8: no language has such words."""
    if text.isascii() or encoding.startswith("utf"):
        return False
    try:
        text.encode(encoding).decode("utf-8")
    except UnicodeError:
        return False
    return True


def _parquet(file: BinaryIO, name: str) -> OpenTable:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        remedy = "install hosr[table], or save it as CSV"
        raise refuse_file(name, "is Parquet, which needs pyarrow", remedy) from None
    broken = (pa.ArrowException, OSError, ValueError)
    try:
        source = parquet.ParquetFile(file)
        columns = tuple(map(normalized, source.schema_arrow.names))
    except broken:
        raise refuse_file(name, "is not a readable Parquet file", "write it again") from None

    def rows() -> Iterator[RawRow]:
        number = 1
        try:
            for batch in source.iter_batches(batch_size=_BATCH_ROWS):
                for record in batch.to_pylist():
                    number += 1
                    pairs = zip(columns, record.values(), strict=True)
                    cells = {column: _plain(value) for column, value in pairs}
                    filled = {c: v for c, v in cells.items() if v is not None and v != ""}
                    if filled:
                        yield RawRow(number, filled)
        except broken:
            problem = f"is not a readable Parquet file (near row {number})"
            raise refuse_file(name, problem, "write it again") from None

    return OpenTable(columns, rows())


def _plain(value: Any) -> Any:
    """A typed cell as text, truth, a number, a date or a list of these."""
    if isinstance(value, Decimal):
        near = float(value)
        value = near if math.isfinite(near) and Decimal(repr(near)) == value else str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None if math.isnan(value) else str(value)
        return int(value) if value.is_integer() else value
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | dt.date):
        return value
    return str(value).strip()
