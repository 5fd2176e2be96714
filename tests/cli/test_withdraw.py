"""Withdrawing a report: every object is named, everybody is told, and nothing comes after it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest

from hosr import sr
from hosr.archive.versions import Version, read_bundle, read_oru
from hosr.outbox.report_folders import read_report_folders
from hosr.status import WithdrawalReason
from tests.cli.test_sign import KILLED
from tests.command import Ran, folder_bytes, hosr, marked, write_record
from tests.images import write_film
from tests.lifecycle.versions import write_addended, write_draft, write_signed
from tests.messages.parsing import Parsed

STUDY = "1.2.826.0.9.1"
MADE = "measurement,narrative,text,overlay,keyobjects,captures,fhir-r5"
PERSON = ("--as", "Neri^Ada", "--organization", "Synthetic Hospital", "--id", "SYN-4")
AT = ("--at", "2026-03-09T08:00:00+01:00")
WRONG = ("--reason", "wrong-patient")
FILES = {"withdrawal.dcm", "withdrawal.txt", "report.hl7", "fhir.r4.json", "manifest.json"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft, its signed version, and that with an addendum."""
    folder = tmp_path_factory.mktemp("made")
    write_draft(folder / "draft", STUDY, made=MADE)
    write_signed(folder / "draft", folder / "signed")
    write_addended(folder / "signed", folder / "more")
    return folder


@pytest.fixture
def life(made: Path, tmp_path: Path) -> Path:
    """The same, to do something to."""
    for name in ("draft", "signed", "more"):
        shutil.copytree(made / name, tmp_path / name)
    return tmp_path


def _withdrawn(
    life: Path, *versions: str, out: str = "gone", options: tuple[object, ...] = WRONG
) -> Ran:
    folders = [life / name for name in versions]
    return hosr("withdraw", *folders, *PERSON, *AT, *options, "--out", life / out)


def _uids(*folders: Path) -> set[str]:
    """Those of all DICOM objects in these folders."""
    paths = (path for folder in folders for path in folder.glob("*.dcm"))
    return {str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID) for path in paths}


def _resources(path: Path) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in json.loads(path.read_bytes())["entry"]]


def test_every_object_of_every_version_is_withdrawn(life: Path) -> None:
    """The note names all; text, message and bundle say by whom, when and why, and no grade again."""
    before = {name: folder_bytes(life / name) for name in ("draft", "signed", "more")}
    options = (*WRONG, "--text", "Two films were mixed up.")
    ran = _withdrawn(life, "draft", "signed", "more", options=options)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == (
        "Withdrawn by Ada Neri, Synthetic Hospital, 2026-03-09 08:00+01:00: not to be used."
    )
    gone = life / "gone"
    assert {path.name for path in gone.iterdir()} == {*FILES, "fhir.r5.json"}
    note = sr.read_rejection((gone / "withdrawal.dcm").read_bytes())
    assert note is not None
    assert {each.sop_instance_uid for each in note.rejected} == _uids(
        life / "draft", life / "signed", life / "more"
    )
    text = " ".join((gone / "withdrawal.txt").read_text("utf-8").split())
    assert "WITHDRAWN by Ada Neri, Synthetic Hospital, 9 March 2026, 08:00" in text
    assert (
        'This report must not be used. Reason: wrong patient. Reason as given: "Two films' in text
    )
    assert "Status before the withdrawal: Signed by Anna Bianchi" in text
    assert all(each.sop_instance_uid in text for each in note.rejected)
    for name in FILES - {"report.hl7"}:
        assert not re.search(rb"Brooker (I|0)|Della Valle [ABC]", (gone / name).read_bytes()), name
    manifest = json.loads((gone / "manifest.json").read_bytes())
    assert (manifest["status"]["label"], manifest["status"]["verification"]) == (
        "withdrawn",
        "UNVERIFIED",
    )
    assert manifest["withdrawal"]["reason"] == "wrong-patient"
    assert "hips" not in manifest
    for name, files in before.items():
        kept = {k: v for k, v in folder_bytes(life / name).items() if k != "successor.json"}
        assert kept == {k: v for k, v in files.items() if k != "successor.json"}
    (sent,) = read_report_folders([gone])
    assert [each.name for each in sent.files] == ["withdrawal.dcm"]


