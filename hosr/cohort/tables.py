"""Rows as files that other programs read: CSV, Parquet, Arrow. The same rows give the same bytes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from hosr.cohort.columns import Cell, Column, Kind, Row, all_columns
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    import pyarrow as pa


_ROWS_AT_ONCE = 16_384

# What a spreadsheet takes for a formula: = + - @ and their fullwidth forms, behind signs that it
# skips, where a cell begins or where a program that parts cells by another sign lets one begin.
_BEGINS_CELL = re.compile(
    r"^(?=[\t\r])|(?:^|[;,\t\r\n])(?=(?:\"|[^\S\t\r\n])*[=+\-@\uff1d\uff0b\uff0d\uff20]|')"
)


def csv_bytes(rows: Sequence[Row]) -> bytes:
    """CSV as RFC 4180 has it, in UTF-8; a text that a spreadsheet would compute gets an apostrophe.

    Numbers stay numbers.
    """
    columns = all_columns(rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_guarded(column.name) for column in columns])
    for row in rows:
        writer.writerow([_written(row.get(column.name)) for column in columns])
    return text.getvalue().encode("utf-8")


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return _guarded(cell) if isinstance(cell, str) else repr(cell)


def _guarded(text: str) -> str:
    return _BEGINS_CELL.sub(lambda found: f"{found[0]}'", text)


def has_arrow() -> bool:
    """Whether Parquet and Arrow can be written: they need pyarrow."""
    from importlib.util import find_spec

    return find_spec("pyarrow") is not None


def parquet_bytes(rows: Sequence[Row], notes: Sequence[str] = ()) -> bytes:
    """Parquet, with the meaning of each column and the notes, where there are some, in its metadata.

    Raises UsageError where pyarrow is not installed.
    """
    schema, batches = _batches(rows, notes)
    from pyarrow import parquet

    sink = io.BytesIO()
    with parquet.ParquetWriter(sink, schema, version="2.6", compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def arrow_bytes(rows: Sequence[Row], notes: Sequence[str] = ()) -> bytes:
    """An Arrow IPC file (Feather 2), which programs map into memory as it is; metadata as in Parquet.

    Raises UsageError where pyarrow is not installed.
    """
    schema, batches = _batches(rows, notes)
    import pyarrow as pa

    sink = io.BytesIO()
    with pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue()


def arrow_table(rows: Sequence[Row], *, notes: Sequence[str] = ()) -> pa.Table:
    """The rows as a table in memory, with notes in its metadata, line by line.

    Raises UsageError where pyarrow is not installed.
    """
    schema, batches = _batches(rows)
    import pyarrow as pa

    return pa.Table.from_batches(batches, schema).replace_schema_metadata(
        {"notes": "\n".join(notes)}
    )


def _batches(rows: Sequence[Row], notes: Sequence[str] = ()) -> tuple[Any, Iterator[Any]]:
    try:
        import pyarrow as pa
    except ImportError:
        remedy = "install hosr[cohort], or take the CSV"
        raise UsageError(Fault("Parquet and Arrow", "need pyarrow", remedy)) from None
    columns = all_columns(rows)
    metadata = {"notes": "\n".join(notes)} if notes else None
    schema = pa.schema([_field(column) for column in columns], metadata)
    return schema, (
        pa.record_batch(
            [
                pa.array(
                    [row.get(field.name) for row in rows[start : start + _ROWS_AT_ONCE]], field.type
                )
                for field in schema
            ],
            schema=schema,
        )
        for start in range(0, len(rows), _ROWS_AT_ONCE)
    )


def _field(column: Column) -> Any:
    import pyarrow as pa

    types = {
        Kind.TEXT: pa.string(),
        Kind.INTEGER: pa.int64(),
        Kind.NUMBER: pa.float64(),
        Kind.BOOLEAN: pa.bool_(),
    }
    return pa.field(column.name, types[column.kind], metadata={"meaning": column.meaning})
