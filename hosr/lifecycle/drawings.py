"""What a viewer drew over a report of hosr, and that report: out of an archive, or of folders and files.

Of a study the newest drawing counts that no other replaces. Viewers name the document that they replace,
which may be one that a viewer saved before; so one goes back until a report of hosr is reached, and replaces
that one too. What a drawing only adds to is taken with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hosr.annotations.stated_status import Derived, Origins, find_origins
from hosr.annotations.viewers.foreign import MOST_BYTES, peek_drawing
from hosr.annotations.viewers.predecessors import Predecessor, SavedDocument, SavedDrawing
from hosr.archive.values import Archive, Query
from hosr.dicom.structure import UnusableFile
from hosr.errors import DocumentRefused, Fault
from hosr.lifecycle.archived_reports import (
    ArchivedReports,
    fetched_documents,
    read_documents,
)
from hosr.lifecycle.chain import ReadReport, by_time
from hosr.lifecycle.succession import SUCCESSOR, read_successor
from hosr.lifecycle.versions import read_version
from hosr.sr import decode_whole, read_tracking
from hosr.sr.alterations import UNEXPLAINED
from hosr.status import Step

_MEASUREMENT = "measurement.dcm"
_ANEW = "grade the study anew, from a record of its own"
_GIVE = "give the folder of the report that was redrawn, or its measurement.dcm"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A document of another maker: when its content was made, what from, and what of that it replaces."""

    sop_instance_uid: str
    made: str
    predecessors: tuple[str, ...]
    supersedes: tuple[str, ...]
    data: bytes


def find_drawing(archive: Archive, name: str, study_instance_uid: str) -> SavedDrawing:
    """The newest drawing that the archive of this name holds of a study.

    Raises
    ------
    DocumentRefused
        Where there is none, or the report that it was drawn over was withdrawn or changed.
    ArchiveError
        Where the archive cannot be asked, or does not give a document away.
    """
    query = Query(study_instance_uid=study_instance_uid)
    faults: list[Fault] = []
    files = [
        (locator.sop_instance_uid, data)
        for locator, data in fetched_documents(archive, name, query, faults)
    ]
    if faults:
        raise DocumentRefused(faults)
    held = read_documents(name, files)
    rejected = {uid for note in held.rejections for uid in note.documents}
    drawn = {each.sop_instance_uid: each for each in _drawings(files)}
    usable = [each for each in drawn.values() if each.sop_instance_uid not in rejected]
    if not usable:
        problem = "has no measurements of this study that a viewer wrote"
        remedy = "save the lines in the viewer, and look which archive it saves to"
        raise DocumentRefused(Fault(name, problem, remedy))
    newest = _newest(usable, name)
    origins = find_origins(newest, drawn)
    before = _before(newest, origins, held)
    taken = [newest, *_added_to(newest, [drawn[uid] for uid in origins.way], held)]
    return SavedDrawing(
        documents=tuple(_as_saved(each, drawn) for each in taken),
        before=None if before is None else _as_predecessor(before),
        notes=tuple(_notes(taken, usable, before, held)),
    )


def trace_drawing(
    drawing: Derived, files: Sequence[tuple[str, bytes]], place: str
) -> tuple[Origins, SavedDrawing]:
    """What a drawing goes back to by way of these documents of its study, each with its SOP Instance UID.

    The report of hosr among them, if there is one, and the drawings that it only adds to. `place` is where
    the documents are, in words. Raises `DocumentRefused` as `find_drawing`.
    """
    drawn = {each.sop_instance_uid: each for each in _drawings(files)}
    held = read_documents(place, files)
    origins = find_origins(drawing, drawn)
    before = _before(drawing, origins, held)
    added = _added_to(drawing, [drawn[uid] for uid in origins.way], held)
    return origins, SavedDrawing(
        documents=tuple(_as_saved(each, drawn) for each in added),
        before=None if before is None else _with_later(before, held),
    )


def read_predecessor(path: Path) -> Predecessor:
    """The report of hosr in a folder or file.

    Raises `DocumentRefused`, also for one that was withdrawn, and `UsageError` as `read_successor`.
    """
    file = path / _MEASUREMENT if path.is_dir() else path
    if path.is_dir():
        read_version(path)  # for what it refuses
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is no name of a file"
        raise DocumentRefused(Fault(str(path), f"cannot be read ({reason})", _GIVE)) from error
    decoded = decode_whole(data, str(path))
    if UNEXPLAINED in decoded.alterations:
        raise DocumentRefused(Fault(str(path), UNEXPLAINED.partition(";")[0], _GIVE))
    instance, _ = read_tracking(data, str(path))
    return Predecessor(
        sop_instance_uid=instance.sop_instance_uid,
        report=decoded.report,
        is_editable=decoded.options.hydrate,
        later=_tell_successor(file) if file.name == _MEASUREMENT else "",
    )


