"""The versions of reports in folders or in an archive, each after the one it took the place of.

A withdrawal ends them; where its folder is not among those that were named, it is looked up where the
file beside the version says that it lies.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from hosr.errors import DocumentRefused, Fault, HosrError
from hosr.lifecycle.archived_reports import ArchivedReports
from hosr.lifecycle.chain import History, ReadReport, order
from hosr.lifecycle.other_documents import Rejection
from hosr.lifecycle.succession import SUCCESSOR, find_withdrawal
from hosr.lifecycle.versions import Version, read_note, read_version
from hosr.manifest import MANIFEST, WITHDRAWAL
from hosr.sr.rejection import TITLES


def read_history(folders: Iterable[Path]) -> History:
    """The versions below these folders, each after the one it took the place of; and what is none.

    Raises `DocumentRefused` where there is no version at all.
    """
    reports: list[ReadReport] = []
    rejections: list[Rejection] = []
    looked_up: list[Rejection] = []
    faults: list[Fault] = []
    for folder in dict.fromkeys(found for each in folders for found in _below(each)):
        try:
            if (folder / WITHDRAWAL).exists():
                rejections.append(read_withdrawal(folder))
            else:
                reports.append(as_read(read_version(folder)))
                looked_up += _find_withdrawals(folder, reports[-1].uid, faults)
        except HosrError as error:
            faults += error.faults
    named = {each.sop_instance_uid for each in rejections}
    rejections += (each for each in looked_up if each.sop_instance_uid not in named)
    if not reports and not rejections:
        remedy = "name folders that `hosr report`, `sign`, `amend`, `addend` or `withdraw` made"
        raise DocumentRefused(faults or [Fault("DIR", "holds no version of a report", remedy)])
    return History(entries=order(reports, rejections), faults=tuple(faults))


def history_of(held: ArchivedReports) -> History:
    """The versions that an archive holds; with what could not be read, and what others say of them.

    Raises `DocumentRefused` where there is no version at all.
    """
    if not held.reports:
        problem = "holds no report of hosr in this study that can be read"
        absent = Fault(held.archive, problem, "check the study, and which archive has it")
        raise DocumentRefused((absent, *held.faults))
    uids = {uid for read in held.reports for uid in (read.uid, *read.replaced)}
    faults = (*held.faults, *held.alterations, *held.tell_successors(uids))
    return History(entries=order(held.reports, held.rejections), faults=faults)


def read_withdrawal(folder: Path) -> Rejection:
    """The withdrawal in a folder. Raises `DocumentRefused` where it was changed."""
    note = read_note(folder)
    return Rejection(
        sop_instance_uid=note.instance.sop_instance_uid,
        title=TITLES[note.withdrawal.reason].meaning,
        documents=frozenset(each.sop_instance_uid for each in note.rejected),
        place=str(folder),
        note=note,
    )


def _find_withdrawals(folder: Path, uid: str, faults: list[Fault]) -> Iterator[Rejection]:
    """What withdrew the version in a folder, as it stands beside it, wherever its note lies."""
    begun = find_withdrawal(folder)
    if begun is None:
        return
    try:
        found = read_withdrawal(Path(begun.folder))
    except DocumentRefused as refusal:
        faults += refusal.faults
        yield Rejection(sop_instance_uid="", title="", documents=frozenset({uid}))
        return
    if uid in found.documents:
        yield found
    else:
        problem = f"names a withdrawal of another report ({begun.folder})"
        faults.append(Fault(str(folder / SUCCESSOR), problem, "find out what changed it"))


def as_read(version: Version) -> ReadReport:
    """A version in a folder among those that lie elsewhere."""
    return ReadReport(
        place=str(version.folder),
        report=version.report,
        options=version.options,
        document=version.documents[0],
    )


def _below(folder: Path) -> Iterator[Path]:
    """Every folder with a manifest, by name."""
    for parent, below, names in os.walk(folder):
        below.sort()
        if MANIFEST in names:
            yield Path(parent)
