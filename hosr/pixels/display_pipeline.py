"""How an image asks to be displayed: its grayscale pipeline, as its header gives it.

    stored values -> Modality LUT or rescale -> VOI LUT or window -> polarity (PS3.4 Annex N.2)

Values of one frame each. What a header lacks is None: stored values pass the first step as they
are, and the second one is the choice of whoever displays them.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from hosr.dicom.elements import quiet_pydicom, read_header, unvalidated_pydicom
from hosr.dicom.writing import is_valid
from hosr.findings import Place

_FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")

# Shape of a shutter: its parts, and how many numbers each may have.
_SHUTTERS: dict[str, dict[str, range]] = {
    "RECTANGULAR": {
        "ShutterLeftVerticalEdge": range(1, 2),
        "ShutterRightVerticalEdge": range(1, 2),
        "ShutterUpperHorizontalEdge": range(1, 2),
        "ShutterLowerHorizontalEdge": range(1, 2),
    },
    "CIRCULAR": {
        "CenterOfCircularShutter": range(2, 3),
        "RadiusOfCircularShutter": range(1, 2),
    },
    "POLYGONAL": {"VerticesOfThePolygonalShutter": range(6, 2000, 2)},
}
_IS_LIMIT = 1 << 31
# What tells the height of a pixel to its width, in the order in which lengths are measured by it.
_ASPECTS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")
_GRAYSCALE = ("MONOCHROME1", "MONOCHROME2")
_SHAPES = ("IDENTITY", "INVERSE")

# Where the Modality LUT leads back to the intensity at the detector, it is not for display
# (PS3.3 section C.8.7.1.1.2).
_FOR_MEASURING_ONLY = {
    "1.2.840.10008.5.1.4.1.1.12.1",  # X-Ray Angiographic Image
    "1.2.840.10008.5.1.4.1.1.12.2",  # X-Ray Radiofluoroscopic Image
}
_NOT_LINEAR = ("LOG", "DISP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescale:
    """A straight line from stored values to the unit named (PS3.3 section C.11.1.1.2)."""

    slope: float
    intercept: float
    unit: str

    def __post_init__(self) -> None:
        if not (math.isfinite(self.slope) and math.isfinite(self.intercept) and self.slope):
            raise ValueError("a rescale has a finite slope, not zero, and a finite intercept")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupTable:
    """One output for each input from `first` on (PS3.3 section C.11.1.1); `kind` of a Modality LUT."""

    first: int
    bits: int
    values: tuple[int, ...]
    explanation: str = ""
    kind: str = ""

    def __post_init__(self) -> None:
        if not self.values or len(self.values) > 1 << 16 or not 8 <= self.bits <= 16:
            raise ValueError("a lookup table has 1 to 65536 entries of 8 to 16 bits")
        least = -(1 << 15) if self.first < 0 else 0
        if not least <= self.first < 1 << 16 or not _are_shorts(self.values):
            raise ValueError("the inputs and entries of a lookup table are of 16 bits")


def _are_shorts(values: tuple[int, ...]) -> bool:
    return min(values) >= 0 and max(values) < 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A window of values that are told apart, and its function (PS3.3 section C.11.2.1.2)."""

    center: float
    width: float
    function: str = "LINEAR"
    explanation: str = ""

    def __post_init__(self) -> None:
        least = 1.0 if self.function == "LINEAR" else 0.0
        finite = math.isfinite(self.center) and math.isfinite(self.width)
        if self.function not in _FUNCTIONS or not finite or self.width < least or not self.width:
            raise ValueError("a window has a known function, a finite center and a valid width")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shutter:
    """What is covered around the image (PS3.3 section C.7.6.11): shapes, and each part by keyword."""

    shapes: tuple[str, ...]
    parts: tuple[tuple[str, tuple[int, ...]], ...]
    grey: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDisplay:
    """The grayscale pipeline of one frame; `aspect` is the height of a pixel to its width.

    Where a header offers several views, it is the first one; a VOI LUT goes before a window.
    """

    photometric_interpretation: str
    presentation_lut_shape: str = ""
    modality: Rescale | LookupTable | None = None
    voi: Window | LookupTable | None = None
    aspect: tuple[int, int] = (1, 1)
    shutter: Shutter | None = None

    @property
    def is_grayscale(self) -> bool:
        """Whether a grayscale presentation state can show it."""
        return self.photometric_interpretation in _GRAYSCALE

    @property
    def is_inverse(self) -> bool:
        """Whether the lowest value is white.

        A shape of IDENTITY says that no translation is needed behind all others (PS3.3 section
        C.11.6.1.2), and that of MONOCHROME1 is one of those: it does not take it back.
        """
        is_inverse = self.presentation_lut_shape == "INVERSE"
        return is_inverse or self.photometric_interpretation == "MONOCHROME1"

    @property
    def is_contradictory(self) -> bool:
        """Whether the shape is not the one that this photometric interpretation goes with.

        INVERSE goes with MONOCHROME1, and IDENTITY with MONOCHROME2 (PS3.3 section C.8.11.3.1.2).
        """
        fitting = "INVERSE" if self.photometric_interpretation == "MONOCHROME1" else "IDENTITY"
        is_said = self.is_grayscale and self.presentation_lut_shape in _SHAPES
        return is_said and self.presentation_lut_shape != fitting


