"""Signed reports of a study among documents that were received: those that stand, by all that lies there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.intake.images.elements import kind_of
from hosr.lifecycle.archived_reports import ArchivedReports, read_documents
from hosr.lifecycle.chain import Entry, order
from hosr.lifecycle.priors import EarlierReport
from hosr.sr.alterations import UNEXPLAINED

_SOP_CLASS, _INSTANCE = 0x00080016, 0x00080018


def read_received(folder: Path) -> tuple[EarlierReport, ...]:
    """The reports in a folder that were signed, and not replaced, withdrawn or redrawn by what lies there.

    What cannot be read is left out, and whatever it may have replaced with it: nobody knows what it says.
    """
    held = read_documents(str(folder), _documents(folder))
    return () if held.faults else tuple(_standing(held, folder))


def _standing(held: ArchivedReports, folder: Path) -> Iterator[EarlierReport]:
    for entry in order(held.reports, held.rejections):
        if not isinstance(entry, Entry) or not entry.prevails:
            continue
        read = entry.read
        is_redrawn = any(held.tell_successors([read.uid]))
        if read.report.signing and not is_redrawn and UNEXPLAINED not in read.alterations:
            yield EarlierReport(
                place=str(folder),
                report=read.report,
                documents=(read.document,),
                tracking_uids=read.tracking_uids,
                is_named=False,
            )


def _documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("[!.]*.dcm")):
        try:
            with path.open("rb") as file:
                seen = peek(file, (_SOP_CLASS, _INSTANCE))
            if kind_of(seen.text(_SOP_CLASS)) is None:
                yield seen.text(_INSTANCE), path.read_bytes()
        except (OSError, UnusableFile):
            continue
