"""Whole image files for tests of the flow, large enough to mark points on.

An image is 120 columns by 80 rows, and a pixel is 1 mm wide and high, on films at the detector.
Who was imaged is made up and stands in `SECRETS`, none of which may ever show on a screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydicom import uid

from hosr.dicom.elements import unvalidated_pydicom
from tests.intake.dicom_files import DELETE, ct, encoded, enhanced_ct, radiograph

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

__all__ = [
    "COLUMNS",
    "DELETE",
    "FILM_UID",
    "ROWS",
    "SECRETS",
    "SLICE_UID",
    "STUDY_UID",
    "axial",
    "dicom_bytes",
    "film",
    "volume",
    "write_film",
    "write_slices",
]

ROWS, COLUMNS = 80, 120
STUDY_UID, FILM_UID, SLICE_UID = "1.2.826.0.1.1", "1.2.826.0.1.1.1.1", "1.2.826.0.1.1.2."
SECRETS = ("Müller", "Änne", "P-4711", "A-17", "19500102", "Weiß", "Jürgen", "Becken")

_FILMS = {
    "DX": uid.DigitalXRayImageStorageForPresentation,
    "CR": uid.ComputedRadiographyImageStorage,
    "XA": uid.XRayAngiographicImageStorage,
    "OT": uid.SecondaryCaptureImageStorage,
}
_SLICES = {"CT": uid.CTImageStorage, "MR": uid.MRImageStorage}
_VOLUMES = {"CT": uid.EnhancedCTImageStorage, "MR": uid.EnhancedMRImageStorage}


def film(kind: str = "DX", **changes: Any) -> Dataset:
    """An AP pelvis of this modality; DELETE leaves an attribute out."""
    plain = {
        "SOPClassUID": _FILMS[kind],
        "Modality": kind,
        "ImagerPixelSpacing": ["1", "1"],
        "PixelSpacing": DELETE,
        **_pixels(1),
    }
    with unvalidated_pydicom():
        return radiograph(**{**plain, **changes})


def axial(number: int = 1, kind: str = "CT", **changes: Any) -> Dataset:
    """Slice `number` of a series, which its UID ends in; slices are 2 mm apart."""
    plain = {
        "SOPClassUID": _SLICES[kind],
        "Modality": kind,
        "PixelSpacing": ["1", "1"],
        **_pixels(1),
    }
    with unvalidated_pydicom():
        return ct(number, **{**plain, **changes})


def volume(frames: int = 3, kind: str = "CT", **changes: Any) -> Dataset:
    """A volume in one object, its frames 2 mm apart, its pixels 0.5 mm high and 0.25 mm wide."""
    plain = {"SOPClassUID": _VOLUMES[kind], "Modality": kind, **_pixels(frames)}
    with unvalidated_pydicom():
        return enhanced_ct(frames, **{**plain, **changes})


def dicom_bytes(image: Dataset, syntax: str = uid.ExplicitVRLittleEndian) -> bytes:
    """The file of an image, whatever invalid values it holds."""
    with unvalidated_pydicom():
        return encoded(image, syntax)


def write_film(path: Path, kind: str = "DX", **changes: Any) -> Path:
    """The file of a film, at this path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dicom_bytes(film(kind, **changes)))
    return path


def write_slices(folder: Path, count: int, kind: str = "CT", **changes: Any) -> Path:
    """A folder with a series of slices."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        (folder / f"{number}.dcm").write_bytes(dicom_bytes(axial(number, kind, **changes)))
    return folder


def _pixels(frames: int) -> dict[str, Any]:
    return {"Rows": ROWS, "Columns": COLUMNS, "PixelData": bytes(2 * ROWS * COLUMNS * frames)}