def read_display(dataset: Dataset, frame: int | None = None) -> ImageDisplay:
    """The grayscale pipeline of an image, or of the frame of this number, from 1 on.

    What is absent, empty or no valid value is left out, as if it were absent.
    """
    holders = tuple(_holders(dataset, frame))
    return ImageDisplay(
        photometric_interpretation=_text(dataset, "PhotometricInterpretation").upper(),
        presentation_lut_shape=_text(dataset, "PresentationLUTShape").upper(),
        modality=_read_modality(dataset, holders),
        voi=next((voi for voi in map(_read_voi, holders) if voi is not None), None),
        aspect=_read_aspect(holders),
        shutter=_read_shutter(dataset),
    )


def read_displays(
    places: Iterable[Place], open_file: Callable[[str], BinaryIO]
) -> dict[Place, ImageDisplay]:
    """The pipeline of each image or frame; `open_file` opens the file of a SOP Instance UID."""
    headers: dict[str, Dataset] = {}
    for place in places:
        if place.sop_instance_uid not in headers:
            with quiet_pydicom(), open_file(place.sop_instance_uid) as stream:
                headers[place.sop_instance_uid] = read_header(stream).data_set
    return {place: read_display(headers[place.sop_instance_uid], place.frame) for place in places}


def _holders(dataset: Dataset, frame: int | None) -> Iterator[Dataset]:
    """Where the pipeline may stand: groups of the frame, those of all frames, the image."""
    index = (frame or 1) - 1
    per_frame = _items(dataset, "PerFrameFunctionalGroupsSequence")
    shared = _items(dataset, "SharedFunctionalGroupsSequence")
    for group in (*per_frame[index : index + 1], *shared[:1]):
        yield from _items(group, "PixelValueTransformationSequence")[:1]
        yield from _items(group, "FrameVOILUTSequence")[:1]
        yield from _items(group, "PixelMeasuresSequence")[:1]
    yield dataset


def _read_modality(dataset: Dataset, holders: tuple[Dataset, ...]) -> Rescale | LookupTable | None:
    is_exempt = (
        _text(dataset, "SOPClassUID") in _FOR_MEASURING_ONLY
        and _text(dataset, "PixelIntensityRelationship").upper() in _NOT_LINEAR
    )
    if is_exempt:
        return None
    for holder in holders:
        found = _read_table(holder, "ModalityLUTSequence") or _read_rescale(dataset, holder)
        if found is not None:
            return found
    return None


def _read_rescale(dataset: Dataset, holder: Dataset) -> Rescale | None:
    slope, intercept = _numbers(holder, "RescaleSlope"), _numbers(holder, "RescaleIntercept")
    if not slope or not intercept:
        return None
    implied = "HU" if _text(dataset, "Modality").upper() == "CT" else "US"
    unit = _words(holder, "RescaleType") or implied
    try:
        return Rescale(slope=slope[0], intercept=intercept[0], unit=unit)
    except ValueError:
        return None


def _read_voi(holder: Dataset) -> Window | LookupTable | None:
    return _read_table(holder, "VOILUTSequence") or _read_window(holder)


def _read_window(holder: Dataset) -> Window | None:
    center, width = _numbers(holder, "WindowCenter"), _numbers(holder, "WindowWidth")
    if not center or not width:
        return None
    try:
        return Window(
            center=center[0],
            width=width[0],
            function=_text(holder, "VOILUTFunction").upper() or "LINEAR",
            explanation=_words(holder, "WindowCenterWidthExplanation"),
        )
    except ValueError:
        return None


