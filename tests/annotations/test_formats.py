"""The kind of a source is told by what is in it, and what hosr does not read is refused by name."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset

from hosr.annotations.context import Context
from hosr.annotations.formats import format_of, read_source
from hosr.errors import RecordRefused
from hosr.intake.images.others import LABEL_MAP_SEGMENTATION


def _dicom(sop_class_uid: str) -> bytes:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = uid.UID(sop_class_uid), uid.UID("2.25.1")
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = uid.UID(sop_class_uid)
    dataset.file_meta.MediaStorageSOPInstanceUID = uid.UID("2.25.1")
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _nifti(size: int, mark: bytes, place: int, order: str = "little") -> bytes:
    header = bytearray(1000)
    header[:4] = size.to_bytes(4, "little" if order == "little" else "big")
    header[place : place + len(mark)] = mark
    return bytes(header)


def _zip(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, b"x")
    return stream.getvalue()


def _npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, probabilities=np.zeros(1))
    return stream.getvalue()


def _npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(1))
    return stream.getvalue()


_KINDS = {
    "binary SEG": (_dicom(uid.SegmentationStorage), "a DICOM Segmentation"),
    "label map SEG": (_dicom(LABEL_MAP_SEGMENTATION), "a DICOM Segmentation"),
    "Enhanced SR": (_dicom(uid.EnhancedSRStorage), "a DICOM Structured Report"),
    "Basic Text SR": (_dicom(uid.BasicTextSRStorage), "a DICOM Structured Report"),
    "presentation state": (
        _dicom(uid.GrayscaleSoftcopyPresentationStateStorage),
        "a DICOM presentation state",
    ),
    "contours": (_dicom(uid.RTStructureSetStorage), "an RT Structure Set"),
    "CT image": (_dicom(uid.CTImageStorage), "an image"),
    "PDF": (_dicom(uid.EncapsulatedPDFStorage), "a DICOM object"),
    "NIfTI-1": (_nifti(348, b"n+1\0", 344), "a NIfTI file"),
    "NIfTI-1, big-endian": (_nifti(348, b"n+1\0", 344, "big"), "a NIfTI file"),
    "NIfTI-2": (_nifti(540, b"n+2\0", 4), "a NIfTI file"),
    "NIfTI, packed": (gzip.compress(_nifti(348, b"n+1\0", 344)), "a NIfTI file"),
    "gzip of something": (gzip.compress(b"x" * 1000), "of no kind that hosr knows"),
    "gzip, cut": (gzip.compress(_nifti(348, b"n+1\0", 344))[:15], "of no kind that hosr knows"),
    "NPZ": (_npz(), "arrays of NumPy"),
    "NPY": (_npy(), "arrays of NumPy"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    "pickle": (pickle.dumps({"a": [1]}), "a pickle of Python"),
    "ZIP": (_zip("labels.txt"), "a ZIP archive"),
    "NRRD": (b"NRRD0004\n", "an NRRD or MetaImage file"),
    "JPEG": (b"\xff\xd8\xff\xe0", "a picture in JPEG, GIF, BMP or TIFF"),
    "XML": (b"<annotations/>", "XML, as CVAT exports it"),
    "COCO": (b'{"annotations": [], "categories": []}', "COCO annotations"),
    "COCO results": (b'[{"image_id": 1, "category_id": 2, "bbox": []}]', "COCO annotations"),
    "LabelMe": (b'{"shapes": [], "imagePath": "a.png"}', "a LabelMe file"),
    "Slicer": (b'{"markups": []}', "markups of 3D Slicer"),
    "scores, JSON": (b'{"brooker": {"0": 0.1}}', "scores"),
    "scores, CSV": (b"side,0,I,II,III,IV\nright,0,0,1,0,0\n", "scores"),
    "YOLO": (b"0 0.5 0.5 0.1 0.1\n", "YOLO labels"),
    "YOLO without an object": (b"", "YOLO labels"),
    "Label Studio": (b'[{"annotations": [], "data": {}}]', "an export of Label Studio"),
    "a record": (b'{"schema_version": "1.0", "hips": []}', "a grading record"),
    "a manifest": (b'{"hosr_version": "0.4.0", "hips": []}', "a manifest of hosr"),
    "prose": (b"The gap is narrow.", "of no kind that hosr knows"),
    "noise": (bytes(range(128, 256)) * 4, "of no kind that hosr knows"),
}


@pytest.mark.parametrize(("content", "words"), _KINDS.values(), ids=_KINDS)
def test_the_kind_of_a_file_is_told_by_its_content(
    content: bytes, words: str, tmp_path: Path
) -> None:
    """Its name says nothing."""
    path = tmp_path / "source.seg.nii.gz.json"
    path.write_bytes(content)
    assert format_of(path).words == words


def test_a_kind_that_is_not_read_is_refused_with_the_reason(tmp_path: Path) -> None:
    """A pickle is never opened."""
    path = tmp_path / "case.npz"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(RecordRefused) as refused:
        read_source(path, Context())
    assert str(refused.value) == (
        "case.npz: is a pickle of Python: a pickle is a program, which reading it would run; "
        "save what is in it as NIfTI, NPZ or JSON"
    )


_BROKEN = {
    b"{": r"source: is not JSON \(line 1, column 2: .*\); write it anew",
    b'{"a": 1, "a": 2}': "source: has an object that names a key more than once; correct it",
    b'{"a": NaN}': "source: holds NaN or an infinity; correct it",
    b'{"a": 1e400}': "source: holds a number that is larger than any measure; correct it",
    b'{"a": -'
    + b"9" * 400
    + b"}": "source: holds a number that is larger than any measure; correct it",
    b"[" * 100_000: "source: is nested too deeply; write it flat",
    b'{"a": "\xff"}': "source: is not UTF-8 text; save it as UTF-8",
    json.dumps({"a": 1})
    .replace("1", "1" * 5000)
    .encode(): "source: holds a number that is larger than any measure; correct it",
}


@pytest.mark.parametrize(("content", "said"), _BROKEN.items(), ids=range(len(_BROKEN)))
def test_what_leaves_anything_open_is_no_json(content: bytes, said: str, tmp_path: Path) -> None:
    """JSON itself does not say what it means."""
    path = tmp_path / "source"
    path.write_bytes(content)
    with pytest.raises(RecordRefused, match=said):
        format_of(path)
