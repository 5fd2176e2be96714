"""Which version of a report a message brings, and whether another one goes before it.

HL7 v2 and FHIR both have a receiver take the last message that comes for the state of a report. So
a message of an older version must not come after one of a newer version.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hosr.dicom.structure import UnusableFile
from hosr.identity import fingerprint


class Stage(StrEnum):
    """How far a report is. The words stand in outboxes, and stay."""

    DRAFT = "draft"
    SIGNED = "signed"
    AMENDED = "amended"  # or with an addendum
    WITHDRAWN = "withdrawn"


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# What persons answer for, and no draft takes the place of, whenever it was made.
_BINDING = frozenset({Stage.SIGNED, Stage.AMENDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of a report: of which one, how far it is, and since when.

    `report` is the same in all versions at one receiver, and tells nothing of the patient.
    """

    report: str
    stage: Stage
    stated_at: dt.datetime

    @property
    def turn(self) -> int:
        """Its place among the versions of the report: milliseconds since 1970, which servers keep."""
        return (self.stated_at - _EPOCH) // dt.timedelta(milliseconds=1)

    @property
    def words(self) -> str:
        """What it is and since when, in words."""
        return f"{self.stage.value}, {self.stated_at.isoformat(timespec='seconds')}"

    def goes_before(self, other: Version) -> bool:
        """Whether a receiver that has this version must not be sent the other one."""
        is_late_draft = other.stage is Stage.DRAFT and self.stage in _BINDING
        return is_late_draft or self.turn > other.turn


_AGAIN = "make the report again"

# OBR-25, HL7 table 0123: C is corrected and final, X is a result that is no more; else there is none yet.
_ORDER_STAGES = {"F": Stage.SIGNED, "C": Stage.AMENDED, "X": Stage.WITHDRAWN}

# DiagnosticReport.status of FHIR R4 and R5: else nobody has signed it yet.
_STATUS_STAGES = {
    "final": Stage.SIGNED,
    **dict.fromkeys(("amended", "corrected", "appended"), Stage.AMENDED),
    **dict.fromkeys(("entered-in-error", "cancelled"), Stage.WITHDRAWN),
}

# 113014 of DCM, the UID of the study as IHE RAD-128 has it.
_STUDY = "113014"
_OFFICIAL = "official"


def read_oru(data: bytes) -> tuple[str, Version]:
    """The control ID (MSH-10) of an ORU^R01 of hosr, and the version that it brings.

    A receiver knows a report by patient and order (PID-3, OBR-2, OBR-3), its versions by OBR-22. Who
    issued the ID of the patient is no part of that here: the study is, and a configuration may change.
    Raises `UnusableFile` for what is no such message.
    """
    fields = _segments(data)
    header, patient, order = (fields.get(name, [[]])[0] for name in ("MSH", "PID", "OBR"))
    control_id, moment = _field(header, 9), _field(order, 22)
    if not _field(header, 8).startswith("ORU") or not control_id or not order:
        raise UnusableFile("is no HL7 message of a report", _AGAIN)
    try:
        stated_at = dt.datetime.strptime(moment, "%Y%m%d%H%M%S%z")
    except ValueError:
        raise UnusableFile("does not say when its report came to its status", _AGAIN) from None
    studies = (_field(f, 5) for f in fields.get("OBX", ()) if _field(f, 3).startswith(_STUDY))
    patient_id = _field(patient, 3).partition(_field(header, 1)[:1] or "^")[0]
    known_by = [next(studies, ""), patient_id, _field(order, 2), _field(order, 3)]
    stage = _ORDER_STAGES.get(_field(order, 25), Stage.DRAFT)
    return control_id, Version(report=fingerprint(known_by), stage=stage, stated_at=stated_at)


def _segments(data: bytes) -> dict[str, list[list[str]]]:
    """The fields of each segment by its name; MSH-2 is at 1, and so on, for MSH-1 parts them."""
    lines = [line for line in data.decode("utf-8", "replace").split("\r") if line]
    separator = lines[0][3:4] if lines and lines[0].startswith("MSH") else ""
    found: dict[str, list[list[str]]] = {}
    for line in lines if separator else ():
        name, *_ = fields = line.split(separator)
        found.setdefault(name, []).append(fields)
    return found


def _field(fields: list[str], number: int) -> str:
    return fields[number].strip() if number < len(fields) else ""


def read_bundle(data: bytes) -> tuple[str, Version]:
    """What a bundle of hosr is known by, and the version that it brings.

    Two bundles of one version have the same key where they are the same, byte for byte. Raises
    `UnusableFile` for what is no such bundle.
    """
    version = version_of(report_in(data))
    if version is None:
        raise UnusableFile("does not say when its report came to its status", _AGAIN)
    return hashlib.sha256(data).hexdigest()[:_KEY_CHARACTERS].upper(), version


_KEY_CHARACTERS = 20


def report_in(data: bytes) -> dict[str, Any]:
    """The DiagnosticReport in a bundle of hosr; `UnusableFile` for what has not exactly one."""
    try:
        bundle = json.loads(data)
        resources = [entry["resource"] for entry in bundle["entry"]]
        reports = [each for each in resources if each["resourceType"] == "DiagnosticReport"]
    except (ValueError, TypeError, KeyError, RecursionError):
        reports = []
    if len(reports) != 1 or bundle.get("type") != "transaction" or not identifier_of(reports[0]):
        raise UnusableFile("is no FHIR bundle of a report", _AGAIN)
    report: dict[str, Any] = reports[0]
    return report


def identifier_of(report: Mapping[str, Any]) -> tuple[str, str] | None:
    """System and value of what all versions of a DiagnosticReport of hosr have in common."""
    for each in _tables(report.get("identifier")):
        if each.get("use") == _OFFICIAL:
            return str(each.get("system", "")), str(each.get("value", ""))
    return None


def version_of(report: Mapping[str, Any]) -> Version | None:
    """The version that a DiagnosticReport is, here or at a server; None where it does not say when."""
    try:
        stated_at = dt.datetime.fromisoformat(str(report.get("issued")))
    except ValueError:
        return None
    _, value = identifier_of(report) or ("", "")
    stage = _STATUS_STAGES.get(str(report.get("status")), Stage.DRAFT)
    if stated_at.tzinfo is None:
        return None
    return Version(report=value, stage=stage, stated_at=stated_at)


def digest_of(report: Mapping[str, Any]) -> str:
    """What tells a DiagnosticReport from another one: documents, status, time, words and files.

    References, which servers write in their own way, are no part of it.
    """
    version, files = version_of(report), report.get("presentedForm") or []
    identifiers = report.get("identifier") or []
    held = (
        sorted(f"{each.get('system')} {each.get('value')}" for each in _tables(identifiers)),
        str(report.get("status")),
        version.turn if version else 0,
        str(report.get("conclusion")),
        sorted(str(each.get("hash")) for each in _tables(files)),
    )
    return fingerprint(held)


def _tables(values: object) -> list[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The version of a report that a server shows now, and its digest."""

    version: Version
    digest: str
