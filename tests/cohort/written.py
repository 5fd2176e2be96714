"""The rows of a CSV that hosr wrote, read back."""

from __future__ import annotations

import csv
import io
import re

from hosr.cohort.columns import Cell, Kind, Row, all_columns

__all__ = ["read_csv"]

_GUARD = re.compile(r"(^|[;,\t\r\n])'")


def read_csv(data: bytes) -> list[Row]:
    """The rows, without the apostrophes that keep a spreadsheet from computing."""
    reader = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True)
    header = [_GUARD.sub(r"\1", name) for name in next(reader)]
    kinds = {column.name: column.kind for column in all_columns([])}
    return [
        {
            name: _read(kinds.get(name, Kind.TEXT), cell)
            for name, cell in zip(header, line, strict=True)
        }
        for line in reader
    ]


def _read(kind: Kind, text: str) -> Cell:
    if not text:
        return None
    match kind:
        case Kind.INTEGER:
            return int(text)
        case Kind.NUMBER:
            return float(text)
        case Kind.BOOLEAN:
            return text == "true"
    return _GUARD.sub(r"\1", text)
