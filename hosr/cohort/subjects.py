"""Who is one subject: the patient ID with its issuer tells, and nothing else does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from hosr.errors import Fault

if TYPE_CHECKING:
    from hosr.cohort.readings import HipReading
    from hosr.study import Patient


def subject_of(reading: HipReading) -> str:
    """The patient ID, with its issuer where there is one (HL7 form); without an ID the study."""
    patient_id = reading.patient.patient_id.strip()
    issuer = reading.patient.issuer.strip()
    if not patient_id:
        return f"study {reading.study_id}"
    return f"{patient_id}^^^{issuer}" if issuer else patient_id


def find_mix_ups(readings: Sequence[HipReading]) -> dict[str, Fault]:
    """The subjects that are not one person for sure, each with what is wrong, told without names.

    Two patients under one ID have other names or other dates of birth; one study of two patients
    puts both in doubt.
    """
    by_subject: dict[str, list[HipReading]] = defaultdict(list)
    by_study: dict[str, dict[str, HipReading]] = defaultdict(dict)
    for reading in sorted(readings, key=lambda reading: reading.place):
        subject = subject_of(reading)
        by_subject[subject].append(reading)
        by_study[reading.study_id].setdefault(subject, reading)
    doubtful: dict[str, Fault] = {}
    for subject, own in by_subject.items():
        other = _other_person(own)
        if other is not None:
            problem = f"has the patient ID of {own[0].place}, but {other[1]}"
            remedy = "give each patient an ID of their own; no report of this ID was used"
            doubtful[subject] = Fault(other[0], problem, remedy)
    for holders in by_study.values():
        if len(holders) > 1:
            first, second, *_ = holders.values()
            problem = f"is of the same study as {first.place}, but of another patient ID"
            remedy = "correct the study or the patient; no report of either patient was used"
            for subject in holders:
                doubtful.setdefault(subject, Fault(second.place, problem, remedy))
    return doubtful


def _other_person(readings: Iterable[HipReading]) -> tuple[str, str] | None:
    """Where another person appears, and by what that shows."""
    name = birth_date = ""
    for reading in readings:
        other = _plain_name(reading.patient)
        if name and other and other != name:
            return reading.place, "another name"
        born = reading.patient.birth_date.strip()
        if birth_date and born and born != birth_date:
            return reading.place, "another date of birth"
        name, birth_date = name or other, birth_date or born
    return None


def _plain_name(patient: Patient) -> str:
    """The name in its first form that is filled in, without case and empty components at its end."""
    groups = (group.rstrip("^ ") for group in patient.name.split("="))
    return " ".join(next(filter(None, groups), "").casefold().split())
