"""Image files as devices write them, whole or spoilt."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
)

from hosr.dicom.elements import unvalidated_pydicom

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "DELETE",
    "ct",
    "deflated",
    "encoded",
    "enhanced_ct",
    "item",
    "medium",
    "nested",
    "radiograph",
    "respelt",
    "twice",
    "write",
]

DELETE = object()
"""The value of an attribute that a device leaves out."""

STUDY = "1.2.826.0.1.1"


def item(**attributes: Any) -> Dataset:
    """A data set of these attributes."""
    return _changed(Dataset(), attributes)


def radiograph(**changes: Any) -> Dataset:
    """An AP pelvis that lacks nothing, with other values for some attributes."""
    complete = item(
        SpecificCharacterSet="ISO_IR 100",
        SOPClassUID=DigitalXRayImageStorageForPresentation,
        SOPInstanceUID="1.2.826.0.1.1.1.1",
        StudyDate="20260301",
        ContentDate="20260301",
        StudyTime="101500",
        ContentTime="101530.25",
        AccessionNumber="A-17",
        Modality="DX",
        ReferringPhysicianName="Weiß^Jürgen",
        StudyDescription="Becken ap",
        PatientName="Müller^Änne",
        PatientID="P-4711",
        IssuerOfPatientID="HOSPITAL",
        PatientBirthDate="19500102",
        PatientSex="F",
        BodyPartExamined="PELVIS",
        ImagerPixelSpacing=["0.15", "0.15"],
        ViewPosition="AP",
        StudyInstanceUID=STUDY,
        SeriesInstanceUID="1.2.826.0.1.1.1",
        StudyID="S1",
        InstanceNumber="1",
        PatientOrientation=["L", "F"],
        ImageLaterality="B",
        PixelSpacing=["0.125", "0.125"],
    )
    return _changed(_with_pixels(complete), changes)


def ct(number: int, **changes: Any) -> Dataset:
    """One slice of a volume of the same study, 2 mm from the next."""
    complete = radiograph(
        SOPClassUID=CTImageStorage,
        SOPInstanceUID=f"1.2.826.0.1.1.2.{number}",
        SeriesInstanceUID="1.2.826.0.1.1.2",
        Modality="CT",
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"],
        InstanceNumber=str(number),
        ImagePositionPatient=["-50", "-40", str(2 * number)],
        ImageOrientationPatient=["1", "0", "0", "0", "1", "0"],
        FrameOfReferenceUID="1.2.826.0.1.1.9",
        PixelSpacing=["0.5", "0.25"],
    )
    for keyword in ("ImagerPixelSpacing", "ViewPosition", "ImageLaterality", "PatientOrientation"):
        delattr(complete, keyword)
    return _changed(complete, changes)


def enhanced_ct(frames: int, **changes: Any) -> Dataset:
    """A volume in one object."""
    shared = item(
        PixelMeasuresSequence=[item(PixelSpacing=["0.5", "0.25"])],
        PlaneOrientationSequence=[item(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
    )
    per_frame = [
        item(PlanePositionSequence=[item(ImagePositionPatient=["-50", "-40", str(2 * number)])])
        for number in range(1, frames + 1)
    ]
    complete = ct(
        1,
        SOPClassUID=EnhancedCTImageStorage,
        NumberOfFrames=str(frames),
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=per_frame,
        PixelData=bytes(24 * frames),
    )
    for keyword in ("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient"):
        delattr(complete, keyword)
    return _changed(complete, changes)


def write(path: Path, image: Dataset, syntax: str = ExplicitVRLittleEndian) -> Path:
    """The file of an image, in a transfer syntax."""
    path.write_bytes(encoded(image, syntax))
    return path


def encoded(image: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The bytes of a file."""
    stream = io.BytesIO()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = UID(syntax)
    with unvalidated_pydicom():
        image.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def deflated(image: Dataset) -> bytes:
    """The bytes of a file with a deflated data set."""
    return encoded(image, DeflatedExplicitVRLittleEndian)


def respelt(content: bytes, vr: bytes, value: bytes, new: bytes) -> bytes:
    """The file with other bytes in the last element of this value, as no tool would write them."""
    head, mark, rest = content.rpartition(_element(vr, value))
    if not mark:
        raise ValueError("there is no such element")
    return head + _element(vr, new) + rest


def _element(vr: bytes, value: bytes) -> bytes:
    padded = value + (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
    return struct.pack("<2sH", vr, len(padded)) + padded


def twice(content: bytes, keyword: str, vr: bytes, value: bytes) -> bytes:
    """The file with one more element of this keyword, right behind the one that is there."""
    tag = tag_for_keyword(keyword)
    assert tag is not None
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    start = content.index(head)
    end = start + 8 + struct.unpack_from("<H", content, start + 6)[0]
    element = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + _element(vr, value)
    return content[:end] + element + content[end:]


def medium(path: Path, *files: list[str]) -> Path:
    """A DICOMDIR that refers to files by the components of their paths."""
    records = [
        item(DirectoryRecordType="IMAGE", RecordInUseFlag=0xFFFF, ReferencedFileID=components)
        for components in files
    ]
    deleted = item(DirectoryRecordType="IMAGE", RecordInUseFlag=0, ReferencedFileID=["GONE"])
    directory = item(DirectoryRecordSequence=[*records, deleted])
    directory.file_meta = FileMetaDataset()
    directory.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    directory.file_meta.MediaStorageSOPInstanceUID = UID("1.2.826.0.1.7")
    directory.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    directory.save_as(path, enforce_file_format=True)
    return path


def nested(depth: int, *, defined: bool, tag: tuple[int, int] = (0x0040, 0x0275)) -> bytes:
    """A sequence in a sequence in a sequence, with lengths or with delimiters."""
    content = b""
    item_end = b"" if defined else struct.pack("<HHL", 0xFFFE, 0xE00D, 0)
    sequence_end = b"" if defined else struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    for _ in range(depth):
        length = len(content) if defined else 0xFFFFFFFF
        content = struct.pack("<HHL", 0xFFFE, 0xE000, length) + content + item_end
        length = len(content) if defined else 0xFFFFFFFF
        content = struct.pack("<HH2sHL", *tag, b"SQ", 0, length) + content + sequence_end
    return content


def _with_pixels(image: Dataset) -> Dataset:
    return _changed(
        image,
        {
            "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2",
            "Rows": 3,
            "Columns": 4,
            "BitsAllocated": 16,
            "BitsStored": 12,
            "HighBit": 11,
            "PixelRepresentation": 0,
            "PixelData": bytes(24),
        },
    )


def _changed(image: Dataset, changes: dict[str, Any]) -> Dataset:
    with unvalidated_pydicom():
        for keyword, value in changes.items():
            if value is DELETE:
                delattr(image, keyword)
            else:
                setattr(image, keyword, value)
    return image
