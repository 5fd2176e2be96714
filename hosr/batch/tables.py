"""Entries of a manifest that is a table: rows that stand together and have one id are a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.batch.csv_rows import Broken, CsvRows
from hosr.batch.naming import name_problem
from hosr.batch.values import Entry
from hosr.errors import Fault, UsageError
from hosr.intake.record.refusal import first_of
from hosr.intake.tables.columns import IDENTIFIER, IMAGES, header_faults
from hosr.intake.tables.reader import Row, filled

if TYPE_CHECKING:
    from typing import Any


STUDY = "study.study_instance_uid"

_BATCH_ROWS = 1024  # of a Parquet file in memory at a time
_READ_BYTES = 1 << 20
# A record has two rows; of one with more, so many are kept to be named.
_MAX_ROWS_KEPT = 10


def read_csv(path: Path) -> Iterator[Entry]:
    """The entries of a CSV file. Raises UsageError for a header that is wrong."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        table = CsvRows(path, file)
        key = _key(table.header, path.name)
        yield from _grouped(table.rows(key), key)


def read_parquet(path: Path) -> Iterator[Entry]:
    """The entries of a Parquet file, which is never in memory as a whole.

    Raises UsageError for columns that are wrong, a damaged file, and where pyarrow is missing.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        remedy = "install hosr[table], or save it as CSV or JSONL"
        raise UsageError(Fault(path.name, "is Parquet, which needs pyarrow", remedy)) from None
    try:
        with parquet.ParquetFile(path, buffer_size=_READ_BYTES, pre_buffer=False) as file:
            key = _key(list(file.schema_arrow.names), path.name)
            yield from _grouped(_parquet_rows(file), key)
    except (pa.ArrowException, OSError, ValueError):
        remedy = "write it again"
        raise UsageError(Fault(path.name, "is not a readable Parquet file", remedy)) from None


def _parquet_rows(file: Any) -> Iterator[Row]:
    number = 2  # as a spreadsheet would count, below a header
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        for record in batch.to_pylist():
            yield Row(number, dict(filled(record)))
            number += 1


def _key(header: list[str], name: str) -> str:
    faults = list(header_faults(header))
    if IMAGES not in header:
        remedy = f'add a column "{IMAGES}": paths, parted by |'
        faults.append(Fault("header", "does not say where the images are", remedy))
    if faults:
        raise UsageError(first_of(faults, name))
    return IDENTIFIER if IDENTIFIER in header else STUDY


@dataclass(slots=True)
class _Group:
    """Rows of one id that stand together, as far as they were read."""

    id: str = ""
    kept: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    more: int = 0

    def add(self, row: Row | Broken) -> None:
        if len(self.numbers) == _MAX_ROWS_KEPT:
            self.more += 1
            return
        self.numbers.append(row.number)
        if isinstance(row, Broken):
            self.faults.append(row.fault)
        else:
            self.kept.append(row)

    def entry(self, number: int) -> Entry:
        faults = list(self.faults)
        if self.more:
            too_many = f"is followed by {self.more} more rows of its record"
            remedy = "a record has one or two hips"
            faults.append(Fault(f"row {self.numbers[-1]}", too_many, remedy, "E09"))
        problem = name_problem(self.id)
        if problem and self.id:
            path = f"row {self.numbers[0]}"
            faults.append(
                Fault(path, f"the id {problem}", "its folder is named by it; use another")
            )
        return Entry(
            number=number,
            rows=tuple(self.numbers),
            id="" if problem else self.id,
            content=() if faults else tuple(self.kept),
            faults=tuple(faults),
        )


def _grouped(rows: Iterable[Row | Broken], key: str) -> Iterator[Entry]:
    for number, group in enumerate(_groups(rows, key), start=1):
        yield group.entry(number)


def _groups(rows: Iterable[Row | Broken], key: str) -> Iterator[_Group]:
    """Rows by id. One whose id cannot be read refuses those beside it: it may be their other hip."""
    current, unread = _Group(), 0
    for row in rows:
        name = row.id if isinstance(row, Broken) else str(row.cells.get(key, ""))
        if not name and current.id:
            current.faults.append(_beside(current.numbers[-1], row.number))
        if not name or name != current.id:
            if current.numbers:
                yield current
            current = _Group(id=name)
            if name and unread:
                current.faults.append(_beside(row.number, unread))
        current.add(row)
        if not name and not isinstance(row, Broken):
            remedy = "fill it in, so that the rows of one study are known"
            current.faults.append(Fault(f"row {row.number}, column {key}", "is empty", remedy))
        unread = 0 if name else row.number
    if current.numbers:
        yield current


def _beside(number: int, other: int) -> Fault:
    problem = f"stands beside row {other}, which may be its other hip and cannot be assigned"
    return Fault(f"row {number}", problem, f"correct row {other}")
