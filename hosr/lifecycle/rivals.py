"""Other reports of the same study and hip in an archive: those that are newer, and those that nothing replaced.

| What the archive holds                                   | Who signs is told | Who sends is told |
| -------------------------------------------------------- | ----------------- | ----------------- |
| a version that took the place of the one in hand         | yes               | yes               |
| a note that rejects the one in hand, or a later version  | yes               | yes               |
| a draft of the same study and hip, not graded before     | yes               | yes               |
| an older draft                                           | no                | yes               |
| a signed report that the one in hand does not follow     | yes, a later one where that is signed itself | yes |
| a version that the one in hand follows                   | no                | no                |
| another report that a note rejects                       | no                | no                |
| a document of another maker that names the one in hand   | yes               | no                |
| a document that cannot be read                           | yes               | a note            |
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from hosr.errors import Fault
from hosr.lifecycle.archived_reports import ArchivedReports
from hosr.lifecycle.chain import ReadReport, followed
from hosr.lifecycle.history import as_read
from hosr.lifecycle.other_documents import Rejection
from hosr.lifecycle.versions import Version

_AMEND = "amend that report instead, or withdraw it"
_GO_ON = "go on from that version"
_READ_BOTH = "read both; sign that one, or withdraw it and sign this one"


def find_newer(
    version: Version, made: str, held: ArchivedReports, sent: Collection[str] = ()
) -> Iterator[Fault]:
    """What in an archive may be newer than a version that a person is about to sign or change.

    `made` is the SOP Instance UID of what the step makes, which the archive may hold already; `sent` are
    those of drafts that it takes the place of too.
    """
    ours = as_read(version)
    documents = {document.sop_instance_uid for document in version.documents}
    yield from held.faults
    yield from held.tell_successors(documents)
    for note in held.rejections:
        yield from _tell_rejection(note, ours, documents, held)
    rejected = _rejected(held)
    for other in held.reports:
        if other.uid in {ours.uid, made, *sent} | rejected or not _compete(ours, other):
            continue
        why = _why_newer(ours, documents, made, other)
        if why is not None:
            problem, remedy = why
            yield Fault(_place(held, other.uid), f"{problem} ({tell(other)})", remedy)


def _tell_rejection(
    note: Rejection, ours: ReadReport, documents: set[str], held: ArchivedReports
) -> Iterator[Fault]:
    """A note that rejects a version, or a later one of the same report, which ends that."""
    place, remedy = _place(held, note.sop_instance_uid), "do not go on from it: it was withdrawn"
    for uid in sorted(note.documents & documents):
        yield Fault(place, f"rejects {uid} of this version ({note.title})", remedy)
    known = {read.uid: read for read in held.reports}
    for read in held.reports:
        if read.uid in note.documents - documents and _is_version_after(read, ours, known):
            problem = f"rejects {read.uid}, a later version of this report ({note.title})"
            yield Fault(place, problem, remedy)


def _why_newer(
    ours: ReadReport, documents: set[str], made: str, other: ReadReport
) -> tuple[str, str] | None:
    is_later = other.last_step_at > ours.last_step_at
    if not documents.isdisjoint(other.replaced):
        return "took the place of this version", _GO_ON
    if made in other.replaced:
        return "is a newer version of this report", _GO_ON
    if other.report.signing is None:
        is_meant = other.last_step_at >= ours.last_step_at and other.report != ours.report
        return ("is a draft of this study and hip, not older", _READ_BOTH) if is_meant else None
    if other.lineage == ours.lineage:
        return ("is a newer version of this report", _GO_ON) if is_later else None
    if is_later or ours.report.signing is None:
        return "is another signed report of this study and hip", _AMEND
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A report that an archive holds beside one that was sent, or a newer version of that.

    One that `is_withdrawn` is what was sent itself, or a newer version of it.
    """

    read: ReadReport
    is_newer: bool
    is_withdrawn: bool = False

    def __str__(self) -> str:
        """In words, by its UID."""
        study = self.read.study_instance_uid
        remedy = f"`hosr history archive:NAME --study {study}` tells which one prevails"
        problem = f"{_BESIDE[self.is_newer, self.is_withdrawn]} ({tell(self.read)})"
        return str(Fault(f"{self.read.place}: {self.read.uid}", problem, remedy))

    def as_json(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        return {
            "archive": self.read.place,
            "study_instance_uid": self.read.study_instance_uid,
            "sop_instance_uid": self.read.uid,
            "status": self.read.report.status.label,
            "since": self.read.last_step_at.isoformat(),
            "newer": self.is_newer,
            "withdrawn": self.is_withdrawn,
        }


# By whether it is newer, and whether it was withdrawn.
_BESIDE = {
    (
        False,
        False,
    ): "is another report of this study and hip, and what was sent does not take its place",
    (True, False): "is a newer version of the report that was sent",
    (False, True): "was sent, and is withdrawn there",
    (True, True): "is a newer version of the report that was sent, and is withdrawn",
}


def find_beside(sent: ArchivedReports, held: ArchivedReports) -> Iterator[Beside]:
    """The reports of an archive that those sent stand beside, and not in the place of.

    A chain is followed through what is sent and what the archive holds; where a version in between is
    in neither, it is the earlier ones of the same report that were replaced.
    """
    ours, known = sent.reports, {read.uid: read for read in (*held.reports, *sent.reports)}
    uids = {read.uid for read in ours}
    rejected = _rejected(held) - _rejected(sent)
    yield from (
        Beside(read=replace(read, place=held.archive), is_newer=False, is_withdrawn=True)
        for read in ours
        if read.uid in rejected
    )
    replaced = {uid for each in ours for uid in followed(each, known)}
    for other in held.reports:
        rivals = [each for each in ours if _compete(each, other)]
        is_newer = any(_is_version_after(other, each, known) for each in rivals)
        is_withdrawn = other.uid in _rejected(held)
        if other.uid in replaced | uids or not rivals or (is_withdrawn and not is_newer):
            continue
        if is_withdrawn and other.uid not in rejected:
            continue
        if not any(_is_surely_later(each, other, known) for each in rivals):
            yield Beside(read=other, is_newer=is_newer, is_withdrawn=is_withdrawn)


def tell(read: ReadReport) -> str:
    """How far a report has come, and since when."""
    time = read.last_step_at.isoformat(sep=" ", timespec="minutes")
    return f"{read.report.status.label}, {time}"


def _compete(one: ReadReport, other: ReadReport) -> bool:
    """Whether both speak of one hip in one study."""
    return one.study_instance_uid == other.study_instance_uid and bool(one.sides & other.sides)


def _is_version_after(other: ReadReport, read: ReadReport, known: dict[str, ReadReport]) -> bool:
    """Whether another one is a later version of the same report."""
    is_same = other.lineage == read.lineage and other.last_step_at > read.last_step_at
    return is_same or read.uid in followed(other, known)


def _is_surely_later(read: ReadReport, other: ReadReport, known: dict[str, ReadReport]) -> bool:
    """Whether a version follows another of the same report, though one in between is not known."""
    if read.lineage != other.lineage or other.last_step_at >= read.last_step_at:
        return False
    return other.report.signing is None or not _ends_in_a_draft(read, known)


def _ends_in_a_draft(read: ReadReport, known: dict[str, ReadReport]) -> bool:
    """Whether all versions before this one are known, down to the draft."""
    seen = {read.uid}
    while read.replaced:
        before = next((known[uid] for uid in read.replaced if uid in known), None)
        if before is None or before.uid in seen:
            return False
        seen.add(before.uid)
        read = before
    return True


def _rejected(held: ArchivedReports) -> set[str]:
    return {uid for note in held.rejections for uid in note.documents}


def _place(held: ArchivedReports, uid: str) -> str:
    return f"{held.archive}: {uid}"
