"""A real FHIR server takes the bundles of hosr: whole or not at all, once, and version after version."""

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hosr.report import Report
from hosr.status import Step
from tests.command import hosr
from tests.comparison.cases import COMPARED
from tests.messages.fhir.bundles import ASSIGNER, bundle_of, identified, resources, signed
from tests.messages.versions import withdrawn
from tests.narrative.cases import CASES
from tests.peers.fhir_server import FhirServer, running_fhir_server
from tests.peers.sending import send_and_kill

pytestmark = pytest.mark.slow

DRAFT = identified(COMPARED["compared_beyond_variation"])
PATIENT = {
    "resourceType": "Patient",
    "identifier": [{"system": ASSIGNER, "value": "HO-0042"}],
    "birthDate": "1956-05-04",
}
KINDS = (
    *("Device", "Practitioner", "Organization", "ServiceRequest", "ImagingStudy", "BodyStructure"),
    *("Observation", "DiagnosticReport", "Provenance"),
)


@pytest.fixture(name="server", scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FhirServer]:
    with running_fhir_server(tmp_path_factory.mktemp("fhir")) as server:
        yield server


def _counts(server: FhirServer) -> dict[str, int]:
    return {kind: len(server.search(kind)) for kind in KINDS}


def _taken(server: FhirServer, bundle: object) -> None:
    status, answer = server.post(json.dumps(bundle).encode())
    assert (status, answer.get("type")) == (200, "transaction-response"), answer
    assert {entry["response"]["status"][:3] for entry in answer["entry"]} <= {"200", "201"}


def test_a_report_from_draft_to_amendment(server: FhirServer) -> None:
    """Refused for an unknown patient, then taken; the same again changes nothing; versions follow."""
    draft = bundle_of(DRAFT)
    status, _ = server.post(json.dumps(draft).encode())
    assert status == 404
    assert set(_counts(server).values()) == {0}  # rolled back as a whole

    server.create(PATIENT)
    _taken(server, draft)
    counts = _counts(server)
    assert counts == {kind: len(resources(draft, kind)) for kind in KINDS}
    assert "urn:uuid:" not in json.dumps(server.search("Observation"))
    _taken(server, draft)
    assert _counts(server) == counts

    for steps in ((Step.SIGN,), (Step.SIGN, Step.AMEND)):
        _taken(server, bundle_of(signed(DRAFT, *steps)))
    for late in (signed(DRAFT, Step.SIGN, Step.AMEND), DRAFT):  # again, and the draft too late
        _taken(server, bundle_of(late))
    after = _counts(server)
    assert (after["DiagnosticReport"], after["Observation"]) == (1, counts["Observation"])
    assert after["Provenance"] == 3
    (report,) = server.search("DiagnosticReport")
    statuses = [each["status"] for each in server.history("DiagnosticReport", report["id"])]
    assert list(dict.fromkeys(reversed(statuses))) == ["preliminary", "final", "amended"]
    assert {each["status"] for each in server.search("Observation")} == {"amended"}
    (compared,) = server.search("Observation", "code=HO-CMP")
    assert compared["component"][2]["valueQuantity"]["value"] == 10.6  # and no other space
    assert len(server.search("Observation", "code=121206")) == 1
    targets = {each["target"][0]["reference"] for each in server.search("Provenance")}
    assert targets == {f"DiagnosticReport/{report['id']}"}


def test_an_id_without_an_assigner_needs_the_date_of_birth(server: FhirServer) -> None:
    """The same number of another assigner is another person's: nothing goes to them."""
    for number, born, status in (("HO-0043", "1956-05-04", 200), ("HO-0044", "1970-01-02", 404)):
        server.create({**PATIENT, "identifier": [{"value": number}], "birthDate": born})
        text = json.dumps(bundle_of(CASES["grade_alone"])).replace("HO-0042", number)
        assert server.post(text.encode())[0] == status


def _put(folder: str, report: Report, patient: str) -> None:
    """A folder with the bundle of a report of this patient."""
    Path(folder).mkdir(exist_ok=True)
    text = json.dumps(bundle_of(report)).replace("HO-0042", patient)
    (Path(folder) / "fhir.r4.json").write_text(text)


def _of_study(report: Report, uid: str) -> Report:
    study = replace(report.subject.study, study_instance_uid=uid)
    return replace(report, subject=replace(report.subject, study=study))


