"""The grading drawn over its images: Grayscale Softcopy Presentation State (PS3.3 section A.33.1).

Viewers show the images as their headers ask, with what was marked on them and the grade of each
hip. One state holds for images of one modality transformation, one polarity and one shutter; a
report on images that differ in these has several, in one series.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat

from hosr.composite import (
    Encoded,
    Series,
    by_series,
    compose,
    date_and_time,
    derive_instance,
    encode,
    laterality_of,
    refusing_invalid,
    shown_places,
    sop_item,
)
from hosr.composite.labels import series_label
from hosr.dicom.validity import RECORD, valid_values
from hosr.errors import Unencodable
from hosr.findings import Person, Place
from hosr.identity import fingerprint
from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Rescale, Shutter, Window
from hosr.report import Report
from hosr.study import ImageReference
from hosr.version import __version__
from hosr.visuals.annotation import Layer, Shape, Words, annotate
from hosr.visuals.marks import Mark

SOP_CLASS_UID = "1.2.840.10008.5.1.4.1.1.11.1"

# L*, a* and b* of the colours of the key images: white, blue, yellow, white.
_COLOURS = {
    Layer.CALIBRATION: (100.0, 0.0, 0.0),
    Layer.ISLANDS: (79.2, -22.6, -32.1),
    Layer.GAP: (88.9, 1.7, 72.2),
    Layer.GRADES: (100.0, 0.0, 0.0),
}
_DESCRIPTIONS = {
    Layer.CALIBRATION: "Object of known size",
    Layer.ISLANDS: "Islands of heterotopic bone",
    Layer.GAP: "Gap between opposing bone surfaces",
    Layer.GRADES: "Grades of heterotopic ossification, draft",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A presentation state, and the images or frames that it is for."""

    encoded: Encoded
    places: tuple[Place, ...]


def presentation_states(
    report: Report, marks: Iterable[Mark], displays: Mapping[Place, ImageDisplay]
) -> tuple[Overlay, ...]:
    """The presentation states of a report, nearly always one.

    `displays` has the pipeline of each of `hosr.composite.shown_places(report)`; an image without
    one, or in colour, is left out, so there may be no state at all.
    """
    marks = tuple(marks)
    shown = {
        place: displays[place]
        for place in shown_places(report)
        if place in displays and displays[place].is_grayscale
    }
    groups: dict[object, list[Place]] = {}
    for place, display in shown.items():
        shared = (display.modality, display.is_inverse, display.shutter)
        groups.setdefault(shared, []).append(place)
    key = fingerprint((fingerprint(report), marks, tuple(shown.items()), __version__))
    return tuple(
        _overlay(number, _State(report, marks, {place: shown[place] for place in group}), key)
        for number, group in enumerate(groups.values(), start=1)
    )


@dataclass(frozen=True, slots=True)
class _State:
    """One state to be: the images of one group with their pipelines."""

    report: Report
    marks: tuple[Mark, ...]
    displays: Mapping[Place, ImageDisplay]

    def image(self, place: Place) -> ImageReference:
        return self.report.subject.image(place)

    def reference(self, places: Iterable[Place]) -> list[Dataset]:
        """One item for each image, with its frames (PS3.3 Table 10-3)."""
        frames: dict[str, list[int]] = {}
        for place in places:
            known = frames.setdefault(place.sop_instance_uid, [])
            if place.frame is not None:
                known.append(place.frame)
        instances = {place.sop_instance_uid: self.image(place).instance for place in self.displays}
        return [sop_item(instances[uid], *sorted(numbers)) for uid, numbers in frames.items()]


def _overlay(number: int, state: _State, key: str) -> Overlay:
    report = state.report
    instance = derive_instance("presentation state", SOP_CLASS_UID, key, str(number))
    description = series_label(report.hips, "overlay")
    series = Series(modality="PR", number=9503, description=description)
    dataset = compose(instance, series, report)
    with refusing_invalid():
        _identify(dataset, report, number, description)
        _relate(dataset, state)
        _display(dataset, state)
        _annotate(dataset, state)
    return Overlay(
        encoded=Encoded(instance=instance, data=encode(dataset)), places=tuple(state.displays)
    )