@pytest.mark.parametrize(
    ("options", "result", "title"),
    [
        (WRONG, "W", "113037"),
        (("--reason", "wrong-study"), "W", "113037"),
        (("--reason", "other", "--text", "Sent by mistake."), "X", "113001"),
    ],
)
def test_other_systems_are_told(
    life: Path, options: tuple[str, ...], result: str, title: str
) -> None:
    """By the keys of the versions before: nothing is left of their results, and the text says so."""
    assert _withdrawn(life, "more", options=options).code == 0
    before, after = (Parsed((life / f / "report.hl7").read_bytes()) for f in ("more", "gone"))
    for segment, field in (("PID", 3), ("ORC", 3), ("OBR", 3), ("OBR", 4), ("OBR", 18)):
        assert after.raw(segment, field) == before.raw(segment, field) != ""
    assert after.get("OBR", 25) == "X"
    assert after.get("OBR", 22) == "20260309080000+0100"
    results = {after.get("OBX", 11, number=n) for n in range(1, after.count("OBX") + 1)}
    assert results == {result, "O"}
    assert [each.partition(",")[0] for each in after.text_lines()[:1]] == ["WITHDRAWN by Ada Neri"]
    coded = [*after.obx("CWE"), *after.obx("NM")]
    assert {after.raw("OBX", 5, n) for n in coded} == {""}
    asked = {(before.raw("OBX", 3, n), before.raw("OBX", 4, n)) for n in before.obx("CWE")}
    assert asked == {(after.raw("OBX", 3, n), after.raw("OBX", 4, n)) for n in after.obx("CWE")}
    assert after.get("OBX", 16, 2, number=1) == "Neri"
    note = pydicom.dcmread(life / "gone" / "withdrawal.dcm")
    assert note.ConceptNameCodeSequence[0].CodeValue == title
    for name in ("fhir.r4.json", "fhir.r5.json"):
        found, former = _resources(life / "gone" / name), _resources(life / "more" / name)
        (report,), (last,) = (
            [each for each in some if each["resourceType"] == "DiagnosticReport"]
            for some in (found, former)
        )
        assert report["status"] == "entered-in-error"
        assert report["identifier"][0] == last["identifier"][0]
        assert report["identifier"][1]["value"] == f"urn:oid:{note.SOPInstanceUID}"
        replaced = report["extension"][0]["valueReference"]["identifier"]
        assert replaced == last["identifier"][1]
        observed = [each for each in found if each["resourceType"] == "Observation"]
        assert {each["status"] for each in observed} == {"entered-in-error"}
        assert [key for each in observed for key in each if key.startswith("value")] == []
        known = {each["identifier"][0]["value"] for each in observed}
        were = (each for each in former if each["resourceType"] == "Observation")
        assert {each["identifier"][0]["value"] for each in were} == known
        (origin,) = (each for each in found if each["resourceType"] == "Provenance")
        assert origin["activity"]["coding"][0]["code"] == "NU"
        kinds = [agent["type"]["coding"][0]["code"] for agent in origin["agent"]]
        assert kinds == ["performer", "assembler"]


@pytest.mark.parametrize(
    ("name", "read"), [("report.hl7", read_oru), ("fhir.r4.json", read_bundle)]
)
def test_what_is_sent_of_a_withdrawal_is_the_last_of_its_report(
    life: Path, name: str, read: Callable[[bytes], tuple[str, Version]]
) -> None:
    """The outbox knows it for the newest version, and sends none behind it."""
    assert _withdrawn(life, "more").code == 0
    versions = [read((life / each / name).read_bytes())[1] for each in ("signed", "more", "gone")]
    assert len({version.report for version in versions}) == 1
    assert [version.stage for version in versions] == ["signed", "amended", "withdrawn"]
    assert all(versions[2].goes_before(each) for each in versions[:2])


