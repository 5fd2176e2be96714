"""A year of a report: drafted, compared, signed, amended, added to, another one withdrawn; everybody is told.

The archive, the receiver of messages and the FHIR server are real, and every command is killed (-9)
once before it may end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import pydicom
import pytest

from hosr.status import Step
from tests.command import folder_bytes, hosr, marked, write_record
from tests.images import dicom_bytes, film
from tests.messages.carriers import check_pages, check_withdrawal, check_words
from tests.peers.dying import Killer, killing
from tests.peers.fhir_server import FhirServer, running_fhir_server
from tests.peers.orthanc import Orthanc, running_orthanc
from tests.peers.receiver import held, receiving, wait_until_idle

pytestmark = [pytest.mark.peer, pytest.mark.slow]

MODEL = {"type": "algorithm", "name": "HO-Net", "version": "2.1", "manufacturer": "Synthetic Lab"}
ROSSI = ("--as", "Rossi^Maria", "--organization", "Synthetic Hospital")
MADE = "measurement,narrative,text,html,pdf,hl7,fhir"
STUDIES = {"last_year": "2.25.2025", "now": "2.25.2026", "another": "2.25.2027"}
AMENDED = "Amended report, signed by Maria Rossi, Synthetic Hospital, 2026-03-08 09:00+01:00"
DAYS = {"last_year": "2025-03-01", "now": "2026-03-01", "another": "2026-03-01"}


@dataclass(slots=True)
class Department:
    """Who is there: an archive, a RIS, an EHR; the folder that reports are made in, and one without kills."""

    folder: Path
    calm: Path
    orthanc: Orthanc
    messages: Path
    ris_port: int
    ehr: FhirServer
    killer: Killer
    kills: Iterator[int] = field(default_factory=lambda: cycle((1, 2, 3, 4)))
    moments: Iterator[str] = field(default_factory=lambda: cycle(("request", "answer")))

    def make(self, out: str, *arguments: object) -> None:
        """A command that writes a folder: killed while it does, and run again; the same as without."""
        command = [*map(str, arguments), "--out", str(self.folder / out)]
        self.killer.kill("name", next(self.kills), *command)
        calm = [each.replace(str(self.folder), str(self.calm)) for each in command]
        for each in (command, calm):
            ran = hosr(*each)
            assert ran.code == 0, ran.err
        assert folder_bytes(self.folder / out) == folder_bytes(self.calm / out)

    def send(self, name: str) -> None:
        """A folder to everybody: killed before it asks or before it hears, and sent again."""
        for destination in ("pacs", "ris", "ehr"):
            arguments = ("send", self.folder / name, "--to", destination)
            self.killer.kill(next(self.moments), 1, *arguments)
            wait_until_idle(self.ris_port)
            ran = hosr(*arguments)
            assert ran.code == 0, ran.out + ran.err

    def files(self, name: str) -> dict[str, bytes]:
        """What was made."""
        return folder_bytes(self.folder / name)


@pytest.fixture(name="department")
def _department(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Department]:
    bundles = tmp_path / "bridge" / "bundles"
    for name in ("orthanc", "ehr", "bridge", "reports", "calm"):
        (tmp_path / name).mkdir()
    with (
        running_orthanc(tmp_path / "orthanc") as orthanc,
        running_fhir_server(tmp_path / "ehr") as ehr,
        receiving(bundles) as port,
    ):
        configuration = tmp_path / "hosr.toml"
        configuration.write_text(
            f'outbox.path = "{tmp_path}/outbox.sqlite"\n'
            f'archives.pacs.url = "{orthanc.dicomweb}"\n'
            f'archives.ris.url = "mllp://127.0.0.1:{port}"\n'
            f'archives.ehr.url = "fhir+{ehr.url}"\n'
            'hl7.oids = { HOSPITAL = "1.2.276.0.76.3.1" }\n'
        )
        monkeypatch.setenv("HOSR_CONFIG", str(configuration))
        ehr.create(
            {
                "resourceType": "Patient",
                "identifier": [{"system": "urn:oid:1.2.276.0.76.3.1", "value": "P-4711"}],
                "birthDate": "1950-01-02",
            }
        )
        with killing() as killer:
            yield Department(
                folder=tmp_path / "reports",
                calm=tmp_path / "calm",
                orthanc=orthanc,
                messages=bundles,
                ris_port=port,
                ehr=ehr,
                killer=killer,
            )


def _arrive(department: Department, name: str) -> None:
    """The film of a study comes from its device."""
    day = DAYS[name].replace("-", "")
    image = film(
        StudyInstanceUID=STUDIES[name],
        SeriesInstanceUID=f"{STUDIES[name]}.1",
        SOPInstanceUID=f"{STUDIES[name]}.1.1",
        StudyDate=day,
        ContentDate=day,
        AccessionNumber=f"SYN-{name[:8].upper()}",
        ImagerPixelSpacing=["0.2", "0.2"],
    )
    department.orthanc.upload(dicom_bytes(image))


def _record(department: Department, name: str, gap_mm: float, file: str, **said: Any) -> Path:
    record = {
        **marked(gap={"mm": gap_mm, "plane": "patient"}),
        "graded_at": f"{DAYS[name]}T12:00:00+01:00",
        "study": {"study_instance_uid": STUDIES[name]},
        **said,
    }
    return write_record(department.folder.parent / file, record)


def _images(name: str) -> tuple[str, ...]:
    return ("--images", "archive:pacs", "--study", STUDIES[name])


def _statuses(department: Department) -> list[str]:
    """What the RIS was told, in its order, a repeated message once."""
    return [str(each["status"]) for each in held(department.messages, "DiagnosticReport")]


def _versions(department: Department, name: str) -> list[str]:
    """The versions of a report that the EHR has, the oldest first."""
    bundle = json.loads(department.files(name)["fhir.r4.json"])
    (told,) = (
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "DiagnosticReport"
    )
    (found,) = department.ehr.search(
        "DiagnosticReport", f"identifier={told['identifier'][0]['value']}"
    )
    return [
        str(each["status"])
        for each in reversed(department.ehr.history("DiagnosticReport", found["id"]))
    ]


def _uid(department: Department, name: str) -> str:
    return str(pydicom.dcmread(department.folder / name / "measurement.dcm").SOPInstanceUID)


def _draft(department: Department, name: str, record: Path, out: str, *more: object) -> None:
    department.make(out, "report", record, *_images(name), "--make", MADE, *more)


def _sign(department: Department, draft: str, out: str, at: str) -> None:
    """The signed version of a draft, with all its files."""
    said = (*ROSSI, "--at", at, "--images", "archive:pacs")
    department.make(out, "sign", department.folder / draft, *said)


def _history(department: Department, name: str, *versions: str) -> list[str]:
    """What is told of a study from the archive, with the folders of versions in place of their UIDs."""
    told = hosr("history", "archive:pacs", "--study", STUDIES[name]).out
    for version in versions:
        told = told.replace(_uid(department, version), version)
    return re.sub(r"2\.25\.\d+", "2.25", told).splitlines()


def test_a_year(department: Department) -> None:
    """Whoever is asked says the same at each step, and whatever was killed leaves one history."""
    for name in STUDIES:
        _arrive(department, name)
    _last_year(department)
    _this_year(department)
    _a_week_later(department)
    _of_the_wrong_patient(department)


def _last_year(department: Department) -> None:
    record = _record(department, "last_year", 12.9, "old.json")
    _draft(department, "last_year", record, "old draft")
    _sign(department, "old draft", "old", "2025-03-02T09:00:00+01:00")
    department.send("old")

    check_words(department.files("old"), Step.SIGN)


def _this_year(department: Department) -> None:
    """The draft of a model, compared with last year's report, and signed by a person."""
    record = _record(department, "now", 10.6, "now.json", observer=MODEL)
    _draft(department, "now", record, "draft", "--prior", "archive:pacs")
    department.send("draft")
    _sign(department, "draft", "signed", "2026-03-01T15:00:00+01:00")
    department.send("signed")
    for destination in ("ris", "ehr"):  # once more, too late
        assert hosr("send", department.folder / "draft", "--to", destination).code == 0

    for name, steps in (("draft", ()), ("signed", (Step.SIGN,))):
        files = department.files(name)
        check_words(files, *steps)
        check_pages(files, *steps)
        assert "12.9 mm" in files["report.txt"].decode()
    assert _statuses(department) == ["final", "partial", "final"]  # R, as this RIS has it
    assert _versions(department, "draft") == ["preliminary", "final"]


