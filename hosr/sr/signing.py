"""What persons did to a report, in the content of its documents and in their headers, and back.

A header alone says nothing: whoever edits one could sign for another. So the content says who signed,
when, and in the place of which documents, and a file of which header and content disagree is refused.
"""

from __future__ import annotations

import datetime as dt

from pydicom.datadict import dictionary_description
from pydicom.dataset import Dataset

from hosr import codes
from hosr.codes import Code, hosr_code
from hosr.composite import by_series, code_values, read_referenced, sop_values
from hosr.composite.instances import device_uid
from hosr.dicom.structure import UnusableFile
from hosr.dicom.writing import Origin, Value, Values, is_valid, valid_values
from hosr.errors import Fault
from hosr.findings import Person
from hosr.phrases import Phrase, phrase
from hosr.report import Report
from hosr.sr.changes import change_item, read_changes
from hosr.sr.items import (
    Item,
    Relation,
    code,
    person_name,
    read_choice,
    read_string,
    text,
    uidref,
)
from hosr.status import (
    DRAFT,
    PART,
    STATUSES,
    Addendum,
    Preliminaries,
    Signature,
    Signing,
    Status,
    Step,
)
from hosr.study import Instance

STEP_CODES = {
    Step.SIGN: hosr_code("HO-ST-SIGNED", "Signed"),
    Step.AMEND: hosr_code("HO-ST-AMENDED", "Amended and signed"),
    Step.ADDEND: hosr_code("HO-ST-ADDENDED", "Signed, with an addendum"),
}
# CID 7009: why a document names a predecessor.
PURPOSES = {
    Step.SIGN: codes.PRELIMINARY_REPORT,
    Step.AMEND: codes.REPLACED_REPORT,
    Step.ADDEND: codes.ADDENDED_REPORT,
}

_PROPERTIES = Relation.HAS_PROPERTIES
# HL7 and PS3.16 section 8 leave this scheme to each place: an identifier means something there alone.
_LOCAL = "L"


def _of_signature(vr: str) -> Phrase:
    return phrase("the value for the signature is not a valid {vr} of DICOM", vr=vr)


_SIGNATURE = Origin(_of_signature, phrase("correct it; nothing is cut short"))
_REMEDY = "give a file as hosr wrote it"


def signing_item(signing: Signing | None) -> Item | None:
    """The last step in the content of a measurement report; None for a draft."""
    if signing is None:
        return None
    predecessors = [each.sop_instance_uid for each in signing.predecessors]
    return code(codes.REPORT_STATUS, STEP_CODES[signing.step]).having(
        signature_item(signing.signature, _PROPERTIES),
        *(uidref(codes.REPLACED_DOCUMENT, uid, _PROPERTIES) for uid in predecessors),
        text(codes.TRACKED_AS, signing.tracked_as, _PROPERTIES),
        text(codes.AMENDMENT_REASON, signing.reason, _PROPERTIES) if signing.reason else None,
        *map(change_item, signing.changes),
        *map(_addendum_item, signing.addenda),
    )


def preliminaries_item(preliminaries: Preliminaries | None) -> Item | None:
    """What a draft that was sent takes the place of, in the content of its measurement report."""
    if preliminaries is None:
        return None
    uids = [each.sop_instance_uid for each in preliminaries.documents]
    return text(codes.TRACKED_AS, preliminaries.tracked_as).having(
        *(uidref(codes.REPLACED_DOCUMENT, uid, _PROPERTIES) for uid in uids)
    )


def status_statement(report: Report) -> tuple[Item, ...]:
    """The status as items of a narrative report, where a code has nothing below it."""
    signing = report.signing
    if signing is None:
        return (text(codes.INCOMPLETE, report.incomplete),) if report.incomplete else ()
    signed = (signature_item(each, Relation.CONTAINS) for each in signing.signatures)
    return (code(codes.REPORT_STATUS, STEP_CODES[signing.step]), *signed)


def signature_item(signature: Signature, relation: Relation) -> Item:
    """Who signed, for whom and when."""
    identifier = signature.identifier
    return person_name(codes.SIGNER, signature.name, relation).having(
        text(codes.SIGNER_ORGANIZATION, signature.organization, _PROPERTIES),
        text(codes.SIGNER_ID, identifier, _PROPERTIES) if identifier else None,
        # As text: DCMTK 3.6.7 takes a DATETIME of UTC (+0000) for invalid, and the document with it.
        text(codes.SIGNED_AT, signature.signed_at.isoformat(), _PROPERTIES),
    )


