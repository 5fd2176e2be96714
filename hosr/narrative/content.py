"""The report as the plain data that a template prints: sentences, already decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import hosr
from hosr.narrative import words
from hosr.narrative.circumstances import (
    describe_examination,
    describe_indication,
    describe_method,
    describe_technique,
    missing_hips,
)
from hosr.narrative.grading import state_grades
from hosr.narrative.impression import write_impression
from hosr.narrative.numbers import dicom_day, person_name, plain
from hosr.narrative.phrases import describe_hip, reader_of
from hosr.narrative.remarks import qualify_hip

if TYPE_CHECKING:
    from hosr.narrative.environment import Plain
    from hosr.report import GradedHip, Report
    from hosr.scales.setting import Setting

__all__ = ["describe"]

_SEXES = {"M": "male", "F": "female", "O": "other"}
_NOT_GIVEN = "not given"


def describe(report: Report) -> dict[str, Plain]:
    """Everything that a template may print of a report."""
    patient, study = report.subject.patient, report.subject.study
    return {
        "patient": {
            "name": person_name(patient.name) or _NOT_GIVEN,
            "id": plain(patient.patient_id) or _NOT_GIVEN,
            "birth_date": dicom_day(patient.birth_date) or _NOT_GIVEN,
            "sex": _SEXES.get(patient.sex, plain(patient.sex)) or _NOT_GIVEN,
        },
        "study": {
            "date": dicom_day(study.date) or _NOT_GIVEN,
            "accession": plain(study.accession_number) or _NOT_GIVEN,
            "description": plain(study.description or study.requested_procedure_description),
        },
        "examination": describe_examination(report),
        "indication": describe_indication(report),
        "technique": describe_technique(report),
        "hips": [_describe(graded, report.setting) for graded in report.hips],
        "missing_hips": missing_hips(report),
        "impression": write_impression(report),
        "method": describe_method(report),
        "version": hosr.__version__,
    }


def _describe(graded: GradedHip, setting: Setting) -> dict[str, Plain]:
    return {
        "name": words.HIPS[graded.hip.side],
        "findings": describe_hip(graded.hip, setting),
        "grades": state_grades(graded, setting),
        "remarks": qualify_hip(graded, setting),
        "comment": plain(graded.hip.comment),
        "reader": reader_of(setting),
    }
