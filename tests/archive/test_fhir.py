"""Bundles to FHIR servers that do what a script says: what is asked, what is sent, and what is made of it."""

from __future__ import annotations

import json
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from hosr.archive import open_archive
from hosr.archive.addresses import (
    Credentials,
    Destination,
    FhirAddress,
    FhirRelease,
    Tls,
    WebAddress,
)
from hosr.archive.fhir.bundles import read_sent
from hosr.archive.values import Outcome, Query, Receipt
from hosr.errors import ArchiveError, ArchiveRefused, Reason
from hosr.messages.fhir import Release
from hosr.outbox.states import POLICIES, Event
from hosr.status import Step
from tests.archive.dicomweb.scripted import (
    Peer,
    Received,
    answer,
    cut,
    drip,
    hang,
    reset,
    scripted_peer,
)
from tests.archive.dicomweb.scripted import Step as Act
from tests.messages.fhir.bundles import bundle_of, identified, resources, signed
from tests.messages.versions import withdrawn
from tests.narrative.cases import CASES

DRAFT = identified(CASES["row_10_narrow_gap"])
VERSIONS = {
    "draft": bundle_of(DRAFT),
    "signed": bundle_of(signed(DRAFT, Step.SIGN)),
    "amended": bundle_of(signed(DRAFT, Step.SIGN, Step.AMEND)),
    "withdrawn": bundle_of(withdrawn(signed(DRAFT, Step.SIGN, Step.AMEND))),
}
DATA = {name: json.dumps(bundle).encode() for name, bundle in VERSIONS.items()}
KIND = "application/fhir+json; charset=utf-8"
TAKEN = Receipt(sop_instance_uid="KEY", status="HTTP 200")
THERE = Receipt(sop_instance_uid="KEY", status="there already")


def said(status: int, content: Any, **headers: str) -> Act:
    """An answer in JSON of FHIR."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer(status, json.dumps(content).encode(), KIND, named)


def found(*there: dict[str, Any]) -> Act:
    """What a search finds, and a remark beside it."""
    entries = [{"resource": each} for each in (*there, {"resourceType": "OperationOutcome"})]
    return said(200, {"resourceType": "Bundle", "type": "searchset", "entry": entries})


def kept(name: str, **changes: Any) -> dict[str, Any]:
    """The report of a version as a server has it."""
    (report,) = resources(VERSIONS[name], "DiagnosticReport")
    return {**report, "id": "7", "meta": {"versionId": "3"}, **changes}


def responses(*statuses: str, name: str = "signed") -> Act:
    """What a server answers to a version: one of these for each entry, the last for the rest."""
    count = len(VERSIONS[name]["entry"])
    each = [*statuses, *[statuses[-1]] * (count - len(statuses))]
    entries = [{"response": {"status": status}} for status in each]
    return said(200, {"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


def destination(peer: Peer, **options: Any) -> Destination:
    """The server of a peer."""
    address = FhirAddress(web=WebAddress(url=peer.url, secure=False))
    return Destination(name="ehr", address=address, **{"answer_s": 10.0, **options})


def sent(name: str, *steps: Act, **options: Any) -> tuple[Receipt | Reason, list[Received]]:
    """What became of a version that was sent to a server with this script, and what that received."""
    with (
        scripted_peer(*steps) as peer,
        open_archive(
            destination(peer, **options), environ={"T": "abc"}, clock=lambda: 0.0
        ) as server,
    ):
        try:
            return server.store(DATA[name], "KEY"), peer.received
        except ArchiveError as error:
            outcome = Reason.PROCESSING if "HO-0042" in str(error) else error.reason
            return outcome, peer.received


PATIENT = {"resourceType": "Patient", "id": "1"}
NONE, ONE, ALL = found(), found(PATIENT), responses("201 Created", "200 OK")
LOGIN = answer(200, b"<html>Please log in</html>", "text/html")


def test_what_is_asked_before_a_bundle_is_sent() -> None:
    """The report and the patient, past every cache; then the very bytes, to the base itself."""
    receipt, received = sent("signed", NONE, ONE, ALL, credentials=Credentials(variable="T"))
    assert receipt == TAKEN
    assert [(each.method, each.target.partition("?")[0]) for each in received] == [
        ("GET", "/dicom-web/DiagnosticReport"),
        ("GET", "/dicom-web/Patient"),
        ("POST", "/dicom-web"),
    ]
    (report,) = resources(VERSIONS["signed"], "DiagnosticReport")
    system, value = (report["identifier"][0][key] for key in ("system", "value"))
    assert received[0].target.endswith(f"?identifier={system}%7C{value}&_count=2")
    assert "identifier=http://hospital.example/patients%7CHO-0042" in received[1].target
    assert {each.headers["cache-control"] for each in received[:2]} == {"no-cache"}
    assert {each.headers["authorization"] for each in received} == {"Bearer abc"}
    assert received[2].body == DATA["signed"]
    assert received[2].headers["content-type"] == "application/fhir+json"


def test_over_tls_with_a_certificate_of_ours(tmp_path: Path) -> None:
    """The server is trusted by the authority that is configured, and asks for ours."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    ours = authority.issue_cert("hosr.example").private_key_and_cert_chain_pem
    ours.write_to_path(str(tmp_path / "hosr.pem"))
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    known = Tls(authorities=tmp_path / "ca.pem", certificate=tmp_path / "hosr.pem")
    for tls, expected in (
        (known, TAKEN),
        (Tls(authorities=tmp_path / "ca.pem"), Reason.INSECURE),
        (Tls(), Reason.INSECURE),
    ):
        with scripted_peer(NONE, ONE, ALL, context=context) as peer:
            address = FhirAddress(web=WebAddress(url=peer.url, secure=True))
            where = replace(destination(peer, tls=tls), address=address)
            with open_archive(where, environ={}, clock=lambda: 0.0) as server:
                try:
                    outcome: Receipt | Reason = server.store(DATA["signed"], "KEY")
                except ArchiveError as error:
                    outcome = error.reason
                assert outcome == expected


