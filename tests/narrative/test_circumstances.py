"""Where a report comes from."""

from __future__ import annotations

from dataclasses import replace

from hosr.findings import Algorithm
from hosr.language import ENGLISH, LANGUAGES
from hosr.narrative.circumstances import list_provenance
from tests.narrative.cases import CASES

_SUBJECT = [
    {"name": "Study Instance UID", "value": "1.2.3"},
    {"name": "SOP Instance UID", "value": "1.2.3.4.1"},
]
_MODEL = Algorithm(
    name="hip-grader",
    version="2.1.0",
    manufacturer="Example Imaging",
    device_uid="1.2.9",
    parameters=(("fold", "3"), ("threshold", "0.5")),
)


def test_study_and_images_are_named_by_their_uids() -> None:
    """Of a person's reading the sentences tell all but the identifiers."""
    assert list_provenance(CASES["row_20_grade_without_findings"], ENGLISH) == _SUBJECT


def test_an_algorithm_is_told_with_what_identifies_it() -> None:
    """Of a model the device UID and the parameters are told, in the words of the language."""
    report = replace(CASES["model_grade_below_its_highest_score"], observer=_MODEL)
    assert list_provenance(report, LANGUAGES["it"]) == [
        {"name": "Device UID", "value": "1.2.9"},
        {"name": "Parametri", "value": "fold=3; threshold=0.5"},
        *_SUBJECT,
    ]
