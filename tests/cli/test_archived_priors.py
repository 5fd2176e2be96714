"""`--prior` of an archive: earlier reports of the patient are looked up, and judged as those that are named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import Ran, folder_bytes, hosr, write_record
from tests.images import write_film
from tests.lifecycle.versions import (
    changed,
    documents,
    redrawn,
    rejecting,
    uid_in,
    uid_of,
    write_addended,
    write_draft,
    write_signed,
)
from tests.peers.archiving import ArchivingOrthanc

STUDY = "1.2.826.0.9.1"
EARLIER = {"StudyDate": "20250301"}
_MADE = ("--make", "measurement,text")


@pytest.fixture(scope="module")
def last_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with draft, signed report and addendum of last year, and the same of other patients."""
    folder = tmp_path_factory.mktemp("last_year")
    write_draft(folder / "draft", STUDY, header=EARLIER)
    write_signed(folder / "draft", folder / "signed")
    write_addended(folder / "signed", folder / "more")
    for name, number, header in (
        ("born later", 2, {"PatientBirthDate": "19770707"}),
        ("formerly", 3, {"PatientID": "OLD"}),
    ):
        study = f"{STUDY}.{number}"
        write_draft(folder / f"{name} draft", study, header={**EARLIER, **header})
        write_signed(folder / f"{name} draft", folder / name)
    return folder


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The film and record of today, an empty folder as the archive `shelf`, and nobody."""
    write_film(tmp_path / "film.dcm")
    write_record(tmp_path / "record.json")
    (tmp_path / "shelf").mkdir()
    config = f'[archives.shelf]\nurl = "file://{tmp_path}/shelf"\n'
    config += '[archives.nobody]\nurl = "dimse://NOBODY@127.0.0.1:1"\n'
    (tmp_path / "config.toml").write_text(config)
    monkeypatch.setenv("HOSR_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _report(*options: object, out: str = "out") -> Ran:
    given = ("record.json", "--images", "film.dcm", "--out", out)
    return hosr("report", *given, *_MADE, *options)


def _keep(*files: bytes) -> None:
    for data in files:
        Path("shelf", f"{uid_in(data)}.dcm").write_bytes(data)


def _compared(out: str = "out") -> list[str]:
    """The SOP Instance UIDs of the reports that the hips are compared with."""
    priors = json.loads(Path(out, "manifest.json").read_bytes()).get("priors", [])
    return [uid for each in priors for uid in (each["compared_with"] or {}).get("documents", [])]


@pytest.mark.usefixtures("desk")
def test_it_is_the_comparison_with_the_newest_file(
    last_year: Path, orthanc: ArchivingOrthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of Orthanc over both protocols and out of a folder: the same documents, byte for byte."""
    assert _report("--prior", last_year / "more" / "measurement.dcm", out="file").code == 0
    for uid in orthanc.running.uids():
        orthanc.running.remove(uid)
    versions = [last_year / name for name in ("draft", "signed", "more")]
    for data in (data for each in versions for data in documents(each)):
        orthanc.running.upload(data)
        _keep(data)
    config = orthanc.configure(Path("more.toml"))
    config.write_text(Path("config.toml").read_text() + config.read_text())
    monkeypatch.setenv("HOSR_CONFIG", str(config))
    for archive in ("pacs", "web", "shelf"):
        ran = _report("--prior", f"archive:{archive}", out=archive)
        assert (ran.code, ran.err) == (0, "")
        assert "note: " not in ran.out
        made, expected = folder_bytes(Path(archive)), folder_bytes(Path("file"))
        assert made["measurement.dcm"] == expected["measurement.dcm"]
        assert made["report.txt"] == expected["report.txt"]


def _with_a_note(last_year: Path) -> bytes:
    return rejecting(documents(last_year / "more")[0])


def _with_a_redraw(last_year: Path) -> bytes:
    return redrawn(documents(last_year / "more")[0])


def _altered(last_year: Path) -> bytes:
    return changed(documents(last_year / "more")[0], PatientName="Other")


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("besides", "compared", "note"),
    [
        (_with_a_note, False, "report {uid} is not compared with: it was withdrawn (Rejected for Patient"),
        (_altered, False, "report {uid} is not compared with: its UIDs do not follow from what it holds"),
        (_with_a_redraw, True, "names {uid} as its predecessor, and hosr did not write it (Viewer, 2026"),
    ],
)  # fmt: skip
def test_what_the_archive_says_of_the_newest_counts(
    last_year: Path, besides: Callable[[Path], bytes], compared: bool, note: str
) -> None:
    """Withdrawn or changed it is not compared with, nor is what it took the place of; it is noted."""
    _keep(*documents(last_year / "signed"), *documents(last_year / "more"), besides(last_year))
    uid = uid_of(last_year / "more")
    ran = _report("--prior", "archive:shelf")
    assert (ran.code, ran.err, ran.is_safe_to_read) == (0, "", True)
    assert _compared() == ([uid] if compared else [])
    assert note.format(uid=uid) in ran.out


@pytest.mark.usefixtures("desk")
def test_only_earlier_reports_of_the_patient_are_taken(last_year: Path) -> None:
    """An ID is no identity: another date of birth, the study of today, an empty archive are noted."""
    ran = _report("--prior", "archive:shelf")
    assert "note: --prior shelf: no report of an earlier study was found there" in ran.out
    _keep(documents(last_year / "born later")[0], documents(last_year / "formerly")[0])
    ran = _report("--prior", "archive:shelf", out="other")
    assert "no report that was found is surely of this patient and of an earlier study" in ran.out
    assert (_compared(), _compared("other")) == ([], [])
    asked = ("--prior", "archive:shelf", "--merged-id", "OLD=P-4711")
    assert _report(*asked, out="merged").code == 0
    assert _compared("merged") == [uid_of(last_year / "formerly")]


@pytest.mark.usefixtures("desk")
def test_what_cannot_be_asked_or_read_is_refused(last_year: Path) -> None:
    """A file that may be a newer version, nobody there, a patient without an ID; `check` tells the same."""
    draft, signed = (documents(last_year / name)[0] for name in ("draft", "signed"))
    _keep(signed)
    spoilt = draft.replace(b"Brooker III", b"Brooker II ")
    Path("shelf", f"{uid_in(draft)}.dcm").write_bytes(spoilt)
    for archive, code, words in (
        ("archive:shelf", 4, f"shelf: {uid_in(draft)}: was changed after it was written; look at it in"),
        ("archive:nobody", 7, "nobody: no connection (Connection refused)"),
        ("archive:self", 2, "did you mean shelf?"),
    ):  # fmt: skip
        ran = _report("--prior", archive)
        assert (ran.code, ran.out) == (code, "")
        assert words in ran.err
        ran = hosr("check", "record.json", "--images", "film.dcm", "--prior", archive)
        assert (ran.code, ran.err) == (code, "")
        assert words in ran.out
    write_film(Path("film.dcm"), PatientID="")
    ran = _report("--prior", "archive:shelf")
    assert (ran.code, Path("out").exists()) == (2, False)
    assert "cannot be asked for earlier reports: the images have no patient ID" in ran.err
    shutil.rmtree("shelf")
