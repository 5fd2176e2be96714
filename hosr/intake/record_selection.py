"""Which record of a file is about the images given, and which images records are about.

Records name their study, its order or its images; each is looked for by the first of these.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hosr.errors import Fault, ImagesRefused, RecordRefused
from hosr.intake.images import NamedStudies, SourceImages
from hosr.intake.record import Record, RecordSource, parse_record
from hosr.intake.tables.rows import row_words
from hosr.phrases import several
from hosr.report import places
from hosr.study import is_no_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A record and where it was read: for one of a table its name there and its rows."""

    record: Record
    name: str = ""
    rows: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """Where the record stands, before what names a place in it: `$`, or its rows and `$`."""
        return f"{row_words(self.rows)}, $" if self.rows else "$"

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
        return replace(fault, path=f"{self.path}{fault.path[1:]}")


def read_records(source: RecordSource) -> tuple[Recorded, ...]:
    """The one record of a source, or every record of a table or of JSON Lines.

    Raises `RecordRefused` with every fault of the source.
    """
    path = Path(source) if isinstance(source, os.PathLike) else None
    if path is None:
        return (Recorded(record=parse_record(source)),)
    from hosr.intake.tables.lines import examine_records, holds_records
    from hosr.intake.tables.records import whole

    if not holds_records(path):
        return (Recorded(record=parse_record(source)),)
    return tuple(
        Recorded(record=entry.outcome, name=entry.id, rows=entry.rows)
        for entry in whole(examine_records(path), path)
        if isinstance(entry.outcome, Record)
    )


def name_records(source: RecordSource) -> str:
    """What stands for a source in faults of the whole."""
    return Path(source).name if isinstance(source, os.PathLike) else "record"


def choose(records: tuple[Recorded, ...], source: SourceImages, name: str) -> Recorded:
    """The only record, or that of several which asserts the study of the images.

    One that names no study may assert it by its accession number.

    Raises `RecordRefused` where the file `name` leaves open which it is, and `ImagesRefused`
    where all its records are of other studies.
    """
    if len(records) == 1:
        return records[0]
    uids = [recorded.record.study_instance_uid for recorded in records]
    found = [
        r for r, uid in zip(records, uids, strict=True) if uid == source.study.study_instance_uid
    ] or [r for r in records if _is_of_order(r.record, source)]
    if len(found) == 1:
        return found[0]
    if found:
        places = several(row_words(recorded.rows) for recorded in found)
        problem = f"holds several records of the study of the images ({places})"
        raise RecordRefused(Fault(name, problem, "keep one of them"))
    if None in uids:
        problem = f"holds {len(records)} records, and none is said to be of the study of the images"
        raise RecordRefused(Fault(name, problem, "fill in study.study_instance_uid"))
    problem = f"holds {len(records)} records, all of other studies than the images"
    raise ImagesRefused(Fault(name, problem, "give the images that were graded"))


def _is_of_order(record: Record, source: SourceImages) -> bool:
    number = source.study.accession_number
    is_of = not is_no_id(number) and record.accession_number == number
    return is_of and record.study_instance_uid is None


def named_studies(records: Sequence[Recorded]) -> NamedStudies:
    """Each record by its study; where it names none by its accession number, else by its images."""
    uids: set[str] = set()
    accession_numbers: set[str] = set()
    images: set[str] = set()
    for record in (recorded.record for recorded in records):
        if record.study_instance_uid is not None:
            uids.add(record.study_instance_uid)
        elif not is_no_id(record.accession_number or ""):
            accession_numbers.add(record.accession_number or "")
        else:
            images |= images_of(record)
    return NamedStudies(
        study_instance_uids=frozenset(uids),
        accession_numbers=frozenset(accession_numbers),
        sop_instance_uids=frozenset(images),
    )


def images_of(record: Record) -> set[str]:
    """The images that a record names, by SOP Instance UID."""
    return {place.sop_instance_uid for hip in record.hips for place in places(hip)} - {""}
