"""Trying what works with an archive, without storing anything or looking at anybody's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.archive.dicomweb.connection import Request
from hosr.archive.dicomweb.messages import ask_for_data_sets, data_sets
from hosr.archive.dicomweb.multipart import content_type
from hosr.archive.dicomweb.storing import PART_TYPE, STUDIES
from hosr.archive.values import Check, Outcome
from hosr.errors import ArchiveError, ArchiveUnreachable, Reason
from hosr.identity import derive_uid

if TYPE_CHECKING:
    from hosr.archive.dicomweb.service import Service


_CONNECTION, _SEARCH, _RETRIEVAL, _STORAGE = "connection", "search", "retrieval", "storage"
_COMMITMENT = "commitment"

# A study that no archive has, and a boundary of a message without parts.
_NO_STUDY = derive_uid("a study that does not exist")
_BOUNDARY = "nothing"

_ABSENT = frozenset({404, 410})
_FOUND_NOTHING = frozenset({200, 204, 404, 410})
# How a service for storing answers to a message in which there is no object.
_STORED_NOTHING = frozenset({200, 202, 204, 400, 409, 422})
_NO_STORAGE = frozenset({404, 405, 410, 501})


def examine(service: Service) -> tuple[Check, ...]:
    """What works: the connection, searching, retrieving and storing, in this order."""
    try:
        search = _search(service)
    except ArchiveError as error:
        untried = tuple(_untried(name) for name in (_SEARCH, _RETRIEVAL, _STORAGE))
        return (_failed(_CONNECTION, error), *untried, _commitment())
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
            service, ask_for_data_sets(service, f"{STUDIES}?limit=1&StudyInstanceUID={_NO_STUDY}")
        )
    except ArchiveUnreachable as error:
        if error.reason is not Reason.BUSY:
            raise
        return _failed(_SEARCH, error)
    except ArchiveError as error:
        if not error.status:
            raise
        if error.reason is Reason.UNSUPPORTED:
            return _absent(_SEARCH)
        return _failed(_SEARCH, error)
    return Check(name=_SEARCH, outcome=Outcome.WORKS, words="studies can be looked for (QIDO-RS)")


def _tried(name: str, service: Service) -> Check:
    try:
        return _TRIALS[name](service)
    except ArchiveError as error:
        return _failed(name, error)


def _retrieval(service: Service) -> Check:
    answer = ask_for_data_sets(service, f"{STUDIES}/{_NO_STUDY}/metadata")
    if answer.status not in _FOUND_NOTHING:
        raise service.refusal(answer)
    words = "objects can be asked for (WADO-RS); none was fetched"
    return Check(name=_RETRIEVAL, outcome=Outcome.WORKS, words=words)


def _storage(service: Service) -> Check:
    """Sends a message without an object, which is refused or taken, but stores nothing."""
    headers = {
        "Accept": "application/dicom+json",
        "Content-Type": content_type(_BOUNDARY, PART_TYPE),
    }
    body = (f"--{_BOUNDARY}--\r\n".encode("ascii"),)
    answer = service.ask(Request(method="POST", target=STUDIES, headers=headers, body=body))
    if answer.status in _NO_STORAGE:
        return _absent(_STORAGE)
    if answer.status not in _STORED_NOTHING:
        raise service.refusal(answer)
    words = "objects can be sent (STOW-RS); none was stored"
    return Check(name=_STORAGE, outcome=Outcome.WORKS, words=words)


_TRIALS = {_RETRIEVAL: _retrieval, _STORAGE: _storage}


def _commitment() -> Check:
    words = "hosr asks for storage commitment over DIMSE alone; objects are read back instead"
    return Check(name=_COMMITMENT, outcome=Outcome.ABSENT, words=words)


def _absent(name: str) -> Check:
    return Check(
        name=name, outcome=Outcome.ABSENT, words="there is no such service at this address"
    )


def _untried(name: str) -> Check:
    return Check(name=name, outcome=Outcome.UNTRIED, words="there is no connection")


def _failed(name: str, error: ArchiveError) -> Check:
    fault = error.faults[0]
    words = f"{fault.problem} ({error.status})" if error.status else fault.problem
    return Check(
        name=name,
        outcome=Outcome.FAILS,
        words=f"{words}; {fault.remedy}" if fault.remedy else words,
    )
