"""Rows of a Parquet file, a few at a time, with their typed cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.intake.record.json_text import refuse_file
from hosr.intake.record.refusal import quoted
from hosr.intake.tables.rows import FileForm, Row, Table, normalized, row_of

if TYPE_CHECKING:
    import pyarrow as pa


_BATCH_ROWS = 1024  # in memory at a time
_READ_BYTES = 1 << 20


def read_parquet(
    path: Path, name: str, form: FileForm, used: Collection[str] | None, stack: ExitStack
) -> Table:
    """The table in a Parquet file, which stays open as long as the stack.

    A column of moments that are all midnight holds days: programs write a day so that have no type
    for one. It is noted. Raises `RecordRefused` where the file cannot be read.
    """
    if form.sheet:
        raise refuse_file(name, "has no sheets, but one is named", "name the file alone")
    try:
        from pyarrow import parquet
    except ImportError:
        remedy = "install hosr[table], or save it as CSV"
        raise refuse_file(name, "is Parquet, which needs pyarrow", remedy) from None
    with _refusing_broken(name):
        source = stack.enter_context(
            parquet.ParquetFile(path, buffer_size=_READ_BYTES, pre_buffer=False)
        )
        header = tuple(normalized(column.strip()) for column in source.schema_arrow.names)
        days = {
            index: count
            for index, column in enumerate(header)
            if (used is None or column in used) and (count := _midnights(source, index))
        }
    notes = tuple(
        f"column {quoted(header[index])} holds midnights alone, taken for days ({count:,})"
        for index, count in days.items()
    )
    return Table(header, _rows(source, name, header, frozenset(days), used), notes)


@contextmanager
def _refusing_broken(name: str, row: int = 0) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        where = f" (near row {row})" if row else ""
        problem = f"is not a readable Parquet file{where}"
        raise refuse_file(name, problem, "write it again") from None


def _midnights(source: Any, index: int) -> int:
    """How many cells of a column are filled, where each is a moment at midnight; else 0."""
    import pyarrow as pa

    field = source.schema_arrow.field(index)
    if not pa.types.is_timestamp(field.type) or source.schema_arrow.names.count(field.name) > 1:
        return 0
    filled = 0
    for batch in source.iter_batches(batch_size=_BATCH_ROWS, columns=[field.name]):
        moments = [moment for moment in _cells(batch.column(0)) if moment is not None]
        if any(moment.time() != dt.time() for moment in moments):
            return 0
        filled += len(moments)
    return filled


def _rows(
    source: Any,
    name: str,
    header: tuple[str, ...],
    days: Collection[int],
    used: Collection[str] | None,
) -> Iterator[Row]:
    number = 1  # as a spreadsheet would count, below a header
    batches = source.iter_batches(batch_size=_BATCH_ROWS)
    while True:
        with _refusing_broken(name, number):
            batch = next(batches, None)
            columns = [] if batch is None else [_cells(column) for column in batch.columns]
        if batch is None:
            return
        for index in days:
            columns[index] = [None if each is None else each.date() for each in columns[index]]
        for values in zip(*columns, strict=True):
            number += 1
            row = row_of(number, header, values, {}, used)
            if row is not None:
                yield row


def _cells(column: pa.Array) -> list[Any]:
    """The cells as values of Python, which know microseconds; below them pyarrow wants pandas."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif pa.types.is_time64(kind) and kind.unit == "ns":
        column = column.cast(pa.time64("us"), safe=False)
    return column.to_pylist()  # type: ignore[no-any-return]  # pyarrow has no types
