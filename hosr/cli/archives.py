"""Archives as the commands use them: which words name one, opening it, and what to look for in it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.errors import Fault, UsageError
from hosr.identity import is_valid_uid

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.archive.configuration import Configuration
    from hosr.archive.values import Archive, Query

ARCHIVE_HELP = "name in the configuration, or an address: dimse://CALLED@host:port, https://host/dicom-web, file:///folder"

_PREFIX = "archive:"
_SCHEMES = ("dimse://", "dimses://", "http://", "https://")


def is_archive(text: str) -> bool:
    """Whether this names an archive, and not a file or folder."""
    return text.startswith(_PREFIX) or text.lower().startswith(_SCHEMES)


def load_configuration() -> Configuration:
    """The configuration of this user: archives, and where the outbox lies."""
    from hosr.archive.configuration import load

    return load(os.environ, Path.home())


@contextmanager
def opened(named: str) -> Iterator[tuple[Destination, Archive]]:
    """The archive of this name or address, entered; nothing is connected before it is used."""
    from hosr.archive import open_archive

    destination = load_configuration().destination(named.removeprefix(_PREFIX))
    with open_archive(destination, environ=os.environ, clock=time.time) as archive:
        yield destination, archive


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
        if not is_valid_uid(uid)
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
