"""The CT slices as a model would hand them over: a DICOM Segmentation, a NIfTI file, and what their labels mean."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from . import dicom
from .masks import labels

if TYPE_CHECKING:
    from .studies import Series

SEGMENTATION = UID("1.2.840.10008.5.1.4.1.1.66.4")
NAMES = ("hip_right", "femur_right", "ossification")
BONE: dicom.Code = ("272673000", "SCT", "Bone")
ANATOMY: dicom.Code = ("123037004", "SCT", "Anatomical Structure")
MODEL, VERSION = "Sample bone segmenter", "0.3.0"

_LABELS = f"""# What the labels of segmentation.dcm and mask.nii.gz stand for: see `hosr describe labels`.
schema_version = "1.0"
preset = "totalsegmentator-2"  # hip_right and femur_right

[observer]
name = "{MODEL}"
version = "{VERSION}"
manufacturer = "Synthetic"
boundary_sd_mm = 0.1  # as its masks are those of the phantom itself

[labels]
ossification = {{ role = "ossification", side = "right" }}
"""


def write(study: Series, folder: Path) -> None:
    """Write `segmentation.dcm`, `mask.nii.gz` and `labels.toml` of the hip that grew bone."""
    hip, _ = study.hips()[0]
    planes = [labels(hip, study.stack, index) for index in range(study.stack.count)]
    volume = np.stack(planes)
    ds = _segmentation(study, volume)
    ds.save_as(folder / "segmentation.dcm", enforce_file_format=True)
    packed = gzip.compress(_nifti(study, volume), mtime=0)
    (folder / "mask.nii.gz").write_bytes(packed)
    (folder / "labels.toml").write_text(_LABELS, encoding="utf-8")


def _segmentation(study: Series, volume: npt.NDArray[np.uint8]) -> Dataset:
    """Return a Segmentation of one bit a pixel, without the frames that would be empty."""
    frames = [
        (number, index)
        for number in range(1, len(NAMES) + 1)
        for index in range(study.stack.count)
        if (volume[index] == number).any()
    ]
    bits = np.stack([volume[index] == number for number, index in frames])
    ds = dicom.image(
        study.visit, volume[0], sop_class=SEGMENTATION, modality="SEG", bits=12, number=1
    )
    for keyword in ("AcquisitionDate", "AcquisitionTime", "BurnedInAnnotation", "ImageComments"):
        delattr(ds, keyword)
    ds.SOPInstanceUID = study.visit.uid("segmentation")
    ds.SeriesInstanceUID, ds.SeriesNumber = study.visit.uid("series-2"), 2
    ds.SeriesDescription, ds.ImageType = "Bone", ["DERIVED", "PRIMARY"]
    ds.ContentLabel, ds.ContentDescription = "BONE", "Synthetic: an analytic phantom"
    ds.ContentCreatorName, ds.TimezoneOffsetFromUTC = "", "+0100"
    ds.ContentTime = ds.SeriesTime = "134500"
    ds.SegmentationType, ds.NumberOfFrames = "BINARY", len(frames)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 1, 1, 0
    ds.FrameOfReferenceUID = study.visit.uid("frame-of-reference")
    ds.PositionReferenceIndicator = ""
    ds.ReferencedSeriesSequence = [_series(study)]
    ds.SegmentSequence = [_segment(number, name) for number, name in enumerate(NAMES, 1)]
    organization = Dataset()
    organization.DimensionOrganizationUID = study.visit.uid("dimensions")
    ds.DimensionOrganizationSequence = [organization]
    pointers = ((0x0062000B, 0x0062000A), (0x00200032, 0x00209113))
    ds.DimensionIndexSequence = [_index(study, *pair) for pair in pointers]
    ds.SharedFunctionalGroupsSequence = [_shared(study)]
    places = sorted({index for _, index in frames})
    ds.PerFrameFunctionalGroupsSequence = [
        _frame(study, number, index, places.index(index) + 1) for number, index in frames
    ]
    ds.PixelData = np.packbits(bits.ravel(), bitorder="little").tobytes()
    ds.file_meta = _meta(ds.SOPInstanceUID)
    return ds


def _meta(sop_instance_uid: str) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SEGMENTATION
    meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
    meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(dicom.make_uid("implementation"))
    meta.ImplementationVersionName = "HOSR_SAMPLE_1"
    return meta


def _source(study: Series, index: int) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = dicom.CT
    item.ReferencedSOPInstanceUID = study.visit.uid(f"image-{index + 1}")
    return item


def _series(study: Series) -> Dataset:
    item = Dataset()
    item.SeriesInstanceUID = study.visit.uid("series-1")
    item.ReferencedInstanceSequence = [_source(study, i) for i in range(study.stack.count)]
    return item


def _segment(number: int, name: str) -> Dataset:
    item = Dataset()
    item.SegmentNumber, item.SegmentLabel = number, name
    item.SegmentAlgorithmType, item.SegmentAlgorithmName = "AUTOMATIC", MODEL
    item.SegmentedPropertyCategoryCodeSequence = [dicom.code(ANATOMY)]
    item.SegmentedPropertyTypeCodeSequence = [dicom.code(BONE)]
    algorithm = Dataset()
    algorithm.AlgorithmFamilyCodeSequence = [
        dicom.code(("123110", "DCM", "Artificial Intelligence"))
    ]
    algorithm.AlgorithmName, algorithm.AlgorithmVersion = MODEL, VERSION
    algorithm.AlgorithmSource = "Synthetic"
    item.SegmentationAlgorithmIdentificationSequence = [algorithm]
    return item


def _index(study: Series, pointer: int, group: int) -> Dataset:
    item = Dataset()
    item.DimensionOrganizationUID = study.visit.uid("dimensions")
    item.DimensionIndexPointer, item.FunctionalGroupPointer = pointer, group
    return item


def _shared(study: Series) -> Dataset:
    orientation, measures, item = Dataset(), Dataset(), Dataset()
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    measures.PixelSpacing = [study.stack.spacing_mm] * 2
    measures.SliceThickness = measures.SpacingBetweenSlices = study.stack.step_mm
    item.PlaneOrientationSequence, item.PixelMeasuresSequence = [orientation], [measures]
    return item


def _frame(study: Series, number: int, index: int, place: int) -> Dataset:
    content, position, segment, item = Dataset(), Dataset(), Dataset(), Dataset()
    content.DimensionIndexValues = [number, place]
    position.ImagePositionPatient = [round(value, 4) for value in study.stack.corner(index)]
    segment.ReferencedSegmentNumber = number
    source = _source(study, index)
    source.PurposeOfReferenceCodeSequence = [
        dicom.code(("121322", "DCM", "Source image for image processing operation"))
    ]
    derivation = Dataset()
    derivation.SourceImageSequence = [source]
    derivation.DerivationCodeSequence = [dicom.code(("113076", "DCM", "Segmentation"))]
    item.FrameContentSequence, item.PlanePositionSequence = [content], [position]
    item.SegmentIdentificationSequence, item.DerivationImageSequence = [segment], [derivation]
    return item


def _nifti(study: Series, volume: npt.NDArray[np.uint8]) -> bytes:
    """Return a NIfTI file of bytes along the patient's right to left, back to front and feet to head (RAS)."""
    stack = study.stack
    x, y, z = stack.corner(0)
    last = (stack.size - 1) * stack.spacing_mm
    rows = "".join(
        f'<Label Key="{number}"><![CDATA[{name}]]></Label>' for number, name in enumerate(NAMES, 1)
    )
    table = (
        '<?xml version="1.0" encoding="UTF-8"?><CaretExtension><VolumeInformation Index="0">'
        f"<LabelTable>{rows}</LabelTable></VolumeInformation></CaretExtension>"
    ).encode()
    table = table.ljust(-(-(len(table) + 8) // 16) * 16 - 8)
    extension = struct.pack("<4B2i", 1, 0, 0, 0, len(table) + 8, 0) + table
    header = bytearray(348)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, stack.size, stack.size, stack.count, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)  # unsigned bytes
    spacing = stack.spacing_mm
    struct.pack_into("<4f", header, 76, 1, spacing, spacing, stack.step_mm)
    struct.pack_into("<3f", header, 108, 348 + len(extension), 1, 0)
    header[123] = 2  # mm
    struct.pack_into("<2h", header, 252, 0, 1)  # no qform; sform to the scanner
    # The patient's left is + x in DICOM and - x in NIfTI, the back + y and - y.
    struct.pack_into("<4f", header, 280, spacing, 0, 0, -(x + last))
    struct.pack_into("<4f", header, 296, 0, spacing, 0, -(y + last))
    struct.pack_into("<4f", header, 312, 0, 0, stack.step_mm, z)
    header[344:348] = b"n+1\0"
    return bytes(header) + extension + volume[:, ::-1, ::-1].tobytes()