def _addendum_item(addendum: Addendum) -> Item:
    item = text(codes.ADDENDUM, addendum.text, _PROPERTIES)
    return item.having(signature_item(addendum.signature, _PROPERTIES))


def read_signing(evaluations: Item, dataset: Dataset) -> Signing | None:
    """The last step by the content of a document; what it replaces is looked up in the header.

    Raises `UnusableFile` where the header names other documents, or none.
    """
    item = evaluations.first(codes.REPORT_STATUS)
    step = read_choice(evaluations, codes.REPORT_STATUS, STEP_CODES)
    if item is None or step is None:
        return None
    return Signing(
        step=step,
        signature=read_signature(item),
        predecessors=_read_replaced(item, dataset),
        tracked_as=read_string(item, codes.TRACKED_AS),
        reason=read_string(item, codes.AMENDMENT_REASON),
        changes=tuple(read_changes(item)),
        addenda=tuple(
            Addendum(text=str(each.value), signature=read_signature(each))
            for each in item.find(codes.ADDENDUM)
        ),
    )


def read_preliminaries(evaluations: Item, dataset: Dataset) -> Preliminaries | None:
    """What a draft takes the place of. Raises as `read_signing`."""
    item = evaluations.first(codes.TRACKED_AS)
    if item is None:
        if dataset.get(_PREDECESSORS) and evaluations.first(codes.REPORT_STATUS) is None:
            raise _disagree(_PREDECESSORS)
        return None
    documents = _read_replaced(item, dataset)
    return Preliminaries(documents=documents, tracked_as=str(item.value))


def _read_replaced(item: Item, dataset: Dataset) -> tuple[Instance, ...]:
    """The documents that an item says are replaced, which the header must name."""
    predecessors = read_referenced(dataset.get(_PREDECESSORS) or ())
    named = {each.sop_instance_uid: each for each in predecessors}
    uids = [str(each.value) for each in item.find(codes.REPLACED_DOCUMENT)]
    if set(uids) != set(named):
        raise _disagree(_PREDECESSORS)
    return tuple(named[uid] for uid in uids)


def read_signature(item: Item) -> Signature:
    """The one signature below an item."""
    (found,) = _read_signatures(item)
    return found


def _read_signatures(item: Item) -> tuple[Signature, ...]:
    return tuple(map(_read_signer, item.find(codes.SIGNER, "PNAME")))


def _read_signer(item: Item) -> Signature:
    return Signature(
        name=str(item.value),
        organization=read_string(item, codes.SIGNER_ORGANIZATION),
        identifier=read_string(item, codes.SIGNER_ID),
        signed_at=dt.datetime.fromisoformat(read_string(item, codes.SIGNED_AT)),
    )


def read_datetime(text: str) -> dt.datetime:
    """A moment of DICOM with its offset from UTC."""
    fraction = ".%f" if "." in text else ""
    return dt.datetime.strptime(text, f"%Y%m%d%H%M%S{fraction}%z")


