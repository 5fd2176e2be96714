"""Broken bundles: each kind is caught by the models of FHIR, by pyfhircheck, or by a rule of hosr's."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable

import pytest
from pyfhircheck import Validator

from hosr.errors import Unencodable
from hosr.messages.fhir import Release
from hosr.messages.fhir.bundle import write_bundle
from hosr.report import Report
from hosr.sr.signing import STEP_CODES
from hosr.status import Step
from tests.comparison.cases import COMPARED
from tests.messages.fhir.bundles import Json, bundle_of, faults_of, identified, resources, signed
from tests.messages.versions import withdrawn
from tests.narrative.cases import CASES, MODEL

pytestmark = pytest.mark.slow  # the judge takes its time to begin


@pytest.fixture(name="judge", scope="module")
def _judge() -> Validator:
    return Validator()


def _first(bundle: Json, kind: str) -> Json:
    return resources(bundle, kind)[0]


def _change(kind: str, **changes: object) -> Callable[[Json], None]:
    """Change elements of the first resource of a type; None takes one away."""

    def change(bundle: Json) -> None:
        resource = _first(bundle, kind)
        resource.update(changes)
        for name in [name for name, value in changes.items() if value is None]:
            del resource[name]

    return change


def _request(**changes: object) -> Callable[[Json], None]:
    return lambda bundle: bundle["entry"][0]["request"].update(changes)


def _twice(bundle: Json) -> None:
    bundle["entry"].append(copy.deepcopy(bundle["entry"][0]))


def _without_request(bundle: Json) -> None:
    del bundle["entry"][0]["request"]


def _with_patient(bundle: Json) -> None:
    entry = {"fullUrl": "urn:uuid:0a1b2c3d-0000-5000-8000-000000000000", "resource": {"resourceType": "Patient"}}  # fmt: skip
    bundle["entry"].append({**entry, "request": {"method": "POST", "url": "Patient"}})


# fhir.resources, from which the judge takes its lists, has no more of them than the pages of FHIR say in
# their headings, such as "registered | partial | preliminary | final +".
_KNOWN = {
    kind: re.compile(rf"Code '({codes})' is not in required ValueSet _r4b_status_\d+")
    for kind, codes in (
        ("DiagnosticReport", "amended|appended|entered-in-error"),
        ("Observation", "entered-in-error"),
    )
}
_ELSEWHERE = {"reference": "urn:uuid:0a1b2c3d-0000-5000-8000-000000000000"}
_XHTML = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'

# How a bundle is broken, and which of the three say so at least.
BROKEN: dict[str, tuple[Callable[[Json], None], str]] = {
    "no code": (_change("Observation", code=None), "models"),
    "an unknown element": (_change("Observation", grade="III"), "models"),
    "two values": (_change("Observation", valueString="III", valueInteger=3), "models"),
    "a date of another form": (_change("Observation", effectiveDateTime="02.03.2026"), "models"),
    "an instant without offset": (_change("DiagnosticReport", issued="2026-03-02T10:15:00"), "models"),
    "an unknown status": (_change("DiagnosticReport", status="signed"), "judge"),
    "the status of another type": (_change("Observation", status="appended"), "judge"),
    "a reference of another type": (_change("Observation", partOf=[{"reference": "Patient/1"}]), "judge"),
    "a reference that leads nowhere": (_change("Observation", partOf=[_ELSEWHERE]), "rules"),
    "a target that leads nowhere": (_change("Provenance", target=[_ELSEWHERE]), "rules"),
    "no target": (_change("Provenance", target=None), "models"),
    "a script": (
        _change("DiagnosticReport", text={"status": "generated", "div": _XHTML.format("<script>1</script>")}),
        "judge",
    ),
    "a narrative that is no XHTML": (
        _change("DiagnosticReport", text={"status": "generated", "div": "<p>6 < 10"}),
        "judge",
    ),
    "no request": (_without_request, "judge"),
    "a fullUrl twice": (_twice, "rules"),
    "an unknown method": (_request(method="SEND"), "judge"),
    "nothing to find it by": (_request(ifNoneExist=""), "rules"),
    "no type": (lambda bundle: bundle.pop("type"), "models"),
    "no Base64": (
        _change("DiagnosticReport", presentedForm=[{"contentType": "text/plain", "data": "6 mm!"}]),
        "judge",
    ),
    "an empty string": (_change("DiagnosticReport", conclusion=""), "rules"),
    "a number as text": (
        _change("Observation", dataAbsentReason=None, valueCodeableConcept=None, valueQuantity={"value": "6.2 mm"}),
        "models",
    ),
    "a patient that is made": (_with_patient, "rules"),
    "a resource that is contained": (
        _change("DiagnosticReport", contained=[{"resourceType": "Device", "id": "a"}]),
        "rules",
    ),
    "statuses that differ": (_change("DiagnosticReport", status="final"), "rules"),
}  # fmt: skip


def _issues(bundle: Json, judge: Validator) -> list[str]:
    """All that the judge says, warnings too, but for what it is known to say of a true status."""
    return [
        issue.message
        for issue in judge.validate_resource(bundle).issues
        if not ((known := _KNOWN.get(str(issue.resource_type))) and known.fullmatch(issue.message))
    ]


def _sayings(bundle: Json, judge: Validator) -> dict[str, object]:
    """What each of the three says."""
    try:
        write_bundle(bundle, Release.R4, "fhir.r4.json")
        refused: object = ""
    except Unencodable as error:
        refused = error
    issues = _issues(bundle, judge)
    return {"models": refused, "judge": issues, "rules": faults_of(bundle)}


def test_nothing_is_found_in_a_bundle_of_hosr(judge: Validator) -> None:
    """Every case, and every step after a draft: the judge has no error and no warning."""
    drafts = {name: report for name, report in CASES.items() if report.subject.patient.patient_id}
    reports: dict[str, Report] = {
        **drafts,
        **COMPARED,
        **{step: signed(CASES["row_10_narrow_gap"], Step.SIGN, step) for step in STEP_CODES},
        "withdrawn": withdrawn(signed(CASES["row_10_narrow_gap"], Step.SIGN)),
    }
    found = {
        name: issues
        for name, report in reports.items()
        if (issues := _issues(bundle_of(identified(report)), judge))
    }
    assert found == {}
    assert MODEL in {report.observer for report in reports.values()}


def test_every_kind_of_broken_bundle_is_caught(judge: Validator) -> None:
    """One of the three says so of each, and none of a bundle that is whole."""
    whole = bundle_of(identified(CASES["row_13_narrow_gap_as_class"]))
    missed = {}
    for name, (damage, catcher) in BROKEN.items():
        bundle = copy.deepcopy(whole)
        damage(bundle)
        said = _sayings(bundle, judge)
        if not said[catcher]:
            missed[name] = said
    assert missed == {}
    assert not any(_sayings(whole, judge).values())
    assert len(BROKEN) >= 20