UNDATED = {"issued": None}
THERE_BEFORE: dict[str, tuple[str, dict[str, Any], Receipt | Reason]] = {
    "the same": ("signed", kept("signed"), THERE),
    "the same in another zone": (
        "signed",
        kept("signed", issued="2026-03-02T10:20:00Z"),
        THERE,
    ),
    "an older one": ("signed", kept("draft"), TAKEN),
    "an older one without a time": ("signed", kept("draft", **UNDATED), TAKEN),
    "another draft": (
        "draft",
        kept("draft", conclusion="Other."),
        Receipt(
            sop_instance_uid="KEY",
            status="HTTP 200",
            warning="it goes on showing the draft that it had: only what is signed takes its place",
        ),
    ),
    "other words of the same": ("signed", kept("signed", conclusion="Other."), TAKEN),
    "an amended one, and it is withdrawn": ("withdrawn", kept("amended"), TAKEN),
    "a newer one": ("signed", kept("amended"), Reason.SUPERSEDED),
    "a signed one, and a draft comes": ("draft", kept("signed"), Reason.SUPERSEDED),
    "one without a time, and a draft comes": (
        "draft",
        kept("signed", **UNDATED),
        Reason.SUPERSEDED,
    ),
    "one that was withdrawn": (
        "amended",
        kept("draft", status="entered-in-error"),
        Reason.SUPERSEDED,
    ),
}


@pytest.mark.parametrize(("name", "there", "expected"), THERE_BEFORE.values(), ids=THERE_BEFORE)
def test_what_the_server_has_decides(
    name: str, there: dict[str, Any], expected: Receipt | Reason
) -> None:
    """The same is not sent again, nothing is sent behind a newer one, all else takes its place."""
    outcome, received = sent(name, found(there), ONE, responses("200 OK", name=name))
    assert outcome == expected
    is_sent = isinstance(expected, Receipt) and expected != THERE
    assert len(received) == (3 if is_sent else 1)


