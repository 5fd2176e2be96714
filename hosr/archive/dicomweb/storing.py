"""Storing in an archive (STOW-RS, PS3.18 section 10.5): one instance in a request of its own."""

from __future__ import annotations

from hosr.archive.dicomweb.connection import Answer, Request
from hosr.archive.dicomweb.messages import StoreResponse, content_type, read_store_response, wrap
from hosr.archive.dicomweb.service import Service
from hosr.archive.statuses import cause_of_status, hexadecimal, read_object, warning_of_status
from hosr.archive.values import Receipt, cause
from hosr.errors import ArchiveError, Reason

STUDIES = "/studies"
PART_TYPE = "application/dicom"

_OK, _ACCEPTED, _NO_CONTENT = 200, 202, 204
_CONFLICT = 409

# The statuses that come with failure reasons (PS3.18 table 10.5.3-1); 415 and 406 say enough.
_WITH_REASONS = frozenset({_OK, _ACCEPTED, 400, _CONFLICT, 422})
_PROCESSING_FAILURE = 0x0110

_EXISTS = cause(Reason.DUPLICATE, "has an object of this UID already")

# Failure reasons of Azure (its DICOM conformance statement), which PS3.18 table I.2-2 does not have.
_OF_AZURE = {
    45070: _EXISTS,
    45071: cause(Reason.BUSY, "is storing an object of this UID just now"),
}

_UNCONFIRMED = cause(
    Reason.UNCONFIRMED,
    "answered without saying that it stored the object",
    "check the credentials, and that the address is the root of the DICOMweb services",
)


def store(service: Service, data: bytes, sop_instance_uid: str) -> Receipt:
    """Store one file; a receipt only where the answer names this very instance as stored.

    Raises ArchiveError for everything else, DATA before anything is sent, UNCONFIRMED where the answer does not say.
    """
    read_object(data, sop_instance_uid, service.name)
    boundary, body = wrap(data, PART_TYPE)
    headers = {
        "Accept": "application/dicom+json",
        "Content-Type": content_type(boundary, PART_TYPE),
    }
    request = Request(method="POST", target=STUDIES, headers=headers, body=body)
    answer = service.ask(request)
    response = read_store_response(answer, sop_instance_uid)
    if answer.status not in {_OK, _ACCEPTED} or not response.is_stored:
        raise _refusal(service, answer, response)
    return Receipt(
        sop_instance_uid=sop_instance_uid,
        status=answer.words,
        warning=_warning(response.warning_reason),
    )


def _warning(reason: int | None) -> str:
    if reason is None:
        return ""
    known = warning_of_status(reason)
    return (
        f"it warns without a reason that a standard lists ({hexadecimal(reason)})"
        if known is None
        else known
    )


def _refusal(service: Service, answer: Answer, response: StoreResponse) -> ArchiveError:
    """Why the instance was not stored: by the reason given for it, else by the status."""
    reason = response.failure_reason
    if (
        reason in {None, _PROCESSING_FAILURE}
        and response.exists_already
        and answer.status == _CONFLICT
    ):
        return service.refusal(answer, _EXISTS, failure_reason=reason)
    if reason is not None and answer.status in _WITH_REASONS:
        cause = _OF_AZURE.get(reason) or cause_of_status(reason)
        return service.refusal(answer, cause, failure_reason=reason)
    if answer.status in {_OK, _ACCEPTED, _NO_CONTENT}:
        return service.refusal(answer, _UNCONFIRMED)
    return service.refusal(answer)
