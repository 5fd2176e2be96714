"""What a viewer drew over a report, out of an archive: the newest of the study, and the report it goes back to."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread

from hosr.annotations.viewers.predecessors import SavedDocument, SavedDrawing
from hosr.archive import opened
from hosr.archive.values import Archive
from hosr.errors import DocumentRefused
from hosr.lifecycle.drawings import find_drawing, read_predecessor
from tests.command import hosr
from tests.images import dicom_bytes
from tests.lifecycle.versions import (
    redrawn,
    rejecting,
    uid_in,
    write_addended,
    write_draft,
    write_signed,
)

STUDY = "1.2.826.0.7.1"


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a draft."""
    return write_draft(tmp_path_factory.mktemp("draft") / "draft", STUDY, made="measurement")


@pytest.fixture(scope="module")
def report(draft: Path) -> bytes:
    """Its measurement report."""
    return (draft / "measurement.dcm").read_bytes()


@pytest.fixture
def find(tmp_path: Path) -> Callable[..., SavedDrawing]:
    """The newest drawing in an archive of these files."""

    def in_archive(*files: bytes) -> SavedDrawing:
        for data in files:
            (tmp_path / f"{uid_in(data)}.dcm").write_bytes(data)
        with _archive(tmp_path) as archive:
            return find_drawing(archive, "ARCHIVE", STUDY)

    return in_archive


@contextmanager
def _archive(folder: Path) -> Iterator[Archive]:
    address = f"file://{folder}"
    with opened(address, environ={}, home=folder, clock=time.time) as (_, archive):
        yield archive


def _at(data: bytes, hour: int) -> bytes:
    """The same at another hour, as another document."""
    document = dcmread(io.BytesIO(data))
    document.ContentTime = f"{hour:02}0000"
    document.SOPInstanceUID = f"{document.SOPInstanceUID}.{hour}"
    document.file_meta.MediaStorageSOPInstanceUID = document.SOPInstanceUID
    return dicom_bytes(document)


def test_the_newest_counts_and_the_others_are_told(
    report: bytes, find: Callable[..., SavedDrawing]
) -> None:
    """Two people may have drawn over one report."""
    older, newer = (_at(redrawn(report), hour) for hour in (9, 11))
    found = find(report, newer, older)
    assert [(each.name, each.data) for each in found.documents] == [(uid_in(newer), newer)]
    assert found.notes == (
        f"is the newest of 2 that ARCHIVE has of the study; not taken: {uid_in(older)}",
    )
    assert found.before is not None
    assert (found.before.sop_instance_uid, found.before.is_editable) == (uid_in(report), False)


def test_a_drawing_goes_back_over_others_to_the_report(
    report: bytes, find: Callable[..., SavedDrawing]
) -> None:
    """A viewer that is opened again names what it saved before."""
    first = _at(redrawn(report), 9)
    second = _at(redrawn(first), 11)
    found = find(report, first, second)
    assert found.documents == (
        SavedDocument(
            name=uid_in(second),
            data=second,
            predecessors=(uid_in(report),),
            supersedes=(uid_in(report),),
        ),
    )
    assert found.before is not None
    assert found.before.sop_instance_uid == uid_in(report)
    assert find(second).before is not None  # the others lie there still


ADDENDED = ("121361", "Document being addended")


def test_what_a_drawing_only_adds_to_is_taken_with_it(
    report: bytes, find: Callable[..., SavedDrawing]
) -> None:
    """As of files: the lines of both hold, and of the report only what one of them replaces is replaced."""
    first = _at(redrawn(report), 9)
    second = _at(redrawn(first, ADDENDED), 11)
    found = find(report, first, second)
    origin = (uid_in(report),)
    assert [(each.name, each.predecessors, each.supersedes) for each in found.documents] == [
        (uid_in(second), origin, origin),
        (uid_in(first), origin, origin),
    ]
    assert found.notes == ()
    with pytest.raises(DocumentRefused) as refused:
        find(rejecting(first))
    assert str(refused.value) == (
        f"{uid_in(second)}: adds to {uid_in(first)}, which was withdrawn (Rejected for Patient Safety Reasons); "
        "grade the study anew, from a record of its own"
    )


def test_what_adds_to_a_report_replaces_nothing_of_it(
    report: bytes, find: Callable[..., SavedDrawing]
) -> None:
    """Nor does what takes the place of that addition."""
    first = _at(redrawn(report, ADDENDED), 9)
    second = _at(redrawn(first), 11)
    (found,) = find(report, first, second).documents
    assert (found.name, found.predecessors, found.supersedes) == (
        uid_in(second),
        (uid_in(report),),
        (),
    )


def test_a_drawing_that_another_replaces_is_not_the_newest(
    report: bytes, find: Callable[..., SavedDrawing]
) -> None:
    """The clocks of two workstations differ; what says that it takes the place of the other counts."""
    first = _at(redrawn(report), 11)
    second = _at(redrawn(first), 9)
    found = find(report, first, second)
    assert [each.name for each in found.documents] == [uid_in(second)]
    assert find(rejecting(second)).documents[0].name == uid_in(first)


