"""`hosr import` of what a viewer drew: over a report that is named, or out of an archive."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import UID

from tests.annotations.viewers.files import redrawn_in_ohif
from tests.command import Ran, hosr

SAMPLE = Path(__file__).parents[2] / "sample_data" / "brooker-3"
STUDY = json.loads((SAMPLE / "record.json").read_text())["study"]["study_instance_uid"]
NERI = ("--as", "Neri^Ada", "--organization", "Synthetic Hospital", "--timezone", "Europe/Berlin")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the image, hosr's draft that may be redrawn, and what a viewer saved of it."""
    folder = tmp_path_factory.mktemp("archive")
    draft = folder.parent / "draft"
    made = hosr(
        *("report", SAMPLE / "record.json", "--images", SAMPLE / "images", "--out", draft),
        *("--make", "measurement", "--hydrate"),
    )
    assert made.code == 0, made.err
    report = dcmread(draft / "measurement.dcm")
    drawn = redrawn_in_ohif(report, [152.5, 389.0, 120.0, 430.0])
    for document in (report, drawn, dcmread(next((SAMPLE / "images").iterdir()))):
        document.save_as(folder / f"{document.SOPInstanceUID}.dcm")
    drawn.save_as(folder.parent / "drawn.dcm")
    return folder


def _told(ran: Ran) -> list[str]:
    """What is told of old and new."""
    return [line.strip() for line in ran.out.splitlines() if "->" in line]


def test_the_newest_drawing_of_a_study(archive: Path, tmp_path: Path) -> None:
    """The drawing, the report that it was drawn over, and the images come from one archive."""
    out = tmp_path / "record.json"
    ran = hosr("import", f"file://{archive}", "--study", STUDY, *NERI, "--out", out)
    assert (ran.code, ran.err) == (0, "")
    uid = next(line for line in _told(ran)).partition(", ")[0]
    assert _told(ran) == [
        f"{uid}, right hip: gap: 6.2 mm -> 17.3 mm; Brooker III -> II; Della Valle C -> B"
    ]
    record = json.loads(out.read_text(encoding="utf-8"))
    assert record["observer"]["name"] == "Neri^Ada"
    assert record["graded_at"] == "2026-11-28T19:27:44+01:00"
    (hip,) = record["hips"]
    assert "grades" not in hip
    assert (hip["spurs"], hip["calibration"]["true_mm"]) == ({"pelvis": True, "femur": True}, 32.0)


def test_a_line_that_was_deleted_since_is_known_over_several_drawings(
    archive: Path, tmp_path: Path
) -> None:
    """Saved, opened again without the gap, and saved: archive and files make one record of it."""
    files, draft = tmp_path / "files", archive.parent / "draft"
    files.mkdir()
    first = dcmread(archive.parent / "drawn.dcm")
    last = redrawn_in_ohif(first, [102.5, 339.0, 70.0, 380.0])
    last.SOPInstanceUID = last.file_meta.MediaStorageSOPInstanceUID = UID("2.25.1202")
    last.ContentTime = "202744"
    (group,) = last.ContentSequence[-1].ContentSequence
    group.ContentSequence[-1].TextValue = "Right HO island"
    shutil.copytree(archive, tmp_path / "archive")
    for document in (first, last):
        document.save_as(files / f"{document.SOPInstanceUID}.dcm")
        document.save_as(tmp_path / "archive" / f"{document.SOPInstanceUID}.dcm")
    of_files, of_archive = (
        hosr("import", source, *said, *NERI, "--json")
        for source, said in (
            (files, ("--images", SAMPLE / "images", "--prior", draft)),
            (f"file://{tmp_path / 'archive'}", ("--study", STUDY)),
        )
    )
    assert [(ran.code, ran.err) for ran in (of_archive, of_files)] == [(0, "")] * 2
    found, expected = (json.loads(ran.out) for ran in (of_archive, of_files))
    assert found["record"] == expected["record"]
    assert "gap" not in found["record"]["hips"][0]
    words = "the gap line was deleted: no gap is measured any more"
    assert words in [entry["words"] for entry in found["refused"]]
    assert "which it does not name itself" not in of_archive.out


