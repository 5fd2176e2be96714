"""What a sample study is, and how its folder is made: images, record and truth."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.dataset import Dataset

from . import dicom, drawing, outlines, segmentation
from .dicom import Visit
from .projection import Beam
from .radiograph import Look, radiograph
from .records import JSON, Reading, View, hip_record, hip_truth
from .scene import Hip, Scene, Side
from .slices import Stack, ct_slice, mr_slice
from .solids import Ellipsoid, Point

UNCERTAINTY_MM = 0.3
"""How far the distance of two careful clicks on the true ends may be from the truth."""
EDGE_UNCERTAINTY_MM = 0.8
"""How far the steepest edges along that line may be: round tips fade in projection, so a gap looks wider."""

_PAIR = re.compile(r"\[\s+(-?[\d.]+),\s+(-?[\d.]+)\s+\]")
"""Two numbers on lines of their own: a point, which reads better on one."""

Headers = Callable[[Dataset], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One folder: who, what was imaged, how it was read."""

    visit: Visit
    scene: Scene
    readings: dict[Side, Reading]
    graded_at: str
    view: str
    context: JSON
    observer: JSON = field(default_factory=lambda: dict(READER))
    calibration: str = ""
    """The spacing rule that the headers or the record exercise."""

    def hips(self) -> list[tuple[Hip, Reading]]:
        """The hips that were read, right first."""
        both = (self.scene.right, self.scene.left)
        return [(hip, self.readings[hip.side]) for hip in both if hip.side in self.readings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film(Study):
    """A study of one radiograph."""

    beam: Beam
    look: Look
    modality: str = "DX"
    region: dicom.Code = dicom.PELVIS
    laterality: str = "B"
    headers: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Series(Study):
    """A study of axial slices; a lesion makes it an MR, its absence a CT."""

    stack: Stack
    lesion: Ellipsoid | None = None


READER: JSON = {"type": "person", "name": "Reader^Sample", "organization": "Phantom Reading Room"}


def make(study: Study, root: Path) -> Path:
    """Write a study's folder and return it."""
    folder = root / study.visit.folder
    if isinstance(study, Film):
        view, extra = _film(study, folder)
    elif isinstance(study, Series):
        view, extra = _series(study, folder)
    else:
        raise TypeError(type(study))
    record = _record(study, view)
    _json(folder / "record.json", record)
    if isinstance(study, Film):
        drawing.write(study, folder, record)
    hips = [hip_truth(hip, reading, view) for hip, reading in study.hips()]
    head: JSON = {
        "study": study.visit.folder,
        "calibration": study.calibration,
        "uncertainty_mm": UNCERTAINTY_MM,
        "edge_uncertainty_mm": EDGE_UNCERTAINTY_MM,
    }
    _json(folder / "truth.json", head | extra | {"hips": hips})
    return folder


def _film(study: Film, folder: Path) -> tuple[View, JSON]:
    visit, beam, look = study.visit, study.beam, study.look
    pixels = radiograph(study.scene, beam, look)
    if study.modality == "DX":
        ds = dicom.dx(visit, pixels, look.bits, study.region, study.laterality, beam.spacing_mm)
    else:
        ds = dicom.cr(visit, pixels, look.bits, study.region, study.laterality)
    study.headers(ds)
    dicom.write(ds, folder / "images" / "image-1.dcm")
    told = None if hasattr(ds, "ViewPosition") else study.view
    outlines.write(folder, study.hips(), beam, told)
    uid = visit.uid("image-1")
    extra: JSON = {
        "modality": study.modality,
        "detector_mm_per_px": beam.spacing_mm,
        "magnification": round(beam.magnification(), 5),
        "patient_mm_per_px": round(beam.spacing_mm / beam.magnification(), 6),
        "sid_mm": beam.sid_mm,
        "sod_mm": beam.sod_mm,
    }
    return View(beam, lambda _point: uid), extra


def _series(study: Series, folder: Path) -> tuple[View, JSON]:
    visit, stack = study.visit, study.stack
    for index in range(stack.count):
        ds = _ct(study, index) if study.lesion is None else _mr(study, study.lesion, index)
        frame = visit.uid("frame-of-reference")
        dicom.slice_frame(ds, stack.corner(index), stack.spacing_mm, stack.step_mm, frame, "R")
        path = folder / "images" / f"slice-{index + 1:03d}.dcm"
        dicom.write(ds, path, compress=study.lesion is None)
    if study.lesion is None:
        segmentation.write(study, folder)
    extra: JSON = {
        "modality": "CT" if study.lesion is None else "MR",
        "magnification": 1.0,
        "patient_mm_per_px": stack.spacing_mm,
    }
    if study.lesion is not None:
        extra |= _lesion(study.lesion, study)

    def image_at(point: Point) -> str:
        return visit.uid(f"image-{round((point[2] - stack.first_z_mm) / stack.step_mm) + 1}")

    return View(stack, image_at, axial=True), extra


def _ct(study: Series, index: int) -> Dataset:
    pixels = ct_slice(study.scene, study.stack, index)
    ds = dicom.image(
        study.visit, pixels, sop_class=dicom.CT, modality="CT", bits=12, number=index + 1
    )
    ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = -1024, 1, "HU"
    ds.WindowCenter, ds.WindowWidth, ds.KVP = [300, 50], [1500, 400], 120
    ds.WindowCenterWidthExplanation = ["BONE", "SOFT"]
    return ds


def _mr(study: Series, lesion: Ellipsoid, index: int) -> Dataset:
    pixels = mr_slice(study.scene, lesion, study.stack, index)
    ds = dicom.image(
        study.visit, pixels, sop_class=dicom.MR, modality="MR", bits=12, number=index + 1
    )
    ds.SeriesDescription, ds.ScanningSequence, ds.SequenceVariant = "T2 FS axial", "SE", "SK"
    ds.ScanOptions, ds.MRAcquisitionType, ds.EchoTrainLength = "FS", "2D", 15
    ds.RepetitionTime, ds.EchoTime, ds.MagneticFieldStrength = 4200, 74, 1.5
    ds.SpacingBetweenSlices, ds.WindowCenter, ds.WindowWidth = study.stack.step_mm, 450, 900
    return ds


def _lesion(lesion: Ellipsoid, study: Series) -> JSON:
    column, row = study.stack.pixel(lesion.centre)
    middle = round((lesion.centre[2] - study.stack.first_z_mm) / study.stack.step_mm)
    return {
        "lesion": {
            "centre_px": [round(column, 3), round(row, 3)],
            "radii_mm": list(lesion.radii_mm),
            "image": study.visit.uid(f"image-{middle + 1}"),
        }
    }


def _record(study: Study, view: View) -> JSON:
    visit = study.visit
    asserted: JSON = {
        "study_instance_uid": visit.uid("study"),
        "patient_id": visit.patient.patient_id,
    }
    if visit.accession:
        asserted["accession_number"] = visit.accession
    return {
        "schema_version": "1.0",
        "graded_at": study.graded_at,
        "study": asserted,
        "observer": study.observer,
        "context": study.context,
        "view": study.view,
        "hips": [hip_record(hip, reading, view) for hip, reading in study.hips()],
    }


def _json(path: Path, value: JSON) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=2, ensure_ascii=False)
    folded = _PAIR.sub(r"[\1, \2]", text)
    path.write_text(folded + "\n", encoding="utf-8")
