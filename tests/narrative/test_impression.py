"""The grades as the first thing that is seen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosr.errors import RecordRefused
from hosr.grading import LIMIT_MM
from hosr.language import LANGUAGES, Language
from hosr.narrative import Wording, render_text
from hosr.narrative.circumstances import tell_overrides
from hosr.narrative.impression import describe_headline, tell_conclusion, write_impression
from hosr.narrative.remarks import qualify_hip
from hosr.narrative.words import Telling
from hosr.report import Report
from tests.language.told import TOLD
from tests.narrative.cases import CASES, MODEL, a_report, spurred
from tests.strategies import reports

ENGLISH, GERMAN = LANGUAGES["en"], LANGUAGES["de"]


def _plainly(value: Any) -> Any:
    return value.replace("\u00a0", " ") if isinstance(value, str) else value


def _first(name: str, language: Language = ENGLISH) -> dict[str, Any]:
    """The first grade of the first hip of a case."""
    report = CASES[name]
    headline: dict[str, Any] = describe_headline(report.hips[0], Telling(report, language))
    return {key: _plainly(value) for key, value in headline["grades"][0].items()}


@pytest.mark.parametrize(
    ("name", "grade", "note"),
    [
        ("row_08_wide_gap", "II", ""),
        ("row_02_not_evaluable", "", "not graded"),
        ("row_14_gap_not_measured", "II or III", "the space was not measured"),
        ("grade_agrees", "III", "as graded by the observer"),
        ("grade_as_range", "II to III", "as graded by the observer"),
        ("grade_differs", "II", "as graded by the observer; the findings give Brooker III"),
        (
            "mr_early_with_a_grade",
            "I",
            "as graded by the observer, not derived from findings",
        ),
        ("model_with_close_scores", "II to III", "as graded by the algorithm"),
    ],
)
def test_a_grade_stands_with_what_qualifies_it(name: str, grade: str, note: str) -> None:
    """The grade is that of the report, and beside it stands who graded or what is open."""
    told = _first(name)
    assert (told["system"], told["grade"], told["note"]) == ("Brooker", grade, note)


def test_the_rule_is_that_of_the_stated_grade() -> None:
    """The rule beside a grade is that of the grade which is printed, and of no other."""
    rule = (
        "bone spurs from the pelvis or proximal femur, at least 1 cm between opposing bone surfaces"
    )
    assert _first("grade_differs")["rule"] == rule
    assert _first("row_14_gap_not_measured")["rule"] == ""


def test_a_headline_is_told_in_its_language() -> None:
    """Names of systems and grades stay, the words around them do not."""
    assert _first("row_14_gap_not_measured", GERMAN) == {
        "system": "Brooker",
        "grade": "II oder III",
        "note": "Abstand nicht gemessen",
        "rule": "",
    }


@given(reports(), st.sampled_from(list(TOLD.values())))
def test_a_length_that_may_be_below_1_cm_is_told_in_the_impression(
    report: Report, language: Language
) -> None:
    """Where a length without a plane may give another grade, the impression says it with the number."""
    telling = Telling(report, language)
    for graded in report.hips:
        length = graded.facts.uncorrected
        if length is None or length.least_mm >= LIMIT_MM or (length.length.mm or 0.0) < LIMIT_MM:
            continue
        remarks = qualify_hip(graded, telling)
        headline: dict[str, Any] = describe_headline(graded, telling)
        assert set(remarks) & set(headline["summary"])


@given(reports(), st.sampled_from(list(TOLD.values())))
def test_a_headline_says_what_the_impression_says(report: Report, language: Language) -> None:
    """Every sentence of a headline is one of the impression, and no told grade is left out."""
    telling = Telling(report, language)
    lines = write_impression(report, telling)
    by_algorithm = language.say("Graded by an algorithm.")
    others = by_algorithm, tell_conclusion(report, language), tell_overrides(report, language)
    told_apart = len([line for line in lines if line not in others]) == len(report.hips)
    for graded in report.hips:
        headline: dict[str, Any] = describe_headline(graded, telling)
        assert [bool(told["grade"]) for told in headline["grades"]] == [
            graded.is_told(grade) for grade in graded.grades
        ]
        if told_apart:
            impression = " ".join(lines).casefold()
            assert [s for s in headline["summary"] if s.casefold() not in impression] == []


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_the_readers_conclusion_ends_the_impression(tag: str) -> None:
    """As that of the reader, in the reader's own words, and nowhere else in the text."""
    report, language = CASES["with_a_conclusion"], LANGUAGES[tag]
    *_, last = write_impression(report, Telling(report, language))
    words = "Ankylosing ossification. Resection would need a CT first."
    assert last == tell_conclusion(report, language)
    assert last.endswith(language.quoted(words))
    text = render_text(report, Wording(language))
    assert text.count("Ankylosing ossification.") == 1


def test_a_program_concludes_nothing() -> None:
    """What a model says is its remark; a conclusion is a person's."""
    with pytest.raises(RecordRefused, match=r"\$\.conclusion: is a person's, and an algorithm"):
        a_report(spurred(None), observer=MODEL, conclusion="Resect.")
