"""What the commands of `hosr archive` do: try an archive, look into it, fetch from it."""

from __future__ import annotations

import argparse
import io
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hosr.cli.exit_codes import EXIT_CODES
from hosr.errors import ArchiveRefused, Fault, UsageError
from hosr.identity import derive_uid, is_valid_uid

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.archive.dimse import DimseArchive
    from hosr.archive.values import Archive, Check, Locator, Query


# SOP Instance UID, Manufacturer, and the title of a structured report.
_MANUFACTURER, _TITLE, _CODE_MEANING = 0x00080070, 0x0040A043, 0x00080104


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An object in the archive; its title and its file where it had to be fetched."""

    locator: Locator
    title: str = ""
    data: bytes | None = None


@contextmanager
def _opened(named: str) -> Iterator[tuple[Destination, Archive]]:
    from hosr.archive.configuration import load
    from hosr.archive.opening import open_archive

    destination = load(os.environ, Path.home()).destination(named)
    with open_archive(destination, environ=os.environ, clock=time.time) as archive:
        yield destination, archive


def test(arguments: argparse.Namespace) -> int:
    """Try what an archive offers, and print what works."""
    from hosr.archive.values import Outcome
    from hosr.cli.archive_console import show_checks

    with _opened(arguments.archive) as (destination, archive):
        checks = _try(archive, destination)
    if arguments.json:
        found = {
            "archive": destination.name,
            "address": str(destination.address),
            "checks": [asdict(check) for check in checks],
        }
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show_checks(destination, checks)
    fails = any(check.outcome is Outcome.FAILS for check in checks)
    return EXIT_CODES[ArchiveRefused][0] if fails else 0


def _try(archive: Archive, destination: Destination) -> tuple[Check, ...]:
    """What works: as the archive says, and over DIMSE as it turns out when it is asked."""
    from hosr.archive.addresses import DimseAddress

    checks = archive.examine()
    if not isinstance(destination.address, DimseAddress):
        return checks
    from hosr.archive.dimse.verification import try_services

    uid = derive_uid("commitment trial", os.urandom(16).hex())
    return try_services(cast("DimseArchive", archive), destination, checks, uid)


def find(arguments: argparse.Namespace) -> int:
    """Print the objects of a study, of an order or of a patient; or only the reports of hosr."""
    from hosr.cli.archive_console import show_found

    with _opened(arguments.archive) as (_, archive):
        found = tuple(_found(archive, _query(arguments), reports=arguments.reports))
    if arguments.json:
        told = [
            {**asdict(each.locator), **({"title": each.title} if arguments.reports else {})}
            for each in found
        ]
        print(json.dumps({"instances": told}, indent=2, ensure_ascii=False))
    else:
        show_found([(each.locator, each.title) for each in found], reports=arguments.reports)
    return 0


def fetch(arguments: argparse.Namespace) -> int:
    """Fetch the objects of a study into a folder, each whole under its UID; print their paths."""
    from hosr.cli.terminal import printable, progress
    from hosr.folder import write_folder

    with _opened(arguments.archive) as (destination, archive):
        found = tuple(_found(archive, _query(arguments), reports=arguments.reports))
        if not found:
            what = "no report of hosr in this study" if arguments.reports else "no such study"
            problem = f"has {what}; nothing was written"
            raise UsageError(Fault(destination.name, problem, "check the study"))
        with progress("fetching", len(found)) as advance:
            for each in found:
                data = each.data if each.data is not None else archive.fetch(each.locator)
                name = f"{_lawful(each.locator.sop_instance_uid, destination.name)}.dcm"
                (path,) = write_folder({name: data}, arguments.out)
                advance()
                print(printable(str(path)))
    return 0


def _lawful(uid: str, name: str) -> str:
    """The UID, which an archive may have made up: only a lawful one can be a name of a file."""
    if not is_valid_uid(uid):
        problem = "names an object by something other than a UID"
        raise UsageError(Fault(name, problem, "look at the study in the archive"))
    return uid


def _query(arguments: argparse.Namespace) -> Query:
    from hosr.archive.values import Query

    if arguments.study and not is_valid_uid(arguments.study):
        raise UsageError(Fault("--study", "is no UID", "write a Study Instance UID"))
    patient = getattr(arguments, "patient", None) or ""
    accession = getattr(arguments, "accession", None) or ""
    for option, value in (("--patient", patient), ("--accession", accession)):
        if any(c in "*?\\" or not c.isprintable() for c in value):
            problem = "has a wildcard, a backslash or a control character"
            raise UsageError(Fault(option, problem, "write it in full"))
    if not (arguments.study or patient.strip() or accession.strip()):
        remedy = "name a study, an accession number or a patient"
        raise UsageError(Fault("hosr archive", "does not know what to look for", remedy))
    return Query(
        study_instance_uid=arguments.study or "",
        patient_id=patient,
        accession_number=accession,
        modalities=("SR",) if arguments.reports else (),
    )


def _found(archive: Archive, query: Query, *, reports: bool) -> Iterator[_Found]:
    from hosr.cli.terminal import progress

    locators = archive.find(query)
    if not reports:
        yield from (_Found(locator=locator) for locator in locators)
        return
    # Who wrote a report stands in the report alone.
    with progress("reading reports", len(locators)) as advance:
        for locator in locators:
            data = archive.fetch(locator)
            advance()
            title = _title(data)
            if title is not None:
                yield _Found(locator=locator, title=title, data=data)


def _title(data: bytes) -> str | None:
    """The title of a structured report of hosr; None for everything else."""
    from hosr.dicom.elements import quiet_pydicom, read_elements

    try:
        with quiet_pydicom():
            elements = read_elements(io.BytesIO(data), (_MANUFACTURER, _TITLE)).elements
            if str(elements[_MANUFACTURER].value).strip() != "hosr":
                return None
            return str(elements[_TITLE].value[0][_CODE_MEANING].value)
    except Exception:  # noqa: BLE001 (what others wrote may make pydicom throw of every kind)
        return None