def test_drawings_that_replace_each_other_are_asked_back(
    report: bytes, find: Callable[..., SavedDrawing]
) -> None:
    """Which of them holds nobody can tell."""
    first = dcmread(io.BytesIO(_at(redrawn(report), 9)))
    second = _at(redrawn(dicom_bytes(first)), 11)
    circle = dcmread(io.BytesIO(redrawn(second)))
    first.PredecessorDocumentsSequence = circle.PredecessorDocumentsSequence
    with pytest.raises(DocumentRefused) as refused:
        find(report, dicom_bytes(first), second)
    assert str(refused.value) == (
        "ARCHIVE: has measurements of this study of which each takes the place of another; reject there what "
        "does not hold"
    )


def test_without_its_report_none_is_given(report: bytes, find: Callable[..., SavedDrawing]) -> None:
    """It may lie elsewhere: who imports is asked for it."""
    assert find(redrawn(report)).before is None


def test_what_was_withdrawn_is_not_drawn_over(
    report: bytes, find: Callable[..., SavedDrawing]
) -> None:
    """A note rejects the report; one that rejects a drawing leaves the one before."""
    older, newer = (_at(redrawn(report), hour) for hour in (9, 11))
    assert find(report, older, newer, rejecting(newer)).documents[0].name == uid_in(older)
    with pytest.raises(DocumentRefused) as refused:
        find(rejecting(report))
    assert str(refused.value) == (
        f"{uid_in(older)}: was drawn over report {uid_in(report)}, which was withdrawn (Rejected for Patient "
        "Safety Reasons); grade the study anew, from a record of its own"
    )


def test_a_later_version_of_the_report_is_told(
    draft: Path, report: bytes, find: Callable[..., SavedDrawing], tmp_path: Path
) -> None:
    """The draft was signed meanwhile, and added to: the last one is told, and is not withdrawn."""
    folder = write_signed(draft, tmp_path / "signed")
    signed = (folder / "measurement.dcm").read_bytes()
    assert find(report, signed, redrawn(report)).notes == (
        f"was drawn over report {uid_in(report)}, of which there is a later version (signed): {uid_in(signed)}",
    )
    added = (write_addended(folder, tmp_path / "added") / "measurement.dcm").read_bytes()
    (note,) = find(added).notes
    assert note.endswith(f"): {uid_in(added)}")
    with pytest.raises(
        DocumentRefused, match=f"whose last version, {uid_in(added)}, was withdrawn"
    ):
        find(rejecting(added))


def test_nothing_drawn_is_said(report: bytes, find: Callable[..., SavedDrawing]) -> None:
    """An archive with reports of hosr alone."""
    with pytest.raises(DocumentRefused) as refused:
        find(report)
    assert str(refused.value) == (
        "ARCHIVE: has no measurements of this study that a viewer wrote; save the lines in the viewer, and look "
        "which archive it saves to"
    )


def test_what_took_the_place_of_a_report_since_stands_beside_it(tmp_path: Path) -> None:
    """A later version is told, and over a report that was withdrawn nothing is drawn."""
    draft = write_draft(tmp_path / "draft", STUDY, made="measurement")
    signed = write_signed(draft, tmp_path / "signed")
    for path in (draft, draft / "measurement.dcm"):
        told = "sign, 2026-03-02T11:20:00+01:00, as successor.json says"
        assert read_predecessor(path).later == told
    assert read_predecessor(signed).later == ""
    person = ("--as", "Rossi^Maria", "--organization", "Synthetic Hospital")
    why = ("--reason", "wrong-study", "--at", "2026-03-03T08:00:00+01:00")
    ran = hosr("withdraw", draft, signed, *person, *why, "--out", tmp_path / "gone")
    assert ran.code == 0, ran.err
    for path in (signed, signed / "measurement.dcm"):
        with pytest.raises(DocumentRefused) as refused:
            read_predecessor(path)
        assert str(refused.value) == (
            f"{signed}: was withdrawn (2026-03-03T08:00:00+01:00); grade the study anew, from a record of its own"
        )


def test_a_report_is_named_by_folder_or_file(draft: Path, report: bytes, tmp_path: Path) -> None:
    """And what is none is refused with what it is instead."""
    of_folder, of_file = read_predecessor(draft), read_predecessor(draft / "measurement.dcm")
    assert of_folder == of_file
    assert of_folder.sop_instance_uid == uid_in(report)
    drawn = tmp_path / "drawn.dcm"
    drawn.write_bytes(redrawn(report))
    for path, words in ((drawn, "of another maker (Viewer)"), (tmp_path / "no", "cannot be read")):
        with pytest.raises(DocumentRefused, match=str(path)) as refused:
            read_predecessor(path)
        assert words in str(refused.value)
