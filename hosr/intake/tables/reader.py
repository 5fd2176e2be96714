"""One way to open a table: CSV, Parquet or XLSX, told by its content, with one set of limits."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import refuse_file, refusing_unreadable
from hosr.intake.record.refusal import first_of
from hosr.intake.tables.csv_rows import encoding_of, read_csv
from hosr.intake.tables.rows import NO_ROWS, FileForm, Row, Table, normalized, row_of, split_sheet
from hosr.intake.tables.workbook import is_workbook, read_workbook

# Of a table that is held in memory as a whole.
_MOST_BYTES = 128 * 1024 * 1024
_MOST_ROWS = 1_000_000

_BATCH_ROWS = 1024  # of a Parquet file in memory at a time
_READ_BYTES = 1 << 20
_PARQUET, _ZIP = b"PAR1", b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # XLS, and XLSX under a password
_FORMS = "CSV, Parquet or XLSX"


@dataclass(frozen=True, slots=True)
class WholeTable:
    """All rows of a table under their header."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


@contextmanager
def open_table(
    path: Path, form: FileForm | None = None, used: Collection[str] | None = None
) -> Iterator[Table]:
    """A table, of which only a few rows are in memory at once; of a workbook, one sheet.

    Faults of cells are told of the columns that are `used`, or of all. Raises `RecordRefused`
    where the file is no table or holds no rows, also while the rows are read.
    """
    form = FileForm() if form is None else form
    path, sheet = split_sheet(path)
    if sheet:
        form = FileForm(skip=form.skip, sheet=sheet, is_mapped=form.is_mapped)
    name = path.name or str(path)
    with ExitStack() as stack:
        with refusing_unreadable(name):
            file = stack.enter_context(path.open("rb"))
            start = file.peek(4)[:4]
        if start == _PARQUET:
            table = _read_parquet(path, name, form, used, stack)
        elif start == _ZIP and is_workbook(file):
            file.seek(0)
            table = read_workbook(file, name, form, used)
        elif start in (_ZIP, _OLD_OFFICE):
            raise refuse_file(name, "is a ZIP or office file", f"save it as {_FORMS}")
        elif form.sheet:
            raise refuse_file(name, "has no sheets, but one is named", "name the file alone")
        else:
            encoding = encoding_of(start, name, form)
            text = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline="")
            table = read_csv(stack.enter_context(text), encoding, name, form, used)
        yield replace(table, rows=_some(table.rows, name))


def _some(rows: Iterator[Row], name: str) -> Iterator[Row]:
    """The rows, of which there must be one."""
    is_empty = True
    try:
        for row in rows:
            is_empty = False
            yield row
    except OSError:
        raise refuse_file(name, "cannot be read to its end", "check the disk it lies on") from None
    if is_empty:
        raise refuse_file(name, *NO_ROWS)


def read_rows(path: Path) -> WholeTable:
    """Every row of a table. Raises `RecordRefused` with the faults of all its rows."""
    file, _ = split_sheet(path)
    with refusing_unreadable(file.name or str(file)):
        is_large = file.stat().st_size > _MOST_BYTES
    if is_large:
        problem = f"is larger than {_MOST_BYTES // 1024 // 1024} MiB"
        raise refuse_file(file.name, problem, "split it")
    rows: list[Row] = []
    faults: list[Fault] = []
    with open_table(path) as table:
        for row in table.rows:
            rows.append(row)
            faults += row.faults
            if len(rows) > _MOST_ROWS:
                raise refuse_file(file.name, f"has more than {_MOST_ROWS} rows", "split it")
    if faults:
        raise RecordRefused(first_of(faults, file.name))
    return WholeTable(table.header, tuple(rows))


def _read_parquet(
    path: Path, name: str, form: FileForm, used: Collection[str] | None, stack: ExitStack
) -> Table:
    if form.sheet:
        raise refuse_file(name, "has no sheets, but one is named", "name the file alone")
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        remedy = "install hosr[table], or save it as CSV"
        raise refuse_file(name, "is Parquet, which needs pyarrow", remedy) from None
    broken = (pa.ArrowException, OSError, ValueError)
    try:
        source = stack.enter_context(
            parquet.ParquetFile(path, buffer_size=_READ_BYTES, pre_buffer=False)
        )
        header = tuple(normalized(column.strip()) for column in source.schema_arrow.names)
    except broken:
        raise refuse_file(name, "is not a readable Parquet file", "write it again") from None
    return Table(header, _parquet_rows(source, name, header, broken, used))


def _parquet_rows(
    source: Any,
    name: str,
    header: tuple[str, ...],
    broken: tuple[type[Exception], ...],
    used: Collection[str] | None,
) -> Iterator[Row]:
    number = 1  # as a spreadsheet would count, below a header
    batches = source.iter_batches(batch_size=_BATCH_ROWS)
    while True:
        try:
            batch = next(batches, None)
            columns = [] if batch is None else [column.to_pylist() for column in batch.columns]
        except broken:
            problem = f"is not a readable Parquet file (near row {number})"
            raise refuse_file(name, problem, "write it again") from None
        if batch is None:
            return
        for values in zip(*columns, strict=True):
            number += 1
            row = row_of(number, header, values, {}, used)
            if row is not None:
                yield row
