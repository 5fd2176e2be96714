"""Versions of one report as files, and documents of others that concern them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydicom import Dataset, dcmread

from hosr.identity import derive_uid
from tests.command import hosr, marked, write_record
from tests.images import dicom_bytes, film

SIGNER = ("--as", "Bianchi^Anna", "--organization", "Synthetic Hospital")
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"


def write_draft(
    folder: Path,
    study: str,
    *,
    minute: int = 15,
    side: str = "right",
    made: str = "measurement,narrative",
    header: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """The folder of a draft of this study, graded at this minute after ten; its image lies beside it."""
    image = folder.parent / f"{study}.dcm"
    uids = {"StudyInstanceUID": study, "SOPInstanceUID": f"{study}.9"}
    image.write_bytes(dicom_bytes(film(**{**uids, **header})))
    column = {"right": 10, "left": 100}[side]
    points = [[column, 10], [column + 8, 10]]
    record = {
        **marked(side=side, gap={"points": points}),
        "graded_at": f"2026-03-02T10:{minute}:00+01:00",
    }
    path = write_record(folder.parent / "graded.json", record)
    ran = hosr("report", path, "--images", image, "--out", folder, "--make", made)
    assert ran.code == 0, ran.err
    return folder


def write_signed(draft: Path, out: Path, *options: object, hour: int = 11) -> Path:
    """The signed version of a draft."""
    at = f"2026-03-02T{hour}:20:00+01:00"
    ran = hosr("sign", draft, *SIGNER, "--at", at, "--out", out, *options)
    assert ran.code == 0, ran.err
    return out


def write_addended(signed: Path, out: Path, *options: object, hour: int = 12) -> Path:
    """The version with words added."""
    at = f"2026-03-02T{hour}:20:00+01:00"
    words = ("--text", "Seen with the surgeon.")
    ran = hosr("addend", signed, *words, *SIGNER, "--at", at, "--out", out, *options)
    assert ran.code == 0, ran.err
    return out


def documents(folder: Path) -> list[bytes]:
    """The structured reports of a version."""
    return [(folder / name).read_bytes() for name in ("measurement.dcm", "narrative.dcm")]


def uid_of(folder: Path) -> str:
    """The SOP Instance UID of the measurement report of a version."""
    return str(dcmread(folder / "measurement.dcm").SOPInstanceUID)


def changed(data: bytes, **changes: object) -> bytes:
    """A file after somebody changed these attributes of it."""
    dataset = dcmread(io.BytesIO(data))
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def _coded(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _referring_to(data: bytes) -> Dataset:
    """A hierarchical reference to a document."""
    named, series, study, document = Dataset(), Dataset(), Dataset(), dcmread(io.BytesIO(data))
    named.ReferencedSOPInstanceUID = document.SOPInstanceUID
    series.SeriesInstanceUID, series.ReferencedSOPSequence = document.SeriesInstanceUID, [named]
    study.StudyInstanceUID, study.ReferencedSeriesSequence = document.StudyInstanceUID, [series]
    return study


def _document(data: bytes, sop_class: str, **values: object) -> bytes:
    """A document of another maker in the study of this one."""
    report, other = dcmread(io.BytesIO(data)), Dataset()
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex"):
        setattr(other, keyword, report.get(keyword))
    other.StudyInstanceUID = report.StudyInstanceUID
    other.SOPClassUID = sop_class
    other.SOPInstanceUID = derive_uid(sop_class, str(report.SOPInstanceUID), repr(values))
    other.SeriesInstanceUID = derive_uid("series", str(other.SOPInstanceUID))
    other.ContentDate, other.ContentTime, other.Manufacturer = "20260305", "101500", "Viewer"
    for keyword, value in values.items():
        setattr(other, keyword, value)
    return dicom_bytes(other)


def rejecting(data: bytes, title: str = "113037") -> bytes:
    """A note that rejects a document (IHE RAD-66)."""
    meaning = "Rejected for Patient Safety Reasons"
    return _document(
        data,
        KEY_OBJECTS,
        Modality="KO",
        ConceptNameCodeSequence=[_coded(title, meaning)],
        CurrentRequestedProcedureEvidenceSequence=[_referring_to(data)],
    )


def redrawn(data: bytes, purpose: tuple[str, str] | None = None) -> bytes:
    """What a viewer saves after a line of a report was moved: it names the report, and no class.

    `purpose` is what it says that it refers to the report for.
    """
    named = _referring_to(data)
    if purpose is not None:
        document = named.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]
        document.PurposeOfReferenceCodeSequence = [_coded(*purpose)]
    return _document(
        data,
        ENHANCED_SR,
        Modality="SR",
        ConceptNameCodeSequence=[_coded("126000", "Imaging Measurement Report")],
        PredecessorDocumentsSequence=[named],
    )


def uid_in(data: bytes) -> str:
    """The SOP Instance UID of a file."""
    return str(dcmread(io.BytesIO(data)).SOPInstanceUID)
