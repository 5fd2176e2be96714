"""Lists of data sets in DICOM JSON (PS3.18 Annex F), as answers to searches and for metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hosr.archive.dicomweb.accounts import read_json
from hosr.archive.dicomweb.connection import Request
from hosr.archive.dicomweb.multipart import media_type
from hosr.archive.refusals import Cause
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.dicomweb.connection import Answer
    from hosr.archive.dicomweb.service import Service


DataSet = dict[str, Any]

_HEADERS = {"Accept": "application/dicom+json", "Accept-Encoding": "gzip"}
_JSON = frozenset({"application/dicom+json", "application/json"})

_NO_CONTENT = 204
_OK = frozenset({200, 206})  # 206 is what some archives answer to a search with a limit


def ask_for_data_sets(service: Service, target: str) -> Answer:
    """The answer to a request for data sets in DICOM JSON, whatever its status."""
    return service.ask(Request(method="GET", target=target, headers=_HEADERS))


def data_sets(service: Service, answer: Answer) -> list[DataSet]:
    """The data sets in an answer; none where it has no content.

    Raises ArchiveError for every answer that is not a list of data sets.
    """
    if answer.status == _NO_CONTENT:
        return []
    if answer.status not in _OK:
        raise service.refusal(answer)
    if not answer.body.strip():
        return []
    try:
        content = read_json(answer.body) if media_type(answer.content_type) in _JSON else None
    except ValueError:
        content = None
    # Some servers give a data set that is alone without a list around it.
    content = [content] if isinstance(content, dict) else content
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise service.refusal(answer, _NO_DATA_SETS)
    return content


def text_of(data_set: DataSet, tag: str) -> str:
    """The first value of an attribute as text, "" where it has none."""
    attribute = data_set.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    value = values[0] if isinstance(values, list) and values else None
    return value.strip(" \0") if isinstance(value, str) else ""


_NO_DATA_SETS = Cause(
    reason=Reason.UNRECOGNISED,
    problem="answers with something other than DICOM JSON, perhaps a login page",
    remedy="check the credentials, and that the address is the root of the DICOMweb services",
)
