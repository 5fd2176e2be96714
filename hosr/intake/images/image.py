"""From one header to one image of the study, and its measurable side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hosr.dicom.structure import UnusableFile
from hosr.findings import Basis
from hosr.intake.images.aspect import described_side, letter_of, orientation_of, side_of, view_of
from hosr.intake.images.elements import CALIBRATION_TYPE, Text, family_of
from hosr.intake.images.field_size import may_be_slices, without_impossible
from hosr.intake.images.values import SourceImage
from hosr.measure.pixel_size import basis_of, ends_at_table, without_contradictions
from hosr.measure.spacing import CROSS_SECTIONAL, FrameGeometry, ImageGeometry, Spacing
from hosr.phrases import phrase
from hosr.study import ImageReference, Instance
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    from hosr.intake.images.elements import Kind
    from hosr.intake.images.header import Header
    from hosr.measure.spacing import Pair


# Two and four bytes hold no more (PS3.5 table 6.2-1, US; a frame is counted in IS).
_MAX_FRAMES = 1_000_000

_MODALITY = Text("Modality", "CS", "Modality")
_VIEW_POSITION = Text("ViewPosition", "CS", "View Position")


LOCALIZER = phrase("is a localizer: its spacing holds in no known plane and is not used")

# A localizer is one of a few at a right angle to a whole series of slices.
_MOST_SCOUTS, _FEWEST_SLICES = 2, 3
_RIGHT_ANGLE, _PARALLEL = 0.1, 0.9


def read_image(header: Header, kind: Kind, *, pixel_data: bool) -> SourceImage:
    """The image that a header describes; UnusableFile where it describes none."""
    modality = _modality(header, kind)
    family = family_of(kind, modality)
    frames = _frames(header)
    is_localizer = family is ImagingModality.CT and "LOCALIZER" in header.codes("ImageType")
    geometry = _geometry(header, _measured_as(kind, modality), frames, is_localizer=is_localizer)
    if not pixel_data:
        header.note(phrase("has no pixel data; no key image can be made of it"))
    if header.code("BurnedInAnnotation") == "YES":
        header.note(
            phrase("has burned-in annotation: a key image of it may show the patient's name")
        )
    _note_missing(header, family, geometry, is_localizer=is_localizer)
    return SourceImage(
        reference=_reference(header, modality, frames, geometry),
        geometry=geometry,
        family=family,
        header_side=side_of(header),
        header_view=view_of(header, family),
        described_side=described_side(header),
        is_localizer=is_localizer,
        is_capture=kind.is_capture,
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
        header.note(phrase("Modality is missing"))
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
    if frames == 0:  # as devices write it on images of one frame
        header.note(phrase("Number of Frames is 0; the image is taken as one frame"))
        return 1
    if frames is None or not 1 <= frames <= _MAX_FRAMES:
        raise UnusableFile(
            phrase("Number of Frames is no number of frames"), phrase("correct the file")
        )
    return frames


def _geometry(header: Header, modality: str, frames: int, *, is_localizer: bool) -> ImageGeometry:
    rows, columns = header.whole("Rows"), header.whole("Columns")
    if not rows or not columns or min(rows, columns) < 1:
        raise UnusableFile(
            phrase("has no Rows and Columns, so it is no image"), phrase("give the image itself")
        )
    if is_localizer:
        header.note(LOCALIZER)
        return ImageGeometry(modality=modality, rows=rows, columns=columns)
    placed = frames_of(header, frames) if modality in CROSS_SECTIONAL else ()
    spacing = spacing_of(header)
    if modality not in CROSS_SECTIONAL:
        spacing = without_impossible(spacing, (rows, columns), header)
    elif not may_be_slices(spacing, placed, (rows, columns), header):
        spacing, placed = replace(spacing, pixel_spacing_mm=None), ()
    if placed and not header.uid("FrameOfReferenceUID"):
        header.note(phrase("Frame of Reference UID is missing; no length across slices"))
    return ImageGeometry(
        modality=modality,
        rows=rows,
        columns=columns,
        spacing=spacing,
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
        header.note(phrase("Patient Orientation is missing"))
    if not header.has("ViewPosition") and not header.items("ViewCodeSequence"):
        header.note(phrase("no view is named"))
    if not header.has("ImageLaterality") and not header.has("Laterality"):
        header.note(phrase("no laterality is named"))


def _note_spacing(header: Header, geometry: ImageGeometry) -> None:
    if geometry.frames:
        return
    _, problems = without_contradictions(geometry.spacing, geometry.modality)
    for problem in problems:
        header.note(problem)
    size = basis_of(geometry.spacing, geometry.modality)
    if size.basis is Basis.UNCALIBRATED:
        header.note(
            phrase("points give no millimetres")
            if problems
            else phrase("no pixel spacing is given; points give no millimetres")
        )
    elif ends_at_table(size):
        header.note(
            phrase(
                "the magnification of the header is that at the table, and less than the hip's; lengths "
                "hold in no known plane"
            )
        )
    elif size.basis is Basis.UNKNOWN:
        header.note(phrase("Pixel Spacing does not say in which plane it holds"))


def find_scouts(images: Sequence[SourceImage]) -> frozenset[str]:
    """The SOP Instance UIDs of CT images that are localizers by where they lie, though unnamed.

    A localizer of CT is a projection (PS3.3 section C.8.2.1.1.1), so what is measured on it is no
    length in the patient. One or two images at a right angle to all others of their series are.
    """
    series: dict[str, list[SourceImage]] = defaultdict(list)
    for image in images:
        if image.geometry.modality == "CT" and len(image.geometry.frames) == 1:
            series[image.reference.instance.series_instance_uid].append(image)
    return frozenset(uid for those in series.values() for uid in _across(those))


def _across(series: Sequence[SourceImage]) -> Iterator[str]:
    normals = {image.sop_instance_uid: _normal(image.geometry.frames[0]) for image in series}
    counts = Counter(normals.values())  # slices of one stack have the same normal
    scouts = {normal for normal in counts if _is_across(normal, counts)}
    yield from (uid for uid, normal in normals.items() if normal in scouts)


def _is_across(
    normal: tuple[float, float, float], counts: Counter[tuple[float, float, float]]
) -> bool:
    """Whether one or two images face this way, and all others, which are slices, at a right angle."""
    cosines = [(abs(_dot(normal, other)), count) for other, count in counts.items()]
    alike = sum(count for cosine, count in cosines if cosine > _PARALLEL)
    across = sum(count for cosine, count in cosines if cosine < _RIGHT_ANGLE)
    is_all = alike + across == counts.total()
    return alike <= _MOST_SCOUTS and across >= _FEWEST_SLICES and is_all


def _normal(frame: FrameGeometry) -> tuple[float, float, float]:
    a, b, c, x, y, z = frame.orientation
    return b * z - c * y, c * x - a * z, a * y - b * x


def _dot(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def as_localizer(image: SourceImage) -> SourceImage:
    """The image without what makes lengths of points on it."""
    geometry = image.geometry
    plain = ImageGeometry(modality=geometry.modality, rows=geometry.rows, columns=geometry.columns)
    return replace(image, geometry=plain, is_localizer=True)


# Where multi-frame objects keep what single-frame ones have at the top (PS3.3 section C.7.6.16.2,
# and section C.8.19.6 for X-ray frames): the element, and the functional group that holds it.
_GROUPS = {
    "PixelSpacing": "PixelMeasuresSequence",
    "ImagePositionPatient": "PlanePositionSequence",
    "ImageOrientationPatient": "PlaneOrientationSequence",
    "ImagerPixelSpacing": "FramePixelDataPropertiesSequence",
}

# How far the directions of rows and columns may be from unit length and a right angle.
_ORTHONORMAL = 0.01


def spacing_of(header: Header) -> Spacing:
    """Everything that the header says about the size of pixels."""
    groups = [
        *header.items("SharedFunctionalGroupsSequence")[:1],
        *header.items("PerFrameFunctionalGroupsSequence")[:1],
    ]
    return Spacing(
        pixel_spacing_mm=_pair(header, "PixelSpacing", groups),
        imager_pixel_spacing_mm=_pair(header, "ImagerPixelSpacing", groups),
        nominal_scanned_pixel_spacing_mm=_pair(header, "NominalScannedPixelSpacing", groups),
        pixel_aspect_ratio=_pair(header, "PixelAspectRatio", groups),
        calibration_type=header.text(CALIBRATION_TYPE),
        magnification=_positive(header, "EstimatedRadiographicMagnificationFactor"),
        source_to_detector_mm=_positive(header, "DistanceSourceToDetector"),
        source_to_patient_mm=_positive(header, "DistanceSourceToPatient"),
    )


def frames_of(header: Header, frames: int) -> tuple[FrameGeometry, ...]:
    """Where each frame lies in the patient; empty, with a note, where one of them is not placed."""
    shared = header.items("SharedFunctionalGroupsSequence")[:1]
    per_frame = header.items("PerFrameFunctionalGroupsSequence")
    if not per_frame and frames == 1:
        places = [_place(header, shared)]
    elif len(per_frame) == frames:
        places = [_place(header, [frame, *shared]) for frame in per_frame]
    else:
        places = [None]
    placed = tuple(place for place in places if place is not None)
    if len(placed) == frames:
        return placed
    header.note(phrase("the slices are not placed in the patient; no length across slices"))
    return ()


def _place(header: Header, groups: list[Header]) -> FrameGeometry | None:
    position = _numbers(header, "ImagePositionPatient", groups, 3)
    directions = _numbers(header, "ImageOrientationPatient", groups, 6)
    spacing = _pair(header, "PixelSpacing", groups)
    if position is None or directions is None or spacing is None:
        return None
    if not _is_orthonormal(directions[:3], directions[3:]):
        return None
    x, y, z = position
    a, b, c, d, e, f = directions
    return FrameGeometry(
        position_mm=(x, y, z), orientation=(a, b, c, d, e, f), pixel_spacing_mm=spacing
    )


def _is_orthonormal(row: tuple[float, ...], column: tuple[float, ...]) -> bool:
    def product(first: tuple[float, ...], second: tuple[float, ...]) -> float:
        return sum(a * b for a, b in zip(first, second, strict=True))

    errors = (product(row, row) - 1, product(column, column) - 1, product(row, column))
    return all(abs(error) <= _ORTHONORMAL for error in errors)


def _pair(header: Header, keyword: str, groups: list[Header]) -> Pair | None:
    numbers = _numbers(header, keyword, groups, 2)
    if numbers is None:
        return None
    if min(numbers) <= 0:
        header.note(phrase("{keyword} is not positive; it is not used", keyword=keyword))
        return None
    return numbers[0], numbers[1]


def _positive(header: Header, keyword: str) -> float | None:
    numbers = header.numbers(keyword, 1)
    if numbers is None:
        return None
    if numbers[0] <= 0:
        header.note(phrase("{keyword} is not positive; it is not used", keyword=keyword))
        return None
    return numbers[0]


def _numbers(
    header: Header, keyword: str, groups: list[Header], count: int
) -> tuple[float, ...] | None:
    """The numbers where the object keeps them: in a functional group, else at the top."""
    holders = [item for group in groups for item in group.items(_GROUPS.get(keyword, ""))]
    for holder in (*holders, header):
        if holder.has(keyword):
            return holder.numbers(keyword, count)
    return None
