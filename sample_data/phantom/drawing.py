"""Lines on a film as a radiologist draws them in a viewer: a structured report in the form that OHIF 3.13 saves.

Whoever drew is not named, the side is no code, and the length is that at the detector: `hosr import` takes
the points and the labels, and measures anew.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ImplicitVRLittleEndian

from . import dicom
from .records import JSON

if TYPE_CHECKING:
    from .studies import Film

ENHANCED_SR = UID("1.2.840.10008.5.1.4.1.1.88.22")
TOOL = "Cornerstone3DTools@^0.1.0:{}"
LENGTH: dicom.Code = ("410668003", "SCT", "Length")
CENTER: dicom.Code = ("111010", "DCM", "label")
MILLIMETER: dicom.Code = ("mm", "UCUM", "millimeter")
NO_UNITS: dicom.Code = ("1", "UCUM", "no units")
Line = list[list[float]]


def write(study: Film, folder: Path, record: JSON) -> None:
    """Write `drawing.dcm` with the lines of a record that has a gap and an object of known size."""
    groups = [group for hip in record["hips"] for group in _groups(study, hip)]
    if not groups:
        return
    ds = _header(study)
    measurements = _container(("126010", "DCM", "Imaging Measurements"), *groups)
    ds.ContentSequence = [
        _text_item("PNAME", ("121008", "DCM", "Person Observer Name"), "unknown^unknown"),
        measurements,
    ]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = ENHANCED_SR, ds.SOPInstanceUID
    meta.TransferSyntaxUID = ImplicitVRLittleEndian
    meta.ImplementationClassUID = UID(dicom.make_uid("implementation"))
    meta.ImplementationVersionName = "HOSR_SAMPLE_1"
    ds.file_meta = meta
    ds.save_as(folder / "drawing.dcm", enforce_file_format=True)


def _groups(study: Film, hip: JSON) -> list[Dataset]:
    """The gap, an arrow at each spur, whose tips are the ends of the gap, and the head."""
    if "calibration" not in hip or "points" not in hip.get("gap", {}):
        return []
    side, gap, head = hip["side"].capitalize(), hip["gap"]["points"], hip["calibration"]
    arrows = zip(("pelvic", "femoral"), gap, strict=True)
    return [
        _length(study, f"{side} HO gap", gap),
        *(_arrow(study, f"{side} {bone} spur", tip) for bone, tip in arrows),
        _length(study, f"Calibration {head['true_mm']:g} mm", head["points"]),
    ]


def _length(study: Film, label: str, line: Line) -> Dataset:
    mm = math.dist(*line) * study.beam.spacing_mm
    return _group(study, "Length", label, _number(study, LENGTH, mm, MILLIMETER, line))


def _arrow(study: Film, label: str, tip: list[float]) -> Dataset:
    line = [tip, [tip[0] - 40, tip[1] - 30]]
    return _group(study, "ArrowAnnotate", label, _number(study, CENTER, 0, NO_UNITS, line))


def _group(study: Film, tool: str, label: str, number: Dataset) -> Dataset:
    tracking = _text_item("TEXT", ("112039", "DCM", "Tracking Identifier"), TOOL.format(tool))
    uid = _text_item("UIDREF", ("112040", "DCM", "Tracking Unique Identifier"), "")
    uid.UID = study.visit.uid(f"drawing {label}")
    comment = _text_item("TEXT", ("121106", "DCM", "Comment"), label, "CONTAINS")
    return _container(("125007", "DCM", "Measurement Group"), tracking, uid, number, comment)


def _number(study: Film, name: dicom.Code, value: float, unit: dicom.Code, line: Line) -> Dataset:
    image = Dataset()
    image.ReferencedSOPClassUID = dicom.CR if study.modality == "CR" else dicom.DX
    image.ReferencedSOPInstanceUID = study.visit.uid("image-1")
    source = _item("IMAGE", "SELECTED FROM")
    source.ReferencedSOPSequence = [image]
    shape = _item("SCOORD", "INFERRED FROM")
    shape.GraphicType, shape.GraphicData = "POLYLINE", [each for point in line for each in point]
    shape.ContentSequence = [source]
    measured = Dataset()
    measured.NumericValue, measured.MeasurementUnitsCodeSequence = (
        f"{value:.6g}",
        [dicom.code(unit)],
    )
    item = _item("NUM", "CONTAINS", name)
    item.MeasuredValueSequence, item.ContentSequence = [measured], [shape]
    return item


def _container(name: dicom.Code, *items: Dataset) -> Dataset:
    item = _item("CONTAINER", "CONTAINS", name)
    item.ContinuityOfContent, item.ContentSequence = "SEPARATE", list(items)
    return item


def _text_item(
    kind: str, name: dicom.Code, words: str, relation: str = "HAS OBS CONTEXT"
) -> Dataset:
    item = _item(kind, relation, name)
    if kind == "PNAME":
        item.PersonName = words
    elif kind == "TEXT":
        item.TextValue = words
    return item


def _item(kind: str, relation: str, name: dicom.Code | None = None) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = relation, kind
    if name is not None:
        item.ConceptNameCodeSequence = [dicom.code(name)]
    return item


def _header(study: Film) -> Dataset:
    visit = study.visit
    ds = Dataset()
    ds.SpecificCharacterSet = visit.patient.character_set
    ds.SOPClassUID, ds.SOPInstanceUID = ENHANCED_SR, visit.uid("drawing")
    ds.PatientName, ds.PatientID = visit.patient.name, visit.patient.patient_id
    ds.PatientBirthDate, ds.PatientSex = visit.patient.birth_date, visit.patient.sex
    ds.StudyInstanceUID, ds.SeriesInstanceUID = visit.uid("study"), visit.uid("series-drawing")
    ds.StudyID, ds.AccessionNumber, ds.ReferringPhysicianName = (
        visit.accession[3:],
        visit.accession,
        "",
    )
    ds.StudyDate, ds.StudyTime = visit.date, visit.time
    date, _, time = study.graded_at.partition("T")
    ds.SeriesDate = ds.ContentDate = date.replace("-", "")
    ds.SeriesTime = ds.ContentTime = time[:8].replace(":", "")
    ds.Modality, ds.Manufacturer, ds.SeriesDescription = "SR", "Unspecified", "Create Report"
    ds.SeriesNumber, ds.InstanceNumber = 3001, 1
    ds.ContentQualification, ds.ImageComments = "RESEARCH", "NOT FOR CLINICAL USE"
    ds.ReferencedPerformedProcedureStepSequence = []
    ds.PerformedProcedureCodeSequence = []
    ds.ValueType, ds.ContinuityOfContent = "CONTAINER", "SEPARATE"
    ds.CompletionFlag, ds.VerificationFlag = "COMPLETE", "UNVERIFIED"
    ds.ConceptNameCodeSequence = [dicom.code(("126000", "DCM", "Imaging Measurement Report"))]
    template = Dataset()
    template.MappingResource, template.TemplateIdentifier = "DCMR", "1500"
    ds.ContentTemplateSequence = [template]
    ds.CurrentRequestedProcedureEvidenceSequence = [_evidence(study)]
    return ds


def _evidence(study: Film) -> Dataset:
    image, series, evidence = Dataset(), Dataset(), Dataset()
    image.ReferencedSOPClassUID = dicom.CR if study.modality == "CR" else dicom.DX
    image.ReferencedSOPInstanceUID = study.visit.uid("image-1")
    series.SeriesInstanceUID, series.ReferencedSOPSequence = study.visit.uid("series-1"), [image]
    evidence.StudyInstanceUID = study.visit.uid("study")
    evidence.ReferencedSeriesSequence = [series]
    return evidence
