"""The messages of reports as they lie in folders: which file goes to which kind of destination."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hosr.archive.addresses import Address, Destination, FhirAddress, FhirRelease, MllpAddress
from hosr.archive.versions import Version, read_bundle, read_oru
from hosr.dicom.structure import UnusableFile
from hosr.errors import DocumentRefused, Fault, UsageError
from hosr.manifest import MANIFEST, read_manifest, read_plain
from hosr.outbox.items import Item
from hosr.outbox.report_folders import ReportFolder, read_report_folders
from hosr.outbox.states import Kind

MAX_MESSAGE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFile:
    """The file of a report that goes to a kind of destination, and how it is read and made.

    `read` gives its key and version, or raises `UnusableFile`.
    """

    kind: Kind
    name: str
    takes: str
    made_by: str
    read: Callable[[bytes], tuple[str, Version]]


# By the kind of address and the release of FHIR; to all others the DICOM objects of a report go.
MESSAGE_FILES: dict[tuple[type[Address], FhirRelease], MessageFile] = {
    (MllpAddress, FhirRelease.R4): MessageFile(
        kind=Kind.HL7,
        name="report.hl7",
        takes="a receiver of HL7",
        made_by="hl7",
        read=read_oru,
    ),
    (FhirAddress, FhirRelease.R4): MessageFile(
        kind=Kind.FHIR,
        name="fhir.r4.json",
        takes="a FHIR server",
        made_by="fhir",
        read=read_bundle,
    ),
    (FhirAddress, FhirRelease.R5): MessageFile(
        kind=Kind.FHIR,
        name="fhir.r5.json",
        takes="a FHIR server of R5",
        made_by="fhir-r5",
        read=read_bundle,
    ),
}


def read_folders(paths: Sequence[Path], destination: Destination) -> tuple[ReportFolder, ...]:
    """What of the reports in these folders, and in all below them, goes to this destination.

    Raises as `read_report_folders`; and UsageError where a report has no message of that kind.
    """
    wanted = MESSAGE_FILES.get((type(destination.address), destination.release))
    return read_report_folders(paths) if wanted is None else _read_messages(paths, wanted)


def _read_messages(paths: Sequence[Path], wanted: MessageFile) -> tuple[ReportFolder, ...]:
    faults: list[Fault] = []
    missing: list[Fault] = []
    found: list[ReportFolder] = []
    for path in dict.fromkeys(paths):
        if not path.exists():
            missing.append(Fault(str(path), "there is no such file or folder"))
            continue
        messages = list(_messages(path, wanted))
        if not messages:
            missing.append(_missing(path, wanted))
        for message in messages:
            if not message.exists():
                missing.append(_missing(message.parent, wanted))
                continue
            try:
                item = _item(message, wanted)
            except UnusableFile as refusal:
                faults.append(Fault(str(message), refusal.problem, refusal.remedy))
            else:
                name = str(message if message == path else message.parent)
                found.append(ReportFolder(name=name, files=(item,)))
    if missing:
        raise UsageError(missing)
    if faults:
        raise DocumentRefused(faults)
    return tuple(found)


def _messages(path: Path, wanted: MessageFile) -> Iterator[Path]:
    """The files, also those that a report should have; a file that is named is one itself."""
    if not path.is_dir():
        yield path
        return
    for folder, below, names in os.walk(path):
        below.sort()
        if wanted.name in names or MANIFEST in names:
            yield Path(folder) / wanted.name


def _missing(path: Path, wanted: MessageFile) -> Fault:
    problem = f"holds no {wanted.name}, which is what {wanted.takes} is sent"
    remedy = (
        f"make it: `hosr report ... --make {wanted.made_by}`; what is signed, amended or withdrawn has "
        f"it where hosr[{wanted.made_by.partition('-')[0]}] is installed"
    )
    return Fault(str(path), problem, remedy)


def _item(path: Path, wanted: MessageFile) -> Item:
    """A message; where there is a manifest beside it, it must be the one that is listed there."""
    data = read_plain(path, MAX_MESSAGE_BYTES)
    if (path.parent / MANIFEST).exists():
        listed = {file.name: file.sha256 for file in read_manifest(path.parent).files}
        if path.name not in listed:
            problem = "is not in the manifest beside it, so it belongs to another report"
            raise UnusableFile(problem, "move it to a folder of its own")
        if listed[path.name] != hashlib.sha256(data).hexdigest():
            raise UnusableFile("was changed after the report was made", "make the report again")
    key, version = wanted.read(data)
    # A name that a person gave may be a patient's; only hosr's own goes any further.
    return Item(kind=wanted.kind, key=key, version=version, data=data, name=wanted.name)
