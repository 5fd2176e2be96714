"""A bundle of hosr as far as it must be known to send it, and the patient that it is of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote

from hosr.archive.versions import Version, report_in, version_of
from hosr.dicom.structure import UnusableFile

Json = dict[str, Any]

_AGAIN = "make the report again"
_PATIENT = "Patient?"
# What a value of a search may hold as it is; `|`, which some servers refuse in an address, may not.
_SAYABLE = "=&:/%?,$~-._"
# A sign that means something else in a search stands behind a backslash (FHIR, "Escaping Search Parameters").
_ESCAPED = re.compile(r"\\(.)")
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBundle:
    """A bundle: its report and version, the searches that find report and patient, its size.

    Searches are what stands behind the `?` of an address. A draft `is_created` where there is none, and
    changes nothing else. What is of the patient is not shown.
    """

    report: Json = field(repr=False)
    version: Version
    report_search: str
    patient_search: str = field(repr=False)
    entries: int
    is_created: bool

    @property
    def new_patient(self) -> Json:
        """A patient of whom is known what is looked for: the identifier, and perhaps the date of birth."""
        looked_for = dict(parse_qsl(self.patient_search))
        system, bar, value = _parts(looked_for["identifier"])
        identifier = {"system": system, "value": value} if bar else {"value": value}
        born = {"birthDate": looked_for["birthdate"]} if "birthdate" in looked_for else {}
        return {"resourceType": "Patient", "identifier": [identifier], **born}


def read_sent(data: bytes) -> SentBundle:
    """The bundle; `UnusableFile` for what is none of hosr's."""
    report = report_in(data)
    version = version_of(report)
    try:
        entries: list[Json] = json.loads(data)["entry"]
        (entry,) = (each for each in entries if each["resource"] == report)
        request, subject = entry["request"], str(report["subject"]["reference"])
        found = str(request.get("ifNoneExist") or request["url"].partition("?")[2])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnusableFile("is no FHIR bundle of a report", _AGAIN) from None
    if version is None or not found or not subject.startswith(_PATIENT):
        raise UnusableFile("is no FHIR bundle of a report", _AGAIN)
    return SentBundle(
        report=report,
        version=version,
        report_search=_sayable(found),
        patient_search=_sayable(subject.removeprefix(_PATIENT)),
        entries=len(entries),
        is_created="ifNoneExist" in request,
    )


def _sayable(search: str) -> str:
    return quote(search, safe=_SAYABLE)


def _parts(token: str) -> tuple[str, str, str]:
    """System, bar and value of a search for a token, unescaped."""
    bar = _BAR.search(token)
    system, value = (token[: bar.start()], token[bar.end() :]) if bar else ("", token)
    return _ESCAPED.sub(r"\1", system), "|" if bar else "", _ESCAPED.sub(r"\1", value)