def test_what_stood_in_an_earlier_version_alone_is_taken_back_too(tmp_path: Path) -> None:
    """An observation that an amendment left out is on the server still."""
    film = write_film(tmp_path / "film.dcm")
    for name, record in (("first", marked(stage="maturation")), ("second", marked())):
        write_record(tmp_path / f"{name}.json", record)
    shown = ("--images", film)
    draft = ("report", tmp_path / "first.json", *shown, "--make", "measurement,fhir")
    assert hosr(*draft, "--out", tmp_path / "draft").code == 0
    write_signed(tmp_path / "draft", tmp_path / "signed")
    why = ("--record", tmp_path / "second.json", *shown, "--reason", "Not that stage.")
    late = ("--at", "2026-03-03T08:00:00+01:00")
    out = ("--out", tmp_path / "amended")
    ran = hosr("amend", tmp_path / "signed", *why, *PERSON, *late, *out)
    assert ran.code == 0, ran.err
    versions = ("draft", "signed", "amended")
    assert _withdrawn(tmp_path, *versions).code == 0
    kinds = ("signed", "amended", "gone")
    signed, amended, gone = (
        {
            each["identifier"][0]["value"]
            for each in _resources(tmp_path / name / "fhir.r4.json")
            if each["resourceType"] == "Observation"
        }
        for name in kinds
    )
    assert signed - amended
    assert gone == signed | amended
    text = (tmp_path / "gone" / "withdrawal.txt").read_text("utf-8")
    assert "AMENDED REPORT, signed by Ada Neri" in text


def test_nothing_comes_after_a_withdrawal(life: Path) -> None:
    """The same again is the same files; every other step is told that the report was withdrawn."""
    (life / "signed" / "successor.json").unlink()
    assert _withdrawn(life, "signed").code == 0
    files = folder_bytes(life / "gone")
    assert _withdrawn(life, "signed").code == 0
    again = hosr("withdraw", life / "signed", *WRONG, *PERSON, "--out", life / "gone")
    assert again.code == 0  # its time is that of the first
    assert folder_bytes(life / "gone") == files
    person = (*PERSON, "--at", "2026-03-10T08:00:00+01:00", "--out", life / "x")
    for command in (
        ("addend", life / "signed", "--text", "More."),
        ("withdraw", life / "signed", "--reason", "wrong-study"),
    ):
        ran = hosr(*command, *person)
        assert ran.code == 2
        assert "was withdrawn (2026-03-09T08:00:00+01:00 into" in ran.err
    for step in (
        ("sign", life / "gone"),
        ("addend", life / "gone", "--text", "More."),
        ("withdraw", life / "gone", *WRONG),
    ):
        ran = hosr(*step, *person)
        assert ran.code == 4
        assert "is of a report that was withdrawn" in ran.err
    assert not (life / "x").exists()


def test_a_draft_is_withdrawn_by_a_person(life: Path) -> None:
    """What nobody signed may have been sent as well."""
    (life / "draft" / "successor.json").unlink()
    blanks = ("--as", " Neri^Ada= ", "--organization", "Synthetic Hospital ", "--text", " Twice.\n")
    ran = _withdrawn(life, "draft", options=(*WRONG, *blanks, "--json"))
    assert ran.code == 0, ran.err
    note = sr.read_rejection((life / "gone" / "withdrawal.dcm").read_bytes())
    assert note is not None
    assert (note.is_altered, note.withdrawal.text) == (False, "Twice.")
    assert note.withdrawal.signature.name == "Neri^Ada"
    assert json.loads(ran.out)["withdrawal"]["not_given"] == []
    text = " ".join((life / "gone" / "withdrawal.txt").read_text("utf-8").split())
    assert "Status before the withdrawal: DRAFT - not reviewed." in text
    assert hosr("sign", life / "draft", *PERSON, *AT, "--out", life / "x").code == 2


def test_an_earlier_version_that_was_not_given_is_noted(life: Path) -> None:
    """An archive that has it goes on to show it."""
    ran = _withdrawn(life, "more")
    (uid,) = {str(pydicom.dcmread(life / "signed" / "measurement.dcm").SOPInstanceUID)}
    assert f"note: earlier version: {uid} was not given: an archive that has it" in ran.out
    text = (life / "gone" / "withdrawal.txt").read_text("utf-8")
    assert f"An archive that has the earlier version\n{uid} goes on to show it." in text


