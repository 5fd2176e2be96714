"""Whose draft it is: the patient and the study, as the headers of its images say, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hosr.language import message
from hosr.language.numbers import dicom_day, person_name, plain

if TYPE_CHECKING:
    from hosr.intake.images import SourceImages
    from hosr.language import Language

Json = dict[str, Any]

# PS3.3 section C.7.1.1
_SEXES = {"M": message("male"), "F": message("female"), "O": message("other sex")}


def subject_json(images: SourceImages | None, record: Json, language: Language) -> Json:
    """The patient and the study; without images what the record asserts, which may be nothing."""
    if images is None:
        asserted = record.get("study")
        known = asserted if isinstance(asserted, dict) else {}
        patient = {"name": "", "id": _text(known, "patient_id"), "birth_date": "", "sex": ""}
        accession = _text(known, "accession_number")
        return {
            "patient": patient,
            "study": {"date": _text(known, "date"), "description": "", "accession": accession},
        }
    patient_, study = images.patient, images.study
    sex = _SEXES.get(patient_.sex)
    return {
        "patient": {
            "name": person_name(patient_.name),
            "id": plain(patient_.patient_id),
            "birth_date": dicom_day(patient_.birth_date, language) if patient_.birth_date else "",
            "sex": language.say(sex) if sex else "",
        },
        "study": {
            "date": dicom_day(study.date, language) if study.date else "",
            "description": plain(study.description),
            "accession": plain(study.accession_number),
        },
    }


def _text(values: Json, key: str) -> str:
    value = values.get(key)
    return plain(value) if isinstance(value, str) else ""
