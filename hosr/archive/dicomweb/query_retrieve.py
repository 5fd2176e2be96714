"""Searching an archive (QIDO-RS, PS3.18 section 10.6), and retrieving from it (WADO-RS, section 10.4).

A search goes level by level: study, series, instance. Every level is asked for by itself, since not
every archive searches across levels, and what comes back is held against the query once more:
archives ignore what they cannot match, take `*` and `?` in a value for wildcards, and ignore paging.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from hosr.archive.dicomweb.connection import MAX_IMAGE_BYTES, Answer, Request
from hosr.archive.dicomweb.messages import (
    DataSet,
    MalformedMessageError,
    ask_for_data_sets,
    data_sets,
    first_part,
    instance_target,
    is_uid,
    media_type,
    series_target,
    study_target,
    text_of,
)
from hosr.archive.dicomweb.service import ABSENT, Service
from hosr.archive.statuses import is_instance
from hosr.archive.values import Locator, Query, cause
from hosr.dicom.elements import quiet_pydicom, unvalidated_pydicom
from hosr.errors import Reason

MAX_INSTANCES = 50_000

# What Azure takes at most; others take more, and some give fewer than they are asked for.
PAGE = 200

_STUDY_INSTANCE_UID = "0020000D"
_SERIES_INSTANCE_UID = "0020000E"
_SOP_CLASS_UID = "00080016"
_SOP_INSTANCE_UID = "00080018"
_ACCESSION_NUMBER = "00080050"
_MODALITY = "00080060"
_PATIENT_ID = "00100020"


def find(service: Service, query: Query) -> tuple[Locator, ...]:
    """The instances that match, in the order of their UIDs.

    Raises ArchiveError where the archive cannot be searched, and beyond 50,000 instances.
    """
    query.require_named(service.name)
    keys = {
        _STUDY_INSTANCE_UID: query.study_instance_uid,
        _ACCESSION_NUMBER: query.accession_number,
        _PATIENT_ID: query.patient_id,
    }
    keys = {tag: value for tag, value in keys.items() if value}
    found: set[Locator] = set()
    for study in _studies(service, keys):
        for locator in _instances(service, study, query.modalities):
            found.add(locator)
            if len(found) > MAX_INSTANCES:
                raise _TOO_MANY.refusal(service.name)
    return tuple(sorted(found))


def _studies(service: Service, keys: Mapping[str, str]) -> Iterator[str]:
    for study in _pages(service, "/studies", _STUDY_INSTANCE_UID, keys):
        if all(text_of(study, tag) == value for tag, value in keys.items()):
            yield text_of(study, _STUDY_INSTANCE_UID)


def _instances(service: Service, study: str, modalities: tuple[str, ...]) -> Iterator[Locator]:
    if not modalities:
        yield from _locators(service, study_target(study), study)
        return
    for series in _pages(service, f"{study_target(study)}/series", _SERIES_INSTANCE_UID, {}):
        if text_of(series, _MODALITY) in modalities:
            uid = text_of(series, _SERIES_INSTANCE_UID)
            yield from _locators(service, series_target(study, uid), study, uid)


def _locators(service: Service, target: str, study: str, series: str = "") -> Iterator[Locator]:
    """The instances below a study or a series."""
    for instance in _pages(service, f"{target}/instances", _SOP_INSTANCE_UID, {}):
        locator = Locator(
            study_instance_uid=text_of(instance, _STUDY_INSTANCE_UID) or study,
            series_instance_uid=text_of(instance, _SERIES_INSTANCE_UID) or series,
            sop_class_uid=text_of(instance, _SOP_CLASS_UID),
            sop_instance_uid=text_of(instance, _SOP_INSTANCE_UID),
        )
        # Some archives do not say the class; the file does.
        if not is_uid(locator.series_instance_uid) or not is_uid(locator.sop_class_uid or "0"):
            raise _INCOMPLETE.refusal(service.name)
        if locator.study_instance_uid == study and series in {"", locator.series_instance_uid}:
            yield locator


def _pages(service: Service, target: str, key: str, query: Mapping[str, str]) -> Iterator[DataSet]:
    """All matches, each once by the UID that is its key, until a page brings nothing new."""
    seen: set[str] = set()
    offset = 0
    while True:
        asked = urlencode({**query, "limit": PAGE, "offset": offset})
        page = data_sets(service, ask_for_data_sets(service, f"{target}?{asked}"))
        new = {text_of(match, key): match for match in page if text_of(match, key) not in seen}
        if not all(map(is_uid, new)):
            raise _INCOMPLETE.refusal(service.name)
        yield from new.values()
        seen |= set(new)
        if not new:
            return
        if len(seen) > MAX_INSTANCES:
            raise _TOO_MANY.refusal(service.name)
        offset += len(page)


_TOO_MANY = cause(Reason.CAPACITY, "has more than 50,000 instances that match", "name the study")
_INCOMPLETE = cause(
    Reason.UNRECOGNISED,
    "finds instances without saying their UIDs",
    "check that the address is the root of the DICOMweb services",
)


_DICOM = "application/dicom"
_NOT_ACCEPTABLE = 406
_OK = 200

# As it is stored, in whatever transfer syntax; and for archives that do not know the asterisk.
_ACCEPT = (
    'multipart/related; type="application/dicom"; transfer-syntax=*',
    'multipart/related; type="application/dicom"',
)


def fetch(service: Service, locator: Locator) -> bytes:
    """The file of one instance, whole and the one that was asked for.

    Raises ArchiveError: ABSENT where the archive has no such instance.
    """
    uids = (locator.study_instance_uid, locator.series_instance_uid, locator.sop_instance_uid)
    if not all(map(is_uid, uids)):
        raise _NO_UID.refusal(service.name)
    for accept in _ACCEPT:
        request = Request(
            method="GET",
            target=instance_target(*uids),
            headers={"Accept": accept},
            limit_bytes=MAX_IMAGE_BYTES,
        )
        answer = service.ask(request)
        if answer.status != _NOT_ACCEPTABLE:
            break
    content = _content(service, answer)
    if not is_instance(content, locator.sop_instance_uid):
        raise service.refusal(answer, _ANOTHER)
    return content


def fetch_metadata(service: Service, study_instance_uid: str) -> tuple[bytes, ...]:
    """The headers of all instances of a study as files without their pixels and other bulk data.

    Raises ArchiveError: ABSENT where the archive has no such study.
    """
    if not is_uid(study_instance_uid):
        raise _NO_UID.refusal(service.name)
    answer = ask_for_data_sets(service, f"{study_target(study_instance_uid)}/metadata")
    if answer.status in ABSENT:
        raise service.refusal(answer, _ABSENT)
    found = data_sets(service, answer)
    if not found:
        raise service.refusal(answer, _ABSENT)
    try:
        return tuple(header_file(data_set, study_instance_uid) for data_set in found)
    except ValueError:
        raise service.refusal(answer, _NO_METADATA) from None


def _content(service: Service, answer: Answer) -> bytes:
    if answer.status in ABSENT:
        raise service.refusal(answer, _ABSENT)
    if answer.status != _OK:
        raise service.refusal(answer)
    if media_type(answer.content_type) == _DICOM:
        return answer.body
    try:
        _, content = first_part(answer.body, answer.content_type)
    except MalformedMessageError as error:
        raise service.refusal(answer, _CUT if error.is_cut else _NO_OBJECT) from None
    return content


_NO_UID = cause(
    Reason.DATA,
    "was asked for an instance whose UIDs are not valid",
    "check where the UIDs come from",
)
_ABSENT = cause(Reason.ABSENT, "does not have this object")
_ANOTHER = cause(
    Reason.UNRECOGNISED,
    "gives something other than the object that was asked for",
    "look at the object in the archive",
)
_NO_OBJECT = cause(
    Reason.UNRECOGNISED,
    "answers with something other than a DICOM file, perhaps a login page",
    "check the credentials, and that the address is the root of the DICOMweb services",
)
_CUT = cause(Reason.LOST, "ended its answer within the object", "it is asked again")
_NO_METADATA = cause(
    Reason.UNRECOGNISED,
    "gives metadata of the study that are not DICOM",
    "give the images as files",
)


_CHARACTER_SET = {"vr": "CS", "Value": ["ISO_IR 192"]}
_SPECIFIC_CHARACTER_SET = "00080005"

# PS3.5 table 6.2-1: bytes that DICOM JSON refers to or gives in Base64.
_BINARY_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_MAX_DEPTH = 32


def header_file(data_set: DataSet, study_instance_uid: str) -> bytes:
    """The header of one instance of the study as a file, its text in UTF-8 (ISO_IR 192).

    Values stay as they are, valid or not: who reads the file judges them. Raises ValueError for
    what is no header of an instance of this study.
    """
    if text_of(data_set, _STUDY_INSTANCE_UID) != study_instance_uid:
        raise ValueError("is of another study")
    plain = _without_bulk(data_set, depth=0)
    plain[_SPECIFIC_CHARACTER_SET] = _CHARACTER_SET
    try:
        with quiet_pydicom(), unvalidated_pydicom():
            return _encoded(_read(plain))
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on malformed JSON)
        raise ValueError("is malformed") from None


def _read(plain: DataSet) -> Dataset:
    """The elements that can be read; one that cannot, such as a length in words, is left out."""
    header = Dataset()
    for tag, attribute in plain.items():
        with suppress(Exception):
            header.update(Dataset.from_json({tag: attribute}))
    return header


def _encoded(header: Dataset) -> bytes:
    if not is_uid(header.SOPInstanceUID) or not is_uid(header.SOPClassUID):
        raise ValueError("names no instance")
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(ExplicitVRLittleEndian)
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _without_bulk(data_set: DataSet, depth: int) -> dict[str, Any]:
    """The elements of a data set that have plain values, at every level."""
    if depth > _MAX_DEPTH:
        raise ValueError("is nested beyond measure")
    kept: dict[str, Any] = {}
    for tag, attribute in data_set.items():
        if not isinstance(attribute, dict) or not _is_plain(tag, attribute):
            continue
        values = attribute.get("Value")
        if attribute.get("vr") == "SQ" and isinstance(values, list):
            items = [_without_bulk(item, depth + 1) for item in values if isinstance(item, dict)]
            kept[tag] = {"vr": "SQ", "Value": items}
        else:
            kept[tag] = attribute
    return kept


def _is_plain(tag: str, attribute: dict[str, Any]) -> bool:
    """Whether an element belongs into a header: no bulk data, no character set of its own."""
    return (
        attribute.get("vr") not in _BINARY_VRS
        and not {"BulkDataURI", "InlineBinary"} & attribute.keys()
        and tag != _SPECIFIC_CHARACTER_SET
        and tag[:4] not in {"0000", "0002"}
    )
