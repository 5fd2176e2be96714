"""Archives as the commands use them: which words name one, opening it, and images out of it.

Over DICOMweb only headers are fetched at first, and the pixels of an image when a picture is made
of it. Over DIMSE, which has no headers without pixels, images are fetched whole.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hosr.cli.terminal import progress
from hosr.errors import ArchiveError, Fault, ImagesRefused, Reason, UsageError
from hosr.identity import is_usable_uid
from hosr.scratch import ended_by_sigterm, private_folder

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.archive.configuration import Configuration
    from hosr.archive.dicomweb import WebArchive
    from hosr.archive.values import Archive, BulkArchive, Locator, Query
    from hosr.dicom.elements import Peeked
    from hosr.intake.images import Note


ARCHIVE_HELP = "name in the configuration, or an address: dimse://CALLED@host:port, https://host/dicom-web, file:///folder, mllp://host:port, fhir+https://host/base"


def load_configuration() -> Configuration:
    """The configuration of this user: archives, and where the outbox lies."""
    from hosr.archive.configuration import load

    return load(os.environ, Path.home())


@contextmanager
def opened(named: str) -> Iterator[tuple[Destination, Archive]]:
    """The archive of this name or address, entered; nothing is connected before it is used."""
    from hosr.archive import opened as opened_archive

    with opened_archive(named, environ=os.environ, home=Path.home(), clock=time.time) as archive:
        yield archive


def make_queries(
    what: str,
    *,
    studies: Sequence[str] = (),
    patients: Sequence[str] = (),
    accessions: Sequence[str] = (),
    modalities: tuple[str, ...] = (),
) -> tuple[Query, ...]:
    """A query for each study, patient and order that is named; `what` is who asks.

    Raises UsageError for what is no whole value: patterns would find strangers, and nothing
    would find everybody.
    """
    from hosr.archive.values import Query

    faults = [
        Fault("--study", "is no UID", "write a Study Instance UID")
        for uid in studies
        if not is_usable_uid(uid)
    ]
    for option, values in (("--patient", patients), ("--accession", accessions)):
        for value in values:
            if not value.strip() or any(c in "*?\\" or not c.isprintable() for c in value):
                problem = "is empty, or has a wildcard, a backslash or a control character"
                faults.append(Fault(option, problem, "write it in full"))
    if not (studies or patients or accessions):
        remedy = "name a study, a patient or an order: --study, --patient, --accession"
        faults.append(Fault(what, "does not say what to look for", remedy))
    if faults:
        raise UsageError(faults)
    return (
        *(Query(study_instance_uid=uid, modalities=modalities) for uid in studies),
        *(Query(patient_id=patient, modalities=modalities) for patient in patients),
        *(Query(accession_number=number, modalities=modalities) for number in accessions),
    )


# Archives that give no headers by themselves are asked for whole images.
_NO_HEADERS = frozenset({Reason.UNSUPPORTED, Reason.UNRECOGNISED, Reason.PROCESSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenImages:
    """Where the images lie now, the way to those of which only headers do, and what lies beside them."""

    paths: tuple[Path, ...] = ()
    fetch: Callable[[str], bytes] | None = None
    beside: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetched:
    """What was fetched so far: into which folder, and who gives the files of single images."""

    folder: Path
    remote: dict[str, tuple[Archive, Locator]] = field(default_factory=dict)
    beside: list[Note] = field(default_factory=list)

    def write(self, sop_instance_uid: str, data: bytes) -> None:
        """Keep a file until the report is made; only a valid UID can be a name of a file."""
        if not is_usable_uid(sop_instance_uid):
            problem = "names an image by something other than a UID"
            raise ImagesRefused(Fault("images", problem, "look at the study in the archive"))
        (self.folder / f"{sop_instance_uid}.dcm").write_bytes(data)

    def fetch(self, sop_instance_uid: str) -> bytes:
        """The whole file of an image of which only the header was fetched."""
        archive, locator = self.remote[sop_instance_uid]
        return archive.fetch(locator)


@contextmanager
def given_images(arguments: argparse.Namespace) -> Iterator[GivenImages]:
    """The images that the command names; those of archives lie in a private folder meanwhile.

    Raises UsageError where it is not said which study to fetch, ImagesRefused where an archive has
    no image of it, and ArchiveError.
    """
    from hosr.archive import is_archive

    files = tuple(Path(text) for text in arguments.images if not is_archive(text))
    archives = tuple(dict.fromkeys(filter(is_archive, arguments.images)))
    if not archives:
        if arguments.study:
            remedy = "leave it out: the study of files is the one they belong to"
            raise UsageError(Fault("--study", "is for images of an archive", remedy))
        yield GivenImages(paths=files)
        return
    with (
        ended_by_sigterm(),
        private_folder() as folder,
        ExitStack() as stack,
    ):
        query = _query(arguments)
        fetched = _Fetched(folder=folder)
        for destination, archive in [stack.enter_context(opened(name)) for name in archives]:
            _fetch_study(archive, destination.name, query, fetched)
        yield GivenImages(
            paths=(*files, fetched.folder),
            fetch=fetched.fetch if fetched.remote else None,
            beside=tuple(fetched.beside),
        )


def _query(arguments: argparse.Namespace) -> Query:
    """Which study to look for: as the command says it, or else the record."""
    from hosr.archive.values import Query
    from hosr.intake.record_selection import read_records

    if arguments.study:
        return make_queries("--images", studies=(arguments.study,))[0]
    records = read_records(arguments.record)
    name = arguments.record.name
    if len(records) != 1:
        problem = f"holds {len(records)} records, so it does not say which study to fetch"
        raise UsageError(Fault(name, problem, "name the study with --study UID"))
    record = records[0].record
    if record.study_instance_uid:
        return Query(study_instance_uid=record.study_instance_uid)
    if record.accession_number:
        return Query(accession_number=record.accession_number, patient_id=record.patient_id or "")
    remedy = "name it with --study UID, or fill in study.study_instance_uid of the record"
    raise UsageError(Fault(name, "does not say which study to fetch", remedy))


def _fetch_study(archive: Archive, name: str, query: Query, fetched: _Fetched) -> None:
    from hosr.intake.images import Note
    from hosr.intake.images.elements import kind_of
    from hosr.intake.images.others import FOREIGN, tell_other

    found = archive.find(query)
    studies = sorted({locator.study_instance_uid for locator in found})
    if len(studies) > 1:
        problem = f"has {len(studies)} studies of this accession number"
        raise ImagesRefused(Fault(name, problem, "name one with --study UID"))
    # Some archives do not say the class; the file does.
    images = [i for i in found if not i.sop_class_uid or kind_of(i.sop_class_uid) is not None]
    if not images:
        what = "no radiograph, CT or MR image of this study" if found else "no such study"
        raise ImagesRefused(Fault(name, f"has {what}", "check the study, and which archive has it"))
    others = sorted({i.sop_class_uid for i in found if i.sop_class_uid in FOREIGN})
    fetched.beside.extend(
        Note(path=name, problem=f"holds an object that {tell_other(other)}") for other in others
    )
    if not _fetch_headers(archive, studies[0], images, fetched):
        _fetch_files(archive, images, fetched)


def _fetch_headers(
    archive: Archive, study_instance_uid: str, images: Sequence[Locator], fetched: _Fetched
) -> bool:
    """Fetch the headers of these images alone; whether the archive could do that."""
    web = _web(archive)
    if web is None:
        return False
    try:
        headers = {_uid(header): header for header in web.fetch_metadata(study_instance_uid)}
    except ArchiveError as error:
        if error.reason in _NO_HEADERS:
            return False
        raise
    if not headers.keys() >= {image.sop_instance_uid for image in images}:
        return False
    for image in images:
        header = headers[image.sop_instance_uid]
        if _is_own(header):
            continue
        fetched.write(image.sop_instance_uid, header)
        fetched.remote[image.sop_instance_uid] = (archive, image)
    return True


def _web(archive: Archive) -> WebArchive | None:
    """The archive, where it is one that gives headers by themselves."""
    if not hasattr(archive, "fetch_metadata"):
        return None
    from hosr.archive.dicomweb import WebArchive

    return archive if isinstance(archive, WebArchive) else None


def _fetch_files(archive: Archive, images: Sequence[Locator], fetched: _Fetched) -> None:
    with progress("fetching images", len(images)) as advance:

        def keep(image: Locator, data: bytes) -> None:
            if not _is_own(data):
                fetched.write(image.sop_instance_uid, data)
            advance()

        if hasattr(archive, "fetch_all"):
            cast("BulkArchive", archive).fetch_all(images, keep)
            return
        for image in images:
            keep(image, archive.fetch(image))


_SOP_INSTANCE_UID = 0x00080018


def _is_own(data: bytes) -> bool:
    """Whether hosr made this: a picture of an earlier report is none of the graded images."""
    from hosr.composite import OWN_TAGS, is_own

    seen = _peeked(data, OWN_TAGS)
    return seen is not None and is_own(seen)


def _uid(data: bytes) -> str:
    seen = _peeked(data, (_SOP_INSTANCE_UID,))
    return "" if seen is None else seen.text(_SOP_INSTANCE_UID)


def _peeked(data: bytes, tags: Sequence[int]) -> Peeked | None:
    """These values of a file that an archive gave; who reads the file says what is wrong with it."""
    from hosr.dicom.elements import peek
    from hosr.dicom.structure import UnusableFile

    try:
        return peek(data, tags)
    except UnusableFile:
        return None
