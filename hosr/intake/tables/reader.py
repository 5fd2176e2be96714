"""One way to open a table: CSV, Parquet or XLSX, told by its content, with one set of limits."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hosr.errors import Fault, RecordRefused
from hosr.intake.record.foreign_tables import refuse_foreign
from hosr.intake.record.json_text import refuse_file, refusing_unreadable
from hosr.intake.record.refusal import first_of
from hosr.intake.tables.csv_rows import encoding_of, read_csv
from hosr.intake.tables.parquet_rows import read_parquet
from hosr.intake.tables.rows import NO_ROWS, FileForm, Row, Table, split_sheet
from hosr.intake.tables.workbook import is_workbook, read_workbook

# Of a table that is held in memory as a whole.
_MOST_BYTES = 128 * 1024 * 1024
_MOST_ROWS = 1_000_000
_PARQUET, _ZIP = b"PAR1", b"PK\x03\x04"
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
            refuse_foreign(file, name)
        if start == _PARQUET:
            table = read_parquet(path, name, form, used, stack)
        elif start == _ZIP and is_workbook(file):
            file.seek(0)
            table = read_workbook(file, name, form, used)
        elif start == _ZIP:
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