def test_files_and_their_report(archive: Path) -> None:
    """The same from files: the report is named, and is asked for where it is not."""
    drawn, images = archive.parent / "drawn.dcm", ("--images", SAMPLE / "images", *NERI)
    ran = hosr("import", drawn, *images, "--prior", archive.parent / "draft", "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert _told(ran) == [
        "drawn.dcm, right hip: gap: 6.2 mm -> 17.3 mm; Brooker III -> II; Della Valle C -> B"
    ]
    ran = hosr("import", drawn, *images, "--dry-run")
    report = dcmread(archive.parent / "draft" / "measurement.dcm").SOPInstanceUID
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        "hosr: record refused\n"
        f"  drawn.dcm: was drawn over report {report}, whose calibration and findings it does not hold; name that "
        "report with --prior\n"
    )


USAGE = {
    ("file:///a", "file:///b"): "SOURCE: names several archives; name one of them",
    ("file:///a",): (
        "file:///a: does not say of which study the newest drawing is wanted; name it with --study UID"
    ),
    ("file:///a", "--study", "x*"): "--study: is no UID; write a Study Instance UID",
}


@pytest.mark.parametrize("call", USAGE)
def test_an_archive_is_asked_for_one_study(call: tuple[str, ...]) -> None:
    """One archive, one study, a whole UID."""
    ran = hosr("import", *call, "--dry-run")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"hosr: cannot be done as asked\n  {USAGE[call]}\n"


def test_part_of_a_drawing_never_becomes_a_whole_report(tmp_path: Path) -> None:
    """The flag of the file goes to record and report, with its reason, and nobody signs that."""
    drawing = dcmread(SAMPLE / "drawing.dcm")
    drawing.CompletionFlag, drawing.CompletionFlagDescription = "PARTIAL", "Left hip to be drawn"
    drawing.save_as(tmp_path / "part.dcm")
    images, record = ("--images", SAMPLE / "images"), tmp_path / "record.json"
    ran = hosr("import", tmp_path / "part.dcm", *images, *NERI, "--out", record)
    told = "  part.dcm: is part of a report, as it says itself (PARTIAL); so is a record made of it, which"
    assert (ran.code, told in ran.out) == (0, True)
    assert json.loads(record.read_text())["incomplete"] == "Left hip to be drawn"
    draft = tmp_path / "draft"
    assert hosr("report", record, *images, "--out", draft, "--make", "measurement").code == 0
    made = dcmread(draft / "measurement.dcm")
    assert (made.CompletionFlag, made.CompletionFlagDescription) == (
        "PARTIAL",
        "Left hip to be drawn",
    )
    ran = hosr("sign", draft, *NERI[:4], "--out", tmp_path / "signed")
    assert (ran.code, "is not complete (Left hip to be drawn)" in ran.err) == (2, True)


def test_a_drawing_that_another_one_replaced_is_left_out(tmp_path: Path) -> None:
    """Both in one folder: the newer is read, and it is told which of them was not."""
    old = dcmread(SAMPLE / "drawing.dcm")
    new = redrawn_in_ohif(old, [152.5, 389.0, 120.0, 430.0])
    old.save_as(tmp_path / "old.dcm")
    new.save_as(tmp_path / "new.dcm")
    ran = hosr("import", tmp_path, "--images", SAMPLE / "images", *NERI, "--json")
    assert (ran.code, ran.err) == (0, "")
    words = "new.dcm takes its place, as that one says"
    assert json.loads(ran.out)["refused"] == [{"place": "old.dcm", "words": words}]
    (hip,) = json.loads(ran.out)["record"]["hips"]
    assert hip["gap"]["points"] == [[152.5, 389.0], [120.0, 430.0]]


def test_what_was_made_in_the_future_is_refused(tmp_path: Path) -> None:
    """Nobody could sign a report of it."""
    drawing = dcmread(SAMPLE / "drawing.dcm")
    drawing.ContentDate = "20990101"
    drawing.save_as(tmp_path / "drawing.dcm")
    ran = hosr("import", tmp_path / "drawing.dcm", "--images", SAMPLE / "images", *NERI, "--json")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        "hosr: record refused\n"
        "  drawing.dcm: was made at 2099-01-01T10:15:00+01:00, which lies in the future; say with --at "
        "when it was made, or correct this clock\n"
    )
