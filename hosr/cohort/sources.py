"""Where the gradings of a cohort come from: a folder of reports, an archive, a table of records.

One file is one document: a measurement report of hosr and what it says, something else, or a fault.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, cast

from hosr import codes
from hosr.cohort.readings import HipReading, read_report, read_table_record
from hosr.composite import OWN_TAGS, REJECTION_TAGS, find_rejected, is_own
from hosr.dicom.elements import MEDIA_DIRECTORY, Peeked, is_dicom, peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import DocumentRefused, Fault, RecordRefused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from hosr.archive.values import Archive, BulkArchive, Locator, Query
    from hosr.intake.record_selection import Recorded


# SOP Instance UID, Modality, title.
_SOP_INSTANCE_UID, _MODALITY, _TITLE = 0x00080018, 0x00080060, 0x0040A043
_CODE_VALUE, _CODE_SCHEME = 0x00080100, 0x00080102

# Told of each file that is done: how many there are in all.
Listener: TypeAlias = Callable[[int], None]

# More than any document of hosr holds.
_MAX_BYTES = 65 << 20
_FIND_OUT = "look at the file; the others were read"


class Other(StrEnum):
    """What a file is that holds no grading."""

    NOT_A_FILE = "not a file"
    NOT_DICOM = "not DICOM"
    NOT_A_REPORT = "DICOM, but no structured report"
    FOREIGN_REPORT = "structured report of another maker"
    WITHOUT_RECORD = "report of hosr that holds no record"
    REJECTION = "note that withdraws reports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was found at one place: the readings of a report, something else, or a fault.

    `altered` is whether its header or UIDs were changed since hosr wrote it; `replaced` are the SOP
    Instance UIDs of what it takes the place of, `rejected` those of what a note withdraws; `rests_on_id`
    is the id by which alone the study of a record is known.
    """

    place: str
    sop_instance_uid: str = ""
    readings: tuple[HipReading, ...] = ()
    altered: bool = False
    replaced: tuple[str, ...] = ()
    rejected: frozenset[str] = frozenset()
    rests_on_id: str = ""
    other: Other | None = None
    fault: Fault | None = None


def _read_file(path: Path, place: str) -> Document:
    """What a file holds; whatever is wrong with it is its fault, and none is raised."""
    # Without waiting for a writer, should the path be a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return Document(place=place, other=Other.NOT_A_FILE)
            return _read(file, place)
    except OSError as error:
        problem = f"cannot be read ({error.strerror or type(error).__name__})"
        return Document(place=place, fault=Fault(place, problem, "check its permissions"))


def read_document(data: bytes, place: str) -> Document:
    """What the bytes of a file hold; whatever is wrong with them is its fault, and none is raised."""
    return _read(io.BytesIO(data), place)


def _read(stream: BinaryIO, place: str) -> Document:
    if not is_dicom(stream):
        if place.lower().endswith(".dcm"):
            fault = Fault(place, "is named .dcm, but is not a DICOM file", _FIND_OUT)
            return Document(place=place, fault=fault)
        return Document(place=place, other=Other.NOT_DICOM)
    try:
        seen = peek(stream, (*OWN_TAGS, *REJECTION_TAGS, _SOP_INSTANCE_UID))
        rejected = find_rejected(seen)
        other = Other.REJECTION if rejected else _other(seen)
    except UnusableFile as refusal:
        return Document(place=place, fault=Fault(place, refusal.problem, refusal.remedy))
    uid = seen.text(_SOP_INSTANCE_UID)
    if other is None:
        return _decode(stream, place, uid)
    return Document(place=place, sop_instance_uid=uid, other=other, rejected=rejected)


def _decode(stream: BinaryIO, place: str, uid: str) -> Document:
    from hosr.sr import decode_whole

    stream.seek(0)
    try:
        decoded = decode_whole(stream.read(_MAX_BYTES), place)
    except DocumentRefused as refusal:
        return Document(place=place, sop_instance_uid=uid, fault=refusal.faults[0])
    return Document(
        place=place,
        sop_instance_uid=uid,
        readings=read_report(decoded.report, uid, place),
        altered=bool(decoded.alterations),
        replaced=tuple(each.sop_instance_uid for each in decoded.report.predecessors),
    )


def _other(seen: Peeked) -> Other | None:
    """What it is, unless a measurement report of hosr.

    Raises UnusableFile for a file that was cut short of what says that, between two elements.
    """
    if seen.media_sop_class_uid == MEDIA_DIRECTORY:
        return Other.NOT_A_REPORT
    if not {_SOP_INSTANCE_UID, _MODALITY} <= seen.texts.keys():
        raise UnusableFile("does not say what it is", _FIND_OUT)
    if seen.text(_MODALITY) != "SR":
        return Other.NOT_A_REPORT
    if not seen.items(_TITLE):
        raise UnusableFile("is a structured report without a title", _FIND_OUT)
    if not is_own(seen):
        return Other.FOREIGN_REPORT
    titles = {(title.text(_CODE_SCHEME), title.text(_CODE_VALUE)) for title in seen.items(_TITLE)}
    is_measurement = codes.IMAGING_MEASUREMENT_REPORT.key in titles
    return None if is_measurement else Other.WITHOUT_RECORD


