"""Segmentations of the sample CT as other makers write them."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pydicom
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from sample_data.phantom import masks
from sample_data.phantom.cases import studies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

ROOT = Path(__file__).resolve().parents[3]
CT = ROOT / "sample_data" / "ct"
SLICES = sorted((CT / "images").iterdir())
NAMES = ("pelvis_right", "femur_right", "HO_right")

LABELS = """
schema_version = "1.0"
[labels]
pelvis_right = { role = "pelvis", side = "right" }
femur_right = { role = "femur", side = "right" }
HO_right = { role = "ossification", side = "right" }
"""


@lru_cache
def fractions() -> NDArray[np.float32]:
    """How much of each pixel a structure fills: (slices, rows, columns, structures), lowest slice first."""
    study = next(each for each in studies() if each.visit.folder == "ct")
    stack = study.stack  # type: ignore[attr-defined]
    planes = [masks.shares(study.scene.right, stack, index) for index in range(stack.count)]
    return np.stack([np.stack(list(plane.values()), axis=-1) for plane in planes])


@lru_cache
def labels() -> NDArray[np.uint8]:
    """The number of the structure that fills each pixel, 0 for none."""
    filled = fractions()
    number = filled.argmax(axis=-1) + 1
    return np.where(filled.max(axis=-1) >= 0.5, number, 0).astype(np.uint8)


@lru_cache
def slices() -> tuple[Dataset, ...]:
    """The headers of the sample CT, in the order of its files."""
    return tuple(pydicom.dcmread(path, stop_before_pixels=True) for path in SLICES)


def segmentation(
    kind: str,
    pixels: NDArray[Any] | None = None,
    *,
    sources: Sequence[Dataset] = (),
    numbers: Sequence[int] = (1, 2, 3),
    syntax: str = ExplicitVRLittleEndian,
    **changes: Any,
) -> bytes:
    """A Segmentation by highdicom, of the sample's structures where no others are given."""
    import highdicom

    if pixels is None:
        pixels = fractions() if kind == "FRACTIONAL" else labels()
    found = highdicom.seg.Segmentation(
        source_images=list(sources or slices()),
        pixel_array=pixels,
        segmentation_type=kind,
        segment_descriptions=[
            described(number, name) for number, name in zip(numbers, NAMES, strict=True)
        ],
        series_instance_uid="1.2.826.0.1.3680043.10.1.1",
        series_number=90,
        sop_instance_uid="1.2.826.0.1.3680043.10.1.2",
        instance_number=1,
        manufacturer="Test",
        manufacturer_model_name="Maker",
        software_versions="1",
        device_serial_number="1",
        transfer_syntax_uid=syntax,
    )
    dated = {"ContentDate": "20260302", "ContentTime": "112000", "TimezoneOffsetFromUTC": "+0100"}
    for keyword, value in (dated | changes).items():
        setattr(found, keyword, value)
    return file_of(found)


def described(number: int, name: str) -> Any:
    """A segment of bone, made by a program."""
    import highdicom

    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=codes.SCT.AnatomicalStructure,
        segmented_property_type=codes.SCT.Bone,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=highdicom.AlgorithmIdentificationSequence(
            name="HipSeg", family=codes.cid7162.ArtificialIntelligence, version="2.1"
        ),
    )


def file_of(data_set: Dataset) -> bytes:
    """The DICOM file of a data set."""
    file = BytesIO()
    data_set.save_as(file, enforce_file_format=True)
    return file.getvalue()


def affine() -> NDArray[np.float64]:
    """(column, row, slice, 1) of the sample's slices -> RAS mm, as NIfTI has it."""
    first, second = slices()[0], slices()[1]
    rows, columns = np.split(np.array(first.ImageOrientationPatient, dtype=float), 2)
    start = np.array(first.ImagePositionPatient, dtype=float)
    step = np.array(second.ImagePositionPatient, dtype=float) - start
    down, across = map(float, first.PixelSpacing)
    found = np.eye(4)
    found[:3] = np.stack([rows * across, columns * down, step, start], axis=1)
    flipped: NDArray[np.float64] = np.diag([-1.0, -1.0, 1.0, 1.0]) @ found
    return flipped
