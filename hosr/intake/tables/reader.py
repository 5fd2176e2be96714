"""Rows of a CSV or Parquet file, each with the number a spreadsheet shows beside it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import read_bytes, refuse_file

_MAX_BYTES = 128 * 1024 * 1024
_MAX_ROWS = 1_000_000
_PARQUET = b"PAR1"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, counted from 1 with the header, and its cells that are not empty."""

    number: int
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a table under their header."""

    header: list[str]
    rows: list[Row]


def read_rows(path: Path) -> Rows:
    """The rows of a table that is CSV (comma or semicolon, UTF-8) or Parquet."""
    content = read_bytes(path, _MAX_BYTES)
    if content.startswith(_PARQUET):
        return _read_parquet(content, path.name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse_file(path.name, "is not UTF-8 text", "save it as CSV in UTF-8") from None
    return _read_csv(text, path.name)


def _read_csv(text: str, name: str) -> Rows:
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[Row] = []
    faults: list[Fault] = []
    try:
        for number, line in enumerate(reader, start=1):
            cells = [cell.strip() for cell in line]
            if not any(cells):
                continue
            if not header:
                header = cells
            elif len(cells) != len(header):
                problem = f"has {len(cells)} cells, the header {len(header)}"
                faults.append(Fault(f"row {number}", problem, "quote a cell that holds a comma"))
            else:
                filled = zip(header, cells, strict=True)
                rows.append(Row(number, {column: cell for column, cell in filled if cell}))
    except csv.Error:
        problem = f"is not CSV (near line {reader.line_num})"
        raise refuse_file(name, problem, "check its quotes") from None
    if faults:
        raise RecordRefused(faults)
    return _checked(Rows(header, rows), name)


def _read_parquet(content: bytes, name: str) -> Rows:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        remedy = "install hosr[table], or save it as CSV"
        raise refuse_file(name, "is Parquet, which needs pyarrow", remedy) from None
    try:
        file = parquet.ParquetFile(pa.BufferReader(content))
        if file.metadata.num_rows > _MAX_ROWS:
            raise refuse_file(name, f"has more than {_MAX_ROWS} rows", "split it")
        table = file.read()
        records = table.to_pylist()
    except (pa.ArrowException, OSError, ValueError):
        raise refuse_file(name, "is not a readable Parquet file", "write it again") from None
    rows = [Row(number, dict(filled(record))) for number, record in enumerate(records, start=2)]
    return _checked(Rows(list(table.column_names), rows), name)


def filled(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The cells that hold something; a missing number is NaN where a table came from pandas."""
    for column, value in record.items():
        missing = value is None or (isinstance(value, float) and math.isnan(value))
        plain = _plain(value)
        if not missing and plain != "":
            yield column, plain


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool | int | float | None):
        return value
    return str(value).strip()


def _checked(found: Rows, name: str) -> Rows:
    if not found.rows:
        raise refuse_file(name, "holds no rows", "give a header and one row for each hip")
    return found