# From here on, processes of their own are worth their start.
_FEWEST_FOR_PROCESSES = 200
_FILES_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All readings; how many reports and repetitions; what else was there, and what is wrong.

    `superseded` are the places of versions that another one here takes the place of, `withdrawn` those
    of reports that a note of whatever maker rejects (IHE RAD-66): none of them is read.
    `altered` are the places of reports that were changed around their content since hosr wrote them,
    `others` those of files that hold no grading, by what they are instead.
    """

    readings: tuple[HipReading, ...]
    reports: int
    repeated: int
    superseded: tuple[str, ...]
    withdrawn: tuple[str, ...]
    altered: tuple[str, ...]
    others: dict[Other, tuple[str, ...]]
    faults: tuple[Fault, ...]


def gather(documents: Iterable[Document]) -> Gathered:
    """What documents say together; one that is there twice, under the same UID, counts once.

    Of a report in several versions the last one counts, and none that was withdrawn.
    """
    first: dict[str, Document] = {}
    others: dict[Other, list[str]] = {}
    faults: list[Fault] = []
    rejected: set[str] = set()
    repeated = 0
    for document in documents:
        if document.fault is not None:
            faults.append(document.fault)
        elif document.other is not None:
            rejected |= document.rejected
            others.setdefault(document.other, []).append(document.place)
        else:
            key = document.sop_instance_uid or f"{document.place} "
            known = first.setdefault(key, document)
            if known is not document:
                repeated += 1
                if known.readings != document.readings:
                    faults.append(_two_of_one_uid(known, document))
    replaced = {uid for document in first.values() for uid in document.replaced}
    withdrawn = rejected & first.keys()
    kept = [each for uid, each in first.items() if uid not in replaced | withdrawn]
    faults += _find_forks(kept)
    return Gathered(
        readings=tuple(reading for document in kept for reading in document.readings),
        reports=len(kept),
        repeated=repeated,
        superseded=tuple(each.place for uid, each in first.items() if uid in replaced - withdrawn),
        withdrawn=tuple(each.place for uid, each in first.items() if uid in withdrawn),
        altered=tuple(document.place for document in kept if document.altered),
        others={kind: tuple(others[kind]) for kind in Other if kind in others},
        faults=tuple(faults),
    )


def _find_forks(documents: Iterable[Document]) -> Iterator[Fault]:
    """Versions of which each takes the place of the same one: nobody can tell which prevails."""
    first: dict[str, Document] = {}
    for document in documents:
        for uid in document.replaced[:1]:
            other = first.setdefault(uid, document)
            if other is not document:
                problem = f"takes the place of the same report as {other.place}"
                yield Fault(document.place, problem, "find out which holds; both were used")


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
        yield _read_file(folder, folder.name)
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
        yield from map(_read_file, paths, places)
        return
    import multiprocessing

    # None of them shares memory by a fork of this process, which may have threads.
    executor = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        yield from executor.map(_read_file, paths, places, chunksize=_FILES_AT_ONCE)
    except BrokenProcessPool:
        problem = "a process ended before its work, killed or out of memory"
        raise UsageError(Fault("--jobs", problem, "try it with --jobs 1")) from None
    finally:
        executor.shutdown(cancel_futures=True)


def read_archive(
    archive: Archive, queries: Sequence[Query], listener: Listener | None = None
) -> Iterator[Document]:
    """Every document that an archive has for these queries; raises `ArchiveError`."""
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


def read_records_table(path: Path, now: dt.datetime | None = None) -> Iterator[Document]:
    """Every record of a table (CSV, Parquet or XLSX) or of JSON Lines, graded without images.

    One that was graded later than `now` is a fault. Raises `RecordRefused` where the table cannot be read as a whole.
    """
    from hosr.intake.record import Record
    from hosr.intake.record_selection import Recorded
    from hosr.intake.tables.lines import examine_records

    for entry in examine_records(path):
        place = f"row {entry.rows[0]}"
        if isinstance(entry.outcome, Record):
            recorded = Recorded(record=entry.outcome, name=entry.id, rows=entry.rows)
            yield from _graded(recorded, now)
        else:
            for fault in entry.outcome.faults:
                yield Document(place=place, fault=fault)


def _graded(recorded: Recorded, now: dt.datetime | None) -> Iterator[Document]:
    from hosr.pipeline import grade_record

    record, name, place = recorded.record, recorded.name, f"row {recorded.rows[0]}"
    try:
        with recorded.located():
            hips = grade_record(record, now=now)
    except RecordRefused as refusal:
        yield from (Document(place=place, fault=fault) for fault in refusal.faults)
    else:
        readings = read_table_record(record, hips, name, place)
        rests_on_id = "" if record.study_instance_uid else name
        yield Document(place=place, readings=readings, rests_on_id=rests_on_id)
