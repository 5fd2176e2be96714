"""The arguments of the commands that deal with archives: send, outbox, archive."""

from __future__ import annotations

import argparse
from pathlib import Path

from hosr.cli import archive, outbox

_STATES = (
    *("queued", "sending", "stored", "proving", "committed", "verified"),
    *("accepted", "hold", "dead", "conflict", "dropped"),
)
_ARCHIVE = "name in the configuration, or an address: dimse://CALLED@host:port, https://host/dicom-web, file:///folder"


def add_send(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr send`."""
    parser.usage = "%(prog)s DIR [DIR ...] --to ARCHIVE [options]"
    parser.add_argument(
        "reports",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="folders that `hosr report` wrote, folders of such folders, or single DICOM files",
    )
    parser.add_argument("--to", required=True, metavar="ARCHIVE", help=_ARCHIVE)
    when = parser.add_mutually_exclusive_group()
    when.add_argument(
        "--later",
        action="store_true",
        help="only put them into the outbox; `hosr outbox run` sends",
    )
    when.add_argument(
        "--wait",
        type=_seconds,
        default=None,
        metavar="S",
        help="keep trying for S seconds where an archive does not answer (default: one try)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=outbox.send)


def add_outbox(parser: argparse.ArgumentParser) -> None:
    """The commands of `hosr outbox`."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    listing = commands.add_parser("list", help="what is not archived yet, and why")
    listing.add_argument("--state", choices=_STATES, metavar="STATE", help=", ".join(_STATES))
    listing.add_argument("--all", action="store_true", help="what is archived as well")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(command=outbox.list_entries)

    run = commands.add_parser("run", help="send what is due, and get its proof")
    run.add_argument("--watch", action="store_true", help="go on until interrupted")
    run.add_argument("--json", action="store_true", help="print JSON")
    run.set_defaults(command=outbox.run)

    retry = commands.add_parser("retry", help="send again what was held, dead or dropped")
    retry.add_argument("uids", nargs="*", metavar="UID", help="SOP Instance UIDs")
    retry.add_argument("--all", action="store_true", help="everything that is held or dead")
    retry.set_defaults(command=outbox.retry)

    drop = commands.add_parser("drop", help="give objects up; the outbox keeps that and why")
    drop.add_argument("uids", nargs="+", metavar="UID", help="SOP Instance UIDs")
    drop.add_argument(
        "--why", required=True, metavar="TEXT", help="the reason, without patient data"
    )
    drop.set_defaults(command=outbox.drop)


def add_archive(parser: argparse.ArgumentParser) -> None:
    """The commands of `hosr archive`."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    test = commands.add_parser("test", help="try what works; nothing is stored")
    test.add_argument("archive", metavar="ARCHIVE", help=_ARCHIVE)
    test.add_argument("--json", action="store_true", help="print JSON")
    test.set_defaults(command=archive.test)

    find = commands.add_parser("find", help="what there is of a study, an order or a patient")
    find.add_argument("archive", metavar="ARCHIVE", help=_ARCHIVE)
    what = find.add_mutually_exclusive_group(required=True)
    what.add_argument("--study", metavar="UID", help="Study Instance UID")
    what.add_argument("--patient", metavar="ID", help="Patient ID, in full")
    what.add_argument("--accession", metavar="N", help="accession number, in full")
    find.add_argument("--reports", action="store_true", help="only the structured reports of hosr")
    find.add_argument("--json", action="store_true", help="print JSON")
    find.set_defaults(command=archive.find)

    fetch = commands.add_parser("fetch", help="the objects of a study as files")
    fetch.add_argument("archive", metavar="ARCHIVE", help=_ARCHIVE)
    fetch.add_argument("--study", metavar="UID", required=True, help="Study Instance UID")
    fetch.add_argument("--reports", action="store_true", help="only the structured reports of hosr")
    fetch.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    fetch.set_defaults(command=archive.fetch)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400 * 7:
        raise argparse.ArgumentTypeError("write seconds, from 0 to a week")
    return seconds
