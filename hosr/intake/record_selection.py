"""The records of a file, and which of them is about the images given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hosr.errors import Fault, ImagesRefused, RecordRefused
from hosr.intake.images import SourceImages
from hosr.intake.record import Record, RecordSource, parse_record
from hosr.intake.tables.rows import is_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A record and where it was read: for one of a table its name there and its rows."""

    record: Record
    name: str = ""
    rows: tuple[int, ...] = ()

    @contextmanager
    def located(self) -> Iterator[None]:
        """Say the rows in every fault of what is done here with the record."""
        try:
            yield
        except (RecordRefused, ImagesRefused) as error:
            raise type(error)(map(self._located, error.faults)) from error

    def _located(self, fault: Fault) -> Fault:
        if not self.rows or not fault.path.startswith("$"):
            return fault
        return replace(fault, path=f"{_words(self.rows)}, {fault.path}")


def read_records(source: RecordSource) -> tuple[Recorded, ...]:
    """The one record of a source, or every record of a table.

    Raises `RecordRefused` with every fault of the source.
    """
    path = Path(source) if isinstance(source, os.PathLike) else None
    if path is None or not is_table(path):
        return (Recorded(record=parse_record(source)),)
    from hosr.intake.tables.records import read_table

    return tuple(
        Recorded(record=entry.outcome, name=entry.id, rows=entry.rows)
        for entry in read_table(path)
        if isinstance(entry.outcome, Record)
    )


def name_records(source: RecordSource) -> str:
    """What stands for a source in faults of the whole."""
    return Path(source).name if isinstance(source, os.PathLike) else "record"


def choose(records: tuple[Recorded, ...], source: SourceImages, name: str) -> Recorded:
    """The only record, or that of several which asserts the study of the images.

    Raises `RecordRefused` where the file `name` leaves open which it is, and `ImagesRefused`
    where all its records are of other studies.
    """
    if len(records) == 1:
        return records[0]
    uids = [recorded.record.study_instance_uid for recorded in records]
    found = [
        r for r, uid in zip(records, uids, strict=True) if uid == source.study.study_instance_uid
    ]
    if len(found) == 1:
        return found[0]
    if found:
        places = " and ".join(_words(recorded.rows) for recorded in found)
        problem = f"holds several records of the study of the images ({places})"
        raise RecordRefused(Fault(name, problem, "keep one of them"))
    if None in uids:
        problem = f"holds {len(records)} records, and none is said to be of the study of the images"
        raise RecordRefused(Fault(name, problem, "fill in study.study_instance_uid"))
    problem = f"holds {len(records)} records, all of other studies than the images"
    raise ImagesRefused(Fault(name, problem, "give the images that were graded"))


def _words(rows: tuple[int, ...]) -> str:
    return f"row {rows[0]}" if len(rows) == 1 else f"rows {', '.join(map(str, rows))}"
