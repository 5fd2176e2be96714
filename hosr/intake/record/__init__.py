"""The grading record 1.0 (JSON): read once, refused with every fault at once, written again.

`parse_record` refuses or returns a value in which every single field holds what it may hold.
Whether findings contradict one another, and whether the images are the right ones, is asked
after it. Why a tree of forms and not one schema file: the forms give the faults their words, the
JSON Schema is made from them, so the two cannot drift apart.

    json_text -> forms -> faults -> value          text, single fields, rules across keys, Record
    foreign_tables                                 files of other programs, given in place of a record
    leaves, lengths, marked, grades                what single fields may hold
    length_faults                                  what of a length does not go together
    refusal, faults, joined_faults                 how a field says no; every fault in words
    forms, writer                                  the published JSON Schema; a Record as JSON
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from hosr.errors import Fault, RecordRefused, UsageError
from hosr.intake.record.faults import located_faults
from hosr.intake.record.foreign_tables import refuse_foreign_path
from hosr.intake.record.forms import RecordForm
from hosr.intake.record.joined_faults import joined_faults
from hosr.intake.record.json_text import cleaned, decode_json, encode_json, read_bytes
from hosr.intake.record.refusal import first_of
from hosr.intake.record.schema import record_schema
from hosr.intake.record.value import Record, to_record
from hosr.intake.record.writer import record_json, written

if TYPE_CHECKING:
    from hosr.intake.record.refusal import Located

__all__ = [
    "Record",
    "RecordSource",
    "examine",
    "parse_record",
    "read_record",
    "record_json",
    "record_schema",
]


_LONGEST_PATH = 4096

RecordSource = Mapping[str, Any] | str | bytes | os.PathLike[str] | Record


def read_record(path: str | os.PathLike[str]) -> Record:
    """The record in a file; one larger than any record is refused before it is read."""
    path = Path(path)
    refuse_foreign_path(path)
    return _parse(read_bytes(path), path.name)


def parse_record(source: RecordSource, name: str = "record") -> Record:
    """The record that a source holds, checked at the one door that every record comes through.

    Parameters
    ----------
    source
        A mapping as `json.load` gives it (dates may be of `datetime`, sequences tuples), JSON as
        text or bytes, a path, or a `Record` that was built from values.
    name
        What stands for the source in faults of the whole.

    Raises
    ------
    RecordRefused
        With every fault and its place.
    UsageError
        For a source of another type.
    """
    if isinstance(source, os.PathLike):
        return read_record(source)
    if isinstance(source, Record):
        source = written(source, name)
    if isinstance(source, Mapping):
        source = encode_json(source, name)
    if not isinstance(source, str | bytes | bytearray | memoryview):
        problem = f"is of the type {type(source).__name__}"
        raise UsageError(
            Fault(name, problem, "give a mapping, JSON text, bytes, a path or a Record")
        )
    return _parse(source if isinstance(source, str) else bytes(source), name)


def _parse(text: bytes | str, name: str) -> Record:
    if isinstance(text, str) and len(text) < _LONGEST_PATH and _is_file(text):
        remedy = "give it as a pathlib.Path, or call read_record"
        raise RecordRefused(Fault(name, "is no JSON but the name of a file", remedy))
    record, faults = examine(decode_json(text, name), name)
    if record is None:
        raise RecordRefused(first_of([fault.as_fault() for fault in faults]))
    return record


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False


def examine(value: Any, name: str = "record") -> tuple[Record | None, list[Located]]:
    """A JSON value as a record, or everything that is wrong with it."""
    plain, faults = cleaned(value, name)
    try:
        form = RecordForm.model_validate(plain)
    except ValidationError as error:
        faults += located_faults(error, plain)
    faults += joined_faults(plain)
    return (None, faults) if faults else (to_record(form), [])
