"""The report as the plain data that a template prints: sentences, already decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.language.numbers import dicom_day, person_name, plain
from hosr.narrative import words
from hosr.narrative.circumstances import (
    describe_examination,
    describe_indication,
    describe_method,
    describe_not_assessed,
    describe_technique,
    list_provenance,
    missing_hips,
    tell_overrides,
)
from hosr.narrative.comparison import tell_comparisons
from hosr.narrative.grading import state_grades
from hosr.narrative.impression import describe_headline, tell_conclusion, write_impression
from hosr.narrative.phrases import describe_hip, quotation
from hosr.narrative.remarks import qualify_hip
from hosr.narrative.signatures import tell_history, tell_notice
from hosr.narrative.words import Telling

if TYPE_CHECKING:
    from hosr.language import Language
    from hosr.report import GradedHip, Report
    from hosr.templating.environment import Plain


def describe(report: Report, language: Language) -> dict[str, Plain]:
    """Everything that a template may print of a report."""
    say, telling = language.say, Telling(report, language)
    return {
        "language": {"tag": language.tag, "name": language.name},
        "status": {
            "title": say("Heterotopic ossification of the hip"),
            "notice": tell_notice(report, language),
            "draft": tell_notice(report, language),
            "short": say(report.status.word),
            "label": report.status.label,
            "history": tell_history(report, language),
        },
        "patient": describe_patient(report, language),
        "study": describe_study(report, language),
        "examination": describe_examination(report, language),
        "indication": describe_indication(report, language),
        "technique": describe_technique(report, telling),
        "comparison": tell_comparisons(report, telling),
        "hips": [_describe(graded, telling) for graded in report.hips],
        "not_assessed": [
            describe_not_assessed(report, language),
            *missing_hips(report, language),
        ],
        "impression": write_impression(report, telling),
        "overridden": tell_overrides(report, language),
        "conclusion": tell_conclusion(report, language),
        "method": [
            *describe_method(report, language),
            say(report.status.origin),
        ],
        "provenance": list_provenance(report, language),
        "prepared": say("Prepared by hosr {version}. Not a medical device.", version=report.form),
        "version": report.form,
    }


def describe_patient(report: Report, language: Language) -> dict[str, str]:
    """Who was imaged, each word of it given or said not to be."""
    patient, not_given = report.subject.patient, language.say("not given")
    sex = plain(patient.sex)
    return {
        "name": person_name(patient.name) or not_given,
        "id": plain(patient.patient_id) or not_given,
        "birth_date": dicom_day(patient.birth_date, language) or not_given,
        "sex": language.say(words.SEXES[sex]) if sex in words.SEXES else sex or not_given,
    }


def describe_study(report: Report, language: Language) -> dict[str, str]:
    """The study alike."""
    study, not_given = report.subject.study, language.say("not given")
    return {
        "date": dicom_day(study.date, language) or not_given,
        "accession": plain(study.accession_number) or not_given,
        "description": plain(study.description or study.requested_procedure_description),
    }


def _describe(graded: GradedHip, telling: Telling) -> dict[str, Plain]:
    return {
        "side": graded.hip.side.value,
        "name": telling.language.say(words.HIPS[graded.hip.side]),
        "headline": describe_headline(graded, telling),
        "findings": describe_hip(graded, telling),
        "grades": state_grades(graded, telling),
        "remarks": qualify_hip(graded, telling),
        "comment": _tell_comment(graded, telling),
    }


def _tell_comment(graded: GradedHip, telling: Telling) -> str:
    """The free words of who graded, as theirs; "" where there are none."""
    comment, language = plain(graded.hip.comment), telling.language
    if not comment:
        return ""
    return language.say(
        words.REMARKS[telling.by_algorithm],
        name=language.say(words.HIPS[graded.hip.side]),
        quotation=quotation(comment, language),
    )
