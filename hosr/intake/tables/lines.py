"""Records one a line, in JSON Lines: as an import writes them and a batch reads them.

A line is `{"id": "...", "record": {...} or "path", "images": ...}`, or the record itself; its images
are those of a batch, and passed over here.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.errors import Fault, RecordRefused
from hosr.intake.record import Record, parse_record, read_record
from hosr.intake.record.json_text import MAX_BYTES, decode_json, refuse_file, refusing_unreadable
from hosr.intake.record.refusal import kind_of, quoted
from hosr.intake.tables.records import TableEntry, examine_table
from hosr.intake.tables.rows import is_table

if TYPE_CHECKING:
    from typing import BinaryIO


LINES = (".jsonl", ".ndjson")
LINE_FORM = 'write {"id": "...", "images": "path" or ["path", ...], "record": {...} or "path"}'

_MOST_RECORDS = 1_000_000


def is_lines(path: Path) -> bool:
    """Whether a file is named as one of JSON Lines is."""
    return path.suffix.lower() in LINES


def holds_records(path: Path) -> bool:
    """Whether a file is named as one of many records is: a table, or lines."""
    return is_table(path) or is_lines(path)


def numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, by number; None for one that is longer than any record."""
    for number, line in enumerate(_bounded_lines(file), start=1):
        mark = codecs.BOM_UTF8 if number == 1 else b""
        text = None if line is None else line.removeprefix(mark).strip()
        if text != b"":
            yield number, text


def _bounded_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """The lines; None for one that is too long, of which no more is kept than may be."""
    while line := file.readline(MAX_BYTES + 1):
        if len(line) <= MAX_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_BYTES)
        yield None


def examine_records(path: Path) -> Iterator[TableEntry]:
    """Every record of a table or of lines, or the faults of its rows.

    Raises `RecordRefused` where the file cannot be read as a whole.
    """
    return iter(examine_table(path)) if is_table(path) else _examine_lines(path)


def _examine_lines(path: Path) -> Iterator[TableEntry]:
    entries = list(_read_lines(path))
    named = Counter(entry.id for entry in entries)
    for entry in entries:
        yield _refused_twin(entry) if named[entry.id] > 1 and _rests_on_id(entry) else entry


def _rests_on_id(entry: TableEntry) -> bool:
    """Whether nothing but its name tells which study a record is of."""
    return isinstance(entry.outcome, Record) and entry.outcome.study_instance_uid is None


def _refused_twin(entry: TableEntry) -> TableEntry:
    """Two that share a name and say no study would be taken for readings of one hip."""
    problem = f"is that of another line too, and the record names no study: {quoted(entry.id)}"
    remedy = "give each study an id of its own, or fill in study.study_instance_uid"
    fault = Fault(f"row {entry.rows[0]}, $.id", problem, remedy)
    return replace(entry, outcome=RecordRefused(fault))


def _read_lines(path: Path) -> Iterator[TableEntry]:
    with refusing_unreadable(path.name), path.open("rb") as file:
        found = 0
        for number, line in numbered_lines(file):
            found += 1
            if found > _MOST_RECORDS:
                raise refuse_file(path.name, f"has more than {_MOST_RECORDS} lines", "split it")
            yield _entry(line, number, path)
    if not found:
        raise refuse_file(path.name, "holds no records", "give a line for each")


def _entry(line: bytes | None, number: int, path: Path) -> TableEntry:
    # Without an id, one that no line of another file has.
    name, outcome = f"{path.name}, line {number}", _too_long(number)
    if line is not None:
        try:
            value = decode_json(line, f"line {number}")
            name, outcome = _named(value, name), _record(value, number, path.parent)
        except RecordRefused as refusal:
            outcome = refusal
    return TableEntry(id=name, rows=(number,), images=(), outcome=outcome)


def _too_long(number: int) -> Record | RecordRefused:
    problem = f"is longer than {MAX_BYTES // 1024 // 1024} MiB"
    return RecordRefused(Fault(f"row {number}", problem, "a record holds one study"))


def _named(value: Any, name: str) -> str:
    given = value.get("id") if isinstance(value, dict) else None
    return given if isinstance(given, str) and given else name


def _record(value: Any, number: int, folder: Path) -> Record | RecordRefused:
    if not isinstance(value, dict):
        return RecordRefused(Fault(f"row {number}", f"is {kind_of(value)}", LINE_FORM))
    record = value if "schema_version" in value else value.get("record")
    if record is None and "source" in value:
        problem = "names a source, of which there is no record yet"
        remedy = "make its report with `hosr batch`, or its record with `hosr import`"
        return RecordRefused(Fault(f"row {number}, $.source", problem, remedy))
    if not isinstance(record, dict | str):
        return RecordRefused(Fault(f"row {number}, $.record", "is missing", LINE_FORM))
    try:
        return read_record(folder / record) if isinstance(record, str) else parse_record(record)
    except RecordRefused as refusal:
        faults = [
            Fault(f"row {number}, {fault.path}", fault.problem, fault.remedy, fault.rule)
            for fault in refusal.faults
        ]
        return RecordRefused(faults)
