"""The object in a DICOM file, before it is given to an archive: whole, and the one that is meant."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hosr.archive.refusals import Cause, refusal
from hosr.dicom.elements import data_set_start, is_dicom, read_elements, read_meta
from hosr.dicom.structure import UnusableFile
from hosr.errors import Reason
from hosr.identity import is_valid_uid

if TYPE_CHECKING:
    from hosr.errors import ArchiveError


_MAKE_ANEW = "make it anew; it was not sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """A DICOM file as it is sent: what it is, and its encoded data set."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax: str
    data_set: bytes


def read_object(data: bytes, sop_instance_uid: str, name: str) -> StoredObject:
    """The object in a DICOM file, which must be the instance of this UID.

    Raises ArchiveRefused with DATA for what no archive could store.
    """
    try:
        return _read(data, sop_instance_uid)
    except UnusableFile as fault:
        raise unfit(name, fault.problem, fault.remedy) from None
    except Exception:  # noqa: BLE001 - the reader of elements throws what it likes
        raise unfit(name, "is damaged") from None


def _read(data: bytes, sop_instance_uid: str) -> StoredObject:
    stream = io.BytesIO(data)
    if not is_dicom(stream):
        raise UnusableFile("is no DICOM file", _MAKE_ANEW)
    _, transfer_syntax = read_meta(stream)
    start = data_set_start(stream)
    elements = read_elements(stream, (0x00080016, 0x00080018)).elements
    sop_class_uid = str(elements.get("SOPClassUID", ""))
    if str(elements.get("SOPInstanceUID", "")) != sop_instance_uid:
        raise UnusableFile("is not the object that it should be", _MAKE_ANEW)
    if not all(map(is_valid_uid, (sop_class_uid, sop_instance_uid, transfer_syntax))):
        raise UnusableFile("has a UID that is not lawful, or lacks one", _MAKE_ANEW)
    return StoredObject(
        sop_class_uid=sop_class_uid,
        sop_instance_uid=sop_instance_uid,
        transfer_syntax=transfer_syntax,
        data_set=data[start:],
    )


def unfit(name: str, problem: str, remedy: str = "") -> ArchiveError:
    """The error that says that the archive of this name cannot be given such an object."""
    cause = Cause(reason=Reason.DATA, problem=f"the object {problem}", remedy=remedy or _MAKE_ANEW)
    return refusal(name, cause)
