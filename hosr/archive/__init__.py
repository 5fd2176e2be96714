"""Archives: where finished files are kept and images are found, whatever protocol they speak.

    values              what every archive is given and answers: Archive, Locator, Query, Receipt, Check
    addresses           where things go, and what belongs to each place
    written_addresses   dimse://, https://, file://, mllp:// and fhir+https:// as people write them
    configuration       the file that names archives; no secret stands in it
    configuration_keys  what that file may hold, described and checked
    versions            which version of a report a message brings, and which goes before which
    statuses            what a status of DICOM means; the object in a file before it is sent
    tls                 who is trusted, and why a handshake failed, for both protocols
    dimse/              C-STORE, C-FIND, C-GET, C-MOVE and storage commitment, by pynetdicom
    dicomweb/           STOW-RS, QIDO-RS and WADO-RS
    folder              a folder of this machine
    fhir/               a FHIR server: a report is read there before it is written
    hl7, mllp           a receiver of HL7 v2 messages; its protocol, and what it acknowledges

`open_archive` opens the archive of a destination, which says whatever goes wrong as `ArchiveError`;
`opened` does so for the name or the address of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hosr.archive.addresses import Destination, DimseAddress, FhirAddress, MllpAddress, WebAddress
from hosr.archive.values import Archive

_NAMED = "archive:"
_SCHEMES = (
    *("dimse://", "dimses://", "http://", "https://", "file:"),
    *("mllp://", "mllps://", "fhir+http://", "fhir+https://"),  # which tell that they give nothing
)


def is_archive(text: str) -> bool:
    """Whether this names an archive where a file or folder may stand as well."""
    return text.startswith(_NAMED) or text.lower().startswith(_SCHEMES)


@contextmanager
def opened(
    named: str, *, environ: Mapping[str, str], home: Path, clock: Callable[[], float]
) -> Iterator[tuple[Destination, Archive]]:
    """The archive of this name in the user's configuration, or of this address, entered.

    Nothing is connected before it is used. Raises `UsageError` where there is no such archive.
    """
    from hosr.archive.configuration import load

    destination = load(environ, home).destination(named.removeprefix(_NAMED))
    with open_archive(destination, environ=environ, clock=clock) as archive:
        yield destination, archive


def open_archive(
    destination: Destination, *, environ: Mapping[str, str], clock: Callable[[], float]
) -> Archive:
    """The archive of a destination; nothing is connected before it is used.

    `environ` is where a secret may be kept, `clock` the time in seconds since 1970.
    """
    # Each protocol brings libraries of its own, which the others do not wait for.
    if isinstance(destination.address, DimseAddress):
        from hosr.archive.dimse import DimseArchive

        return DimseArchive(destination)
    if isinstance(destination.address, WebAddress):
        from hosr.archive.dicomweb import WebArchive

        return WebArchive(destination, environ=environ, clock=clock)
    if isinstance(destination.address, MllpAddress):
        from hosr.archive.hl7 import Hl7Receiver

        return Hl7Receiver(destination)
    if isinstance(destination.address, FhirAddress):
        from hosr.archive.fhir import FhirServer

        return FhirServer(destination, environ=environ, clock=clock)
    from hosr.archive.folder import FolderArchive

    return FolderArchive(destination)
