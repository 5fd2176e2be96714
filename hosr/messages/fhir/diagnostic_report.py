"""The DiagnosticReport, and the Provenance of the version that the bundle brings.

All versions of a report are one resource with one identifier, so a server keeps the former ones in its
history; the structured report of this version is a second identifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hosr import codes
from hosr.identity import derive_uid
from hosr.messages.fhir.actors import Someone
from hosr.messages.fhir.comparison import study_links, supporting_reports
from hosr.messages.fhir.elements import (
    DICOM_UIDS,
    URIS,
    Json,
    Release,
    attachment,
    given,
    line,
    lines,
    listed,
    narrative,
    referred,
    uid_identifier,
)
from hosr.messages.fhir.entries import Entry, by_identifier, by_tag, uid_tag
from hosr.messages.fhir.shared import Shared
from hosr.status import Step

_LOINC = "http://loinc.org"
_SECTIONS = "http://terminology.hl7.org/CodeSystem/v2-0074"
_PARTICIPANTS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_COMPLETION = "http://terminology.hl7.org/CodeSystem/v3-DocumentCompletion"
# How a version takes the place of another one; the other is named by its structured report.
_EXTENSIONS = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The report in words: who made it how far, what follows from it, and the whole as files.

    `page` is "" where none can be made, for want of the images on it.
    """

    language: str
    notice: str
    history: tuple[str, ...]
    impression: tuple[str, ...]
    text: str
    page: str

    @property
    def conclusion(self) -> tuple[str, ...]:
        """The impression, and what persons changed or added."""
        return (*self.impression, *self.history)


def report_identifier(shared: Shared) -> Json:
    """What all versions of a report have in common: its study, and what its lesions are tracked by."""
    study = shared.report.subject.study.study_instance_uid
    return uid_identifier(derive_uid("report", study, shared.tracked_as), URIS)


def report_entry(shared: Shared, results: Iterable[Entry], told: Told) -> Entry:
    """The report, with the groups of observations that are its results."""
    identifier, is_r5 = report_identifier(shared), shared.release is Release.R5
    document = shared.document.sop_instance_uid
    resource = given(
        resourceType="DiagnosticReport",
        language=told.language,
        text=narrative(map(line, (told.notice, *told.conclusion)), told.language),
        extension=[*_links(shared), *study_links(shared)],
        identifier=[{"use": "official", **identifier}, uid_identifier(document)],
        status=shared.report.status.diagnostic,
        category=[listed(_SECTIONS, "RAD", "Radiology")],
        code=_code(),
        **shared.circumstances,
        resultsInterpreter=[each.practitioner.reference() for each in shared.actors.responsible],
        result=[entry.reference() for entry in results],
        **{"study" if is_r5 else "imagingStudy": [shared.study.reference()]},
        supportingInfo=supporting_reports(shared),
        conclusion=lines(told.conclusion),
        presentedForm=list(_forms(told, shared.release)),
    )
    criteria = by_identifier(identifier)
    return Entry(resource=resource, criteria=criteria, is_updated=shared.is_updated)


def _code() -> Json:
    """LOINC's own name of it, where CID 7000 of DICOM has another."""
    code = codes.DIAGNOSTIC_IMAGING_REPORT.value
    return listed(_LOINC, code, "Diagnostic imaging study")


def _links(shared: Shared) -> Iterator[Json]:
    """The document that this version takes the place of; nothing of a draft."""
    signing, is_withdrawn = shared.report.signing, shared.report.withdrawal is not None
    is_addendum = signing is not None and signing.step is Step.ADDEND and not is_withdrawn
    if shared.replaced:
        link = "addendumOf" if is_addendum else "replaces"
        reference = referred("DiagnosticReport", shared.replaced)
        yield {"url": f"{_EXTENSIONS}{link}", "valueReference": reference}


def _forms(told: Told, release: Release) -> Iterator[Json]:
    files = (
        ("text/plain; charset=utf-8", told.text, "report.txt"),
        ("text/html", told.page, "report.html"),
    )
    for content_type, content, name in files:
        if not content:
            continue
        held = attachment(content.encode(), content_type, name, release)
        yield {"contentType": content_type, "language": told.language, **held}


def provenance_entry(shared: Shared, report: Entry) -> Entry:
    """Where this version came from. It has no signature: nobody signed with a key.

    A draft is PA, and no more: AU of HL7 v3 would say that somebody attested to it.
    """
    tag, report_of = uid_tag(shared.document.sop_instance_uid), shared.report
    level = ("PA", "pre-authenticated")
    if report_of.withdrawal is not None:
        level = ("NU", "nullified document")
    elif report_of.signing is not None:
        level = ("LA", "legally authenticated")
    resource = {
        "resourceType": "Provenance",
        "meta": {"tag": [tag]},
        "target": [report.reference()],
        "occurredDateTime": shared.issued,
        "recorded": shared.issued,
        "activity": listed(_COMPLETION, *level),
        "agent": list(_agents(shared)),
        "entity": list(_entities(shared)),
    }
    return Entry(resource=resource, criteria=by_tag(tag))


def _agents(shared: Shared) -> Iterator[Json]:
    actors = shared.actors
    if actors.withdrawer is not None:  # nobody else took part in that
        yield _agent("performer", actors.withdrawer)
        yield {"type": _participant("assembler"), "who": actors.maker.reference()}
        return
    readers = () if actors.reader is None else (actors.reader,)
    for kind, people in (("verifier", actors.signers), ("author", readers)):
        for someone in people:
            yield _agent(kind, someone)
    if actors.model is not None:
        yield {"type": _participant("author"), "who": actors.model.reference()}
    yield {"type": _participant("assembler"), "who": actors.maker.reference()}


def _agent(kind: str, someone: Someone) -> Json:
    return given(
        type=_participant(kind),
        who=someone.practitioner.reference(),
        onBehalfOf=someone.organization.reference() if someone.organization else {},
    )


def _participant(kind: str) -> Json:
    return listed(_PARTICIPANTS, kind, kind.capitalize())


def _entities(shared: Shared) -> Iterator[Json]:
    """The structured report of this version, or what withdraws it; and of which it is a revision."""
    document = "DICOM structured report"
    is_withdrawn = shared.report.withdrawal is not None
    words = "DICOM key object selection that rejects it" if is_withdrawn else document
    yield _entity("source", shared.document.sop_instance_uid, words)
    if shared.replaced:
        yield _entity("revision", shared.replaced, document)


def _entity(role: str, uid: str, words: str) -> Json:
    what = {"identifier": {"system": DICOM_UIDS, "value": f"urn:oid:{uid}"}, "display": words}
    return {"role": role, "what": what}