ANSWERS: dict[str, tuple[list[Act], Reason]] = {
    "the report twice": ([found(kept("draft"), kept("draft", id="8"))], Reason.DUPLICATE),
    "no such patient": ([NONE, NONE], Reason.PATIENT),
    "several such patients": ([NONE, found(PATIENT, {**PATIENT, "id": "2"})], Reason.PATIENT),
    "a patient that went meanwhile": ([NONE, ONE, said(404, {})], Reason.PATIENT),
    "a login page": ([LOGIN], Reason.UNRECOGNISED),
    "a login page for the bundle": ([NONE, ONE, LOGIN], Reason.UNCONFIRMED),
    "nothing": ([answer(204)], Reason.UNRECOGNISED),
    "JSON of nobody": ([said(200, [1])], Reason.UNRECOGNISED),
    "no search": ([said(200, {"resourceType": "Bundle", "type": "batch"})], Reason.UNRECOGNISED),
    "an entry that failed": ([NONE, ONE, responses("201", "412")], Reason.UNCONFIRMED),
    "no response": ([NONE, ONE, said(200, {"resourceType": "Bundle"})], Reason.UNCONFIRMED),
    "another login": ([said(401, {})], Reason.CONFIGURATION),
    "no right to write": ([NONE, ONE, said(403, {})], Reason.CONFIGURATION),
    "no server": ([answer(404, b"", "text/html")], Reason.CONFIGURATION),
    "another address": ([answer(302, headers={"Location": "/login"})], Reason.CONFIGURATION),
    "malformed": ([NONE, ONE, said(400, {})], Reason.PROCESSING),
    "conflict": ([NONE, ONE, said(409, {})], Reason.PROCESSING),
    "doubles": ([NONE, ONE, said(412, {})], Reason.DUPLICATE),
    "too large": ([NONE, ONE, said(413, {})], Reason.CONFIGURATION),
    "invalid": ([NONE, ONE, said(422, {})], Reason.DATA),
    "failed": ([NONE, ONE, said(500, {})], Reason.LOST),
    "busy": ([said(503, {}, Retry_After="7")], Reason.BUSY),
    "a teapot": ([said(418, {})], Reason.UNRECOGNISED),
    "the end": ([NONE, ONE, cut()], Reason.LOST),
    "half an answer": (
        [NONE, ONE, reset(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")],
        Reason.LOST,
    ),
}


@pytest.mark.parametrize(("steps", "reason"), ANSWERS.values(), ids=ANSWERS)
def test_what_is_no_whole_success_is_none(steps: list[Act], reason: Reason) -> None:
    """Whatever is answered: only a transaction of which every entry was taken counts."""
    assert sent("signed", *steps)[0] is reason


@pytest.mark.parametrize("act", [hang(), drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")])
def test_a_server_that_is_silent_or_drips_is_left(act: Act) -> None:
    """What became of the bundle is not known then; the next try asks for it first."""
    assert sent("signed", NONE, ONE, act, answer_s=0.3)[0] is Reason.LOST


def test_a_patient_is_created_where_that_is_allowed() -> None:
    """By what was looked for and nothing else, if nobody else did so meanwhile."""
    outcome, received = sent("signed", NONE, NONE, said(201, {}), ALL, create_patient=True)
    assert outcome == TAKEN
    created = received[2]
    assert (created.method, created.target) == ("POST", "/dicom-web/Patient")
    identifier = {"system": "http://hospital.example/patients", "value": "HO-0042"}
    assert json.loads(created.body) == {"resourceType": "Patient", "identifier": [identifier]}
    assert received[1].target == f"/dicom-web/Patient?{created.headers['if-none-exist']}&_count=2"
    assert sent("signed", NONE, NONE, said(403, {}), create_patient=True)[0] is Reason.CONFIGURATION


def test_a_patient_is_made_of_what_is_looked_for() -> None:
    """With the date of birth where the search has it, and signs that mean something in a search."""
    local = identified(CASES["row_10_narrow_gap"], issuer="")
    text = json.dumps(bundle_of(local)).replace("HO-0042", "A%5C%7C1%5C%2C%20B")
    assert read_sent(text.encode()).new_patient == {
        "resourceType": "Patient",
        "identifier": [{"value": "A|1, B"}],
        "birthDate": "1956-05-04",
    }


def test_bundles_of_both_releases_are_known_alike() -> None:
    """Report, version and patient are found in the same places."""
    r4, r5 = (read_sent(json.dumps(bundle_of(DRAFT, release)).encode()) for release in Release)
    assert (r4.version, r4.report_search) == (r5.version, r5.report_search)
    assert (r4.patient_search, r4.is_created) == (r5.patient_search, r5.is_created)


def test_what_is_no_bundle_is_not_sent() -> None:
    """It is told before anything is asked."""
    with scripted_peer(NONE) as peer:
        server = open_archive(destination(peer), environ={}, clock=lambda: 0.0)
        for data in (b"{}", DATA["signed"].replace(b"Patient?", b"Patient/")):
            with pytest.raises(ArchiveRefused) as refused:
                server.store(data, "KEY")
            assert refused.value.reason is Reason.DATA
        assert peer.received == []


def test_what_needs_a_person_and_what_is_over() -> None:
    """An unknown patient is held at once; a newer version there is the end."""
    assert (POLICIES[Reason.PATIENT].tries, POLICIES[Reason.PATIENT].then) == (1, Event.HOLD)
    assert POLICIES[Reason.SUPERSEDED].then is Event.SUPERSEDE


def test_what_can_be_tried_without_a_report() -> None:
    """Release, transactions and rights to look things up; nothing is written, nothing found there."""
    rest = [{"mode": "server", "interaction": [{"code": "transaction"}]}]
    r4 = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest}
    works, untried = Outcome.WORKS, Outcome.UNTRIED
    r5 = said(200, {**r4, "fhirVersion": "5.0.0"})
    for steps, expected in (
        ([said(200, r4), NONE], [works] * 5),
        ([said(200, {**r4, "rest": []}), NONE], [works, works, untried, works, works]),
        ([r5, NONE], [works, Outcome.FAILS, *[works] * 3]),
        (
            [said(200, r4), NONE, said(403, {})],
            [works, works, works, works, Outcome.FAILS],
        ),
        ([LOGIN], [Outcome.FAILS, *[untried] * 4]),
    ):
        with (
            scripted_peer(*steps) as peer,
            open_archive(destination(peer), environ={}, clock=lambda: 0.0) as server,
        ):
            assert [check.outcome for check in server.examine()] == expected
            assert {each.method for each in peer.received} == {"GET"}
            with pytest.raises(
                ArchiveRefused, match="is a FHIR server, which has no DICOM objects"
            ):
                server.find(Query(study_instance_uid="1.2"))
    with scripted_peer(r5, NONE) as peer:
        where = destination(peer, release=FhirRelease.R5)
        with open_archive(where, environ={}, clock=lambda: 0.0) as server:
            assert [check.outcome for check in server.examine()] == [works] * 5
