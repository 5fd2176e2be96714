"""A bundle of a report that is compared: what was seen then is told as such, and where it was seen."""

from __future__ import annotations

from typing import Any

import pytest

from hosr.messages.fhir import Release
from hosr.messages.fhir.bundle import write_bundle
from hosr.status import Step
from tests.comparison.cases import COMPARED
from tests.messages.fhir.bundles import Json, bundle_of, faults_of, identified, resources, signed
from tests.messages.versions import withdrawn

BEYOND = "compared_beyond_variation"


def _comparisons(bundle: Json) -> list[Json]:
    found = resources(bundle, "Observation")
    return [each for each in found if each["code"]["coding"][0]["code"] == "HO-CMP"]


def _parts(observation: Json) -> list[tuple[str, str, Any]]:
    """The code, the words and the value of each component."""
    parts = []
    for part in observation["component"]:
        (value,) = (part[key] for key in part if key.startswith("value"))
        if isinstance(value, dict):
            value = value["coding"][0]["code"] if "coding" in value else value["value"]
        parts.append((part["code"]["coding"][0]["code"], part["code"]["text"], value))
    return parts


DAY = ("HO-PRIOR-DATE", "Date of the study of the earlier report", "2025-03-02")
AGAINST = ("HO-CMP-SPACE", "Gap against that of the earlier report (2025-03-02)")
THEN, GRADE = "Gap in the earlier report (2025-03-02)", "Grade in the earlier report (2025-03-02)"
WHY_NOT = ("HO-CMP-WHY-NOT", "Why the two gaps are not comparable")
CHANGE = "Gap now less gap then (2025-03-02)"
READING = ("HO-CMP-READING", "Grades differ no more than two readers differ", "373066001")
TOLD: dict[str, list[list[tuple[str, str, Any]]]] = {
    BEYOND: [
        [
            DAY,
            (*AGAINST, "HO-CV-BEYOND"),
            ("HO-CMP-THEN", THEN, 10.6),
            ("HO-CMP-CHANGE", f"{CHANGE}, beyond the measurement variation", -4.4),
            ("HO-CMP-GRADE", GRADE, "BROOKER-II"),
            ("HO-CMP-GRADE", GRADE, "DELLAV-B"),
        ]
    ],
    "compared_within_variation": [
        [
            DAY,
            (*AGAINST, "HO-CV-WITHIN"),
            ("HO-CMP-THEN", THEN, 10.4),
            ("HO-CMP-CHANGE", f"{CHANGE}, within the measurement variation", -0.8),
            ("HO-CMP-GRADE", GRADE, "BROOKER-II"),
            ("HO-CMP-GRADE", GRADE, "DELLAV-B"),
            READING,
        ]
    ],
    "compared_with_another_calibration": [
        [
            DAY,
            (*AGAINST, "HO-CV-NONE"),
            ("HO-CMP-THEN", f"{THEN} at the detector, magnified", 7.9),
            (*WHY_NOT, "HO-CO-CALIB"),
            ("HO-CMP-GRADE", GRADE, "BROOKER-III"),
            ("HO-CMP-GRADE", GRADE, "DELLAV-C"),
        ]
    ],
    "compared_with_none": [],
}


@pytest.mark.parametrize("name", TOLD)
def test_the_comparison_is_an_observation_of_its_hip(name: str) -> None:
    """The judgement as in the structured report; a number of then has its date, and no change is told where none is."""
    bundle = bundle_of(identified(COMPARED[name]))
    assert [_parts(each) for each in _comparisons(bundle)] == TOLD[name]


@pytest.mark.parametrize("release", Release)
def test_every_comparison_is_told(release: Release) -> None:
    """The models of FHIR have a place for all of it, and each hip that is compared has one in its group."""
    for name, report in COMPARED.items():
        bundle = bundle_of(identified(report), release)
        assert faults_of(bundle) == set(), name
        write_bundle(bundle, release, "a bundle")
        found = _comparisons(bundle)
        compared = [each for each in report.lookbacks if each.compared is not None]
        assert len(found) == len(compared), name
        urls = {e["fullUrl"] for e in bundle["entry"] if e["resource"] in found}
        groups = [o for o in resources(bundle, "Observation") if "hasMember" in o]
        members = [m["reference"] for group in groups for m in group["hasMember"]]
        assert sorted(m for m in members if m in urls) == sorted(urls)


@pytest.mark.parametrize("release", Release)
def test_the_earlier_report_and_its_study_are_named(release: Release) -> None:
    """By their DICOM UIDs: R5 has an element for the report, and R4 an extension."""
    report = COMPARED[BEYOND]
    prior = report.lookbacks[0].compared
    assert prior is not None
    bundle = bundle_of(identified(report), release)
    (told,), (observed,) = resources(bundle, "DiagnosticReport"), _comparisons(bundle)
    referred = [each["valueReference"] for each in told["extension"]]
    referred += [each["reference"] for each in told.get("supportingInfo", [])]
    assert {each["url"].rpartition("/")[2] for each in told["extension"]} == {
        "workflow-supportingInfo"
    }
    named = {each["type"]: each["identifier"]["value"] for each in referred}
    assert named == {
        "DiagnosticReport": f"urn:oid:{prior.report.documents[0].sop_instance_uid}",
        "ImagingStudy": f"urn:oid:{prior.report.study_instance_uid}",
    }
    assert len(referred) == 2
    assert ("supportingInfo" in told) is (release is Release.R5)
    (source,) = observed["derivedFrom"]
    assert source["identifier"]["value"] == named["ImagingStudy"]


def test_a_comparison_is_one_in_all_versions_and_another_in_each_report() -> None:
    """Its lesion has one tracking UID in this year and the last, its comparison an identifier of its own."""
    draft = identified(COMPARED[BEYOND])
    steps = ((), (Step.SIGN,), (Step.SIGN, Step.AMEND))
    versions = [_comparisons(bundle_of(signed(draft, *each)))[0] for each in steps]
    (other,) = _comparisons(bundle_of(identified(COMPARED["compared_within_variation"])))
    assert [each["status"] for each in versions] == ["preliminary", "final", "amended"]
    assert len({each["identifier"][0]["value"] for each in versions}) == 1
    assert versions[0]["identifier"] != other["identifier"]


def test_a_withdrawn_comparison_says_nothing() -> None:
    """It is known again, without a value, and the report rests on nothing any more."""
    draft = identified(COMPARED[BEYOND])
    (before,) = _comparisons(bundle_of(draft))
    bundle = bundle_of(withdrawn(draft))
    (after,), (told,) = _comparisons(bundle), resources(bundle, "DiagnosticReport")
    assert after["identifier"] == before["identifier"]
    assert after["status"] == "entered-in-error"
    assert not {"component", "derivedFrom"} & set(after)
    assert "supportingInfo" not in str(told)
