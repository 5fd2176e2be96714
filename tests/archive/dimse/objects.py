"""DICOM files to send: small, of any class, in any uncompressed transfer syntax."""

from __future__ import annotations

import io

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from hosr.dicom.elements import data_set_start

COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
DEFLATED = "1.2.840.10008.1.2.1.99"


DOCUMENT = bytes(range(256)) * 9


def make_data_set(
    uid: str, sop_class: str = COMPREHENSIVE_SR, document: bytes = DOCUMENT
) -> Dataset:
    """A data set with text, numbers, bytes, private elements and nested sequences."""
    data_set = Dataset()
    data_set.SpecificCharacterSet = "ISO_IR 192"
    data_set.SOPClassUID, data_set.SOPInstanceUID = sop_class, uid
    data_set.PatientName, data_set.PatientID = "Tést^Ånn", "1"
    data_set.StudyInstanceUID, data_set.SeriesInstanceUID = "2.25.1", "2.25.2"
    data_set.Modality = "SR"
    code = Dataset()
    code.CodeValue, code.CodeMeaning = "111", "≥ 5 mm"
    content = Dataset()
    content.ConceptNameCodeSequence = [code, Dataset()]
    content.TextValue = "gap " * 3000
    content.ReferencedFrameNumber = [1, 2]
    data_set.ContentSequence = [content, Dataset(), content]
    data_set.EncapsulatedDocument = document
    data_set.private_block(0x0099, "HOSR TEST", create=True).add_new(1, "FD", [0.5, -1.25])
    return data_set


def make_file(
    uid: str,
    sop_class: str = COMPREHENSIVE_SR,
    transfer_syntax: str = EXPLICIT,
    document: bytes = DOCUMENT,
) -> bytes:
    """The same as a DICOM file."""
    data_set = make_data_set(uid, sop_class, document)
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = UID(transfer_syntax)
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, data_set, enforce_file_format=True)
    return stream.getvalue()


def data_set_bytes(file: bytes) -> bytes:
    """The data set of a DICOM file as it is encoded."""
    return file[data_set_start(io.BytesIO(file)) :]
