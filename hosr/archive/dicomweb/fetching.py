"""Retrieving from an archive (WADO-RS, PS3.18 section 10.4): one instance, or headers of a study."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from hosr.archive.dicomweb.connection import MAX_IMAGE_BYTES, Request
from hosr.archive.dicomweb.http_statuses import ABSENT
from hosr.archive.dicomweb.messages import ask_for_data_sets, data_sets
from hosr.archive.dicomweb.multipart import MalformedMessageError, first_part, media_type
from hosr.archive.dicomweb.resources import instance_target, is_uid, study_target
from hosr.archive.refusals import Cause, refusal
from hosr.dicom.elements import is_dicom, quiet_pydicom, read_elements
from hosr.errors import Reason

if TYPE_CHECKING:
    from hosr.archive.dicomweb.connection import Answer
    from hosr.archive.dicomweb.service import Service
    from hosr.archive.values import Locator


_DICOM = "application/dicom"
_NOT_ACCEPTABLE = 406
_OK = 200

# As it is stored, in whatever transfer syntax; and for archives that do not know the asterisk.
_ACCEPT = (
    'multipart/related; type="application/dicom"; transfer-syntax=*',
    'multipart/related; type="application/dicom"',
)
_SOP_INSTANCE_UID = 0x00080018


def fetch(service: Service, locator: Locator) -> bytes:
    """The file of one instance, whole and the one that was asked for.

    Raises ArchiveError: ABSENT where the archive has no such instance.
    """
    uids = (locator.study_instance_uid, locator.series_instance_uid, locator.sop_instance_uid)
    if not all(map(is_uid, uids)):
        raise refusal(service.name, _NO_UID)
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
    if not _is_whole(content, locator.sop_instance_uid):
        raise service.refusal(answer, _ANOTHER)
    return content


def fetch_metadata(service: Service, study_instance_uid: str) -> tuple[bytes, ...]:
    """The headers of all instances of a study as files without their pixels and other bulk data.

    Raises ArchiveError: ABSENT where the archive has no such study.
    """
    from hosr.archive.dicomweb.headers import header_file

    if not is_uid(study_instance_uid):
        raise refusal(service.name, _NO_UID)
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


def _is_whole(content: bytes, sop_instance_uid: str) -> bool:
    """Whether this is a DICOM file with all of its data set, and of this instance."""
    stream = io.BytesIO(content)
    try:
        with quiet_pydicom():
            if not is_dicom(stream):
                return False
            elements = read_elements(stream, [_SOP_INSTANCE_UID]).elements
            return str(elements.get("SOPInstanceUID", "")).strip(" \0") == sop_instance_uid
    except Exception:  # noqa: BLE001 (pydicom throws of every kind on damaged files)
        return False


_NO_UID = Cause(
    reason=Reason.DATA,
    problem="was asked for an instance whose UIDs are not lawful",
    remedy="check where the UIDs come from",
)
_ABSENT = Cause(reason=Reason.ABSENT, problem="does not have this object")
_ANOTHER = Cause(
    reason=Reason.UNRECOGNISED,
    problem="gives something other than the object that was asked for",
    remedy="look at the object in the archive",
)
_NO_OBJECT = Cause(
    reason=Reason.UNRECOGNISED,
    problem="answers with something other than a DICOM file, perhaps a login page",
    remedy="check the credentials, and that the address is the root of the DICOMweb services",
)
_CUT = Cause(
    reason=Reason.LOST, problem="ended its answer within the object", remedy="it is asked again"
)
_NO_METADATA = Cause(
    reason=Reason.UNRECOGNISED,
    problem="gives metadata of the study that are not DICOM",
    remedy="give the images as files",
)
