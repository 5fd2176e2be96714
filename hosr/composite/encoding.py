"""Who an object is, by UIDs that follow from all that it says, and the object as a DICOM file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from hosr.dicom.writing import Elements, Values, encode_file
from hosr.errors import Fault, Unencodable
from hosr.findings import Algorithm
from hosr.identity import derive_uid
from hosr.study import Instance
from hosr.version import __version__

IMPLEMENTATION_CLASS_UID = derive_uid("implementation", "hosr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A DICOM object made: its identity and its file."""

    instance: Instance
    data: bytes


def derive_instance(kind: str, sop_class_uid: str, key: str, *parts: str) -> Instance:
    """The identity of an object of a kind; `key` stands for its content.

    Objects of one key and several `parts` lie in one series.
    """
    return Instance(
        series_instance_uid=derive_uid(f"{kind} series", key),
        sop_class_uid=sop_class_uid,
        sop_instance_uid=derive_uid(kind, key, *parts),
    )


def device_uid(algorithm: Algorithm) -> str:
    """The UID of the algorithm, its own or derived; it changes with the version."""
    return algorithm.device_uid or derive_uid(
        "device", algorithm.name, algorithm.version, algorithm.manufacturer
    )


@contextmanager
def strict_writing() -> Iterator[None]:
    """Raise on values that break their VR, of which pydicom only warns.

    The doubt about person names of one component is no fault, and would name the person.
    """
    settings = pydicom.config.settings
    before = settings.writing_validation_mode
    settings.writing_validation_mode = pydicom.config.RAISE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", "The string .* is unlikely to represent", UserWarning)
            yield
    finally:
        settings.writing_validation_mode = before


@contextmanager
def refusing_invalid() -> Iterator[None]:
    """Raise `Unencodable` on a value that has no valid form, whatever pydicom says of it."""
    try:
        with strict_writing():
            yield
    except (ValueError, TypeError, Warning) as error:
        raise invalid(error) from error


def invalid(error: Exception) -> Unencodable:
    """The refusal of a value that no attribute can hold, without the value."""
    problem = f"a text or number has no valid DICOM form ({type(error).__name__})"
    return Unencodable(Fault("report", problem, "shorten or correct it"))


def encode(dataset: Dataset) -> bytes:
    """The dataset as a DICOM file: Explicit VR Little Endian, a preamble of zeros."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword, value in _IMPLEMENTATION.items():
        setattr(meta, keyword, value)
    dataset.file_meta = meta
    buffer = BytesIO()
    with strict_writing():
        dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def encode_values(values: Values, encoded: Elements = ()) -> bytes:
    """The same file of plain values by keyword, and of elements that are encoded already."""
    uids = str(values["SOPClassUID"]), str(values["SOPInstanceUID"])
    return encode_file(*uids, _IMPLEMENTATION, values, encoded)


_IMPLEMENTATION = {
    "ImplementationClassUID": IMPLEMENTATION_CLASS_UID,
    "ImplementationVersionName": f"HOSR_{__version__}".replace(".", "_"),
}
