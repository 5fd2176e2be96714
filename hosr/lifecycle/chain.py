"""Reports as they were read, wherever they lie, in the order in which each took the place of another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from hosr.errors import Fault
from hosr.lifecycle.other_documents import Rejection
from hosr.report import Report, grading_json
from hosr.sr import RejectionNote
from hosr.sr.measurement import content_key
from hosr.sr.receivers import Options
from hosr.study import Instance
from hosr.vocabulary.terms import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """A version of a report that was read: what it says, by which document, in which form, and where.

    `place` is its folder, or the name of the archive that gave it. Of one from an archive, `alterations`
    say what was changed around its content, and `tracking_uids` are those of its hips.
    """

    place: str
    report: Report
    options: Options
    document: Instance
    is_archived: bool = False
    alterations: tuple[str, ...] = ()
    tracking_uids: tuple[tuple[Side, str], ...] = ()

    @property
    def uid(self) -> str:
        """The SOP Instance UID of its measurement report."""
        return self.document.sop_instance_uid

    @property
    def study_instance_uid(self) -> str:
        """The study that it is of."""
        return self.report.subject.study.study_instance_uid

    @property
    def sides(self) -> frozenset[Side]:
        """The hips that it is of."""
        return frozenset(graded.hip.side for graded in self.report.hips)

    @property
    def replaced(self) -> tuple[str, ...]:
        """The SOP Instance UIDs of the documents that it took the place of, that measurement first."""
        return tuple(each.sop_instance_uid for each in self.report.predecessors)

    @property
    def last_step_at(self) -> dt.datetime:
        """When it was signed or added to last; of a draft, when it was graded."""
        signing = self.report.signing
        return self.report.graded_at if signing is None else signing.signatures[-1].signed_at

    @property
    def lineage(self) -> str:
        """What all versions of one report have in common: the key of its first draft."""
        return self.report.tracked_as(content_key(self.report, self.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One version in a history: whether it prevails, and how many others have the same predecessor.

    Of a study's report that version prevails that was signed last and has no successor; where several
    have none, a `fork`, none does, nor does one that a note of rejection withdrew. A draft ends none.
    """

    read: ReadReport
    depth: int
    prevails: bool
    is_fork: bool
    rejection: Rejection | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain values, ready for JSON."""
        read, signing = self.read, self.read.report.signing
        signer = None if signing is None else signing.signatures[-1]
        rejected = self.rejection
        return {
            "folder": None if read.is_archived else read.place,
            "archive": read.place if read.is_archived else None,
            "study_instance_uid": read.study_instance_uid,
            "sop_instance_uid": read.uid,
            "predecessors": [*read.replaced],
            "status": read.report.status.label,
            "signed_by": None if signer is None else signer.name,
            "organization": None if signer is None else signer.organization,
            "signed_at": None if signer is None else signer.signed_at.isoformat(),
            "prevails": self.prevails,
            "fork": self.is_fork,
            "rejected": None if rejected is None else rejected.title,
            "rejected_by": None if rejected is None else rejected.sop_instance_uid,
            **grading_json(read.report.hips),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A withdrawal by hosr in a history, below the last version that it takes back."""

    rejection: Rejection
    note: RejectionNote
    depth: int

    @property
    def prevails(self) -> bool:
        """Whether it is what is to be read: it says that nothing is."""
        return False

    def as_json(self) -> dict[str, Any]:
        """As plain values, with the names that an entry has."""
        withdrawal, place = self.note.withdrawal, self.rejection.place
        return {
            "folder": None if self.rejection.is_archived else place,
            "archive": place if self.rejection.is_archived else None,
            "study_instance_uid": self.note.study_instance_uid,
            "sop_instance_uid": self.rejection.sop_instance_uid,
            "predecessors": [each.sop_instance_uid for each in self.note.rejected],
            "status": withdrawal.status.label,
            "signed_by": withdrawal.signature.name,
            "organization": withdrawal.signature.organization,
            "signed_at": withdrawal.signature.signed_at.isoformat(),
            "prevails": False,
            "fork": False,
            "rejected": None,
            "rejected_by": None,
            "reason": withdrawal.reason.value,
            "hips": [],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The versions that were read, each after the one that it took the place of, and what is wrong."""

    entries: tuple[Entry | Ending, ...]
    faults: tuple[Fault, ...]


def order(
    reports: Sequence[ReadReport], rejections: Sequence[Rejection] = ()
) -> tuple[Entry | Ending, ...]:
    """The versions, each after the one that it took the place of; a withdrawal ends them.

    One of which no version is there comes last.
    """
    known = {read.uid for read in reports}
    first = [read for read in reports if not known & set(read.replaced)]
    versions = _Versions(
        after=_find_after(reports),
        rivals=_find_rivals(reports),
        rejected={uid: note for note in rejections for uid in note.documents},
        rejections=tuple(dict.fromkeys(rejections)),
    )
    found = [each for read in sorted(first, key=by_time) for each in versions.chain(read)]
    # Whose predecessors lead back to themselves, as nothing that hosr writes does, is told all the same.
    told = {id(each.read) for each in found if isinstance(each, Entry)}
    lost = [read for read in reports if id(read) not in told]
    found += (Entry(read=read, depth=0, prevails=False, is_fork=False) for read in lost)
    found += versions.endings(set(), known, 0)
    # Versions between two that were read may be missing: a withdrawal stands below the last one.
    last = {each.rejection: each for each in found if isinstance(each, Ending)}
    return tuple(each for each in found if isinstance(each, Entry) or last[each.rejection] is each)


def _find_after(reports: Sequence[ReadReport]) -> dict[str, list[ReadReport]]:
    """The versions that stand below each one, by its UID: those whose last predecessor it is."""
    known = {read.uid: read for read in reports}
    found: dict[str, list[ReadReport]] = {}
    for read in reports:
        before = _last_before(read, known)
        if before is not None:
            found.setdefault(before, []).append(read)
    return found


def _last_before(read: ReadReport, known: Mapping[str, ReadReport]) -> str | None:
    """Of the versions that one took the place of, the last: the others come before that, or beside it."""
    named = [known[uid] for uid in dict.fromkeys(read.replaced) if uid in known]
    if len(named) > 1:
        # In a circle, as nothing that hosr writes is, some come after it.
        named = [each for each in named if read.uid not in followed(each, known)] or named
        passed = {uid for each in named for uid in followed(each, known) - {each.uid}}
        named = [each for each in named if each.uid not in passed] or named
    return max(named, key=by_time).uid if named else None


def _find_rivals(reports: Sequence[ReadReport]) -> set[int]:
    """The signed versions that took the place of one, as another did that is no version of theirs.

    What nobody signed takes the place of drafts alone, and nothing from what was signed.
    """
    known = {read.uid: read for read in reports}
    signed: dict[str, list[ReadReport]] = {}
    for read in reports:
        for uid in set(read.replaced) & known.keys() if read.report.signing else ():
            signed.setdefault(uid, []).append(read)
    return {
        id(each)
        for several in signed.values()
        if len(several) > 1
        for one, other in combinations(several, 2)
        if one.uid not in followed(other, known) and other.uid not in followed(one, known)
        for each in (one, other)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Versions:
    after: Mapping[str, Sequence[ReadReport]]
    rivals: Collection[int]
    rejected: dict[str, Rejection]
    rejections: tuple[Rejection, ...]

    def endings(self, last: set[str], after: set[str], depth: int) -> Iterator[Ending]:
        """The withdrawals of `last`, or of no version, that take nothing back that came `after`."""
        for each in self.rejections:
            is_of_last = bool(last & each.documents) or not last
            if each.note is not None and is_of_last and not after & each.documents:
                yield Ending(rejection=each, note=each.note, depth=depth)

    def chain(
        self, read: ReadReport, above: tuple[str, ...] = (), *, is_fork: bool = False
    ) -> Iterator[Entry | Ending]:
        """A version, and all that follow it; `above` are those that it follows."""
        after = [r for r in self.after.get(read.uid, ()) if r.uid not in above]
        is_fork = is_fork or id(read) in self.rivals
        rejection = self.rejected.get(read.uid)
        is_ended = any(each.report.signing is not None for each in after)
        is_last = not is_ended and not is_fork and rejection is None
        yield Entry(
            read=read,
            depth=len(above),
            prevails=is_last and read.report.signing is not None,
            is_fork=is_fork,
            rejection=rejection,
        )
        for one in sorted(after, key=by_time):
            yield from self.chain(one, (*above, read.uid), is_fork=is_fork)
        yield from self.endings({read.uid}, {one.uid for one in after}, len(above) + 1)


def followed(read: ReadReport, known: Mapping[str, ReadReport]) -> set[str]:
    """The UIDs of all documents that a version follows, as far as its chain is `known`, by UID."""
    found: set[str] = set()
    open_ends = [read]
    while open_ends:
        for uid in open_ends.pop().replaced:
            if uid not in found and uid in known:
                open_ends.append(known[uid])
            found.add(uid)
    return found


def by_time(read: ReadReport) -> tuple[bool, dt.datetime, str, str]:
    """By time, to sort by; but what nobody signed comes before all that was signed."""
    return read.report.signing is not None, read.last_step_at, read.place, read.uid