def _tell_successor(file: Path) -> str:
    """What took the place of a version, by the file beside it; "" where nothing did."""
    successor = read_successor(file.parent)
    if successor is None:
        return ""
    if successor.step is Step.WITHDRAW:
        problem = f"was withdrawn ({successor.signed_at})"
        raise DocumentRefused(Fault(str(file.parent), problem, _ANEW))
    return f"{successor.step}, {successor.signed_at}, as {SUCCESSOR} says"


def _drawings(files: Sequence[tuple[str, bytes]]) -> Iterator[_Drawn]:
    """The documents of other makers in which something is measured."""
    for uid, data in files:
        try:
            seen = peek_drawing(data)
        except UnusableFile as refusal:
            raise DocumentRefused(Fault(uid, refusal.problem, refusal.remedy)) from None
        if seen is not None:
            yield _Drawn(sop_instance_uid=uid, data=data, **seen._asdict())


def _newest(usable: Sequence[_Drawn], name: str) -> _Drawn:
    """The last of those that no other replaces."""
    replaced = {uid for each in usable for uid in each.supersedes if uid != each.sop_instance_uid}
    holding = [each for each in usable if each.sop_instance_uid not in replaced]
    if not holding:
        problem = "has measurements of this study of which each takes the place of another"
        raise DocumentRefused(Fault(name, problem, "reject there what does not hold"))
    return max(holding, key=lambda each: (each.made, each.sop_instance_uid))


def _added_to(newest: Derived, way: Sequence[_Drawn], held: ArchivedReports) -> list[_Drawn]:
    """Of the drawings that one goes back by, those that were only added to."""
    replaced = {uid for each in (newest, *way) for uid in each.supersedes}
    kept = [each for each in way if each.sop_instance_uid not in replaced]
    titles = _rejected(held)
    for each in kept:
        uid = each.sop_instance_uid
        if uid in titles:
            problem = f"adds to {uid}, which was withdrawn ({titles[uid]})"
            raise DocumentRefused(Fault(newest.sop_instance_uid, problem, _ANEW))
    return kept


def _as_saved(each: _Drawn, drawn: Mapping[str, _Drawn]) -> SavedDocument:
    origins = find_origins(each, drawn)
    return SavedDocument(
        name=each.sop_instance_uid,
        data=each.data,
        predecessors=origins.predecessors,
        supersedes=origins.supersedes,
    )


def _rejected(held: ArchivedReports) -> dict[str, str]:
    """The documents that a note rejects, with its title."""
    return {uid: note.title for note in held.rejections for uid in note.documents}


def _before(newest: Derived, origins: Origins, held: ArchivedReports) -> ReadReport | None:
    """The report of hosr that a drawing goes back to; None where it goes back to none that is here."""
    reports = {read.uid: read for read in held.reports}
    for uid in origins.predecessors:
        if uid in reports:
            _require_usable(reports[uid], held, newest.sop_instance_uid)
            return reports[uid]
    return None


def _last_version(read: ReadReport, held: ArchivedReports) -> ReadReport:
    """The last version of a report that is here: it may have been signed, amended or added to."""
    later = [
        each
        for each in held.reports
        if each.lineage == read.lineage and each.report.signing is not None
    ]
    return max((read, *later), key=by_time)


def _require_usable(read: ReadReport, held: ArchivedReports, place: str) -> None:
    last = _last_version(read, held)
    titles = _rejected(held)
    title = titles.get(read.uid) or titles.get(last.uid)
    if title is not None:
        which = "which" if read.uid in titles else f"whose last version, {last.uid},"
        problem = f"was drawn over report {read.uid}, {which} was withdrawn ({title})"
        raise DocumentRefused(Fault(place, problem, _ANEW))
    if UNEXPLAINED in read.alterations:
        problem = f"was drawn over report {read.uid}: {UNEXPLAINED.partition(';')[0]}"
        raise DocumentRefused(Fault(place, problem, "look at it in the archive"))


def _as_predecessor(read: ReadReport) -> Predecessor:
    return Predecessor(
        sop_instance_uid=read.uid, report=read.report, is_editable=read.options.hydrate
    )


def _with_later(read: ReadReport, held: ArchivedReports) -> Predecessor:
    """A report as a predecessor that says which later version of it there is."""
    last = _last_version(read, held)
    later = "" if last.uid == read.uid else f"{last.report.status.label}: {last.uid}"
    return replace(_as_predecessor(read), later=later)


def _notes(
    taken: Sequence[_Drawn],
    usable: Sequence[_Drawn],
    before: ReadReport | None,
    held: ArchivedReports,
) -> Iterator[str]:
    older = sorted(each.sop_instance_uid for each in usable if each not in taken)
    if older:
        words = f"is the newest of {len(usable)} that {held.archive} has of the study"
        yield f"{words}; not taken: {', '.join(older)}"
    last = None if before is None else _last_version(before, held)
    if before is not None and last is not None and last.uid != before.uid:
        label = last.report.status.label
        yield f"was drawn over report {before.uid}, of which there is a later version ({label}): {last.uid}"
