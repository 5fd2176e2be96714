"""What an archive holds beside a report that was sent there: a warning, which stops nothing.

It is asked when all is delivered, and once for each study; whatever goes wrong with that is a note.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from hosr.cli.terminal import printable, progress
from hosr.errors import ArchiveError, Reason

if TYPE_CHECKING:
    from hosr.archive.addresses import Destination
    from hosr.lifecycle.rivals import Beside
    from hosr.outbox import Entry, Item
    from hosr.outbox.report_folders import ReportFolder

MOST_STUDIES = 20
_THERE = ("stored", "proving", "committed", "verified", "accepted")


def look_beside(
    destination: Destination, reports: Sequence[ReportFolder], entries: Iterable[Entry]
) -> list[Beside]:
    """Other reports of the studies and hips of what arrived, told on standard error."""
    arrived = {entry.key for entry in entries if entry.state.value in _THERE}
    studies: dict[str, list[Item]] = {}
    for report in reports:
        for item in report.files:
            if item.locator is not None and item.key in arrived:
                studies.setdefault(item.locator.study_instance_uid, []).append(item)
    found: list[Beside] = []
    if not studies or not _can_be_asked(destination):
        return found
    try:
        for each in _look(destination, studies):
            print(printable(f"hosr: warning: {each}"), file=sys.stderr)
            found.append(each)
    except ArchiveError as error:
        if error.reason is not Reason.UNSUPPORTED:  # it never tells what it has
            note = f"note: was not asked for other reports of the studies: {error.faults[0]}"
            print(printable(note), file=sys.stderr)
    if len(studies) > MOST_STUDIES:
        asked = f"the first {MOST_STUDIES} of {len(studies):,} studies"
        print(f"note: other reports were looked for in {asked}", file=sys.stderr)
    return found


def _can_be_asked(destination: Destination) -> bool:
    from hosr.archive.addresses import DimseAddress, FolderAddress, WebAddress

    return isinstance(destination.address, DimseAddress | WebAddress | FolderAddress)


def _look(destination: Destination, studies: dict[str, list[Item]]) -> Iterator[Beside]:
    from hosr.archive import open_archive
    from hosr.archive.values import Query
    from hosr.lifecycle.archived_reports import read_archived_reports, read_documents
    from hosr.lifecycle.rivals import find_beside

    name, most = destination.name, min(len(studies), MOST_STUDIES)
    with (
        open_archive(destination, environ=os.environ, clock=time.time) as archive,
        progress("looking for other reports", most) as advance,
    ):
        for study, items in islice(studies.items(), most):
            sent = read_documents("", ((item.key, item.data) for item in items))
            if sent.reports:
                held = read_archived_reports(archive, name, Query(study_instance_uid=study))
                yield from find_beside(sent, held)
                for fault in held.faults:
                    print(printable(f"note: {fault}"), file=sys.stderr)
            advance()