def _a_week_later(department: Department) -> None:
    """The gap was 9.4 mm, not 10.6; then words are added."""
    record = _record(department, "now", 9.4, "right.json")
    said = ("--reason", "Measured at the wrong spur.", *ROSSI, "--images", "archive:pacs")
    at = ("--at", "2026-03-08T09:00:00+01:00")
    signed = department.folder / "signed"
    department.make("amended", "amend", signed, "--record", record, *said, *at)
    department.send("amended")
    words = ("--text", "Told to the surgeon by telephone.", *ROSSI, "--images", "archive:pacs")
    at = ("--at", "2026-03-09T09:00:00+01:00")
    department.make("added", "addend", department.folder / "amended", *words, *at)
    department.send("added")

    for name, steps in (("amended", (Step.AMEND,)), ("added", (Step.AMEND, Step.ADDEND))):
        files = department.files(name)
        check_words(files, *steps)
        check_pages(files, *steps)
        text = files["report.txt"].decode()
        assert "9.4 mm; before: 10.6 mm.\nGraded by: Maria Rossi; before: HO-Net 2.1.\n" in text
    assert _versions(department, "draft") == ["preliminary", "final", "amended", "appended"]
    assert _history(department, "now", "draft", "signed", "amended", "added") == [
        "pacs: Draft: not reviewed.",
        "  Right hip: Brooker II, Della Valle B",
        "  draft",
        "  pacs: Signed by Maria Rossi, Synthetic Hospital, 2026-03-01 15:00+01:00.",
        "    Right hip: Brooker II, Della Valle B",
        "    signed",
        f"    pacs: {AMENDED}.",
        "      Right hip: Brooker III, Della Valle C",
        "      amended",
        f"      pacs: {AMENDED}; with an addendum. [prevails]",
        "        Right hip: Brooker III, Della Valle C",
        "        added",
    ]


