"""All reports of hosr that an archive holds of a study or a patient, read into values.

Only documents are fetched, and of these only such as can be a report, take the place of one or reject
one: no image, and no report of a dose. Whatever cannot be read is told, and nothing of it is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import cast

from hosr import codes
from hosr.archive.values import Archive, BulkArchive, Locator, Query, refusal
from hosr.composite import OWN_TAGS, is_own
from hosr.dicom.elements import peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import ArchiveRefused, DocumentRefused, Fault, Reason
from hosr.lifecycle.chain import ReadReport
from hosr.lifecycle.other_documents import (
    ForeignSuccessor,
    Rejection,
    read_foreign_successor,
    read_rejection,
)
from hosr.sr import decode_whole, key_objects, read_tracking

_MODALITIES = ("SR", "KO")
_BASIC_TEXT = "1.2.840.10008.5.1.4.1.1.88.11"
# What measurements are stated in and redrawn as (PS3.4 Annex B.5); an archive may not say the class.
_CLASSES = frozenset(
    {
        "",
        "1.2.840.10008.5.1.4.1.1.88.22",  # Enhanced SR
        "1.2.840.10008.5.1.4.1.1.88.33",  # Comprehensive SR
        "1.2.840.10008.5.1.4.1.1.88.34",  # Comprehensive 3D SR
        "1.2.840.10008.5.1.4.1.1.88.35",  # Extensible SR
        key_objects.SOP_CLASS_UID,
    }
)
MOST_DOCUMENTS = 1000

# What an archive says of one object; of all others it may give the next one.
_OF_ONE = frozenset(
    {Reason.ABSENT, Reason.DATA, Reason.PROCESSING, Reason.UNCONFIRMED, Reason.UNRECOGNISED}
)
_LOOK = "look at it in the archive"

_CLASS, _TITLE, _CODE, _SCHEME = 0x00080016, 0x0040A043, 0x00080100, 0x00080102


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedReports:
    """What an archive holds: reports of hosr, documents of others that concern them, and what is unclear.

    `faults` are what could not be read.
    """

    archive: str
    reports: tuple[ReadReport, ...] = ()
    successors: tuple[ForeignSuccessor, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def alterations(self) -> tuple[Fault, ...]:
        """What was changed around reports that were read."""
        return tuple(
            Fault(f"{self.archive}: {read.uid}", words)
            for read in self.reports
            for words in read.alterations
        )

    def tell_successors(self, uids: Collection[str]) -> Iterator[Fault]:
        """Each document of others that takes the place of one of these, in words."""
        for each in self.successors:
            for uid in sorted(each.predecessors & set(uids)):
                maker = ", ".join(filter(None, (each.maker or "unnamed maker", each.made)))
                problem = f"names {uid} as its predecessor, and hosr did not write it ({maker})"
                remedy = "look at both: what was redrawn has no grade until a report is made of it"
                yield Fault(f"{self.archive}: {each.sop_instance_uid}", problem, remedy)


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    archive: str
    reports: list[ReadReport] = field(default_factory=list)
    successors: list[ForeignSuccessor] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def read(self, uid: str, data: bytes) -> None:
        where = f"{self.archive}: {uid}"
        try:
            self._take(where, data)
        except UnusableFile as refused:
            self.faults.append(Fault(where, refused.problem, refused.remedy or _LOOK))
        except DocumentRefused as refused:
            self.faults += refused.faults

    def _take(self, where: str, data: bytes) -> None:
        seen = peek(data, (*OWN_TAGS, _CLASS, _TITLE))
        titles = [(title.text(_SCHEME), title.text(_CODE)) for title in seen.items(_TITLE)]
        if not is_own(seen) or not titles or seen.text(_CLASS) == key_objects.SOP_CLASS_UID:
            self._take_other(data)
        elif titles[0] == codes.IMAGING_MEASUREMENT_REPORT.key:
            self._take_measurement(where, data)

    def _take_other(self, data: bytes) -> None:
        if rejection := read_rejection(data, self.archive, is_archived=True):
            self.rejections.append(rejection)
        elif successor := read_foreign_successor(data):
            self.successors.append(successor)

    def _take_measurement(self, where: str, data: bytes) -> None:
        decoded = decode_whole(data, where)
        document, tracking_uids = read_tracking(data, where)
        self.reports.append(
            ReadReport(
                place=self.archive,
                report=decoded.report,
                options=decoded.options,
                document=document,
                is_archived=True,
                alterations=decoded.alterations,
                tracking_uids=tracking_uids,
            )
        )

    def result(self) -> ArchivedReports:
        return ArchivedReports(
            archive=self.archive,
            reports=tuple(self.reports),
            successors=tuple(self.successors),
            rejections=tuple(self.rejections),
            faults=tuple(self.faults),
        )


def read_archived_reports(archive: Archive, name: str, query: Query) -> ArchivedReports:
    """The reports of hosr that the archive of this name holds, for what `query` names.

    A patient ID alone is no identity: who asks for a patient compares issuer, date of birth and sex.

    Raises `ArchiveError` where the archive does not answer, does not give its documents away, or has
    more than a thousand of them.
    """
    reading = _Reading(archive=name)
    for locator, data in fetched_documents(archive, name, query, reading.faults):
        reading.read(locator.sop_instance_uid, data)
    return reading.result()


def fetched_documents(
    archive: Archive, name: str, query: Query, faults: list[Fault]
) -> Iterator[tuple[Locator, bytes]]:
    """The documents that can be a report, take the place of one or reject one, as the archive gives them.

    What it has and does not give is added to `faults`. Raises as `read_archived_reports`.
    """
    classes = _CLASSES | {_BASIC_TEXT} if query.study_instance_uid else _CLASSES
    found = archive.find(replace(query, modalities=_MODALITIES))
    wanted = [locator for locator in found if locator.sop_class_uid in classes]
    if len(wanted) > MOST_DOCUMENTS:
        problem = f"has more than {MOST_DOCUMENTS:,} documents that match"
        raise refusal(name, Reason.CAPACITY, problem, "name one study, or the report itself")
    yield from _fetched(archive, wanted, faults)


def read_documents(place: str, files: Iterable[tuple[str, bytes]]) -> ArchivedReports:
    """The same of files that are at hand, each with its SOP Instance UID."""
    reading = _Reading(archive=place)
    for uid, data in files:
        reading.read(uid, data)
    return reading.result()


def _fetched(
    archive: Archive, locators: Sequence[Locator], faults: list[Fault]
) -> Iterator[tuple[Locator, bytes]]:
    """Each document; what an archive has and does not give is a fault, and the next is asked for."""
    come = _fetched_at_once(archive, locators)
    for locator in locators:
        try:
            yield locator, come.get(locator) or archive.fetch(locator)
        except ArchiveRefused as refused:
            if refused.reason not in _OF_ONE:
                raise
            of_one = refused.faults[0]
            where = f"{of_one.path}: {locator.sop_instance_uid}"
            faults.append(Fault(where, of_one.problem, of_one.remedy))


def _fetched_at_once(archive: Archive, locators: Sequence[Locator]) -> dict[Locator, bytes]:
    """As many documents as come together, where an archive can do that."""
    come: dict[Locator, bytes] = {}
    if locators and hasattr(archive, "fetch_all"):
        with suppress(ArchiveRefused):  # each that has not come is asked for by itself
            cast("BulkArchive", archive).fetch_all(locators, come.__setitem__)
    return come
