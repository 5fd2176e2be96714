"""The data types of FHIR as plain values, the same in both releases but where a function says so.

Strings are of one line or of several, without control characters and without blanks that a validator
takes for none; an absent value is left out, never empty.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import html
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, TypeAlias

from hosr.codes import PRIVATE_SCHEME, PRIVATE_SCHEME_UID, Code
from hosr.language.numbers import person_name, plain
from hosr.sr.items import Quantity
from hosr.study import SourceStudy, read_date

Json: TypeAlias = dict[str, Any]


class Release(StrEnum):
    """The release of FHIR that a bundle is written in."""

    R4 = "r4"
    R5 = "r5"


# Which code system a scheme of DICOM is (PS3.16 section 8.1); the private one has a UID alone.
_SYSTEMS = {
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "SCT": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "UCUM": "http://unitsofmeasure.org",
    "UMLS": "http://terminology.hl7.org/CodeSystem/umls",
    PRIVATE_SCHEME: f"urn:oid:{PRIVATE_SCHEME_UID}",
}
DICOM_UIDS = "urn:dicom:uid"
# The system of identifiers that are URIs themselves.
URIS = "urn:ietf:rfc:3986"
# Of the guide "DICOM SR to FHIR Resource Mapping" 1.0.0.
_DICOM_IDENTIFIERS = "http://hl7.org/fhir/uv/dicom-sr/CodeSystem/dicom-identifier-type"
_V2_IDENTIFIERS = "http://terminology.hl7.org/CodeSystem/v2-0203"
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"
_SOP_CLASSES = "urn:ietf:rfc:3986"

_BOUND = str.maketrans("\u00a0\u202f", "  ")
_XHTML = "http://www.w3.org/1999/xhtml"


def line(text: str) -> str:
    """Free text on one line."""
    return plain(text).translate(_BOUND)


def lines(texts: Iterable[str]) -> str:
    """Several paragraphs, a line each; those without a letter are left out."""
    found = (line(part) for text in texts for part in text.splitlines())
    return "\n".join(part for part in found if part)


def coding(code: Code) -> Json:
    """A coded concept."""
    return {"system": _SYSTEMS[code.scheme], "code": code.value, "display": code.meaning}


def concept(code: Code, text: str = "") -> Json:
    """A coded concept with its words."""
    return {"coding": [coding(code)], "text": line(text) or code.meaning}


def listed(system: str, code: str, display: str) -> Json:
    """A concept of one of FHIR's own code systems."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


# The category of whatever was seen on images.
IMAGING = listed(_CATEGORIES, "imaging", "Imaging")


def uid_identifier(uid: str, system: str = DICOM_UIDS) -> Json:
    """A UID as an identifier; those of DICOM objects have a system of their own."""
    return {"system": system, "value": f"urn:oid:{uid}"}


def observation_identifier(uid: str) -> Json:
    """The UID of an item of a structured report (0040,A171) as an identifier that says so."""
    kind = listed(_DICOM_IDENTIFIERS, "observation-uid", "Observation UID")
    return {"type": kind, **uid_identifier(uid)}


def number_identifier(value: str, kind: str, display: str) -> Json:
    """A number without a system, of one of the kinds of HL7 table 0203."""
    return {"type": listed(_V2_IDENTIFIERS, kind, display), "value": line(value)}


def sop_class(uid: str) -> Json:
    """The class of a stored object."""
    return {"system": _SOP_CLASSES, "code": f"urn:oid:{uid}"}


def referred(kind: str, uid: str, display: str = "") -> Json:
    """A reference to what is in no bundle of this report: a server has it by its UID, or not at all."""
    return given(type=kind, identifier=uid_identifier(uid), display=display)


def quantity(measured: Quantity) -> Json:
    """A number with its unit, as it is in the structured report: rounding is for texts."""
    return {
        "value": measured.value,
        "unit": measured.unit.meaning,
        "system": _SYSTEMS[measured.unit.scheme],
        "code": measured.unit.value,
    }


def human_name(name: str) -> Json:
    """A DICOM person name; its text has the other scripts too."""
    groups = name.split("=")
    parts = [*map(line, (groups[0] or groups[-1]).split("^")), "", "", "", "", ""][:5]
    family, given, middle, prefix, suffix = parts
    held = {
        "family": family,
        "given": [part for part in (given, middle) if part],
        "prefix": [prefix] if prefix else [],
        "suffix": [suffix] if suffix else [],
    }
    return {"text": line(person_name(name)), **{key: each for key, each in held.items() if each}}


def narrative(paragraphs: Iterable[str], language: str) -> Json:
    """Paragraphs as the XHTML that stands for a resource, escaped."""
    told = "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in paragraphs)
    opened = f'<div xmlns="{_XHTML}" lang="{language}" xml:lang="{language}">'
    return {"status": "generated", "div": f"{opened}{told}</div>"}


def attachment(data: bytes, content_type: str, title: str, release: Release) -> Json:
    """A file within a resource, with its size and the SHA-1 that FHIR asks for."""
    return {
        "contentType": content_type,
        "data": base64.b64encode(data).decode(),
        # An integer64, which R5 writes as a string.
        "size": str(len(data)) if release is Release.R5 else len(data),
        "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode(),
        "title": title,
    }


def instant(moment: dt.datetime) -> str:
    """A moment with its offset from UTC, to the second or better."""
    return moment.isoformat()


def study_moment(study: SourceStudy) -> str:
    """When the study was made: a day, or a moment where the images name their offset; "" if unknown.

    FHIR has no time without an offset.
    """
    day = read_date(study.date)
    if day is None:
        return ""
    digits = study.time.partition(".")[0].strip()
    told = f"{day:%Y%m%d}{digits.ljust(6, '0')}{study.timezone_offset}"
    try:
        moment = dt.datetime.strptime(told, "%Y%m%d%H%M%S%z")
    except ValueError:
        return day.isoformat()
    return instant(moment) if digits else day.isoformat()


def given(**elements: Any) -> Json:
    """The elements that are not empty, in this order."""
    return {name: value for name, value in elements.items() if value not in ("", [], {}, None)}
