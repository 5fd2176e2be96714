"""What a FHIR server answers (FHIR R4, RESTful API): searches, transactions, and what a status means."""

from __future__ import annotations

from typing import Any

from hosr.archive.dicomweb.connection import Answer
from hosr.archive.dicomweb.messages import media_type, read_json
from hosr.archive.dicomweb.service import Service, cause_of
from hosr.archive.values import Cause, cause
from hosr.errors import Reason

Json = dict[str, Any]

FHIR_JSON = "application/fhir+json"
_JSON = frozenset({FHIR_JSON, "application/json", "text/json"})
_TAKEN = frozenset({200, 201})
_SUCCESS = "2"

_ADDRESS = "check that the address is the base of a FHIR server"
_RIGHTS = "check the credentials and their rights on the server"
_READ_LOG = "look at the log of the server"

_CAUSES = {
    400: cause(Reason.PROCESSING, "called the request malformed", _READ_LOG),
    401: cause(Reason.CONFIGURATION, "wants other credentials", _RIGHTS),
    403: cause(Reason.CONFIGURATION, "does not permit this with these credentials", _RIGHTS),
    404: cause(Reason.CONFIGURATION, "has no such resources at this address", _ADDRESS),
    405: cause(Reason.UNSUPPORTED, "does not offer this", _ADDRESS),
    406: cause(Reason.UNSUPPORTED, "does not answer in JSON of FHIR R4"),
    409: cause(Reason.PROCESSING, "was changing the same resources just then", _READ_LOG),
    410: cause(Reason.CONFIGURATION, "has no such resources at this address", _ADDRESS),
    412: cause(
        Reason.DUPLICATE,
        "has several of something that the bundle names once",
        "have its doubles merged; its log says of what",
    ),
    413: cause(
        Reason.CONFIGURATION,
        "does not take a bundle of this size",
        "raise the limit of the server, or of the proxy before it",
    ),
    415: cause(Reason.UNSUPPORTED, "does not take JSON of FHIR R4"),
    422: cause(Reason.DATA, "finds the bundle invalid", _READ_LOG),
    501: cause(Reason.UNSUPPORTED, "does not offer this", _ADDRESS),
}
# What is missing for a bundle is what it refers to; hosr's refer to nothing outside but the patient.
_MISSING = cause(
    Reason.PATIENT,
    "does not find the patient that the bundle refers to",
    "have the patient entered there",
)
_ELSEWHERE = cause(
    Reason.CONFIGURATION,
    "sends elsewhere, perhaps to a login page; hosr does not follow",
    "give the address of the server itself, and credentials",
)
_NO_FHIR = cause(
    Reason.UNRECOGNISED,
    "answers with something other than FHIR, perhaps a login page",
    f"check the credentials; {_ADDRESS}",
)
_UNCONFIRMED = cause(
    Reason.UNCONFIRMED,
    "answered without saying that it took the whole bundle",
    f"check the credentials; {_ADDRESS}",
)
_OTHER = cause(Reason.UNRECOGNISED, "refused with a status that FHIR does not know", _READ_LOG)


def cause_of_answer(status: int) -> Cause:
    """Why a server that answers with this status did not do what was asked."""
    if status in _CAUSES:
        return _CAUSES[status]
    if status // 100 == 3:
        return _ELSEWHERE
    known = status // 100 == 5 or status in {407, 408, 423, 425, 429}
    return cause_of(status) if known else _OTHER


def read_resource(service: Service, answer: Answer, kind: str) -> Json:
    """The resource of this type in an answer; `ArchiveError` for every other answer."""
    if answer.status not in _TAKEN:
        if answer.status // 100 == 2:
            raise service.refusal(answer, _NO_FHIR)
        raise service.refusal(answer, cause_of_answer(answer.status))
    content = _content(answer)
    if content.get("resourceType") != kind:
        raise service.refusal(answer, _NO_FHIR)
    return content


def read_found(service: Service, answer: Answer, kind: str) -> list[Json]:
    """The resources of this type that a search found."""
    bundle = read_resource(service, answer, "Bundle")
    entries = bundle.get("entry", [])
    if bundle.get("type") != "searchset" or not isinstance(entries, list):
        raise service.refusal(answer, _NO_FHIR)
    resources = [each.get("resource") for each in entries if isinstance(each, dict)]
    held = [each for each in resources if isinstance(each, dict)]
    return [each for each in held if each.get("resourceType") == kind]


def require_taken(service: Service, answer: Answer, entries: int) -> None:
    """That a server took a transaction of so many entries, each of them; else `ArchiveError`."""
    if answer.status == 404:
        raise service.refusal(answer, _MISSING)
    if answer.status // 100 != 2:
        raise service.refusal(answer, cause_of_answer(answer.status))
    bundle = _content(answer)
    held = bundle.get("entry")
    responses = [_status(each) for each in held] if isinstance(held, list) else []
    is_taken = answer.status in _TAKEN and bundle.get("type") == "transaction-response"
    if not is_taken or len(responses) != entries or not all(map(_is_success, responses)):
        raise service.refusal(answer, _UNCONFIRMED)


def _status(entry: object) -> str:
    response = entry.get("response") if isinstance(entry, dict) else None
    return str(response.get("status", "")) if isinstance(response, dict) else ""


def _is_success(status: str) -> bool:
    return status.startswith(_SUCCESS)


def _content(answer: Answer) -> Json:
    """The JSON object in an answer; an empty one where there is none."""
    try:
        found = read_json(answer.body) if media_type(answer.content_type) in _JSON else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