def _of_the_wrong_patient(department: Department) -> None:
    record = _record(department, "another", 8.0, "another.json")
    _draft(department, "another", record, "wrong draft")
    _sign(department, "wrong draft", "wrong", "2026-03-02T09:00:00+01:00")
    department.send("wrong")
    at = ("--at", "2026-03-02T10:00:00+01:00", "--reason", "wrong-patient")
    versions = (department.folder / "wrong", department.folder / "wrong draft")
    department.make("withdrawn", "withdraw", *versions, *ROSSI, *at)
    department.send("withdrawn")

    check_withdrawal(department.files("withdrawn"), department.files("wrong"))
    assert _versions(department, "wrong") == ["final", "entered-in-error"]
    assert _statuses(department)[-2:] == ["final", "cancelled"]
    signer = "Maria Rossi, Synthetic Hospital, 2026-03-02"
    assert _history(department, "another", "wrong") == [
        f"pacs: Signed by {signer} 09:00+01:00. [withdrawn: Rejected for Patient Safety Reasons]",
        "  Right hip: Brooker III, Della Valle C",
        "  wrong",
        f"  pacs: Withdrawn by {signer} 10:00+01:00: not to be used.",
        "    Report withdrawn, not to be used: wrong patient.",
        "    2.25",
    ]
