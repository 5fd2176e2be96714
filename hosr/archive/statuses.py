"""What the status of a C-STORE, or the Failure Reason of a STOW or a commitment, means for an object.

PS3.4 table B.2-1 (storage), PS3.7 annex C (general), PS3.18 table I.2-2 (store transaction),
PS3.3 table C.14-1 (failure reasons of storage commitment). Ranges come before what holds them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from hosr.archive.values import Cause, cause, refusal
from hosr.dicom.elements import data_set_start, peek
from hosr.dicom.structure import UnusableFile
from hosr.errors import ArchiveError, Reason
from hosr.identity import is_valid_uid

SUCCESS = 0x0000

# Status: what the archive did besides storing the object (PS3.4 table B.2-1, PS3.7 sections C.4.2
# and C.4.3). A warning of any class means that it was stored.
_WARNINGS = {
    0x0001: "it warns without saying of what",
    0x0107: "it finds an attribute that it does not take",
    0x0116: "it finds a value out of its range",
    0xB000: "it changed some attributes",
    0xB006: "it left some attributes out",
    0xB007: "it finds that the data set does not match its SOP class",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """Statuses from `first` to `last`, what they say and what to do about it."""

    first: int
    last: int
    reason: Reason
    problem: str
    remedy: str = ""


def _one(code: int, reason: Reason, problem: str, remedy: str = "") -> _Range:
    return _Range(first=code, last=code, reason=reason, problem=problem, remedy=remedy)


_SPACE = "look at its disk space and its log"
_RIGHTS = "let its administrator allow this application entity to store"
_READ_LOG = "look at the log of the archive"
_NEEDS_PERSON = "let its administrator see why; sending again changes nothing"

_FAILURES = (
    _one(0x0105, Reason.DATA, "does not know an attribute of the object"),
    _one(0x0106, Reason.DATA, "finds an invalid value in the object", _READ_LOG),
    _one(0x0110, Reason.PROCESSING, "failed to process the object", _READ_LOG),
    _one(0x0111, Reason.DUPLICATE, "has an object of this UID already"),
    _one(0x0112, Reason.ABSENT, "has no object of this UID"),
    _one(0x0117, Reason.DATA, "finds the UID of the object invalid"),
    _one(0x0118, Reason.CONFIGURATION, "does not know this SOP class", "let it accept this SOP class"),
    _one(0x0119, Reason.DATA, "has this UID under another SOP class"),
    _one(0x0120, Reason.DATA, "misses an attribute in the object", _READ_LOG),
    _one(0x0121, Reason.DATA, "misses a value in the object", _READ_LOG),
    _one(0x0122, Reason.CONFIGURATION, "does not take this SOP class", "let it accept this SOP class"),
    _one(0x0124, Reason.CONFIGURATION, "does not allow this", _RIGHTS),
    _one(0x0131, Reason.PROCESSING, "was asked under this transaction before"),
    _one(0x0210, Reason.BUSY, "took the message for one it had already"),
    _one(0x0211, Reason.UNSUPPORTED, "does not know this operation"),
    _one(0x0213, Reason.BUSY, "is short of resources for now", _SPACE),
    # dcm4chee's own, in a range that the standard keeps for want of resources.
    _one(0xA771, Reason.DATA, "rejected an object of this UID before", _NEEDS_PERSON),
    _Range(
        first=0xA777, last=0xA779, reason=Reason.DATA,
        problem="has filed the study or the object under another patient",
        remedy="correct the patient there, or make the report anew of the corrected study",
    ),
    _Range(
        first=0xA700, last=0xA7FF, reason=Reason.CAPACITY,
        problem="is out of resources, or cannot read the object", remedy=_SPACE,
    ),
    _Range(
        first=0xA900, last=0xA9FF, reason=Reason.DATA,
        problem="finds that the data set does not match its SOP class", remedy=_READ_LOG,
    ),
    _Range(
        first=0xC000, last=0xCFFF, reason=Reason.PROCESSING,
        problem="could not understand or process the object", remedy=_READ_LOG,
    ),
    _one(0xFE00, Reason.BUSY, "cancelled the operation"),
)  # fmt: skip

_UNKNOWN = cause(Reason.UNRECOGNISED, "answered with a status that no standard lists", _READ_LOG)  # fmt: skip


def hexadecimal(status: int) -> str:
    """A status as the standard writes it: four hexadecimal digits."""
    return f"{status:04X}"


def warning_of_status(status: int) -> str | None:
    """What the archive did besides storing; "" for plain success, None where this is a failure."""
    if status == SUCCESS:
        return ""
    other = "it warns in a way of its own" if 0xB000 <= status <= 0xBFFF else None
    return _WARNINGS.get(status, other)


def cause_of_status(status: int) -> Cause:
    """Why the object was not stored, by the status of a failure."""
    for failure in _FAILURES:
        if failure.first <= status <= failure.last:
            return cause(failure.reason, failure.problem, failure.remedy)
    return _UNKNOWN


_SOP_CLASS_UID, _SOP_INSTANCE_UID = 0x00080016, 0x00080018
_IDENTITY = (_SOP_CLASS_UID, _SOP_INSTANCE_UID)
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


def _read(data: bytes, sop_instance_uid: str) -> StoredObject:
    seen = peek(data, _IDENTITY)
    sop_class_uid, stated_uid = map(seen.text, _IDENTITY)
    if stated_uid != sop_instance_uid:
        raise UnusableFile("is not the object that it should be", _MAKE_ANEW)
    if not all(map(is_valid_uid, (sop_class_uid, sop_instance_uid, seen.transfer_syntax))):
        raise UnusableFile("has a UID that is not valid, or lacks one", _MAKE_ANEW)
    return StoredObject(
        sop_class_uid=sop_class_uid,
        sop_instance_uid=sop_instance_uid,
        transfer_syntax=seen.transfer_syntax,
        data_set=data[data_set_start(io.BytesIO(data)) :],
    )


def is_instance(data: bytes, sop_instance_uid: str) -> bool:
    """Whether this is a DICOM file with all of its data set, and of this instance."""
    try:
        return peek(data, [_SOP_INSTANCE_UID]).text(_SOP_INSTANCE_UID) == sop_instance_uid
    except UnusableFile:
        return False


def unfit(name: str, problem: str, remedy: str = "") -> ArchiveError:
    """The error that says that the archive of this name cannot be given such an object."""
    return refusal(name, Reason.DATA, f"the object {problem}", remedy or _MAKE_ANEW)
