"""What a Store response says of one instance (PS3.18 section 10.5.3 and Annex I.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from hosr.archive.dicomweb.multipart import media_type

if TYPE_CHECKING:
    from hosr.archive.dicomweb.connection import Answer


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

Item = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whether an answer says that the instance was stored, with its warning or failure reason.

    `exists_already` is that the words, not the reason, speak of another instance of this UID.
    """

    is_stored: bool = False
    warning_reason: int | None = None
    failure_reason: int | None = None
    exists_already: bool = False


def read_account(answer: Answer, sop_instance_uid: str) -> Account:
    """What the body of an answer to a store of this one instance says of it.

    What cannot be read says nothing. A failure outweighs the claim that the instance was stored.
    """
    response = _response(answer)
    failure = next(_failures(response, sop_instance_uid), None)
    stored = [
        item
        for item in _items(response, _REFERENCED_SOP_SEQUENCE)
        if _first(item, _REFERENCED_SOP_INSTANCE_UID) == sop_instance_uid
    ]
    return Account(
        is_stored=bool(stored) and failure is None,
        warning_reason=_number(stored[0], _WARNING_REASON) if stored else None,
        failure_reason=failure,
        exists_already=_EXISTS_ALREADY in answer.body.lower(),
    )


def read_json(body: bytes) -> Any:
    """JSON as RFC 8259 has it; ValueError for anything else, such as NaN or endless nesting."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("is nested beyond measure") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _response(answer: Answer) -> Item:
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


def _native_model(body: bytes) -> Item:
    """A Native DICOM Model (PS3.19 section A.1) in the form of DICOM JSON."""
    text = body.decode("utf-8-sig")
    # Entities are the one danger of XML from strangers, and they need a document type.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("has a document type")
    try:
        return _attributes(ET.fromstring(text))  # noqa: S314 (without entities, see above)
    except (ET.ParseError, RecursionError):
        raise ValueError("is no XML") from None


def _attributes(parent: ET.Element) -> Item:
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


def _failures(response: Item, sop_instance_uid: str) -> Iterator[int]:
    """The failure reasons of this instance; where an item names none, of the one that was sent."""
    for item in _items(response, _FAILED_SOP_SEQUENCE):
        if _first(item, _REFERENCED_SOP_INSTANCE_UID) in {sop_instance_uid, ""}:
            yield _number(item, _FAILURE_REASON) or 0
    for item in _items(response, _OTHER_FAILURES_SEQUENCE):
        yield _number(item, _FAILURE_REASON) or 0


def _items(item: Item, tag: str) -> list[Item]:
    return [value for value in _all(item, tag) if isinstance(value, dict)]


def _all(item: Item, tag: str) -> list[Any]:
    attribute = item.get(tag)
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return values if isinstance(values, list) else []


def _first(item: Item, tag: str) -> str:
    values = _all(item, tag)
    return values[0].strip(" \0") if values and isinstance(values[0], str) else ""


def _number(item: Item, tag: str) -> int | None:
    values = _all(item, tag)
    try:
        return int(values[0]) if values and isinstance(values[0], int | str) else None
    except ValueError:
        return None
