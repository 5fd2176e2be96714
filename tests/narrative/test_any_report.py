"""What holds for the text of any report."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hosr.findings import Algorithm, Length, Person
from hosr.language import Language
from hosr.narrative import COLUMNS, Wording, columns, compose_sections, render_text, words
from hosr.narrative.circumstances import tell_overrides
from hosr.narrative.impression import tell_conclusion
from hosr.priors import Lookback
from hosr.report import GradedHip, Report
from hosr.scales import SCALES
from hosr.study import Patient, SourceStudy
from tests.language.told import TOLD
from tests.narrative.cases import a_report, spurred, with_islands
from tests.narrative.forbidden import FORBIDDEN
from tests.strategies import reports

_LANGUAGES = st.sampled_from(list(TOLD.values()))
_AROUND_THE_LIMIT = st.floats(9.0, 11.0) | st.sampled_from((9.94, 9.95, 9.96, 9.9999999, 10.0))


def _impression(report: Report, language: Language) -> tuple[str, ...]:
    sections = compose_sections(report, Wording(language))
    return next(s for s in sections if s.key == "impression").paragraphs


def _plainly(text: str) -> str:
    """The text with plain blanks and decimal points."""
    return re.sub(r"(?<=\d),(?=\d)", ".", text.replace("\u00a0", " "))


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
        conclusion="",
        incomplete="a view" if report.incomplete else "",
        overrides=tuple(replace(each, reason="a marker") for each in report.overrides),
        hips=tuple(
            replace(graded, hip=replace(graded.hip, comment="", not_evaluable_reason=""))
            for graded in report.hips
        ),
        lookbacks=tuple(map(_without_names, report.lookbacks)),
    )


def _without_names(lookback: Lookback) -> Lookback:
    """The earlier report that a hip is compared with is by somebody else."""
    if lookback.compared is None:
        return lookback
    prior = lookback.compared.report
    is_model = isinstance(prior.observer, Algorithm)
    bare = replace(
        prior,
        observer=Algorithm(name="grader", version="1") if is_model else Person(name="Rossi"),
        signature=replace(prior.signature, name="Weber", organization="Clinic", identifier=""),
        formerly="",
    )
    return replace(lookback, compared=replace(lookback.compared, report=bare))


def _line_of(graded: GradedHip, lines: tuple[str, ...], language: Language) -> str:
    start = language.say(words.HIPS[graded.hip.side])
    return next((line for line in lines if line.startswith(start)), lines[0])


@given(reports(), _LANGUAGES)
def test_the_page_is_in_order(report: Report, language: Language) -> None:
    """Any report has a text without wide lines, double blanks or runs of empty lines."""
    text = render_text(report, Wording(language))
    assert max(map(columns, text.split("\n"))) <= COLUMNS
    assert "  " not in text
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@given(reports(), _LANGUAGES)
def test_nothing_forbidden_is_said_of_any_report(report: Report, language: Language) -> None:
    """No sentence of hosr's own concludes more than a grading can, or prints a missing value."""
    text = render_text(_without_free_text(report), Wording(language))
    assert FORBIDDEN[language.tag].search(text) is None


@given(reports(), _LANGUAGES)
def test_the_source_s_grade_is_stated_with_its_system(report: Report, language: Language) -> None:
    """What the source graded stands in the impression of its side, by the name of the system."""
    lines = _impression(report, language)
    for graded in report.hips:
        for grade in graded.grades:
            if not grade.source:
                continue
            title = SCALES[grade.scale].title
            line = _plainly(_line_of(graded, lines, language))
            told = re.search(rf"{title} ([0-9A-CIV]+\b(?:, | [^\W\d_]{{1,3}} )?)+", line)
            assert told is not None
            first, *_, last = (*grade.source, grade.source[-1])
            assert {first, last} <= set(re.findall(r"[0-9A-CIV]+", told[0].removeprefix(title)))


@given(reports(), _LANGUAGES)
def test_every_hip_has_its_line(report: Report, language: Language) -> None:
    """The impression has one line a hip, or one for both that are clear; then what was overridden and concluded."""
    lines = _impression(report, language)
    by_algorithm = language.say("Graded by an algorithm.")
    others = (tell_overrides(report, language), tell_conclusion(report, language))
    assert [line for line in others if line and line not in lines] == []
    hips = [line for line in lines if line not in (by_algorithm, *others)]
    is_told = all(language.say(words.AS_GRADED[True]) in line for line in hips)
    is_model = isinstance(report.observer, Algorithm)
    assert (lines[-1] == by_algorithm) is (is_model and not is_told)
    clear = language.say("No heterotopic ossification seen at either hip.")
    assert len(hips) == len(report.hips) or (len(hips) == 1 and hips[0].startswith(clear))


@given(_AROUND_THE_LIMIT, _LANGUAGES)
def test_gap_and_grade_agree_around_1_cm(mm: float, language: Language) -> None:
    """A space printed below 10 mm is Brooker III, any other is Brooker II."""
    (line,) = _impression(a_report(spurred(Length(mm=mm))), language)
    told = re.search(r"Brooker (II|III) ?;", _plainly(line))
    assert told is not None
    assert _is_told_below(line, language) is (told[1] == "III")


@given(_AROUND_THE_LIMIT, _LANGUAGES)
def test_island_and_grade_agree_around_1_cm(mm: float, language: Language) -> None:
    """An island printed below 10 mm is Della Valle A, any other is Della Valle B."""
    (line,) = _impression(a_report(with_islands(mm)), language)
    told = re.search(r"Della Valle (A|B)\.", _plainly(line))
    assert told is not None
    assert _is_told_below(line, language) is (told[1] == "A")


def _is_told_below(line: str, language: Language) -> bool:
    """Whether the one length of a line is printed below 10 mm, and the words beside it agree."""
    (length,) = re.findall("[\\d.,]+\u00a0mm", line)
    is_below = float(_plainly(length).removesuffix(" mm")) < 10
    beside = {
        True: language.say("{length}, below 1 cm", length=length),
        False: language.say("{length}, at least 1 cm", length=length),
    }
    assert beside[is_below] in line
    assert beside[not is_below] not in line
    return is_below


@given(reports(), _LANGUAGES)
def test_the_same_report_has_the_same_text(report: Report, language: Language) -> None:
    """The text is a function of the report and the language alone."""
    wording = Wording(language)
    assert render_text(report, wording) == render_text(replace(report), wording)


@given(reports())
def test_no_language_has_the_words_of_another(report: Report) -> None:
    """The headings of a text are those of its language."""
    headings = {
        tuple(section.title for section in compose_sections(report, Wording(language)))
        for language in TOLD.values()
    }
    assert len(headings) == len(TOLD)
