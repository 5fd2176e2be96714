"""Reports of hosr out of an archive: all of them, nothing else, and whatever is wrong with one is told."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydicom import dcmread

from hosr.archive.values import Archive, Check, Entered, Locator, Query, Receipt
from hosr.errors import ArchiveError, Reason
from hosr.lifecycle.archived_reports import MOST_DOCUMENTS, ArchivedReports, read_archived_reports
from tests.lifecycle.versions import (
    changed,
    documents,
    redrawn,
    rejecting,
    uid_in,
    uid_of,
    write_draft,
    write_signed,
)
from tests.outbox.scripted import failure

STUDY = "1.2.826.0.7.1"
DOSE = "1.2.840.10008.5.1.4.1.1.88.67"
BASIC_TEXT = "1.2.840.10008.5.1.4.1.1.88.11"


@dataclass(slots=True)
class _Shelf(Entered):
    """An archive that finds and gives these files; `refuses` says why it does not give one."""

    files: Sequence[bytes] = ()
    refuses: dict[str, Reason] = field(default_factory=dict)
    says_classes: bool = True
    asked: list[Query] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    more: tuple[Locator, ...] = ()

    def find(self, query: Query) -> tuple[Locator, ...]:
        self.asked.append(query)
        return (*map(self._locator, self.files), *self.more)

    def fetch(self, locator: Locator) -> bytes:
        uid = locator.sop_instance_uid
        if uid in self.refuses:
            raise failure(self.refuses[uid])
        self.given.append(uid)
        return next(data for data in self.files if uid_in(data) == uid)

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        raise NotImplementedError

    def examine(self) -> tuple[Check, ...]:
        return ()

    def _locator(self, data: bytes) -> Locator:
        file = dcmread(io.BytesIO(data))
        return Locator(
            study_instance_uid=str(file.StudyInstanceUID),
            series_instance_uid=str(file.SeriesInstanceUID),
            sop_class_uid=str(file.SOPClassUID) if self.says_classes else "",
            sop_instance_uid=str(file.SOPInstanceUID),
        )


@dataclass(slots=True)
class _Bulk(_Shelf):
    """One that gives several at once, until one of them fails."""

    def fetch_all(self, locators: Sequence[Locator], take: object) -> None:
        assert callable(take)
        for locator in locators:
            take(locator, self.fetch(locator))


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a draft."""
    return write_draft(tmp_path_factory.mktemp("life") / "draft", STUDY)


@pytest.fixture(scope="module")
def signed(draft: Path) -> Path:
    """The folder of its signed version."""
    return write_signed(draft, draft.with_name("signed"))


def _read(archive: Archive, query: Query | None = None) -> ArchivedReports:
    return read_archived_reports(archive, "pacs", query or Query(study_instance_uid=STUDY))


@pytest.mark.parametrize("kind", [_Shelf, _Bulk])
@pytest.mark.parametrize("says_classes", [True, False])
def test_reports_are_read_with_what_concerns_them(
    draft: Path, signed: Path, kind: type[_Shelf], says_classes: bool
) -> None:
    """Versions with their predecessors, the note that rejects one, the redraw that names one."""
    measurement = documents(signed)[0]
    note, redraw = rejecting(measurement), redrawn(measurement)
    files = (*documents(draft), *documents(signed), note, redraw)
    held = _read(kind(files, says_classes=says_classes))
    assert [(each.uid, each.place, each.is_archived) for each in held.reports] == [
        (uid_of(draft), "pacs", True),
        (uid_of(signed), "pacs", True),
    ]
    assert held.reports[1].replaced == tuple(map(uid_in, documents(draft)))
    assert held.reports[0].lineage == held.reports[1].lineage
    assert [(each.sop_instance_uid, each.documents) for each in held.rejections] == [
        (uid_in(note), frozenset({uid_of(signed)}))
    ]
    assert [(each.maker, each.made, each.predecessors) for each in held.successors] == [
        ("Viewer", "2026-03-05 10:15", frozenset({uid_of(signed)}))
    ]
    assert (held.alterations, held.faults) == ((), ())


def test_only_documents_that_can_be_meant_are_asked_for(draft: Path) -> None:
    """No image by its modality, no report of a dose; other texts only in the study that is named."""
    measurement, narrative = documents(draft)
    dose = changed(redrawn(measurement), SOPClassUID=DOSE)
    for query, given in (
        (Query(study_instance_uid=STUDY), {uid_in(measurement), uid_in(narrative)}),
        (Query(patient_id="P"), {uid_in(measurement)}),
    ):
        shelf = _Shelf([measurement, narrative, dose])
        assert len(_read(shelf, query).reports) == 1
        assert set(shelf.given) == given
        assert [each.modalities for each in shelf.asked] == [("SR", "KO")]


def test_what_cannot_be_read_is_told_and_hides_no_other(draft: Path, signed: Path) -> None:
    """Content that was changed, a file that is none, and one that is not given: each by its UID."""
    good, bad = documents(signed)[0], documents(draft)[0]
    spoilt = bad.replace(b"Brooker III", b"Brooker II ")
    assert spoilt != bad
    absent = redrawn(good)
    held = _read(_Bulk([good, spoilt, absent], refuses={uid_in(absent): Reason.ABSENT}))
    assert [each.uid for each in held.reports] == [uid_in(good)]
    assert [str(fault) for fault in held.faults] == [
        f"pacs: {uid_in(bad)}: was changed after it was written; give a file as hosr wrote it",
        f"pacs: {uid_in(absent)}: was absent; mend it",
    ]


def test_what_an_archive_set_right_is_read_and_told(draft: Path) -> None:
    """A corrected patient is one whose report goes on to count."""
    held = _read(_Shelf([changed(documents(draft)[0], PatientID="CORRECTED")]))
    assert [each.report.subject.patient.patient_id for each in held.reports] == ["CORRECTED"]
    (told,) = held.alterations
    assert told.path == f"pacs: {uid_of(draft)}"
    assert "its UIDs do not follow from what it holds" in told.problem


@pytest.mark.parametrize("reason", [Reason.UNREACHABLE, Reason.CONFIGURATION, Reason.UNSUPPORTED])
def test_an_archive_that_gives_nothing_is_an_error(draft: Path, reason: Reason) -> None:
    """It is not taken for one that has nothing."""
    data = documents(draft)[0]
    with pytest.raises(ArchiveError) as raised:
        _read(_Bulk([data], refuses={uid_in(data): reason}))
    assert raised.value.reason is reason


def test_a_patient_with_too_many_documents_is_refused() -> None:
    """Nobody downloads an archive by mistake."""
    many = tuple(
        Locator(
            study_instance_uid=STUDY,
            series_instance_uid="1.2",
            sop_class_uid="",
            sop_instance_uid=f"1.2.{number}",
        )
        for number in range(MOST_DOCUMENTS + 1)
    )
    with pytest.raises(ArchiveError) as raised:
        _read(_Shelf(more=many))
    assert raised.value.reason is Reason.CAPACITY
    assert "has more than 1,000 documents that match; name one study, or the report itself" in str(
        raised.value
    )
