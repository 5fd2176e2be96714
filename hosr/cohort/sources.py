"""Where the gradings of a cohort come from: a folder of reports, an archive, a table of records."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hosr.cohort.documents import Document, Other, read_document, read_file
from hosr.cohort.readings import read_table_record
from hosr.errors import Fault, RecordRefused, UsageError

if TYPE_CHECKING:
    from hosr.archive.values import Archive, BulkArchive, Locator, Query
    from hosr.cohort.readings import HipReading
    from hosr.intake.record import Record

    # Told of each file that is done: how many there are in all.
    Listener = Callable[[int], None]


# From here on, processes of their own are worth their start.
_FEWEST_FOR_PROCESSES = 200
_FILES_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All readings; how many reports and repetitions; what else was there, and what is wrong.

    `others` are the places of files that hold no grading, by what they are instead.
    """

    readings: tuple[HipReading, ...]
    reports: int
    repeated: int
    others: dict[Other, tuple[str, ...]]
    faults: tuple[Fault, ...]


def gather(documents: Iterable[Document]) -> Gathered:
    """What documents say together; one that is there twice, under the same UID, counts once."""
    first: dict[str, Document] = {}
    others: dict[Other, list[str]] = {}
    faults: list[Fault] = []
    repeated = 0
    for document in documents:
        if document.fault is not None:
            faults.append(document.fault)
        elif document.other is not None:
            others.setdefault(document.other, []).append(document.place)
        else:
            key = document.sop_instance_uid or f"{document.place} "
            known = first.setdefault(key, document)
            if known is not document:
                repeated += 1
                if known.readings != document.readings:
                    faults.append(_two_of_one_uid(known, document))
    return Gathered(
        readings=tuple(reading for document in first.values() for reading in document.readings),
        reports=len(first),
        repeated=repeated,
        others={kind: tuple(others[kind]) for kind in Other if kind in others},
        faults=tuple(faults),
    )


def _two_of_one_uid(known: Document, document: Document) -> Fault:
    problem = f"has the SOP Instance UID of {known.place}, but says otherwise"
    return Fault(document.place, problem, f"find out which holds; {known.place} was used")


def read_folder(
    folder: Path, *, jobs: int = 1, listener: Listener | None = None
) -> Iterator[Document]:
    """Every file of a folder and then of the folders in it, by name; or the one file.

    Folders that are links are not entered. Raises UsageError where a process ends untimely.
    """
    if folder.is_file():
        yield read_file(folder, folder.name)
        return
    faults: list[Document] = []
    paths = list(_walk(folder, faults))
    yield from faults
    places = [path.relative_to(folder).as_posix() for path in paths]
    found = _read_all(paths, places, jobs)
    for document in found:
        yield document
        if listener is not None:
            listener(len(paths))


def _walk(folder: Path, faults: list[Document]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        place = Path(error.filename or folder).name
        problem = f"cannot be read ({error.strerror or type(error).__name__})"
        fault = Fault(place, problem, "check the right to read this folder")
        faults.append(Document(place=place, fault=fault))

    for here, folders, files in os.walk(folder, onerror=note):
        folders.sort()
        yield from (Path(here, name) for name in sorted(files))


def _read_all(paths: Sequence[Path], places: Sequence[str], jobs: int) -> Iterator[Document]:
    if jobs <= 1 or len(paths) < _FEWEST_FOR_PROCESSES:
        yield from map(read_file, paths, places)
        return
    import multiprocessing

    # None of them shares memory by a fork of this process, which may have threads.
    executor = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield from executor.map(read_file, paths, places, chunksize=_FILES_AT_ONCE)
    except BrokenProcessPool:
        problem = "a process ended before its work, killed or out of memory"
        raise UsageError(Fault("--jobs", problem, "try it with --jobs 1")) from None
    finally:
        executor.shutdown(cancel_futures=True)


def read_archive(
    archive: Archive, queries: Sequence[Query], listener: Listener | None = None
) -> Iterator[Document]:
    """Every structured report that an archive has for these queries; raises `ArchiveError`."""
    locators = sorted({locator for query in queries for locator in archive.find(query)})
    documents: list[Document] = []

    def keep(locator: Locator, data: bytes) -> None:
        documents.append(read_document(data, locator.sop_instance_uid))
        if listener is not None:
            listener(len(locators))

    if hasattr(archive, "fetch_all"):
        cast("BulkArchive", archive).fetch_all(locators, keep)
    else:
        for locator in locators:
            keep(locator, archive.fetch(locator))
    return iter(sorted(documents, key=lambda document: document.place))


def read_records_table(path: Path) -> Iterator[Document]:
    """Every record of a table (CSV or Parquet), graded without images.

    Raises `RecordRefused` where the table cannot be read as a whole.
    """
    from hosr.intake.record import Record
    from hosr.intake.tables.records import examine_table

    for entry in examine_table(path):
        place = f"row {entry.rows[0]}"
        if isinstance(entry.outcome, Record):
            yield from _graded(entry.outcome, entry.id, entry.rows)
        else:
            for fault in entry.outcome.faults:
                yield Document(place=place, fault=fault)


def _graded(record: Record, name: str, rows: tuple[int, ...]) -> Iterator[Document]:
    from hosr.intake.record_selection import Recorded
    from hosr.pipeline import grade_record

    place = f"row {rows[0]}"
    try:
        with Recorded(record=record, name=name, rows=rows).located():
            hips = grade_record(record)
    except RecordRefused as refusal:
        yield from (Document(place=place, fault=fault) for fault in refusal.faults)
    else:
        yield Document(place=place, readings=read_table_record(record, hips, name, place))