def _identify(dataset: Dataset, report: Report, number: int, description: str) -> None:
    """Presentation State Identification (PS3.3 section C.11.10)."""
    observer = report.observer
    creator = observer.name if isinstance(observer, Person) else ""
    _, faults = valid_values([("ContentCreatorName", creator)], RECORD)
    if faults:
        raise Unencodable(faults)
    dataset.ContentCreatorName = creator
    dataset.InstanceNumber = number
    _name_body_part(dataset, report)
    dataset.ContentLabel = "HO_GRADING"
    dataset.ContentDescription = description
    dataset.PresentationCreationDate, dataset.PresentationCreationTime = date_and_time(report)


def _name_body_part(dataset: Dataset, report: Report) -> None:
    """One hip, which is paired and has a side, or the pelvis (PS3.3 section C.7.3.1)."""
    side = laterality_of(report)
    dataset.BodyPartExamined = "HIP" if side else "PELVIS"
    if side:
        dataset.Laterality = side


def _relate(dataset: Dataset, state: _State) -> None:
    """Presentation State Relationship (PS3.3 section C.11.11)."""
    dataset.ReferencedSeriesSequence = []
    instances = {state.image(place).instance for place in state.displays}
    for series_uid, members in by_series(instances):
        uids = {member.sop_instance_uid for member in members}
        series = Dataset()
        series.SeriesInstanceUID = series_uid
        series.ReferencedImageSequence = state.reference(
            place for place in sorted(state.displays, key=_order) if place.sop_instance_uid in uids
        )
        dataset.ReferencedSeriesSequence.append(series)


def _order(place: Place) -> tuple[str, int]:
    return place.sop_instance_uid, place.frame or 0


def _display(dataset: Dataset, state: _State) -> None:
    """The grayscale pipeline and the area shown (PS3.3 sections C.10.4, C.11.1, C.11.6, C.11.8)."""
    first = next(iter(state.displays.values()))
    if isinstance(first.modality, Rescale):
        dataset.RescaleIntercept = _decimal(first.modality.intercept)
        dataset.RescaleSlope = _decimal(first.modality.slope)
        dataset.RescaleType = first.modality.unit
    elif first.modality is not None:
        table = _table_item(first.modality)
        table.ModalityLUTType = first.modality.kind or "US"
        dataset.ModalityLUTSequence = [table]
    items = [_voi_item(state, voi, group) for voi, group in _groups_by_voi(state)]
    if items:
        dataset.SoftcopyVOILUTSequence = items
    dataset.PresentationLUTShape = "INVERSE" if first.is_inverse else "IDENTITY"
    dataset.DisplayedAreaSelectionSequence = _areas(state)
    if first.shutter is not None:
        _add_shutter(dataset, first.shutter)


def _add_shutter(dataset: Dataset, shutter: Shutter) -> None:
    """The shutter of the images, which a state without one would open (PS3.3 section C.7.6.11)."""
    dataset.ShutterShape = list(shutter.shapes)
    for keyword, values in shutter.parts:
        setattr(dataset, keyword, list(values))
    dataset.ShutterPresentationValue = shutter.grey


def _groups_by_voi(state: _State) -> list[tuple[Window | LookupTable, list[Place]]]:
    groups: dict[Window | LookupTable, list[Place]] = {}
    for place, display in state.displays.items():
        if display.voi is not None:
            groups.setdefault(display.voi, []).append(place)
    return list(groups.items())


def _voi_item(state: _State, voi: Window | LookupTable, group: Sequence[Place]) -> Dataset:
    item = Dataset()
    item.ReferencedImageSequence = state.reference(group)
    if isinstance(voi, LookupTable):
        item.VOILUTSequence = [_table_item(_widened(voi))]
        return item
    item.WindowCenter = _decimal(voi.center)
    item.WindowWidth = _decimal(voi.width)
    item.VOILUTFunction = voi.function
    if voi.explanation:
        item.WindowCenterWidthExplanation = voi.explanation
    return item


def _decimal(value: float) -> DSfloat:
    """A decimal string of no more than 16 characters."""
    return DSfloat(value, auto_format=True)


def _widened(table: LookupTable) -> LookupTable:
    """A VOI LUT of 16 bits for one of 8, as any viewer reads it.

    Those of 8 bits have entries of one byte (PS3.3 section C.11.2.1.1), which some read as two.
    """
    if table.bits > 8:
        return table
    return replace(table, bits=16, values=tuple(min(value, 255) * 257 for value in table.values))


