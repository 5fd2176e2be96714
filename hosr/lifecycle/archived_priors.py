"""Earlier reports of the patient out of an archive: what a report may be compared with, looked up.

What was withdrawn there, or changed so that nobody knows whose it is, is compared with nothing, and
neither is what it had taken the place of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hosr.archive.values import Archive, Query
from hosr.errors import DocumentRefused, Fault, UsageError
from hosr.intake.images import Note
from hosr.lifecycle.archived_reports import ArchivedReports, read_archived_reports
from hosr.lifecycle.chain import ReadReport, followed
from hosr.lifecycle.priors import EarlierReport, MergedID
from hosr.report import Report
from hosr.sr.alterations import UNEXPLAINED
from hosr.study import is_no_id

_LEAVE = "or name the earlier report itself: --prior DIR|FILE"


def find_earlier(
    archive: Archive, name: str, report: Report, merged: Sequence[MergedID] = ()
) -> tuple[tuple[EarlierReport, ...], tuple[Note, ...]]:
    """The reports that an archive has under the patient ID of a report, or under one that it replaced.

    Whether they are of the same patient, and of an earlier time, is for `look_back` to judge. Noted is
    what is left out, and what others say of a report.

    Raises
    ------
    UsageError
        Where the images name no patient ID.
    DocumentRefused
        Where a document cannot be read, for it may be a newer version of another.
    ArchiveError
        Where the archive cannot be asked.
    """
    patient_id = report.subject.patient.patient_id
    if is_no_id(patient_id):
        problem = "cannot be asked for earlier reports: the images have no patient ID"
        raise UsageError(Fault(f"--prior {name}", problem, "name the earlier report itself"))
    old = (each.old for each in merged if each.new == patient_id)
    earlier: list[EarlierReport] = []
    notes: list[Note] = []
    for known_as in dict.fromkeys((patient_id, *old)):
        held = read_archived_reports(archive, name, Query(patient_id=known_as))
        if held.faults:
            raise DocumentRefused(
                Fault(each.path, each.problem, f"look at it in the archive, {_LEAVE}")
                for each in held.faults
            )
        earlier += _usable(held, report)
        notes += _tell(held, report)
    return tuple(earlier), tuple(notes)


def _usable(held: ArchivedReports, report: Report) -> Iterator[EarlierReport]:
    known = {read.uid: read for read in held.reports}
    unusable = [read for read in held.reports if _why_not(read, held)]
    left_out = {uid for read in unusable for uid in (read.uid, *followed(read, known))}
    for read in _of_other_studies(held, report):
        if read.uid not in left_out:
            yield EarlierReport(
                place=f"{held.archive}: {read.uid}",
                report=read.report,
                documents=(read.document,),
                tracking_uids=read.tracking_uids,
                is_named=False,
            )


def _tell(held: ArchivedReports, report: Report) -> Iterator[Note]:
    path = f"--prior {held.archive}"
    others = [*_of_other_studies(held, report)]
    for read in others:
        why = _why_not(read, held)
        if why is not None:
            yield Note(path=path, problem=f"report {read.uid} is not compared with: {why}")
        for words in read.alterations:
            if why is None:
                yield Note(path=path, problem=f"report {read.uid}: {words}")
    for fault in held.tell_successors([read.uid for read in others]):
        uid = fault.path.rpartition(" ")[2]
        yield Note(path=path, problem=f"document {uid} {fault.problem}")
    if not others:
        yield Note(path=path, problem="no report of an earlier study was found there")


def _why_not(read: ReadReport, held: ArchivedReports) -> str | None:
    """Why a report must not be compared with, for all that the archive says."""
    titles = [note.title for note in held.rejections if read.uid in note.documents]
    if titles:
        return f"it was withdrawn ({titles[0]})"
    return UNEXPLAINED.partition(";")[0] if UNEXPLAINED in read.alterations else None


def _of_other_studies(held: ArchivedReports, report: Report) -> Iterator[ReadReport]:
    study = report.subject.study.study_instance_uid
    return (read for read in held.reports if read.study_instance_uid != study)
