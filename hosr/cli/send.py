"""`hosr send`: reports into the outbox, which loses nothing, and from there to who is to have them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hosr.cli.archives import ARCHIVE_HELP, load_configuration
from hosr.cli.arguments import add_json, parse_seconds
from hosr.cli.terminal import print_json, printable
from hosr.errors import Fault, UsageError

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.outbox import Outbox
    from hosr.outbox.report_folders import ReportFolder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `hosr send`."""
    parser.usage = "%(prog)s DIR [DIR ...] --to ARCHIVE [options]"
    parser.add_argument(
        "reports",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="folders that `hosr report` wrote, folders of such folders, or single files of reports",
    )
    parser.add_argument("--to", required=True, metavar="ARCHIVE", help=ARCHIVE_HELP)
    when = parser.add_mutually_exclusive_group()
    when.add_argument(
        "--later",
        action="store_true",
        help="only put them into the outbox; `hosr outbox run` sends",
    )
    when.add_argument(
        "--wait",
        type=parse_seconds,
        default=None,
        metavar="S",
        help="keep trying for S seconds where an archive does not answer (default: one try)",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Put reports into the outbox and deliver them; print what became of each object."""
    from hosr.cli.deliveries import (
        changes,
        deliver_entries,
        entry_json,
        exit_code,
        open_outbox,
        show_sent,
    )
    from hosr.cli.rivals import look_beside
    from hosr.outbox import Limits
    from hosr.outbox.message_folders import read_folders

    configuration = load_configuration()
    destination = configuration.destination(arguments.to)
    reports = _without_withdrawn(read_folders(arguments.reports, destination))
    with open_outbox(configuration) as outbox:
        places = _put_in(outbox, destination, reports)
        if not arguments.later:
            limits = Limits(destination_names={destination.name}, wait_s=arguments.wait or 0.0)
            with changes(f"sending to {destination.name}", places) as on_change:
                deliver_entries(outbox, configuration, limits, on_change)
        entries = outbox.entries(keys=places.keys(), destination_name=destination.name)
        behind = outbox.held_back()
    beside = [] if arguments.later else look_beside(destination, reports, entries)
    if arguments.json:
        objects = [{"path": places[e.key], **entry_json(e)} for e in entries]
        others = [each.as_json() for each in beside]
        told = {"outbox": str(configuration.outbox), "objects": objects, "other_reports": others}
        print_json(told)
    else:
        show_sent(destination.name, entries, places, later=arguments.later, behind=behind)
    return 0 if arguments.later else exit_code(entries)


def _without_withdrawn(reports: Sequence[ReportFolder]) -> tuple[ReportFolder, ...]:
    """The reports that were not withdrawn; the others are told, and of these alone none is sent.

    Whoever has such a report is told of its withdrawal, and who does not have it needs neither.
    """
    from hosr.lifecycle.succession import find_withdrawal

    kept, faults = [], []
    for report in reports:
        place = Path(report.name)
        begun = find_withdrawal(place if place.is_dir() else place.parent)
        if begun is None:
            kept.append(report)
            continue
        remedy = f"send the withdrawal, {begun.folder}, to whoever has it"
        faults.append(
            Fault(report.name, f"is not sent: it was withdrawn ({begun.signed_at})", remedy)
        )
    if faults and not kept:
        raise UsageError(faults)
    for fault in faults:
        print(printable(f"hosr: {fault}"), file=sys.stderr)
    return tuple(kept)


def _put_in(
    outbox: Outbox, destination: Destination, reports: Sequence[ReportFolder]
) -> dict[str, str]:
    """Put reports into the outbox; where each object lies, by its key.

    The outbox keeps no name that a person gave, which may be a patient's.
    """
    places: dict[str, str] = {}
    address = str(destination.address)
    for report in reports:
        for entry in outbox.enqueue(report.files, destination.name, report.report, address=address):
            where = Path(report.name) / entry.name
            places.setdefault(entry.key, str(where) if where.exists() else report.name)
    return places
