"""What holds for the text of any report."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hosr.findings import Algorithm, Length, Person
from hosr.narrative import compose_sections, render_text
from hosr.narrative.layout import COLUMNS, columns
from hosr.report import GradedHip, Report
from hosr.scales import SCALES
from hosr.study import Patient, SourceStudy
from tests.narrative.cases import a_report, spurred, with_islands
from tests.narrative.test_goldens import FORBIDDEN
from tests.strategies import reports

_AROUND_THE_LIMIT = st.floats(9.0, 11.0) | st.sampled_from((9.94, 9.95, 9.96, 9.9999999, 10.0))


def _impression(report: Report) -> tuple[str, ...]:
    return next(s for s in compose_sections(report) if s.key == "impression").paragraphs


def _without_free_text(report: Report) -> Report:
    """The report without any words that are not hosr's own."""
    study = report.subject.study
    bare = SourceStudy(study_instance_uid=study.study_instance_uid, date=study.date)
    is_model = isinstance(report.observer, Algorithm)
    return replace(
        report,
        subject=replace(report.subject, patient=Patient(), study=bare),
        observer=Algorithm(name="grader", version="1") if is_model else Person(name="Rossi"),
        context=replace(report.context, indication=""),
        hips=tuple(
            replace(graded, hip=replace(graded.hip, comment="", not_evaluable_reason=""))
            for graded in report.hips
        ),
    )


def _line_of(graded: GradedHip, lines: tuple[str, ...]) -> str:
    start = f"{graded.hip.side.value.capitalize()} hip: "
    return next((line for line in lines if line.startswith(start)), lines[0])


@given(reports())
def test_the_page_is_in_order(report: Report) -> None:
    """Any report has a text without wide lines, double blanks or runs of empty lines."""
    text = render_text(report)
    assert max(map(columns, text.split("\n"))) <= COLUMNS
    assert "  " not in text
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@given(reports())
def test_nothing_forbidden_is_said_of_any_report(report: Report) -> None:
    """No sentence of hosr's own concludes more than a grading can, or prints a missing value."""
    assert FORBIDDEN.search(render_text(_without_free_text(report))) is None


@given(reports())
def test_the_source_s_grade_is_stated_with_its_system(report: Report) -> None:
    """What the source graded stands in the impression of its side, by the name of the system."""
    lines = _impression(report)
    for graded in report.hips:
        for grade in graded.grades:
            if not grade.source:
                continue
            title = SCALES[grade.scale].title
            told = re.search(
                rf"{title} ([0-9A-CIV]+\b(?:, | or | and | to )?)+", _line_of(graded, lines)
            )
            assert told is not None
            first, *_, last = (*grade.source, grade.source[-1])
            assert {first, last} <= set(re.findall(r"[0-9A-CIV]+", told[0].removeprefix(title)))


@given(reports())
def test_every_hip_has_its_line(report: Report) -> None:
    """The impression has one line a hip, or one for both that are clear."""
    lines = _impression(report)
    assert len(lines) == len(report.hips) or "either hip" in lines[0]


@given(_AROUND_THE_LIMIT)
def test_gap_and_grade_agree_around_1_cm(mm: float) -> None:
    """A space printed below 10 mm is Brooker III, any other is Brooker II."""
    (line,) = _impression(a_report(spurred(Length(mm=mm))))
    told = re.search(r"Brooker (II|III);.* is ([\d.]+) mm, (below|at least) 1 cm", line)
    assert told is not None
    assert (float(told[2]) < 10, told[3]) == {
        "III": (True, "below"),
        "II": (False, "at least"),
    }[told[1]]


@given(_AROUND_THE_LIMIT)
def test_island_and_grade_agree_around_1_cm(mm: float) -> None:
    """An island printed below 10 mm is Della Valle A, any other is Della Valle B."""
    (line,) = _impression(a_report(with_islands(mm)))
    told = re.search(r"Della Valle (A|B)\..* spurs, ([\d.]+) mm, (below|at least) 1 cm", line)
    assert told is not None
    assert (float(told[2]) < 10, told[3]) == {"A": (True, "below"), "B": (False, "at least")}[
        told[1]
    ]


@given(reports())
def test_the_same_report_has_the_same_text(report: Report) -> None:
    """The text is a function of the report alone."""
    assert render_text(report) == render_text(replace(report))
