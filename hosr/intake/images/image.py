"""From one header to one image of the study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hosr.dicom.structure import UnusableFile
from hosr.errors import ImagesRefused
from hosr.findings import Basis
from hosr.intake.images.aspect import letter_of, orientation_of, side_of, view_of
from hosr.intake.images.elements import Text, family_of
from hosr.intake.images.geometry import frames_of, spacing_of
from hosr.intake.images.values import SourceImage
from hosr.measure.spacing import CROSS_SECTIONAL, ImageGeometry, basis_of
from hosr.study import ImageReference, Instance
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from hosr.intake.images.elements import Kind
    from hosr.intake.images.header import Header


# Two and four bytes hold no more (PS3.5 table 6.2-1, US; a frame is counted in IS).
_MAX_FRAMES = 1_000_000

_MODALITY = Text("Modality", "CS", "Modality")
_VIEW_POSITION = Text("ViewPosition", "CS", "View Position")


def read_image(header: Header, kind: Kind, *, pixel_data: bool) -> SourceImage:
    """The image that a header describes; UnusableFile where it describes none."""
    modality = _modality(header, kind)
    family = family_of(kind, modality)
    frames = _frames(header)
    is_localizer = family is ImagingModality.CT and "LOCALIZER" in header.codes("ImageType")
    geometry = _geometry(header, _measured_as(kind, modality), frames, is_localizer=is_localizer)
    if not pixel_data:
        header.note("has no pixel data; no key image can be made of it")
    if header.code("BurnedInAnnotation") == "YES":
        header.note("has burned-in annotation: a key image of it may show the patient's name")
    _note_missing(header, family, geometry, is_localizer=is_localizer)
    return SourceImage(
        reference=_reference(header, modality, frames, geometry),
        geometry=geometry,
        family=family,
        header_side=side_of(header),
        header_view=view_of(header, family),
        is_localizer=is_localizer,
        instance_number=header.whole("InstanceNumber"),
    )


def _reference(
    header: Header, modality: str, frames: int, geometry: ImageGeometry
) -> ImageReference:
    spacing = geometry.spacing
    return ImageReference(
        instance=Instance(
            series_instance_uid=header.uid("SeriesInstanceUID"),
            sop_class_uid=header.uid("SOPClassUID"),
            sop_instance_uid=header.uid("SOPInstanceUID"),
        ),
        modality=modality,
        rows=geometry.rows,
        columns=geometry.columns,
        frames=frames,
        laterality=letter_of(header),
        view_position=header.text(_VIEW_POSITION),
        patient_orientation=orientation_of(header),
        pixel_spacing_mm=spacing.pixel_spacing_mm or spacing.imager_pixel_spacing_mm,
    )


def _modality(header: Header, kind: Kind) -> str:
    modality = header.text(_MODALITY)
    if not header.has("Modality"):
        header.note("Modality is missing")
    return modality or kind.modality


def _measured_as(kind: Kind, modality: str) -> str:
    """The modality by whose rule pixels are measured; a capture of a slice is not a slice."""
    if kind.is_capture:
        return "OT" if modality in CROSS_SECTIONAL else modality
    return kind.modality if kind.modality in CROSS_SECTIONAL else modality


def _frames(header: Header) -> int:
    if not header.has("NumberOfFrames"):
        return 1
    frames = header.whole("NumberOfFrames")
    if frames is None or not 1 <= frames <= _MAX_FRAMES:
        raise UnusableFile("Number of Frames is no number of frames", "correct the file")
    return frames


def _geometry(header: Header, modality: str, frames: int, *, is_localizer: bool) -> ImageGeometry:
    rows, columns = header.whole("Rows"), header.whole("Columns")
    if not rows or not columns or min(rows, columns) < 1:
        raise UnusableFile("has no Rows and Columns, so it is no image", "give the image itself")
    if is_localizer:
        header.note("is a localizer: its spacing holds in no known plane and is not used")
        return ImageGeometry(modality=modality, rows=rows, columns=columns)
    placed = frames_of(header, frames) if modality in CROSS_SECTIONAL else ()
    if placed and not header.uid("FrameOfReferenceUID"):
        header.note("Frame of Reference UID is missing; no length across slices")
    return ImageGeometry(
        modality=modality,
        rows=rows,
        columns=columns,
        spacing=spacing_of(header),
        frames=placed,
        frame_of_reference_uid=header.uid("FrameOfReferenceUID"),
    )


def _note_missing(
    header: Header,
    family: ImagingModality | None,
    geometry: ImageGeometry,
    *,
    is_localizer: bool,
) -> None:
    if not is_localizer:
        _note_spacing(header, geometry)
    if family is not ImagingModality.RADIOGRAPH:
        return
    if not header.has("PatientOrientation"):
        header.note("Patient Orientation is missing")
    if not header.has("ViewPosition") and not header.has("ViewCodeSequence"):
        header.note("no view is named")
    if not header.has("ImageLaterality") and not header.has("Laterality"):
        header.note("no laterality is named")


def _note_spacing(header: Header, geometry: ImageGeometry) -> None:
    if geometry.frames:
        return
    try:
        basis = basis_of(geometry.spacing, geometry.modality, "").basis
    except ImagesRefused as error:
        for fault in error.faults:
            header.note(
                f"{fault.problem}; no length can be measured from the header [{fault.rule}]"
            )
        return
    if basis is Basis.UNCALIBRATED:
        header.note("no pixel spacing is given; points give no millimetres")
    elif basis is Basis.UNKNOWN:
        header.note("Pixel Spacing does not say in which plane it holds")
