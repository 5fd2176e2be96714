"""Whom and what a report is of: the patient, the order and the imaging study."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from hosr.codes import MODALITIES, Code
from hosr.errors import Fault, Unencodable
from hosr.identity import is_valid_uid
from hosr.messages.fhir.elements import (
    Json,
    Release,
    coding,
    concept,
    given,
    line,
    number_identifier,
    sop_class,
    study_moment,
    uid_identifier,
)
from hosr.messages.fhir.entries import Entry, by_identifier, token
from hosr.messages.message_form import MessageForm
from hosr.report import Report
from hosr.sr.context import procedure_reported
from hosr.study import Patient, is_no_id, read_date


def patient_criteria(patient: Patient, form: MessageForm) -> str:
    """The search for the patient: by ID and its assigner, where that is an OID or a URI, or has one.

    An ID whose assigner is not known may be another person's at a server of several; the date of
    birth then has to be the same. Raises `Unencodable` where there is no ID, or nothing beside it.
    """
    if is_no_id(patient.patient_id):
        remedy = "a FHIR server finds a patient by it: make no bundle, or name the patient"
        raise Unencodable(Fault("PatientID", "names nobody", remedy))
    issuer = patient.issuer.strip() or form.issuer
    system = _system_of(dict(form.oids).get(issuer, issuer))
    criteria = f"identifier={token(line(patient.patient_id), system)}"
    born = read_date(patient.birth_date)
    if system:
        return criteria
    if born is None:
        problem = "has neither an assigner with an OID nor a date of birth beside it"
        remedy = "it may be another person's: set `issuer` and `oids` in [hl7] of the configuration"
        raise Unencodable(Fault("PatientID", problem, remedy))
    return f"{criteria}&birthdate={born.isoformat()}"


def _system_of(issuer: str) -> str:
    """The system of identifiers that an assigner is; "" for one that only its own site knows."""
    if is_valid_uid(issuer):
        return f"urn:oid:{issuer}"
    return issuer if issuer.startswith(("urn:", "http://", "https://")) else ""


def patient_reference(patient: str) -> Json:
    """The patient that a search finds: a server that knows no such one refuses the bundle.

    Nobody is made a patient by a report.
    """
    return {"reference": f"Patient?{patient}", "type": "Patient"}


def order_entry(report: Report, patient: str, release: Release) -> Entry | None:
    """The order that the study answers, as the headers of the images name it; None where they do not.

    It is looked for by its first number, with the patient: accession numbers have no system here.
    """
    study = report.subject.study
    numbers = (
        (study.accession_number, "ACSN", "Accession ID"),
        (study.placer_order_number, "PLAC", "Placer Identifier"),
        (study.filler_order_number, "FILL", "Filler Identifier"),
    )
    identifiers = [number_identifier(*number) for number in numbers if line(number[0])]
    if not identifiers:
        return None
    asked = line(study.requested_procedure_description or study.description)
    named = {"concept": {"text": asked}} if release is Release.R5 else {"text": asked}
    resource = given(
        resourceType="ServiceRequest",
        identifier=identifiers,
        status="unknown",
        intent="order",
        code=named if asked else {},
        subject=patient_reference(patient),
    )
    chained = patient.replace("&", "&patient.")
    criteria = f"{by_identifier(identifiers[0])}&patient.{chained}"
    return Entry(resource=resource, criteria=criteria)


def study_entry(report: Report, patient: str, order: Entry | None, release: Release) -> Entry:
    """The imaging study, with the images that the report speaks of."""
    study = report.subject.study
    identifier = uid_identifier(study.study_instance_uid)
    sides = tuple(graded.hip.side for graded in report.hips)
    procedure = concept(procedure_reported(report.view, sides))
    is_r5 = release is Release.R5
    modalities = dict.fromkeys(image.modality for image in report.subject.images)
    resource = given(
        resourceType="ImagingStudy",
        identifier=[identifier],
        status="available",
        modality=[_modality(each, release) for each in modalities],
        subject=patient_reference(patient),
        started=study_moment(study),
        basedOn=[order.reference()] if order else [],
        **{
            "procedure" if is_r5 else "procedureCode": [
                {"concept": procedure} if is_r5 else procedure
            ]
        },
        description=line(study.description),
        series=list(_series(report, release)),
    )
    return Entry(resource=resource, criteria=by_identifier(identifier))


def _series(report: Report, release: Release) -> Iterator[Json]:
    images = sorted(report.subject.images, key=lambda image: image.instance)
    for uid, members in groupby(images, key=lambda image: image.instance.series_instance_uid):
        held = list(members)
        yield {
            "uid": uid,
            "modality": _modality(held[0].modality, release),
            "instance": [
                {
                    "uid": image.instance.sop_instance_uid,
                    "sopClass": sop_class(image.instance.sop_class_uid),
                }
                for image in held
            ],
        }


def _modality(name: str, release: Release) -> Json:
    code = MODALITIES.get(name or "OT") or Code(name, "DCM", name)
    return {"coding": [coding(code)]} if release is Release.R5 else coding(code)