def _table_item(table: LookupTable) -> Dataset:
    """A lookup table; 65536 entries are written as none, and inputs below nought as signed."""
    item = Dataset()
    descriptor = [len(table.values) % (1 << 16), table.first, table.bits]
    item.add(DataElement("LUTDescriptor", "SS" if table.first < 0 else "US", descriptor))
    if table.explanation:
        item.LUTExplanation = table.explanation
    data = b"".join(value.to_bytes(2, "little") for value in table.values)
    item.add(DataElement("LUTData", "OW", data))
    return item


def _areas(state: _State) -> list[Dataset]:
    """The whole of each image, fitted to the window; one item for each size and aspect."""
    groups: dict[tuple[int, int, tuple[int, int]], list[Place]] = {}
    for place, display in state.displays.items():
        image = state.image(place)
        groups.setdefault((image.columns, image.rows, display.aspect), []).append(place)
    items = []
    for (columns, rows, aspect), group in groups.items():
        item = Dataset()
        item.ReferencedImageSequence = state.reference(group)
        item.DisplayedAreaTopLeftHandCorner = [1, 1]
        item.DisplayedAreaBottomRightHandCorner = [columns, rows]
        item.PresentationSizeMode = "SCALE TO FIT"
        item.PresentationPixelAspectRatio = list(aspect)
        items.append(item)
    return items


def _annotate(dataset: Dataset, state: _State) -> None:
    """Graphic Annotation and Graphic Layer (PS3.3 sections C.10.5 and C.10.7)."""
    items = []
    used = set()
    for place in state.displays:
        shapes, words = annotate(state.report, state.marks, place)
        for layer in Layer:
            graphics = [_shape_item(shape) for shape in shapes if shape.layer is layer]
            texts = [_words_item(each) for each in words if each.layer is layer]
            if graphics or texts:
                used.add(layer)
                items.append(_annotation(layer, state.reference([place]), graphics, texts))
    if items:
        dataset.GraphicAnnotationSequence = items
        layers = [layer for layer in Layer if layer in used]
        dataset.GraphicLayerSequence = [
            _layer_item(layer, order) for order, layer in enumerate(layers, start=1)
        ]


def _annotation(
    layer: Layer, images: list[Dataset], graphics: list[Dataset], texts: list[Dataset]
) -> Dataset:
    item = Dataset()
    item.ReferencedImageSequence = images
    item.GraphicLayer = layer.value
    if texts:
        item.TextObjectSequence = texts
    if graphics:
        item.GraphicObjectSequence = graphics
    return item


def _shape_item(shape: Shape) -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits = "PIXEL"
    item.GraphicDimensions = 2
    item.NumberOfGraphicPoints = len(shape.points)
    item.GraphicData = [value for point in shape.points for value in point]
    item.GraphicType = "POLYLINE" if len(shape.points) > 1 else "POINT"
    if len(shape.points) > 3:
        item.GraphicFilled = "N"
    return item


def _words_item(words: Words) -> Dataset:
    item = Dataset()
    item.BoundingBoxAnnotationUnits = "PIXEL"
    item.UnformattedTextValue = words.text
    item.BoundingBoxTopLeftHandCorner = [words.box.left, words.box.top]
    item.BoundingBoxBottomRightHandCorner = [words.box.right, words.box.bottom]
    item.BoundingBoxTextHorizontalJustification = "CENTER"
    if words.anchor is not None:
        item.AnchorPointAnnotationUnits = "PIXEL"
        item.AnchorPoint = list(words.anchor)
        item.AnchorPointVisibility = "N"
    return item


def _layer_item(layer: Layer, order: int) -> Dataset:
    item = Dataset()
    item.GraphicLayer = layer.value
    item.GraphicLayerOrder = order
    item.GraphicLayerRecommendedDisplayGrayscaleValue = 65535
    item.GraphicLayerRecommendedDisplayCIELabValue = _encoded(_COLOURS[layer])
    item.GraphicLayerDescription = _DESCRIPTIONS[layer]
    return item


def _encoded(colour: tuple[float, float, float]) -> list[int]:
    """L*, a* and b* as shares of their ranges, 0 to 100 and -128 to 127 (PS3.3 C.10.7.1.1)."""
    lightness, red, yellow = colour
    shares = (lightness / 100, (red + 128) / 255, (yellow + 128) / 255)
    return [round(share * 65535) for share in shares]