def _states(*arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    """How a command ended, and how the bundles in the outbox stand, with the words for it."""
    ran = hosr(*arguments)
    objects = json.loads(hosr("outbox", "list", "--all", "--json").out)["objects"]
    return ran.code, [(o["state"], o["reason"] or "", o["words"]) for o in objects]


def _versions(server: FhirServer, draft: Report) -> list[str]:
    """The status of each version of a report that the server keeps, the oldest first."""
    (sent,) = resources(bundle_of(draft), "DiagnosticReport")
    (report,) = server.search("DiagnosticReport", f"identifier={sent['identifier'][0]['value']}")
    return [each["status"] for each in reversed(server.history("DiagnosticReport", report["id"]))]


def test_the_outbox_sends_to_a_server(
    server: FhirServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held for an unknown patient; once there, every version in its order, once; a late one is not sent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOSR_CONFIG", str(tmp_path / "config.toml"))
    Path("config.toml").write_text(
        f'archives.ehr.url = "fhir+{server.url}"\noutbox.path = "{tmp_path}/outbox.sqlite"\n'
        f'[archives.open]\nurl = "fhir+{server.url}"\ncreate_patient = true\n'
    )
    draft = _of_study(DRAFT, "2.25.77")
    versions = {"draft": draft, "final": signed(draft, Step.SIGN)}
    versions["amended"] = signed(draft, Step.SIGN, Step.AMEND)
    versions["withdrawn"] = withdrawn(versions["amended"])
    for folder, report in versions.items():
        _put(folder, report, "HO-0077")
    before = _counts(server)

    held = (
        "knows no such patient; have the patient entered there, or set `create_patient`; then "
        "`hosr outbox retry --all`"
    )
    assert _states("send", "draft", "final", "--to", "ehr") == (
        6,
        [("hold", "patient", held), ("queued", "", "")],
    )
    assert _counts(server) == before
    server.create({**PATIENT, "identifier": [{"system": ASSIGNER, "value": "HO-0077"}]})
    assert hosr("outbox", "retry", "--all").code == 0
    assert [state for state, *_ in _states("outbox", "run")[1]] == ["verified"] * 2
    assert send_and_kill("amended", "ehr", Path("outbox.sqlite")) == -signal.SIGKILL
    assert hosr("send", "amended", "--to", "ehr").code == 0
    assert _versions(server, draft) == ["preliminary", "final", "amended"]

    after = _counts(server)
    _look_at_what_another_one_overwrote(server, versions["final"])
    assert _versions(server, draft)[3:] == ["final", "amended"]
    for again in ("amended", "draft", "final"):  # as another user, whose outbox knows nothing
        Path("outbox.sqlite").unlink()
        code, [(state, reason, words)] = _states("send", again, "--to", "ehr")
        if again == "amended":
            assert (code, state) == (0, "verified")
        else:
            assert (code, state, reason) == (0, "superseded", "superseded")
            assert words.startswith(
                "has a newer version of the report already (amended, 2026-03-02T"
            )
    assert _counts(server) == after
    assert hosr("send", "withdrawn", "--to", "ehr").code == 0
    late = hosr("send", "amended", "--to", "ehr")
    assert (late.code, "the withdrawn version of the report went before it" in late.out) == (
        0,
        True,
    )
    assert _versions(server, draft)[3:] == ["final", "amended", "entered-in-error"]
    _look_at_created_patients(server)
    assert hosr("archive", "test", "ehr").code == 0


def _look_at_what_another_one_overwrote(server: FhirServer, report: Report) -> None:
    """The server shows what was sent, until somebody sends it an older version; sent again, it is amended."""
    assert hosr("outbox", "verify").code == 0
    text = json.dumps(bundle_of(report)).replace("HO-0042", "HO-0077")
    _taken(server, json.loads(text))
    doubted = hosr("outbox", "verify")
    assert doubted.code == 6
    assert (
        "it shows an older version (signed, 2026-03-02T11:20:00+01:00); `hosr send` the report again"
        in doubted.out
    )
    assert hosr("send", "amended", "--to", "ehr").code == 0
    assert hosr("outbox", "verify").code == 0


def _look_at_created_patients(server: FhirServer) -> None:
    """Where the configuration says so, a patient is created by what is looked for, once."""
    _put("new", _of_study(DRAFT, "2.25.78"), "HO-0078")
    for _ in range(2):
        assert hosr("send", "new", "--to", "open").code == 0
        (patient,) = server.search("Patient", "identifier=HO-0078")
    assert patient["identifier"] == [{"system": ASSIGNER, "value": "HO-0078"}]
