"""Entries of a manifest in JSONL: one object a line, read one line at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.batch.naming import name_problem
from hosr.batch.values import Entry
from hosr.errors import Fault, RecordRefused
from hosr.intake.record.json_text import MAX_BYTES, decode_json
from hosr.intake.record.refusal import kind_of

if TYPE_CHECKING:
    from typing import BinaryIO


KEYS = ("id", "images", "record")
_FORM = 'write {"id": "...", "images": "path" or ["path", ...], "record": {...} or "path"}'


def read_lines(path: Path) -> Iterator[Entry]:
    """Every line that is not blank; one that is longer than any record is a fault of that line."""
    number = 0
    with path.open("rb") as file:
        for row, line in enumerate(_bounded_lines(file), start=1):
            if row == 1 and line is not None:
                line = line.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901
            if line is None or line.strip():
                number += 1
                yield _entry(number, row, None if line is None else line.strip())


def _bounded_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """The lines; None for one that is too long, of which no more is kept than may be."""
    while line := file.readline(MAX_BYTES + 1):
        if len(line) <= MAX_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(MAX_BYTES)
        yield None


def _entry(number: int, row: int, line: bytes | None) -> Entry:
    if line is None:
        problem = f"is longer than {MAX_BYTES // 1024 // 1024} MiB"
        return _refused(number, row, Fault(f"line {row}", problem, "a record holds one study"))
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return _refused(number, row, _syntax_fault(line, row))
    if not isinstance(value, dict):
        return _refused(number, row, Fault(f"line {row}", f"is {kind_of(value)}", _FORM))
    name = value.get("id")
    fault = _id_fault(name)
    if fault is not None:
        return _refused(number, row, fault)
    return Entry(number=number, rows=(row,), id=str(name), content=line)


def _refused(number: int, row: int, fault: Fault) -> Entry:
    return Entry(number=number, rows=(row,), id="", faults=(fault,))


def _syntax_fault(line: bytes, row: int) -> Fault:
    try:
        decode_json(line, f"line {row}")
    except RecordRefused as refusal:
        (fault,) = refusal.faults
        return Fault(fault.path, fault.problem, _FORM)
    return Fault(f"line {row}", "is not JSON", _FORM)


def _id_fault(name: Any) -> Fault | None:
    if name is None or name == "":
        return Fault("$.id", "is missing", "give every line an id; its folder is named by it")
    if not isinstance(name, str):
        return Fault("$.id", f"is {kind_of(name)}", "write it as text, in quotes")
    problem = name_problem(name)
    return Fault("$.id", problem, "its folder is named by it; use another") if problem else None
