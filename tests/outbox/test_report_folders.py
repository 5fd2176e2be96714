"""Reports as they lie in folders: which are read, and what is refused before it is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hosr.errors import DocumentRefused, Fault, HosrError, UsageError
from hosr.outbox.report_folders import read_report_folders
from hosr.pipeline import make_report
from tests.images import FILM_UID, STUDY_UID, dicom_bytes, film

AGAIN = "make the report again"


def report(folder: Path) -> Path:
    """A folder as `hosr report` writes it."""
    from hosr.folder import write_folder
    from hosr.intake.images import read_images
    from hosr.intake.record import read_record
    from hosr.outputs import make_files
    from tests.command import write_record
    from tests.images import write_film

    write_film(folder.parent / "film.dcm")
    record = read_record(write_record(folder.parent / "record.json"))
    outcome = make_report(record, read_images([folder.parent / "film.dcm"]))
    files = make_files(outcome, ("measurement", "narrative", "text"))
    write_folder({made.name: made.data for made in files}, folder)
    return folder


def faults(kind: type[HosrError], *paths: Path) -> list[Fault]:
    """What reading these is refused for."""
    with pytest.raises(kind) as caught:
        read_report_folders(paths)
    assert type(caught.value) is kind
    return list(caught.value.faults)


def test_a_report_is_the_objects_that_its_manifest_lists(tmp_path: Path) -> None:
    """The DICOM files are read with their UIDs, and no others."""
    folder = report(tmp_path / "out")
    (found,) = read_report_folders([folder])
    assert found.name == str(folder)
    assert [(item.name, item.data) for item in found.files] == [
        (name, (folder / name).read_bytes()) for name in ("measurement.dcm", "narrative.dcm")
    ]
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    uids = [file["sop_instance_uid"] for file in listed if "sop_instance_uid" in file]
    assert [item.key for item in found.files] == uids
    assert found.report == STUDY_UID


def test_what_is_compared_is_what_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is read once: nobody can put another one there between its check and its sending."""
    folder = report(tmp_path / "out")
    opened: list[str] = []
    read = Path.open

    def note(path: Path, *arguments: Any, **options: Any) -> Any:
        opened.append(path.name)
        return read(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", note)
    read_report_folders([folder])
    assert sorted(opened) == ["manifest.json", "measurement.dcm", "narrative.dcm"]


def test_every_report_below_is_read(tmp_path: Path) -> None:
    """Folders of folders are several reports, in the order of their names."""
    for name in ("b", "a/1", "a/2"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "x.dcm").write_bytes(dicom_bytes(film(StudyID=name)))
    (tmp_path / "empty").mkdir()
    found = read_report_folders([tmp_path])
    assert [Path(each.name).relative_to(tmp_path).as_posix() for each in found] == [
        "a/1",
        "a/2",
        "b",
    ]


@pytest.mark.parametrize("named", [".", "Mueller.dcm"])
def test_a_name_that_a_person_gave_goes_no_further(named: str, tmp_path: Path) -> None:
    """Files without a manifest go by their UID, for their names may be a patient's."""
    (tmp_path / "Mueller.dcm").write_bytes(dicom_bytes(film()))
    (found,) = read_report_folders([tmp_path / named])
    assert [item.name for item in found.files] == [f"{FILM_UID}.dcm"]


def test_what_an_interrupted_run_left_is_passed_over(tmp_path: Path) -> None:
    """Hidden files are no part of a report."""
    folder = report(tmp_path / "out")
    (folder / ".narrative.dcm.partial").write_bytes(b"half")
    (folder / ".x.dcm").write_bytes(b"half")
    assert len(read_report_folders([folder])[0].files) == 2


def test_a_folder_named_twice_is_read_once(tmp_path: Path) -> None:
    """Naming a folder again adds nothing."""
    folder = report(tmp_path / "out")
    assert len(read_report_folders([folder, folder])) == 1


def test_where_there_is_nothing_that_is_said(tmp_path: Path) -> None:
    """Missing and empty folders are all named at once."""
    assert faults(UsageError, tmp_path / "none", tmp_path) == [
        Fault(str(tmp_path / "none"), "there is no such file or folder"),
        Fault(
            str(tmp_path),
            "holds no report: there is no DICOM file (.dcm) in it",
            "name the folder that `hosr report` wrote",
        ),
    ]


def _changed(folder: Path) -> None:
    path = folder / "narrative.dcm"
    path.write_bytes(path.read_bytes() + b"\0")


def _missing(folder: Path) -> None:
    (folder / "narrative.dcm").unlink()


def _linked(folder: Path) -> None:
    (folder / "narrative.dcm").rename(folder.parent / "moved.dcm")
    (folder / "narrative.dcm").symlink_to(folder.parent / "moved.dcm")


def _added(folder: Path) -> None:
    (folder / "narrative2.dcm").write_bytes(dicom_bytes(film()))


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]")


def _outside(folder: Path) -> None:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    manifest["files"][0]["name"] = "../film.dcm"
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("spoil", "name", "problem", "remedy"),
    [
        (_changed, "narrative.dcm", "was changed after the report was made", AGAIN),
        (_missing, "narrative.dcm", "is missing", AGAIN),
        (_linked, "narrative.dcm", "is no plain file", AGAIN),
        (
            _added,
            "narrative2.dcm",
            "is not in the manifest beside it, so it belongs to another report",
            "move it to a folder of its own",
        ),
        (_no_manifest, "manifest.json", "is no manifest of a report", AGAIN),
        (
            _outside,
            "manifest.json",
            "names a file outside of its folder",
            "do not trust this folder",
        ),
    ],
)
def test_a_folder_that_is_not_what_its_manifest_says_is_refused(
    spoil: Any, name: str, problem: str, remedy: str, tmp_path: Path
) -> None:
    """Nothing of a report is sent where one of its files is not the one that was made."""
    folder = report(tmp_path / "out")
    spoil(folder)
    assert faults(DocumentRefused, folder) == [Fault(str(folder / name), problem, remedy)]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not a DICOM file"),
        (b"%PDF" * 100, "is not a DICOM file"),
        (dicom_bytes(film())[:-10], "is truncated"),
        (
            dicom_bytes(film(SOPInstanceUID="1.2.x")),
            "has no valid UID of its class, instance, series and study",
        ),
    ],
)
def test_what_is_no_object_is_refused(data: bytes, problem: str, tmp_path: Path) -> None:
    """A file that no archive could keep is named before anything is sent."""
    (tmp_path / "x.dcm").write_bytes(data)
    (fault,) = faults(DocumentRefused, tmp_path)
    assert fault.path == str(tmp_path / "x.dcm")
    assert fault.problem.startswith(problem)
