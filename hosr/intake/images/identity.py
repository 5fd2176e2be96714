"""Whose image it is, and whether all images are of one patient and one study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hosr.dicom.structure import UnusableFile
from hosr.identity import is_valid_uid
from hosr.intake.images.elements import PATIENT, STUDY
from hosr.intake.images.values import counted
from hosr.persons import find_strangers
from hosr.phrases import Phrase, phrase
from hosr.study import Patient, SourceStudy, is_no_id, read_date

if TYPE_CHECKING:
    from hosr.intake.images.elements import Text
    from hosr.intake.images.header import Header
    from hosr.intake.images.values import Ledger


_REMEDY = phrase("give the images of one patient and one study")


def _first_used(words: str) -> Phrase:
    return phrase("{words} is not that of the first image, which is used", words=words)


def _graded_used(words: str) -> Phrase:
    return phrase("{words} differs between the images; that of the graded one is used", words=words)


_UIDS = {
    "StudyInstanceUID": "Study Instance UID",
    "SeriesInstanceUID": "Series Instance UID",
    "SOPInstanceUID": "SOP Instance UID",
}

# What belongs to one order; a study that answers several orders is linked to none of them.
_ORDER = (
    "accession_number",
    "requested_procedure_id",
    "requested_procedure_description",
    "placer_order_number",
    "filler_order_number",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """The patient and study of one image, and the file that says so."""

    path: str
    patient: Patient
    study: SourceStudy

    @classmethod
    def of(cls, header: Header, path: str) -> Owner:
        """The owner that a header names; UnusableFile where it does so ambiguously."""
        patient = {name: header.text(text) for name, text in PATIENT.items()}
        study = {name: header.text(text) for name, text in STUDY.items()}
        study |= _requested(header, study)
        for name, text in (PATIENT | STUDY).items():
            is_there = header.has if text.whose else header.lists
            if text.expected and not (patient | study)[name] and not is_there(text.keyword):
                header.note(phrase("{words} is missing", words=text.words))
        born, studied = read_date(patient["birth_date"]), read_date(study["date"])
        if born is not None and studied is not None and born > studied:
            header.note(phrase("the patient was born after the study; compare both dates"))
        return cls(
            path=path,
            patient=Patient(**patient),
            study=SourceStudy(study_instance_uid=header.uid("StudyInstanceUID"), **study),
        )


def require_uids(header: Header) -> None:
    """Refuse an image without a UID for itself, its series and its study.

    One with zeros before its numbers is kept: the archive knows the image by it.
    """
    for keyword, words in _UIDS.items():
        uid = header.uid(keyword)
        if not uid:
            problem = phrase("{words} is missing", words=words)
            if header.has(keyword):
                problem = phrase("{words} is not valid", words=words)
            raise UnusableFile(problem, phrase("give the image as the archive holds it"))
        if not is_valid_uid(uid):
            # Measured: DCMTK takes such a study, but no reference to such an image in a content tree.
            problem = phrase(
                "{words} has a number that begins with 0, against PS3.5 9.1; it is kept",
                words=words,
            )
            if keyword == "SOPInstanceUID":
                problem = phrase(
                    "{problem}, and readers built on DCMTK may refuse the report", problem=problem
                )
            header.note(problem)


def agreed(owners: Sequence[Owner], ledger: Ledger) -> tuple[Patient, SourceStudy]:
    """The patient and study of the images of one study; what would mix two patients is a fault.

    Of a patient the value that is there first, for images that say nothing of it themselves.
    """
    first = owners[0]
    if len(owners) == 1:
        return first.patient, first.study
    _require_same("Patient ID", [(o.path, o.patient.patient_id) for o in owners], ledger)
    issuers = [(o.path, o.patient.issuer) for o in owners if o.patient.issuer]
    _require_same("Issuer of Patient ID", issuers, ledger)
    _require_one_person(owners, ledger)
    patient = {
        name: _first(
            PATIENT[name],
            [(o.path, getattr(o.patient, name)) for o in owners],
            ledger,
            _graded_used,
        )
        for name in PATIENT
        if name != "patient_id"
    }
    study = {
        name: _first(
            STUDY[name], [(o.path, getattr(o.study, name)) for o in owners], ledger, _first_used
        )
        for name in STUDY
        if name not in _ORDER
    }
    order = {
        name: _only(STUDY[name], [(o.path, getattr(o.study, name)) for o in owners], ledger)
        for name in _ORDER
    }
    return replace(first.patient, **patient), replace(first.study, **study, **order)


def _require_same(words: str, values: Sequence[tuple[str, str]], ledger: Ledger) -> None:
    others = [path for path, value in values if value != values[0][1]]
    if others:
        problem = phrase("{words} is not that of {path}", words=words, path=values[0][0])
        ledger.refuse(others[0], counted(problem, others), _REMEDY)


def _require_one_person(owners: Sequence[Owner], ledger: Ledger) -> None:
    """Refuse what shows two persons, under one Patient ID or under none."""
    one_id = not is_no_id(owners[0].patient.patient_id)
    for strangers in find_strangers([owner.patient for owner in owners], one_id=one_id):
        paths = [owners[index].path for index in strangers.others]
        problem = phrase(
            "{words} is not that of {path}",
            words=PATIENT[strangers.trait].words,
            path=owners[strangers.first].path,
        )
        if strangers.trait == "name":
            problem = phrase(
                "{problem}, and neither Patient ID nor birth date shows that they are one person",
                problem=problem,
            )
        ledger.refuse(paths[0], counted(problem, paths), _REMEDY)


def _first(
    text: Text, values: list[tuple[str, str]], ledger: Ledger, differs: Callable[[str], Phrase]
) -> str:
    """The first value that is not empty; others that differ are noted in these words."""
    given = [(path, value) for path, value in values if value]
    for path, value in given[1:]:
        if _compared(text, value) != _compared(text, given[0][1]):
            ledger.note(path, differs(text.words))
    return given[0][1] if given else ""


def _only(text: Text, values: list[tuple[str, str]], ledger: Ledger) -> str:
    """The one value that the images have; "" with a note where they have several."""
    given = [(path, value) for path, value in values if value]
    if len({value for _, value in given}) < 2:
        return given[0][1] if given else ""
    problem = phrase("{words} differs between the images; it is left out", words=text.words)
    for path, value in given[1:]:
        if value != given[0][1]:
            ledger.note(path, problem)
    return ""


def _compared(text: Text, value: str) -> str:
    """What of a value counts when two are compared; names are written in many ways."""
    if text.vr != "PN":
        return value
    groups = [group.rstrip("^ ") for group in value.casefold().split("=")]
    return "=".join(" ".join(group.replace("^", " ").split()) for group in groups)


def _requested(header: Header, study: dict[str, str]) -> dict[str, str]:
    """The order by its request, for what the top of the header leaves out (PS3.3 C.7.3.1)."""
    requests = header.items("RequestAttributesSequence")
    found: dict[str, str] = {}
    for name in _ORDER[:3]:
        values = {value for item in requests if (value := item.text(STUDY[name]))}
        if study[name] or not values:
            continue
        if len(values) > 1:
            header.note(
                phrase(
                    "the image answers several requests; {words} is left out",
                    words=STUDY[name].words,
                )
            )
        else:
            (found[name],) = values
    return found