def _read_table(holder: Dataset, keyword: str) -> LookupTable | None:
    for item in _items(holder, keyword)[:1]:
        descriptor = _numbers(item, "LUTDescriptor")
        if len(descriptor) != 3 or not all(map(math.isfinite, descriptor)):
            return None
        entries = int(descriptor[0]) % (1 << 16) or 1 << 16
        values = _table_values(item, entries)
        try:
            return LookupTable(
                first=int(descriptor[1]),
                bits=int(descriptor[2]),
                values=values if len(values) == entries else (),
                explanation=_words(item, "LUTExplanation"),
                kind=_words(item, "ModalityLUTType"),
            )
        except ValueError:
            return None
    return None


def _table_values(item: Dataset, entries: int) -> tuple[int, ...]:
    """The entries, however they are written: as numbers, or in bytes of two or one each."""
    data = _value(item, "LUTData")
    if not isinstance(data, bytes):
        return tuple(int(value) for value in _numbers(item, "LUTData") if math.isfinite(value))
    if len(data) < 2 * entries:
        return tuple(data[:entries])
    order = ">" if item.original_encoding[1] is False else "<"
    return struct.unpack(f"{order}{entries}H", data[: 2 * entries])


def _read_aspect(holders: tuple[Dataset, ...]) -> tuple[int, int]:
    """Height to width of a pixel: by its spacing, or as Pixel Aspect Ratio says."""
    for keyword in _ASPECTS:
        for sizes in (_numbers(holder, keyword) for holder in holders):
            if len(sizes) == 2 and min(sizes) > 0 and all(map(math.isfinite, sizes)):
                return _smallest(sizes[0] / sizes[1])
    return 1, 1


def _read_shutter(dataset: Dataset) -> Shutter | None:
    """The shutter, without the shapes that lack a part."""
    shapes: list[str] = []
    parts: list[tuple[str, tuple[int, ...]]] = []
    for shape in dict.fromkeys(_texts(dataset, "ShutterShape")):
        found = [(keyword, _numbers(dataset, keyword)) for keyword in _SHUTTERS.get(shape, {})]
        counts = _SHUTTERS.get(shape, {}).values()
        fits = [len(values) in lengths for (_, values), lengths in zip(found, counts, strict=True)]
        if fits and all(fits) and all(abs(n) < _IS_LIMIT for _, values in found for n in values):
            shapes.append(shape)
            parts += [(keyword, tuple(map(int, values))) for keyword, values in found]
    if not shapes:
        return None
    grey = _numbers(dataset, "ShutterPresentationValue") or (0.0,)
    return Shutter(shapes=tuple(shapes), parts=tuple(parts), grey=int(grey[0]))


def _smallest(ratio: float) -> tuple[int, int]:
    fraction = Fraction(ratio).limit_denominator(1000)
    return (fraction.numerator, fraction.denominator) if fraction else (1, 1)


def _items(dataset: Dataset, keyword: str) -> list[Dataset]:
    value = _value(dataset, keyword)
    return list(value) if isinstance(value, Sequence) else []


def _text(dataset: Dataset, keyword: str) -> str:
    """The first value as a text without padding."""
    return next(iter(_texts(dataset, keyword)), "")


def _words(dataset: Dataset, keyword: str) -> str:
    """The first value of a long string; "" where it has no valid form."""
    words = _text(dataset, keyword)
    return words if is_valid("LO", words) else ""


def _texts(dataset: Dataset, keyword: str) -> list[str]:
    """All values as texts without padding."""
    return [str(value).strip(" \0") for value in _listed(_value(dataset, keyword))]


def _numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """All values as numbers; none where one of them is no number."""
    try:
        return tuple(float(value) for value in _listed(_value(dataset, keyword)))
    except (TypeError, ValueError):
        return ()


def _listed(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def _value(dataset: Dataset, keyword: str) -> Any:
    """The value of an element; None where it is absent or pydicom cannot make anything of it."""
    try:
        with quiet_pydicom(), unvalidated_pydicom():
            return dataset.get(keyword)
    except Exception:  # noqa: BLE001 - a damaged element raises whatever its converter meets
        return None
