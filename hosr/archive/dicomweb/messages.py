"""What goes to and fro in DICOMweb (PS3.18): paths, messages of parts, DICOM JSON, Store responses.

Messages of parts are those of RFC 2046 section 5.1 and RFC 2387: one part written, one part read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any
from xml.etree import ElementTree as ET

from hosr.archive.dicomweb.connection import Answer, Request
from hosr.archive.dicomweb.service import Service
from hosr.archive.values import cause
from hosr.errors import Reason

DataSet = dict[str, Any]

# What archives hold includes UIDs with leading zeros; all that matters here is that a UID from
# elsewhere is one segment of a path, and no other.
_UID = re.compile(r"[0-9]+(\.[0-9]+)*", re.ASCII)

_LINE_END = b"\r\n"
_MAX_PART_HEADER_BYTES = 64 << 10

_HEADERS = {"Accept": "application/dicom+json", "Accept-Encoding": "gzip"}
_JSON = frozenset({"application/dicom+json", "application/json"})
_XML = frozenset({"application/dicom+xml", "application/xml", "text/xml"})

# PS3.18 table I.2-1.
_REFERENCED_SOP_INSTANCE_UID = "00081155"
_WARNING_REASON = "00081196"
_FAILURE_REASON = "00081197"
_FAILED_SOP_SEQUENCE = "00081198"
_REFERENCED_SOP_SEQUENCE = "00081199"
_OTHER_FAILURES_SEQUENCE = "0008119A"

# What Google Cloud says in an attribute of its own beside 0110, which it gives for every failure;
# it is looked for and never repeated.
_EXISTS_ALREADY = b"already exists"

_NO_CONTENT = 204
_OK = frozenset({200, 206})  # 206 is what some archives answer to a search with a limit

_NO_DATA_SETS = cause(
    Reason.UNRECOGNISED,
    "answers with something other than DICOM JSON, perhaps a login page",
    "check the credentials, and that the address is the root of the DICOMweb services",
)


def is_uid(text: str) -> bool:
    """Whether a text can stand for a UID in a path."""
    return len(text) <= 64 and _UID.fullmatch(text) is not None


def study_target(study: str) -> str:
    """The path of a study."""
    return f"/studies/{study}"


def series_target(study: str, series: str) -> str:
    """The path of a series."""
    return f"/studies/{study}/series/{series}"


def instance_target(study: str, series: str, instance: str) -> str:
    """The path of an instance."""
    return f"/studies/{study}/series/{series}/instances/{instance}"


class MalformedMessageError(Exception):
    """A message that is not what its Content-Type says, or that ends too early."""

    def __init__(self, problem: str, *, is_cut: bool = False) -> None:
        super().__init__(problem)
        self.is_cut = is_cut


def wrap(data: bytes, part_type: str) -> tuple[str, Sequence[bytes]]:
    """One part as a message: the boundary, and the blocks of the message in their order."""
    boundary = _boundary(data)
    head = f"--{boundary}\r\nContent-Type: {part_type}\r\nContent-Length: {len(data)}\r\n\r\n"
    return boundary, (head.encode("ascii"), data, f"\r\n--{boundary}--\r\n".encode("ascii"))


def content_type(boundary: str, part_type: str) -> str:
    """The Content-Type of a message with this boundary."""
    return f'multipart/related; type="{part_type}"; boundary={boundary}'


def media_type(header: str) -> str:
    """The media type of a Content-Type, in lower case and without its parameters."""
    return header.partition(";")[0].strip().lower()


def first_part(body: bytes, header: str) -> tuple[str, bytes]:
    """The media type and the content of the first part of a message with this Content-Type.

    Raises MalformedMessageError where there is none, or where the message does not end as it must.
    """
    delimiter = b"--" + _named_boundary(header)
    start = body.find(delimiter)
    if start < 0 or (start > 0 and body[start - 2 : start] != _LINE_END):
        raise MalformedMessageError("has no part")
    if body.startswith(b"--", start + len(delimiter)):
        raise MalformedMessageError("has no part")
    # From the delimiter's own line end on, so that a part without headers is found as well.
    fields = body.find(_LINE_END, start)
    head = body.find(2 * _LINE_END, fields, fields + _MAX_PART_HEADER_BYTES)
    if fields < 0 or head < 0:
        raise MalformedMessageError("ends within the head of a part", is_cut=True)
    content = head + 2 * len(_LINE_END)
    # The content may be empty: its end may share the line end of its header.
    end = body.find(_LINE_END + delimiter, content - len(_LINE_END))
    if end < 0:
        raise MalformedMessageError("ends within a part", is_cut=True)
    return _part_type(body[fields:head]), body[content : max(content, end)]


def _boundary(data: bytes) -> str:
    """A boundary that the data do not hold.

    It is derived from the data, so nobody can write it into them; that it is not there is checked
    all the same.
    """
    digest = hashlib.sha256(data)
    while digest.hexdigest().encode("ascii") in data:
        digest.update(b"again")
    return digest.hexdigest()


def _named_boundary(header: str) -> bytes:
    message = Message()
    message["Content-Type"] = header
    boundary = message.get_param("boundary")
    if media_type(header) != "multipart/related" or not isinstance(boundary, str) or not boundary:
        raise MalformedMessageError("is no message of parts")
    return boundary.encode("utf-8", "replace")


def _part_type(head: bytes) -> str:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return media_type(value)
    return ""


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
    values = _values_of(data_set, tag)
    return values[0].strip(" \0") if values and isinstance(values[0], str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreResponse:
    """Whether an answer says that the instance was stored, with its warning or failure reason.

    `exists_already` is that the words, not the reason, speak of another instance of this UID.
    """

    is_stored: bool = False
    warning_reason: int | None = None
    failure_reason: int | None = None
    exists_already: bool = False


def read_store_response(answer: Answer, sop_instance_uid: str) -> StoreResponse:
    """What the body of an answer to a store of this one instance says of it.

    What cannot be read says nothing. A failure outweighs the claim that the instance was stored.
    """
    response = _response(answer)
    failure = next(_failures(response, sop_instance_uid), None)
    stored = [
        item
        for item in _items(response, _REFERENCED_SOP_SEQUENCE)
        if text_of(item, _REFERENCED_SOP_INSTANCE_UID) == sop_instance_uid
    ]
    return StoreResponse(
        is_stored=bool(stored) and failure is None,
        warning_reason=_number(stored[0], _WARNING_REASON) if stored else None,
        failure_reason=failure,
        exists_already=_EXISTS_ALREADY in answer.body.lower(),
    )


def read_json(body: bytes) -> Any:
    """JSON as RFC 8259 has it; ValueError for anything else, such as NaN or endless nesting.

    So for two values of one name, of which a reader could take either.
    """
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_constant=_refuse_constant, object_pairs_hook=_object
        )
    except RecursionError:
        raise ValueError("is nested beyond measure") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an attribute stands twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _response(answer: Answer) -> DataSet:
    kind = media_type(answer.content_type)
    try:
        if kind in _JSON:
            content = read_json(answer.body)
            # Some servers put the one data set into a list.
            content = content[0] if isinstance(content, list) and content else content
            return content if isinstance(content, dict) else {}
        if kind in _XML:
            return _native_model(answer.body)
    except ValueError:
        pass
    return {}


def _native_model(body: bytes) -> DataSet:
    """A Native DICOM Model (PS3.19 section A.1) in the form of DICOM JSON."""
    text = body.decode("utf-8-sig")
    # Entities are the one danger of XML from strangers, and they need a document type.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("has a document type")
    try:
        return _attributes(ET.fromstring(text))  # noqa: S314 (without entities, see above)
    except (ET.ParseError, RecursionError):
        raise ValueError("is no XML") from None


def _attributes(parent: ET.Element) -> DataSet:
    return {
        child.get("tag", "").upper(): {"Value": _values(child)}
        for child in parent
        if _local_name(child) == "DicomAttribute"
    }


def _values(attribute: ET.Element) -> list[Any]:
    return [
        _attributes(child) if _local_name(child) == "Item" else (child.text or "")
        for child in attribute
        if _local_name(child) in {"Item", "Value"}
    ]


def _local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _failures(response: DataSet, sop_instance_uid: str) -> Iterator[int]:
    """The failure reasons of this instance; where an item names none, of the one that was sent."""
    for item in _items(response, _FAILED_SOP_SEQUENCE):
        if text_of(item, _REFERENCED_SOP_INSTANCE_UID) in {sop_instance_uid, ""}:
            yield _number(item, _FAILURE_REASON) or 0
    for item in _items(response, _OTHER_FAILURES_SEQUENCE):
        yield _number(item, _FAILURE_REASON) or 0


def _items(item: DataSet, tag: str) -> list[DataSet]:
    return [value for value in _values_of(item, tag) if isinstance(value, dict)]


def _values_of(item: DataSet, tag: str) -> list[Any]:
    attribute = item.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return values if isinstance(values, list) else []


def _number(item: DataSet, tag: str) -> int | None:
    values = _values_of(item, tag)
    try:
        return int(values[0]) if values and isinstance(values[0], int | str) else None
    except ValueError:
        return None