def _spoil(life: Path) -> None:
    (life / "more" / "report.txt").write_text("spoilt")


def _no_change(life: Path) -> None:
    assert life.exists()


@pytest.mark.parametrize(
    ("change", "versions", "options", "code", "words"),
    [
        (_no_change, "signed", WRONG, 2, "has a successor already (addend"),
        (_no_change, "more more/", ("--reason", "other"), 2, "--text: has no words; say why"),
        (_no_change, "more", (*WRONG, "--as", "^"), 2, "--as: names nobody"),
        (_no_change, "more", (*WRONG, "--as", "Müller^Änne"), 2, "is the name of the patient"),
        (_no_change, "more", (*WRONG, "--organization", " "), 2, "--organization: names nobody"),
        (
            _no_change,
            "more",
            (*WRONG, "--at", "2026-03-02T12:20:00+01:00"),
            2,
            "is not later than 2026-03-02 12:20:00+01:00",
        ),
        (_no_change, "more", (*WRONG, "--document", "2.25.1"), 2, "is none of the documents here"),
        (_no_change, "more", ("--reason", "mistake"), 2, "invalid choice: 'mistake'"),
        (_no_change, "more", (*WRONG, "--text", "a\x1b[31m"), 2, "--text: holds a character that no"),
        (_no_change, "more", (*WRONG, "--as", "x" * 65), 2, "--as: cannot stand in a DICOM"),
        (_no_change, "more film.dcm", WRONG, 4, "manifest.json: is missing"),
        (_spoil, "draft signed more", WRONG, 4, "report.txt: was changed since"),
    ],
)  # fmt: skip
def test_what_cannot_be_withdrawn_is_refused(
    life: Path,
    change: Callable[[Path], None],
    versions: str,
    options: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    """Each with one clear sentence; nothing is written, and it can be withdrawn after it."""
    change(life)
    ran = _withdrawn(life, *versions.split(), options=options)
    assert ran.code == code, ran.err
    assert words in ran.err
    assert not (life / "gone").exists()
    assert not (life / "more" / "successor.json").exists()


def test_versions_of_two_reports_are_not_withdrawn_at_once(life: Path) -> None:
    """Nor one that lies in two places; all such folders are told together."""
    write_draft(life / "other", "1.2.826.0.9.2", made="measurement")
    shutil.copytree(life / "signed", life / "copy")
    ran = _withdrawn(life, "other", "signed", "copy", "more")
    assert ran.code == 2
    assert f"{life / 'other'}: is of another report than {life / 'more'}" in ran.err
    assert f"{life / 'signed'}: is given twice" in ran.err
    assert ran.err.count("\n") == 3


def test_of_two_successors_both_are_ended(life: Path) -> None:
    """Another machine made a second version of the same one: neither has one after it."""
    (life / "signed" / "successor.json").unlink()
    write_addended(life / "signed", life / "fork", "--text", "On another machine.", hour=13)
    assert _withdrawn(life, "more", "fork", "signed").code == 0
    for name in ("more", "fork"):
        more = ("--text", "Later.", *PERSON, *AT, "--out", life / "x")
        assert "was withdrawn" in hosr("addend", life / name, *more).err
    told = json.loads(hosr("history", life, "--json").out)
    assert [(each["status"], each["prevails"]) for each in told] == [
        ("draft", False),
        ("signed", False),
        ("addendum", False),
        ("addendum", False),
        ("withdrawn", False),
    ]


def test_a_copy_of_an_earlier_version_is_ended_too(life: Path) -> None:
    """It came from another machine without the file that says what took its place."""
    (life / "signed" / "successor.json").unlink()
    assert _withdrawn(life, "signed", "more").code == 0
    more = ("--text", "Later.", *PERSON, *AT, "--out", life / "x")
    assert "was withdrawn" in hosr("addend", life / "signed", *more).err
    assert hosr("history", life).out.count("Withdrawn by") == 1


def test_a_history_ends_with_the_withdrawal(life: Path) -> None:
    """Below the last version, and nothing prevails: wherever the note lies, and whoever asks."""
    assert _withdrawn(life, "signed", "more", out="far/gone").code == 0
    uid = str(pydicom.dcmread(life / "far" / "gone" / "withdrawal.dcm").SOPInstanceUID)
    ran = hosr("history", life / "draft", life / "signed", life / "more")
    assert (ran.code, ran.err, "[prevails]" in ran.out) == (0, "", False)
    assert ran.out.count("[withdrawn: Rejected for Patient Safety Reasons]") == 2
    assert ran.out.splitlines()[-3:] == [
        (
            f"      {life / 'far' / 'gone'}: Withdrawn by Ada Neri, Synthetic Hospital, "
            "2026-03-09 08:00+01:00: not to be used."
        ),
        "        Report withdrawn, not to be used: wrong patient.",
        f"        {uid}",
    ]
    assert hosr("history", life).out == ran.out
    alone = json.loads(hosr("history", life / "far", "--json").out)
    assert [(each["status"], each["signed_by"], each["reason"]) for each in alone] == [
        ("withdrawn", "Neri^Ada", "wrong-patient")
    ]
    (life / "far" / "gone" / "withdrawal.txt").write_text("spoilt")
    ran = hosr("history", life / "more")
    assert "withdrawal.txt: was changed since" in ran.err
    assert "[withdrawn]" in ran.out


def test_a_cohort_of_withdrawn_reports_has_no_rows(life: Path) -> None:
    """It is said why."""
    assert _withdrawn(life, "more").code == 0
    ran = hosr("cohort", life, "--out", life / "cohort")
    assert ran.code == 2
    assert "holds no report that was not withdrawn or superseded (1 withdrawn); look at" in ran.err


def test_a_note_is_shown_in_words(life: Path) -> None:
    """By whom, when, why, of which study, and what it takes back; a changed one is told."""
    assert _withdrawn(life, "more").code == 0
    path = life / "gone" / "withdrawal.dcm"
    uids = sorted(_uids(life / "more"))
    ran = hosr("show", path)
    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[:4] == [
        "Withdrawn by Ada Neri, Synthetic Hospital, 2026-03-09 08:00+01:00: not to be used.",
        "Report withdrawn, not to be used: wrong patient.",
        f"Study: {STUDY}",
        f"Withdrawn documents ({len(uids)}):",
    ]
    assert sorted(line.strip() for line in lines[4:]) == uids
    dataset = pydicom.dcmread(path)
    dataset.SOPInstanceUID = "2.25.5"
    changed = BytesIO()
    dataset.save_as(changed)
    path.write_bytes(changed.getvalue())
    ran = hosr("show", path)
    assert (ran.code, ran.out.splitlines()) == (0, lines)
    assert ran.err.startswith("note: withdrawal.dcm: its UIDs do not follow from what it says")
    assert "is a selection of key images" in hosr("show", life / "draft" / "keyobjects.dcm").err


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
def test_a_withdrawal_is_in_the_language_of_the_report(tmp_path: Path, language: str) -> None:
    """Text and message; the note, which viewers list, is in English as every object is."""
    write_film(tmp_path / "film.dcm")
    write_record(tmp_path / "record.json")
    made = ("--make", "measurement", "--language", language, "--out", tmp_path / "draft")
    assert (
        hosr("report", tmp_path / "record.json", "--images", tmp_path / "film.dcm", *made).code == 0
    )
    assert _withdrawn(tmp_path, "draft").code == 0
    said = (tmp_path / "gone" / "withdrawal.txt").read_text("utf-8")
    first = said.splitlines()[1].split()[0]
    assert (
        first
        == {"de": "ZURÜCKGEZOGEN", "fr": "RETIRÉ", "es": "RETIRADO", "it": "RITIRATO"}[language]
    )
    assert (
        Parsed((tmp_path / "gone" / "report.hl7").read_bytes()).text_lines()[0].split()[0] == first
    )
    assert not re.search("withdraw|wrong|patient safety", said, re.IGNORECASE)
    assert (
        b"Report withdrawn, not to be used" in (tmp_path / "gone" / "withdrawal.dcm").read_bytes()
    )


def test_a_withdrawal_of_whom_no_server_could_find(tmp_path: Path) -> None:
    """There is no bundle then, and a note."""
    film = write_film(tmp_path / "film.dcm", PatientBirthDate="")
    write_record(tmp_path / "record.json")
    made = ("--make", "measurement", "--out", tmp_path / "draft")
    assert hosr("report", tmp_path / "record.json", "--images", film, *made).code == 0
    ran = _withdrawn(tmp_path, "draft")
    assert (ran.code, ran.err) == (0, "")
    assert "note: fhir.r4.json: was not made: PatientID has neither an assigner" in ran.out
    assert not (tmp_path / "gone" / "fhir.r4.json").exists()


def test_the_reasons_of_the_command_are_those_that_there_are() -> None:
    """Each has a title of a note."""
    said = hosr("withdraw", "--help").out
    assert f"{{{','.join(WithdrawalReason)}}}" in said


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no kill -9")
def test_a_kill_at_any_file_leaves_one_withdrawal(life: Path) -> None:
    """Who withdraws again ends what was begun, with the UID and the time of the first attempt."""
    more, gone = life / "more", life / "gone"
    command = [str(part) for part in ("withdraw", more, *PERSON, *WRONG, "--out", gone)]
    begun: set[str] = set()
    # At the note, then at the manifest.
    for link in (2, 6):
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, str(link), *command],
            env=os.environ,
            capture_output=True,
            check=False,
        )
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        assert not (gone / "manifest.json").exists()
        begun.add(json.loads((more / "successor.json").read_bytes())["signed_at"])
    words = ("addend", more, "--text", "More.", *PERSON, "--out", life / "x")
    assert "has a step that was begun and not ended (withdraw" in hosr(*words).err
    assert hosr(*command).code == 0
    assert {json.loads((more / "successor.json").read_bytes())["signed_at"]} == begun
    note = sr.read_rejection((gone / "withdrawal.dcm").read_bytes())
    assert note is not None
    assert note.withdrawal.signature.signed_at.isoformat() in begun
    assert not list(gone.glob(".*.partial"))


