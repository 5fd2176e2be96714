"""DICOM headers and files for the synthetic studies; nothing here reads a clock or draws a random number."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGLSLossless

from .solids import Point

DX = UID("1.2.840.10008.5.1.4.1.1.1.1")
CR = UID("1.2.840.10008.5.1.4.1.1.1")
CT = UID("1.2.840.10008.5.1.4.1.1.2")
MR = UID("1.2.840.10008.5.1.4.1.1.4")
Pixels = npt.NDArray[np.uint16]
Code = tuple[str, str, str]
PELVIS: Code = ("12921003", "SCT", "Pelvis")
HIP: Code = ("29836001", "SCT", "Hip region")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """An invented person."""

    name: str
    patient_id: str
    birth_date: str
    sex: str
    character_set: str = "ISO_IR 100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One study of a patient, as the headers tell it."""

    folder: str
    patient: Patient
    accession: str
    date: str
    time: str
    description: str
    age: str

    def uid(self, what: str) -> str:
        """Return the UID of a named thing in this study, always the same."""
        return make_uid(f"{self.folder}/{what}")


def make_uid(name: str) -> str:
    """Return a UID made from a name (PS3.5 B.2: 2.25 and a UUID as an integer)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_DNS, f'hosr-sample-data/{name}').int}"


def image(
    visit: Visit, pixels: Pixels, *, sop_class: UID, modality: str, bits: int, number: int = 1
) -> Dataset:
    """Return the modules that every image has."""
    ds = Dataset()
    ds.SpecificCharacterSet = visit.patient.character_set
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, visit.uid(f"image-{number}")
    ds.PatientName, ds.PatientID = visit.patient.name, visit.patient.patient_id
    ds.PatientBirthDate, ds.PatientSex, ds.PatientAge = (
        visit.patient.birth_date,
        visit.patient.sex,
        visit.age,
    )
    ds.StudyInstanceUID, ds.SeriesInstanceUID = visit.uid("study"), visit.uid("series-1")
    ds.StudyID, ds.AccessionNumber, ds.ReferringPhysicianName = (
        visit.accession[3:],
        visit.accession,
        "",
    )
    ds.StudyDate = ds.SeriesDate = ds.AcquisitionDate = ds.ContentDate = visit.date
    ds.StudyTime = ds.SeriesTime = ds.AcquisitionTime = ds.ContentTime = visit.time
    ds.StudyDescription, ds.SeriesNumber, ds.InstanceNumber = visit.description, 1, number
    ds.Modality, ds.Manufacturer, ds.ManufacturerModelName = (
        modality,
        "Synthetic",
        "Analytic phantom",
    )
    ds.DeviceSerialNumber, ds.SoftwareVersions = "0001", "1"
    ds.ImageComments = "Synthetic image of an analytic phantom. Not a patient."
    ds.BurnedInAnnotation, ds.LossyImageCompression = "NO", "00"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, bits, bits - 1, 0
    ds.PixelData = pixels.astype("<u2").tobytes()
    return ds


def radiograph(ds: Dataset, region: Code, laterality: str) -> Dataset:
    """Add what DX and CR share: a frontal view seen from the front, the patient's right on the image's left."""
    ds.ImageType = ["ORIGINAL", "PRIMARY", ""]
    ds.PatientOrientation, ds.ViewPosition = ["L", "F"], "AP"
    ds.BodyPartExamined = "PELVIS" if region == PELVIS else "HIP"
    ds.ImageLaterality, ds.AnatomicRegionSequence = laterality, [code(region)]
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = 0, 1, "US"
    return ds


def dx(
    visit: Visit, pixels: Pixels, bits: int, region: Code, laterality: str, spacing_mm: float
) -> Dataset:
    """Return a Digital X-Ray image for presentation."""
    ds = radiograph(
        image(visit, pixels, sop_class=DX, modality="DX", bits=bits), region, laterality
    )
    ds.PresentationIntentType, ds.PresentationLUTShape = "FOR PRESENTATION", "IDENTITY"
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign = "LOG", -1
    ds.WindowCenter, ds.WindowWidth = 2 ** (bits - 1), 2**bits
    ds.DetectorType, ds.ImagerPixelSpacing = "SCINTILLATOR", [spacing_mm, spacing_mm]
    ds.PositionerType, ds.KVP, ds.ExposureInuAs, ds.Grid = "NONE", 75, 12000, ["FIXED"]
    ds.ViewCodeSequence = [code(("399348003", "SCT", "Antero-posterior"))]
    ds.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence()
    ds.PatientOrientationCodeSequence = [code(("102538003", "SCT", "Recumbent"))]
    supine = code(("40199007", "SCT", "Supine"))
    ds.PatientOrientationCodeSequence[0].PatientOrientationModifierCodeSequence = [supine]
    ds.AcquisitionContextSequence = Sequence()
    return ds


def cr(visit: Visit, pixels: Pixels, bits: int, region: Code, laterality: str) -> Dataset:
    """Return a Computed Radiography image; its spacing, if any, is the caller's."""
    ds = radiograph(
        image(visit, pixels, sop_class=CR, modality="CR", bits=bits), region, laterality
    )
    del ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType
    ds.KVP, ds.WindowCenter, ds.WindowWidth = 75, 2 ** (bits - 1), 2**bits
    return ds


