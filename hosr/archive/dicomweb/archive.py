"""An archive that is reached over DICOMweb (PS3.18): storing (STOW-RS), and what works by asking.

One instance is stored in a request of its own (section 10.5).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hosr.archive.addresses import Destination, WebAddress
from hosr.archive.dicomweb.connection import Answer, Request
from hosr.archive.dicomweb.messages import (
    StoreResponse,
    ask_for_data_sets,
    content_type,
    data_sets,
    read_store_response,
    wrap,
)
from hosr.archive.dicomweb.query_retrieve import fetch, fetch_metadata, find
from hosr.archive.dicomweb.service import Service
from hosr.archive.statuses import cause_of_status, hexadecimal, read_object, warning_of_status
from hosr.archive.values import (
    Check,
    Entered,
    Locator,
    Outcome,
    Query,
    Receipt,
    cause,
    failed_check,
)
from hosr.errors import ArchiveError, ArchiveUnreachable, Reason
from hosr.identity import derive_uid

_STUDIES = "/studies"
_PART_TYPE = "application/dicom"

_OK, _CREATED, _ACCEPTED, _NO_CONTENT = 200, 201, 202, 204
_CONFLICT = 409

# The statuses that come with failure reasons (PS3.18 table 10.5.3-1); 415 and 406 say enough.
_WITH_REASONS = frozenset({_OK, _CREATED, _ACCEPTED, 400, _CONFLICT, 422})
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


class WebArchive(Entered):
    """An archive at a `WebAddress`; one connection, which is kept while it is entered.

    `environ` is where a secret may be kept. `clock` gives the time in seconds since 1970.
    """

    def __init__(
        self,
        destination: Destination,
        *,
        environ: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        if not isinstance(destination.address, WebAddress):
            raise TypeError("the destination is no DICOMweb archive")
        self._service = Service(destination, destination.address, environ=environ, clock=clock)

    def close(self) -> None:
        """End the connection, and forget the secrets."""
        self._service.close()

    def store(self, data: bytes, sop_instance_uid: str) -> Receipt:
        """Store one DICOM file; a receipt only where the answer names this very instance as stored.

        Raises ArchiveError for everything else: DATA before anything is sent, UNCONFIRMED where
        the answer does not say.
        """
        read_object(data, sop_instance_uid, self._service.name)
        boundary, body = wrap(data, _PART_TYPE)
        headers = {
            "Accept": "application/dicom+json",
            "Content-Type": content_type(boundary, _PART_TYPE),
        }
        request = Request(method="POST", target=_STUDIES, headers=headers, body=body)
        answer = self._service.ask(request)
        response = read_store_response(answer, sop_instance_uid)
        if answer.status not in {_OK, _CREATED, _ACCEPTED} or not response.is_stored:
            raise _refusal(self._service, answer, response)
        return Receipt(
            sop_instance_uid=sop_instance_uid,
            status=answer.words,
            warning=_warning(response.warning_reason),
        )

    def fetch(self, locator: Locator) -> bytes:
        """The file of one instance as the archive gives it; ABSENT where it has none."""
        return fetch(self._service, locator)

    def fetch_metadata(self, study_instance_uid: str) -> tuple[bytes, ...]:
        """The headers of all instances of a study, as files without pixels; ABSENT where it has none."""
        return fetch_metadata(self._service, study_instance_uid)

    def find(self, query: Query) -> tuple[Locator, ...]:
        """The instances that match, in the order of their UIDs; none is no error."""
        return find(self._service, query)

    def examine(self) -> tuple[Check, ...]:
        """What works with this archive, by trying it; nothing is stored."""
        return _examine(self._service)


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
        known = _OF_AZURE.get(reason) or cause_of_status(reason)
        return service.refusal(answer, known, failure_reason=reason)
    if answer.status in {_OK, _CREATED, _ACCEPTED, _NO_CONTENT}:
        return service.refusal(answer, _UNCONFIRMED)
    return service.refusal(answer)


_CONNECTION, _SEARCH, _RETRIEVAL, _STORAGE = "connection", "search", "retrieval", "storage"
_COMMITMENT = "commitment"

# A study that no archive has, and a boundary of a message without parts.
_NO_STUDY = derive_uid("a study that does not exist")
_BOUNDARY = "nothing"

_FOUND_NOTHING = frozenset({200, 204, 404, 410})
# How a service for storing answers to a message in which there is no object.
_STORED_NOTHING = frozenset({200, 202, 204, 400, 409, 422})
_NO_STORAGE = frozenset({404, 405, 410, 501})


def _examine(service: Service) -> tuple[Check, ...]:
    """What works: the connection, searching, retrieving and storing, in this order."""
    try:
        search = _search(service)
    except ArchiveError as error:
        untried = tuple(_untried(name) for name in (_SEARCH, _RETRIEVAL, _STORAGE))
        return (failed_check(_CONNECTION, error), *untried, _commitment())
    connected = Check(name=_CONNECTION, outcome=Outcome.WORKS, words="the archive answers")
    return (
        connected,
        search,
        _tried(_RETRIEVAL, service),
        _tried(_STORAGE, service),
        _commitment(),
    )


def _search(service: Service) -> Check:
    """Raises ArchiveError where there is no answer, or a secret cannot be read."""
    try:
        data_sets(
            service, ask_for_data_sets(service, f"{_STUDIES}?limit=1&StudyInstanceUID={_NO_STUDY}")
        )
    except ArchiveUnreachable as error:
        if error.reason is not Reason.BUSY:
            raise
        return failed_check(_SEARCH, error)
    except ArchiveError as error:
        if not error.status:
            raise
        if error.reason is Reason.UNSUPPORTED:
            return _absent(_SEARCH)
        return failed_check(_SEARCH, error)
    return Check(name=_SEARCH, outcome=Outcome.WORKS, words="studies can be looked for (QIDO-RS)")


def _tried(name: str, service: Service) -> Check:
    try:
        return _CHECKS[name](service)
    except ArchiveError as error:
        return failed_check(name, error)


def _retrieval(service: Service) -> Check:
    answer = ask_for_data_sets(service, f"{_STUDIES}/{_NO_STUDY}/metadata")
    if answer.status not in _FOUND_NOTHING:
        raise service.refusal(answer)
    words = "objects can be asked for (WADO-RS); none was fetched"
    return Check(name=_RETRIEVAL, outcome=Outcome.WORKS, words=words)


def _storage(service: Service) -> Check:
    """Sends a message without an object, which is refused or taken, but stores nothing."""
    headers = {
        "Accept": "application/dicom+json",
        "Content-Type": content_type(_BOUNDARY, _PART_TYPE),
    }
    body = (f"--{_BOUNDARY}--\r\n".encode("ascii"),)
    answer = service.ask(Request(method="POST", target=_STUDIES, headers=headers, body=body))
    if answer.status in _NO_STORAGE:
        return _absent(_STORAGE)
    if answer.status not in _STORED_NOTHING:
        raise service.refusal(answer)
    words = "objects can be sent (STOW-RS); none was stored"
    return Check(name=_STORAGE, outcome=Outcome.WORKS, words=words)


_CHECKS = {_RETRIEVAL: _retrieval, _STORAGE: _storage}


def _commitment() -> Check:
    words = "hosr asks for storage commitment over DIMSE alone; objects are read back instead"
    return Check(name=_COMMITMENT, outcome=Outcome.ABSENT, words=words)


def _absent(name: str) -> Check:
    return Check(
        name=name, outcome=Outcome.ABSENT, words="there is no such service at this address"
    )


def _untried(name: str) -> Check:
    return Check(name=name, outcome=Outcome.UNTRIED, words="there is no connection")
