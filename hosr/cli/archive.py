"""`hosr archive`: try an archive, look into it, fetch from it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, cast

from hosr.cli.archives import ARCHIVE_HELP, make_queries, opened
from hosr.cli.arguments import add_json, add_out
from hosr.cli.terminal import EXIT_CODES, print_json, printable, progress
from hosr.errors import ArchiveRefused, Fault, UsageError
from hosr.identity import derive_uid, is_usable_uid

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.archive.dimse import DimseArchive
    from hosr.archive.values import Archive, Check, Locator, Query


# The title of a structured report.
_TITLE, _CODE_MEANING = 0x0040A043, 0x00080104


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An object in the archive; its title and its file where it had to be fetched."""

    locator: Locator
    title: str = ""
    data: bytes | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The commands of `hosr archive`."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    trying = commands.add_parser("test", help="try what works; nothing is stored")
    trying.add_argument("archive", metavar="ARCHIVE", help=ARCHIVE_HELP)
    add_json(trying)
    trying.set_defaults(command=test)

    finding = commands.add_parser("find", help="what there is of a study, an order or a patient")
    finding.add_argument("archive", metavar="ARCHIVE", help=ARCHIVE_HELP)
    what = finding.add_mutually_exclusive_group(required=True)
    what.add_argument("--study", metavar="UID", help="Study Instance UID")
    what.add_argument("--patient", metavar="ID", help="Patient ID, in full")
    what.add_argument("--accession", metavar="N", help="accession number, in full")
    _add_reports(finding)
    add_json(finding)
    finding.set_defaults(command=find)

    fetching = commands.add_parser("fetch", help="the objects of a study as files")
    fetching.add_argument("archive", metavar="ARCHIVE", help=ARCHIVE_HELP)
    fetching.add_argument("--study", metavar="UID", required=True, help="Study Instance UID")
    _add_reports(fetching)
    add_out(fetching)
    fetching.set_defaults(command=fetch, patient=None, accession=None)


def _add_reports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reports", action="store_true", help="only the structured reports of hosr"
    )


def test(arguments: argparse.Namespace) -> int:
    """Try what an archive offers, and print what works."""
    from hosr.archive.values import Outcome

    with opened(arguments.archive) as (destination, archive):
        checks = _try(archive, destination)
    if arguments.json:
        found = {
            "archive": destination.name,
            "address": str(destination.address),
            "checks": [asdict(check) for check in checks],
        }
        print_json(found)
    else:
        _show_checks(destination, checks)
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
    with opened(arguments.archive) as (_, archive):
        found = tuple(_found(archive, _query(arguments), reports=arguments.reports))
    if arguments.json:
        told = [
            {**asdict(each.locator), **({"title": each.title} if arguments.reports else {})}
            for each in found
        ]
        print_json({"instances": told})
    else:
        _show_found([(each.locator, each.title) for each in found], reports=arguments.reports)
    return 0


def fetch(arguments: argparse.Namespace) -> int:
    """Fetch the objects of a study into a folder, each whole under its UID; print their paths."""
    from hosr.folder import write_folder

    with opened(arguments.archive) as (destination, archive):
        found = tuple(_found(archive, _query(arguments), reports=arguments.reports))
        if not found:
            what = "no report of hosr in this study" if arguments.reports else "no such study"
            problem = f"has {what}; nothing was written"
            raise UsageError(Fault(destination.name, problem, "check the study"))
        with progress("fetching", len(found)) as advance:
            for each in found:
                data = each.data if each.data is not None else archive.fetch(each.locator)
                name = f"{_checked(each.locator.sop_instance_uid, destination.name)}.dcm"
                (path,) = write_folder({name: data}, arguments.out)
                advance()
                print(printable(str(path)))
    return 0


def _checked(uid: str, name: str) -> str:
    """The UID, which an archive may have made up: only a valid one can be a name of a file."""
    if not is_usable_uid(uid):
        problem = "names an object by something other than a UID"
        raise UsageError(Fault(name, problem, "look at the study in the archive"))
    return uid


def _query(arguments: argparse.Namespace) -> Query:
    """What to look for: one study, order or patient."""
    named = {
        "studies": arguments.study,
        "patients": arguments.patient,
        "accessions": arguments.accession,
    }
    (query,) = make_queries(
        "hosr archive",
        **{name: () if value is None else (value,) for name, value in named.items()},
        modalities=("SR",) if arguments.reports else (),
    )
    return query


def _found(archive: Archive, query: Query, *, reports: bool) -> Iterator[_Found]:
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
    from hosr.composite import OWN_TAGS, is_own
    from hosr.dicom.elements import peek
    from hosr.dicom.structure import UnusableFile

    try:
        seen = peek(data, (*OWN_TAGS, _TITLE))
    except UnusableFile:
        return None
    titles = seen.items(_TITLE)
    return titles[0].text(_CODE_MEANING) if titles and is_own(seen) else None


def _show_checks(destination: Destination, checks: Sequence[Check]) -> None:
    """What was tried with an archive, one line each."""
    address = str(destination.address)
    name = destination.name
    print(printable(address if name == address else f"{name}: {address}"))
    for check in checks:
        print(printable(f"  {check.name}: {check.outcome.value}; {check.words}"))


def _show_found(found: Sequence[tuple[Locator, str]], *, reports: bool) -> None:
    """What an archive has: each series with its objects, or each report with its title."""
    from pydicom.uid import UID

    studies: dict[str, dict[str, list[str]]] = {}
    for locator, title in found:
        series = studies.setdefault(locator.study_instance_uid, {})
        what = title or UID(locator.sop_class_uid).name or "object"
        line = f"{locator.sop_instance_uid} {what}"
        series.setdefault(locator.series_instance_uid, []).append(line)
    for study, series in studies.items():
        print(printable(f"study {study}"))
        for uid, lines in series.items():
            print(printable(f"  series {uid}"))
            for line in lines:
                print(printable(f"    {line}"))
    if not found:
        print("no report of hosr found" if reports else "nothing found")