def _dicom_datetime(moment: dt.datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S.%f%z")


def status_values(report: Report) -> tuple[Values, list[Fault]]:
    """What the header of a structured report says of its status (PS3.3 section C.17.2), and faults."""
    signing, values = report.signing, _flags(report.status, report.incomplete)
    if report.predecessors:
        values |= {_PREDECESSORS: [_predecessors(report)]}
    if signing is None:
        return values, []
    verified = [_verifier(signature) for signature in signing.signatures]
    return {
        **values,
        "VerifyingObserverSequence": [verifier for verifier, _ in verified],
        "AuthorObserverSequence": [_author(report)],
    }, [fault for _, faults in verified for fault in faults]


def _flags(status: Status, incomplete: str) -> dict[str, Value]:
    """The flags; why a document is not complete is in the header where it fits there."""
    told = {"CompletionFlagDescription": incomplete} if is_valid("LO", incomplete) else {}
    return {
        **(told if incomplete else {}),
        "CompletionFlag": status.completion,
        "VerificationFlag": status.verification,
        "PreliminaryFlag": status.preliminary,
    }


def _verifier(signature: Signature) -> tuple[dict[str, Value], list[Fault]]:
    stated = (
        ("VerifyingObserverName", signature.name),
        ("VerifyingOrganization", signature.organization),
        ("VerificationDateTime", _dicom_datetime(signature.signed_at)),
    )
    values, faults = valid_values(stated, _SIGNATURE)
    identified: list[Values] = []
    if signature.identifier:
        if is_valid("SH", signature.identifier):
            meaning = "Identifier of a person at this organization"
            identified.append(code_values(Code(signature.identifier, _LOCAL, meaning)))
        else:
            keyword = "VerifyingObserverIdentificationCodeSequence"
            faults.append(Fault(keyword, _SIGNATURE.tell("SH"), _SIGNATURE.remedy))
    return {**values, "VerifyingObserverIdentificationCodeSequence": identified}, faults


def _author(report: Report) -> dict[str, Value]:
    """Who graded, as the author of the document (PS3.3 table C.17-3b)."""
    observer = report.observer
    if isinstance(observer, Person):
        return {
            "ObserverType": "PSN",
            "PersonName": observer.name,
            "PersonIdentificationCodeSequence": [],
            "InstitutionName": observer.organization,
            "InstitutionCodeSequence": [],
        }
    return {
        "ObserverType": "DEV",
        "Manufacturer": observer.manufacturer,
        "ManufacturerModelName": observer.name,
        "StationName": "",
        "DeviceUID": device_uid(observer),
        "InstitutionName": "",
        "InstitutionCodeSequence": [],
    }


def _predecessors(report: Report) -> dict[str, Value]:
    step = Step.SIGN if report.signing is None else report.signing.step
    purpose = {"PurposeOfReferenceCodeSequence": [code_values(PURPOSES[step])]}
    return {
        "ReferencedSeriesSequence": [
            {
                "ReferencedSOPSequence": [{**sop_values(each), **purpose} for each in members],
                "SeriesInstanceUID": series_uid,
            }
            for series_uid, members in by_series(report.predecessors)
        ],
        "StudyInstanceUID": report.subject.study.study_instance_uid,
    }


def require_same_status(
    dataset: Dataset, status: Status, signatures: tuple[Signature, ...], incomplete: str
) -> None:
    """Raise UnusableFile where the header says another status than the content, naming what.

    What a draft takes the place of says the content of a measurement report (`read_preliminaries`).
    """
    for keyword, value in _flags(status, incomplete).items():
        found = str(dataset.get(keyword) or "")
        if found not in ("", value):
            label = dictionary_description(keyword)
            problem = f"has the {label} {found[:16]}, its content says {status.label}"
            raise UnusableFile(problem, _REMEDY)
    for keyword in _OF_SIGNED if signatures else _OF_SIGNED[:1]:
        if bool(dataset.get(keyword)) != bool(signatures):
            raise _disagree(keyword)
    if signatures != tuple(map(_read_verifier, dataset.get("VerifyingObserverSequence") or ())):
        raise _disagree("VerifyingObserverSequence")


def require_stated_status(dataset: Dataset, root: Item) -> None:
    """The same for a narrative report, whose content is `root`."""
    step = read_choice(root, codes.REPORT_STATUS, STEP_CODES)
    incomplete = read_string(root, codes.INCOMPLETE)
    if step is None:
        require_same_status(dataset, PART if incomplete else DRAFT, (), incomplete)
    else:
        require_same_status(dataset, STATUSES[step], _read_signatures(root), "")


def _read_verifier(verifier: Dataset) -> Signature:
    identified = verifier.get("VerifyingObserverIdentificationCodeSequence") or [Dataset()]
    return Signature(
        name=str(verifier.VerifyingObserverName),
        organization=str(verifier.VerifyingOrganization),
        identifier=str(identified[0].get("CodeValue", "")),
        signed_at=read_datetime(str(verifier.VerificationDateTime)),
    )


def _disagree(keyword: str) -> UnusableFile:
    problem = f"says something else in its {dictionary_description(keyword)} than in its content"
    return UnusableFile(problem, _REMEDY)


_PREDECESSORS = "PredecessorDocumentsSequence"
_OF_SIGNED = ("VerifyingObserverSequence", _PREDECESSORS)
