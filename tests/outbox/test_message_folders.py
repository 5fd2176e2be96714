"""Messages of reports as they lie in folders: which are read, and what is refused before it is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.archive.addresses import Destination, FhirRelease, MllpAddress
from hosr.archive.versions import Stage
from hosr.archive.written_addresses import parse_address
from hosr.errors import DocumentRefused, HosrError, UsageError
from hosr.outbox import Kind
from hosr.outbox.message_folders import MESSAGE_FILES, read_folders
from hosr.outbox.states import RULES
from tests.messages.versions import REPORT, oru

RIS = Destination(name="ris", address=MllpAddress(host="127.0.0.1", port=2575))
FHIR = Destination(name="ehr", address=parse_address("fhir+http://127.0.0.1:1/fhir"))
R5 = replace(FHIR, release=FhirRelease.R5)
HOW = (
    "make it: `hosr report ... --make {0}`; what is signed, amended or withdrawn has it where "
    "hosr[{0}] is installed"
)


def folder(path: Path, data: bytes) -> Path:
    """A folder with a message and no manifest."""
    path.mkdir(parents=True)
    (path / "report.hl7").write_bytes(data)
    return path


def told(kind: type[HosrError], path: Path, where: Destination) -> str:
    """What reading it is refused for."""
    with pytest.raises(kind) as caught:
        read_folders([path], where)
    return str(caught.value)


def test_every_kind_of_message_has_its_file() -> None:
    """What is ordered is a message, and goes to one kind of address."""
    kinds = dict.fromkeys(message.kind for message in MESSAGE_FILES.values())
    assert list(kinds) == [kind for kind, rules in RULES.items() if rules.is_ordered]


def test_a_message_is_read_with_its_key_and_version(tmp_path: Path) -> None:
    """As it lies there; by itself, in its folder, and in a folder of folders."""
    path = folder(tmp_path / "all" / "Mustermann", oru(REPORT))
    for named in (path, path.parent, path / "report.hl7"):
        (found,) = read_folders([named], RIS)
        (item,) = found.files
        assert (item.kind, item.name, item.data) == (Kind.HL7, "report.hl7", oru(REPORT))
        assert item.key in oru(REPORT).decode()
        assert item.version is not None
        assert (item.version.stage, item.version.report) == (Stage.DRAFT, found.report)


def test_what_is_missing_is_said_with_how_to_make_it(tmp_path: Path) -> None:
    """Every folder that should have a message is named; nothing is sent of the others."""
    (tmp_path / "empty").mkdir()
    path = tmp_path / "empty"
    assert told(UsageError, path, RIS) == (
        f"{path}: holds no report.hl7, which is what a receiver of HL7 is sent; {HOW.format('hl7')}"
    )
    assert (
        f"holds no fhir.r4.json, which is what a FHIR server is sent; {HOW.format('fhir')}"
        in told(UsageError, path, FHIR)
    )
    how = "which is what a FHIR server of R5 is sent; make it: `hosr report ... --make fhir-r5`"
    assert f"holds no fhir.r5.json, {how}" in told(UsageError, path, R5)
    folder(tmp_path / "a", oru(REPORT))
    (tmp_path / "b").mkdir()
    (tmp_path / "b/manifest.json").write_text("{}")
    assert told(UsageError, tmp_path, RIS).startswith(f"{tmp_path / 'b'}: holds no report.hl7")
    assert "there is no such file" in told(UsageError, tmp_path / "nowhere", RIS)


def test_a_message_that_is_not_that_of_its_report_is_refused(tmp_path: Path) -> None:
    """Changed after it was made, of another report, or none at all."""
    path = folder(tmp_path / "out", oru(REPORT))
    manifest = {
        "hosr_version": "0.2.0",
        "files": [{"name": "report.hl7", "sha256": "00", "bytes": 1}],
        "language": "en",
        "site_templates": [],
        "tolerated": [],
    }
    (path / "manifest.json").write_text(json.dumps(manifest))
    assert "was changed after the report was made" in told(DocumentRefused, path, RIS)
    (path / "manifest.json").write_text(json.dumps({**manifest, "files": []}))
    assert "is not in the manifest beside it" in told(DocumentRefused, path, RIS)
    (path / "manifest.json").unlink()
    (path / "report.hl7").write_bytes(b"MSH|^~\\&|OTHER\r")
    assert "is no HL7 message of a report" in told(DocumentRefused, path, RIS)
    (path / "fhir.r4.json").write_bytes(b"{}")
    assert "is no FHIR bundle of a report" in told(DocumentRefused, path, FHIR)