def test_what_was_withdrawn_is_not_sent(life: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a folder with all versions the note goes alone with those that hold; a withdrawn one alone is refused."""
    monkeypatch.setenv("HOSR_CONFIG", str(life / "hosr.toml"))
    (life / "hosr.toml").write_text(f'outbox.path = "{life}/outbox.sqlite"\n')
    assert _withdrawn(life, "more").code == 0
    told = f"is not sent: it was withdrawn ({AT[1]}); send the withdrawal, {life}/gone, to whoever has it"

    alone = hosr("send", life / "more", "--to", life / "archive")
    assert (alone.code, alone.err) == (
        2,
        f"hosr: cannot be done as asked\n  {life}/more: {told}\n",
    )
    both = hosr("send", life / "more", life / "gone", "--to", life / "archive")
    assert both.code == 0
    assert f"hosr: {life}/more: {told}\n" in both.err
    kept = {str(pydicom.dcmread(path).Modality) for path in (life / "archive").rglob("*.dcm")}
    assert kept == {"KO"}


def test_a_withdrawal_that_was_moved_counts(life: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is neither sent nor prevails, though nobody finds the note where it was written."""
    monkeypatch.setenv("HOSR_CONFIG", str(life / "hosr.toml"))
    (life / "hosr.toml").write_text(f'outbox.path = "{life}/outbox.sqlite"\n')
    assert _withdrawn(life, "more").code == 0
    (life / "gone").rename(life / "elsewhere")

    sent = hosr("send", life / "more", "--to", life / "archive")
    assert (sent.code, "is not sent: it was withdrawn" in sent.err) == (2, True)
    told = hosr("history", life / "more").out
    assert ("[withdrawn" in told, "[prevails]" in told) == (True, False)
