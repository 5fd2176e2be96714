"""Where a report comes from."""

from __future__ import annotations

from dataclasses import replace

import hosr
from hosr.findings import Algorithm
from hosr.language import ENGLISH, LANGUAGES
from hosr.narrative.provenance import list_provenance
from tests.narrative.cases import CASES

_SUBJECT = [
    ("Study Instance UID", "1.2.3"),
    ("SOP Instance UID", "1.2.3.4.1"),
    ("Grading system", "Brooker et al., J Bone Joint Surg Am 1973;55:1629-32"),
]


def _facts(name: str, language: str = "en") -> list[tuple[object, object]]:
    facts = list_provenance(CASES[name], LANGUAGES[language])
    return [
        (fact["name"], str(fact["value"]).replace("\u00a0", " "))
        for fact in facts
        if isinstance(fact, dict)
    ]


def test_a_person_is_told_with_the_organization() -> None:
    """Who graded, when, which images by which rules, and by which version of hosr."""
    assert _facts("row_20_grade_without_findings") == [
        ("Observer", "Dr. Anna Bianchi"),
        ("Organization", "Example Hospital"),
        ("Time of grading", "2 March 2026, 10:15 (UTC+01:00)"),
        *_SUBJECT,
        ("Prepared by", f"hosr {hosr.__version__}"),
    ]


def test_an_algorithm_is_told_with_all_that_identifies_it() -> None:
    """A model is told with its version, maker, device UID and parameters."""
    model = Algorithm(
        name="hip-grader",
        version="2.1.0",
        manufacturer="Example Imaging",
        device_uid="1.2.9",
        parameters=(("fold", "3"), ("threshold", "0.5")),
    )
    report = replace(CASES["model_grade_below_its_highest_score"], observer=model)
    assert [
        tuple(fact.values()) for fact in list_provenance(report, ENGLISH) if isinstance(fact, dict)
    ][:5] == [
        ("Algorithm", "hip-grader"),
        ("Version", "2.1.0"),
        ("Manufacturer", "Example Imaging"),
        ("Device UID", "1.2.9"),
        ("Parameters", "fold=3; threshold=0.5"),
    ]


def test_provenance_is_told_in_the_language() -> None:
    """Labels are those of the language; identifiers are the same in all."""
    told = _facts("row_20_grade_without_findings", "de")
    assert ("Zeitpunkt der Einstufung", "2. März 2026, 10:15 Uhr (UTC+01:00)") in told
    assert ("Study Instance UID", "1.2.3") in told
