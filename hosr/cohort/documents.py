"""One file as the readings in it: whether it is a measurement report of hosr, and what it says."""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hosr import codes
from hosr.cohort.readings import HipReading, read_report
from hosr.dicom.elements import MEDIA_DIRECTORY, is_dicom, read_elements
from hosr.dicom.quiet import quiet_pydicom
from hosr.dicom.refusal import Refusal
from hosr.errors import DocumentRefused, Fault

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


# SOP Instance UID, Modality, coding schemes, title.
_SOP_INSTANCE_UID, _MODALITY, _SCHEMES, _TITLE = 0x00080018, 0x00080060, 0x00080110, 0x0040A043
_SCHEME_UID, _CODE_VALUE, _CODE_SCHEME = 0x0008010C, 0x00080100, 0x00080102

# More than any document of hosr holds.
_MAX_BYTES = 65 << 20
_FIND_OUT = "look at the file; the others were read"


class Other(StrEnum):
    """What a file is that holds no grading."""

    NOT_A_FILE = "not a file"
    NOT_DICOM = "not DICOM"
    NOT_A_REPORT = "DICOM, but no structured report"
    FOREIGN_REPORT = "structured report of another maker"
    WITHOUT_RECORD = "report of hosr that holds no record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was found at one place: the readings of a report, something else, or a fault."""

    place: str
    sop_instance_uid: str = ""
    readings: tuple[HipReading, ...] = ()
    other: Other | None = None
    fault: Fault | None = None


def read_file(path: Path, place: str) -> Document:
    """What a file holds; whatever is wrong with it is its fault, and none is raised."""
    # Without waiting for a writer, should the path be a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return Document(place=place, other=Other.NOT_A_FILE)
            return _read(file, place)
    except OSError as error:
        problem = f"cannot be read ({error.strerror or type(error).__name__})"
        return Document(place=place, fault=Fault(place, problem, "check its permissions"))


def read_document(data: bytes, place: str) -> Document:
    """What these bytes of a file hold; as `read_file`."""
    return _read(io.BytesIO(data), place)


def _read(stream: BinaryIO, place: str) -> Document:
    if not is_dicom(stream):
        if place.lower().endswith(".dcm"):
            fault = Fault(place, "is named .dcm, but is not a DICOM file", _FIND_OUT)
            return Document(place=place, fault=fault)
        return Document(place=place, other=Other.NOT_DICOM)
    try:
        with quiet_pydicom():
            other, uid = _look_into(stream)
    except OSError:
        raise
    except Refusal as refusal:
        return Document(place=place, fault=Fault(place, refusal.problem, refusal.remedy))
    except Exception as error:  # noqa: BLE001 (pydicom throws of every kind on damaged files)
        problem = f"cannot be read as DICOM ({type(error).__name__})"
        return Document(place=place, fault=Fault(place, problem, _FIND_OUT))
    if other is None:
        return _decode(stream, place, uid)
    return Document(place=place, sop_instance_uid=uid, other=other)


def _look_into(stream: BinaryIO) -> tuple[Other | None, str]:
    """What a file is, unless a measurement report of hosr, and its SOP Instance UID.

    KeyError where it was cut short of what says that.
    """
    tags = (_SOP_INSTANCE_UID, _MODALITY, _SCHEMES, _TITLE)
    found = read_elements(stream, tags)
    if found.media_sop_class_uid == MEDIA_DIRECTORY:
        return Other.NOT_A_REPORT, ""
    return _other(found.elements), str(found.elements[_SOP_INSTANCE_UID].value).strip()


def _decode(stream: BinaryIO, place: str, uid: str) -> Document:
    from hosr.sr import decode

    stream.seek(0)
    try:
        with quiet_pydicom():
            report = decode(stream.read(_MAX_BYTES), place)
    except DocumentRefused as refusal:
        return Document(place=place, sop_instance_uid=uid, fault=refusal.faults[0])
    readings = read_report(report, uid, place)
    return Document(place=place, sop_instance_uid=uid, readings=readings)


def _other(elements: Dataset) -> Other | None:
    """What it is, unless a measurement report of hosr."""
    if str(elements[_MODALITY].value).strip() != "SR":
        return Other.NOT_A_REPORT
    title = elements[_TITLE].value[0]
    schemes = elements[_SCHEMES].value if _SCHEMES in elements else ()
    if codes.PRIVATE_SCHEME_UID not in {_text(item, _SCHEME_UID) for item in schemes}:
        return Other.FOREIGN_REPORT
    is_measurement = codes.IMAGING_MEASUREMENT_REPORT.key == (
        _text(title, _CODE_SCHEME),
        _text(title, _CODE_VALUE),
    )
    return None if is_measurement else Other.WITHOUT_RECORD


def _text(elements: Dataset, tag: int) -> str:
    return str(elements[tag].value).strip() if tag in elements else ""
