"""What a header says about the size of a pixel, one function per rule, and the header that says almost nothing."""

from __future__ import annotations

from pydicom.dataset import Dataset

from . import dicom
from .rooms import CR_HIP, CR_PLATE, DX_ROOM_2, DX_WIDE


def uncalibrated(ds: Dataset) -> None:
    """Repeat the detector pitch as Pixel Spacing: not calibrated."""
    ds.PixelSpacing = ds.ImagerPixelSpacing


def estimated_magnification(ds: Dataset) -> None:
    """State the magnification at the hips."""
    ds.EstimatedRadiographicMagnificationFactor = DX_ROOM_2.magnification()


def fiducial(ds: Dataset) -> None:
    """State the pixel size found from the ball."""
    in_patient = round(DX_ROOM_2.spacing_mm / DX_ROOM_2.magnification(), 6)
    ds.PixelSpacing, ds.PixelSpacingCalibrationType = [in_patient, in_patient], "FIDUCIAL"
    ds.PixelSpacingCalibrationDescription = (
        "Steel ball of 25 mm between the thighs at the height of the hip"
    )


def imager_only(ds: Dataset) -> None:
    """State the pitch of the plate and nothing else."""
    ds.ImagerPixelSpacing = [CR_PLATE.spacing_mm] * 2


def distances(ds: Dataset) -> None:
    """State the distances from which a magnification follows."""
    ds.DistanceSourceToDetector, ds.DistanceSourceToPatient = DX_WIDE.sid_mm, DX_WIDE.sod_mm


def monochrome_1(ds: Dataset) -> None:
    """Store bone dark, and a Pixel Spacing that does not tell its plane."""
    dicom.invert(ds)
    ds.PixelSpacing = [CR_HIP.spacing_mm] * 2


def stripped(ds: Dataset) -> None:
    """Take out what a careless gateway loses."""
    for keyword in (
        "SpecificCharacterSet",
        "AccessionNumber",
        "StudyID",
        "PatientBirthDate",
        "PatientSex",
        "PatientAge",
        "ReferringPhysicianName",
        "PatientOrientation",
        "ImageLaterality",
        "ViewPosition",
        "BodyPartExamined",
        "AnatomicRegionSequence",
        "SeriesNumber",
        "StudyTime",
        "StudyDescription",
        "WindowCenter",
        "WindowWidth",
    ):
        del ds[keyword]