def invert(ds: Dataset) -> Dataset:
    """Store the picture as MONOCHROME1 with an S-shaped VOI LUT instead of a window."""
    top = 2**ds.BitsStored - 1
    stored = top - np.frombuffer(ds.PixelData, dtype="<u2")
    ds.PixelData, ds.PhotometricInterpretation = stored.astype("<u2").tobytes(), "MONOCHROME1"
    del ds.WindowCenter, ds.WindowWidth
    x = np.arange(top + 1) / top
    curve = np.round(65535 * (0.35 * x + 0.65 * x * x * (3 - 2 * x))).astype("<u2")
    lut = Dataset()
    lut.add_new("LUTDescriptor", "US", [top + 1, 0, 16])
    lut.LUTExplanation = "HIP"
    lut.add_new("LUTData", "OW", curve.tobytes())
    ds.VOILUTSequence = [lut]
    return ds


def slice_frame(
    ds: Dataset,
    corner: Point,
    spacing_mm: float,
    thickness_mm: float,
    frame_uid: str,
    laterality: str,
) -> Dataset:
    """Add the place of an axial slice in the patient, seen from the feet."""
    ds.ImageType = ["ORIGINAL", "PRIMARY", "OTHER" if ds.Modality == "MR" else "AXIAL"]
    ds.PatientPosition, ds.BodyPartExamined, ds.Laterality = "HFS", "HIP", laterality
    ds.FrameOfReferenceUID, ds.PositionReferenceIndicator = frame_uid, ""
    ds.ImagePositionPatient = [round(value, 4) for value in corner]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [spacing_mm, spacing_mm], thickness_mm
    ds.SliceLocation, ds.AcquisitionNumber = round(corner[2], 4), 1
    ds.AnatomicRegionSequence = [code(HIP)]
    return ds


def code(value: Code) -> Dataset:
    """Return a code sequence item."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value
    return item


def write(ds: Dataset, path: Path, *, compress: bool = True) -> None:
    """Write a file whose bytes depend on the dataset alone; pixels in lossless JPEG-LS unless told otherwise."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        ds.SOPClassUID,
        ds.SOPInstanceUID,
    )
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(make_uid("implementation"))
    meta.ImplementationVersionName = "HOSR_SAMPLE_1"
    ds.file_meta = meta
    if compress:
        ds.compress(JPEGLSLossless, encoding_plugin="pyjpegls", generate_instance_uid=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    ds.save_as(path, enforce_file_format=True)
