"""A real FHIR server takes the bundles of hosr: whole or not at all, once, and version after version."""

import json
from collections.abc import Iterator

import pytest

from hosr.status import Step
from tests.messages.fhir.bundles import ASSIGNER, bundle_of, identified, resources, signed
from tests.narrative.cases import CASES
from tests.peers.fhir_server import FhirServer, running_fhir_server

pytestmark = pytest.mark.slow

DRAFT = identified(CASES["row_10_narrow_gap"])
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
    targets = {each["target"][0]["reference"] for each in server.search("Provenance")}
    assert targets == {f"DiagnosticReport/{report['id']}"}


def test_an_id_without_an_assigner_needs_the_date_of_birth(server: FhirServer) -> None:
    """The same number of another assigner is another person's: nothing goes to them."""
    for number, born, status in (("HO-0043", "1956-05-04", 200), ("HO-0044", "1970-01-02", 404)):
        server.create({**PATIENT, "identifier": [{"value": number}], "birthDate": born})
        text = json.dumps(bundle_of(CASES["grade_alone"])).replace("HO-0042", number)
        assert server.post(text.encode())[0] == status
