"""The grading drawn over its images: Grayscale Softcopy Presentation State (PS3.3 section A.33.1).

Viewers show the images as their headers ask, with what was marked on them and the grade of each
hip. One state holds for images of one modality transformation, one polarity and one shutter; a
report on images that differ in these has several, in one series.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pydicom.valuerep import format_number_as_ds

from hosr.composite import (
    Encoded,
    Series,
    by_series,
    date_and_time,
    derive_instance,
    encode,
    header_values,
    laterality_of,
    shown_places,
    sop_values,
)
from hosr.composite.labels import series_label
from hosr.dicom.writing import RECORD, InVR, Value, Values, valid_values
from hosr.errors import Unencodable
from hosr.findings import Person, Place
from hosr.identity import fingerprint
from hosr.pixels.display_pipeline import ImageDisplay, LookupTable, Rescale, Shutter, Window
from hosr.report import Report
from hosr.status import Status
from hosr.study import ImageReference
from hosr.visuals.annotation import Layer, Shape, Words, annotate
from hosr.visuals.marks import Mark

SOP_CLASS_UID = "1.2.840.10008.5.1.4.1.1.11.1"

# L*, a* and b* of the colours of the key images: orange, white, blue, yellow, white.
_COLOURS = {
    Layer.SURFACES: (73.3, 31.0, 56.5),
    Layer.CALIBRATION: (100.0, 0.0, 0.0),
    Layer.ISLANDS: (79.2, -22.6, -32.1),
    Layer.GAP: (88.9, 1.7, 72.2),
    Layer.GRADES: (100.0, 0.0, 0.0),
}
_DESCRIPTIONS = {
    Layer.SURFACES: "Surfaces that were found, of bone and implants",
    Layer.CALIBRATION: "Object of known size",
    Layer.ISLANDS: "Islands of heterotopic bone",
    Layer.GAP: "Gap between opposing bone surfaces",
    Layer.GRADES: "Grades of heterotopic ossification",
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
    key = fingerprint((fingerprint(report), marks, tuple(shown.items()), report.form))
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

    def reference(self, places: Iterable[Place]) -> list[dict[str, Value]]:
        """One item for each image, with its frames (PS3.3 Table 10-3)."""
        frames: dict[str, list[int]] = {}
        for place in places:
            known = frames.setdefault(place.sop_instance_uid, [])
            if place.frame is not None:
                known.append(place.frame)
        instances = {place.sop_instance_uid: self.image(place).instance for place in self.displays}
        return [sop_values(instances[uid], *sorted(numbers)) for uid, numbers in frames.items()]


def _overlay(number: int, state: _State, key: str) -> Overlay:
    report = state.report
    instance = derive_instance("presentation state", SOP_CLASS_UID, key, str(number))
    description = series_label(report, "overlay")
    series = Series(modality="PR", number=9503, description=description)
    values = {
        **header_values(instance, series, report),
        **_identification(report, number, description),
        **_relationship(state),
        **_display(state),
        **_annotations(state),
    }
    return Overlay(encoded=encode(instance, values), places=tuple(state.displays))


def _identification(report: Report, number: int, description: str) -> dict[str, Value]:
    """Presentation State Identification (PS3.3 section C.11.10), and the body part (C.7.3.1).

    The body part is one hip, which is paired and has a side, or the pelvis.
    """
    observer = report.observer
    creator, faults = valid_values(
        [("ContentCreatorName", observer.name if isinstance(observer, Person) else "")], RECORD
    )
    if faults:
        raise Unencodable(faults)
    side = laterality_of(report)
    date, time = date_and_time(report)
    return {
        **creator,
        "InstanceNumber": number,
        "BodyPartExamined": "HIP" if side else "PELVIS",
        **({"Laterality": side} if side else {}),
        "ContentLabel": "HO_GRADING",
        "ContentDescription": description,
        "PresentationCreationDate": date,
        "PresentationCreationTime": time,
    }


def _relationship(state: _State) -> dict[str, Value]:
    """Presentation State Relationship (PS3.3 section C.11.11)."""
    places = sorted(state.displays, key=_order)
    series: list[Values] = []
    for series_uid, members in by_series({state.image(place).instance for place in places}):
        uids = {member.sop_instance_uid for member in members}
        images = state.reference(place for place in places if place.sop_instance_uid in uids)
        series.append({"SeriesInstanceUID": series_uid, "ReferencedImageSequence": images})
    return {"ReferencedSeriesSequence": series}


def _order(place: Place) -> tuple[str, int]:
    return place.sop_instance_uid, place.frame or 0


def _display(state: _State) -> dict[str, Value]:
    """The grayscale pipeline and the area shown (PS3.3 sections C.10.4, C.11.1, C.11.6, C.11.8)."""
    first = next(iter(state.displays.values()))
    items = [_voi_item(state, voi, group) for voi, group in _groups_by_voi(state)]
    return {
        **_modality(first.modality),
        **({"SoftcopyVOILUTSequence": items} if items else {}),
        "PresentationLUTShape": "INVERSE" if first.is_inverse else "IDENTITY",
        "DisplayedAreaSelectionSequence": _areas(state),
        **({} if first.shutter is None else _shutter(first.shutter)),
    }


def _modality(modality: Rescale | LookupTable | None) -> dict[str, Value]:
    if modality is None:
        return {}
    if isinstance(modality, LookupTable):
        kind = {"ModalityLUTType": modality.kind or "US"}
        return {"ModalityLUTSequence": [{**_table_item(modality), **kind}]}
    return {
        "RescaleIntercept": _decimal(modality.intercept),
        "RescaleSlope": _decimal(modality.slope),
        "RescaleType": modality.unit,
    }


def _shutter(shutter: Shutter) -> dict[str, Value]:
    """The shutter of the images, which a state without one would open (PS3.3 section C.7.6.11)."""
    return {
        "ShutterShape": shutter.shapes,
        **dict(shutter.parts),
        "ShutterPresentationValue": shutter.grey,
    }


def _groups_by_voi(state: _State) -> list[tuple[Window | LookupTable, list[Place]]]:
    groups: dict[Window | LookupTable, list[Place]] = {}
    for place, display in state.displays.items():
        if display.voi is not None:
            groups.setdefault(display.voi, []).append(place)
    return list(groups.items())


def _voi_item(state: _State, voi: Window | LookupTable, group: Sequence[Place]) -> dict[str, Value]:
    images: dict[str, Value] = {"ReferencedImageSequence": state.reference(group)}
    if isinstance(voi, LookupTable):
        return {**images, "VOILUTSequence": [_table_item(_widened(voi))]}
    explanation = {"WindowCenterWidthExplanation": voi.explanation} if voi.explanation else {}
    return {
        **images,
        "WindowCenter": _decimal(voi.center),
        "WindowWidth": _decimal(voi.width),
        "VOILUTFunction": voi.function,
        **explanation,
    }


def _decimal(value: float) -> str:
    """A decimal string of no more than 16 characters, with its point."""
    return format_number_as_ds(value)


def _widened(table: LookupTable) -> LookupTable:
    """A VOI LUT of 16 bits for one of fewer, as any viewer reads it: the same greys.

    Those of 8 bits have entries of one byte (PS3.3 section C.11.2.1.1), which some read as two.
    """
    most = (1 << table.bits) - 1
    values = tuple(round(min(value, most) * 65535 / most) for value in table.values)
    return replace(table, bits=16, values=values)


def _table_item(table: LookupTable) -> dict[str, Value]:
    """A lookup table; 65536 entries are written as none, and inputs below nought as signed.

    The number of entries stays unsigned: in a signed descriptor it is the same two bytes.
    """
    entries, is_signed = len(table.values) % (1 << 16), table.first < 0
    if is_signed and entries >= 1 << 15:
        entries -= 1 << 16
    descriptor = (entries, table.first, table.bits)
    data = b"".join(value.to_bytes(2, "little") for value in table.values)
    return {
        "LUTDescriptor": InVR("SS" if is_signed else "US", descriptor),
        **({"LUTExplanation": table.explanation} if table.explanation else {}),
        "LUTData": InVR("OW", data),
    }


def _areas(state: _State) -> list[Values]:
    """The whole of each image, fitted to the window; one item for each size and aspect."""
    groups: dict[tuple[int, int, tuple[int, int]], list[Place]] = {}
    for place, display in state.displays.items():
        image = state.image(place)
        groups.setdefault((image.columns, image.rows, display.aspect), []).append(place)
    return [
        {
            "ReferencedImageSequence": state.reference(group),
            "DisplayedAreaTopLeftHandCorner": (1, 1),
            "DisplayedAreaBottomRightHandCorner": (columns, rows),
            "PresentationSizeMode": "SCALE TO FIT",
            "PresentationPixelAspectRatio": aspect,
        }
        for (columns, rows, aspect), group in groups.items()
    ]


def _annotations(state: _State) -> dict[str, Value]:
    """Graphic Annotation and Graphic Layer (PS3.3 sections C.10.5 and C.10.7)."""
    items: list[Values] = []
    used = set()
    for place in state.displays:
        shapes, words = annotate(state.report, state.marks, place)
        for layer in Layer:
            graphics = [_shape_item(shape) for shape in shapes if shape.layer is layer]
            texts = [_words_item(each) for each in words if each.layer is layer]
            if graphics or texts:
                used.add(layer)
                items.append(
                    {
                        "ReferencedImageSequence": state.reference([place]),
                        "GraphicLayer": layer.value,
                        **({"TextObjectSequence": texts} if texts else {}),
                        **({"GraphicObjectSequence": graphics} if graphics else {}),
                    }
                )
    if not items:
        return {}
    layers = [layer for layer in Layer if layer in used]
    return {
        "GraphicAnnotationSequence": items,
        "GraphicLayerSequence": [
            _layer_item(layer, order, state.report.status)
            for order, layer in enumerate(layers, start=1)
        ],
    }


def _shape_item(shape: Shape) -> dict[str, Value]:
    return {
        "GraphicAnnotationUnits": "PIXEL",
        "GraphicDimensions": 2,
        "NumberOfGraphicPoints": len(shape.points),
        "GraphicData": tuple(value for point in shape.points for value in point),
        "GraphicType": "POLYLINE" if len(shape.points) > 1 else "POINT",
        **({"GraphicFilled": "N"} if len(shape.points) > 3 else {}),
    }


def _words_item(words: Words) -> dict[str, Value]:
    anchor: dict[str, Value] = {}
    if words.anchor is not None:
        anchor = {
            "AnchorPointAnnotationUnits": "PIXEL",
            "AnchorPoint": words.anchor,
            "AnchorPointVisibility": "N",
        }
    return {
        "BoundingBoxAnnotationUnits": "PIXEL",
        "UnformattedTextValue": words.text,
        "BoundingBoxTopLeftHandCorner": (words.box.left, words.box.top),
        "BoundingBoxBottomRightHandCorner": (words.box.right, words.box.bottom),
        "BoundingBoxTextHorizontalJustification": "CENTER",
        **anchor,
    }


def _layer_item(layer: Layer, order: int, status: Status) -> dict[str, Value]:
    described = _DESCRIPTIONS[layer]
    return {
        "GraphicLayer": layer.value,
        "GraphicLayerOrder": order,
        "GraphicLayerRecommendedDisplayGrayscaleValue": 65535,
        "GraphicLayerRecommendedDisplayCIELabValue": _encoded(_COLOURS[layer]),
        "GraphicLayerDescription": (
            f"{described}, {status.label}" if layer is Layer.GRADES else described
        ),
    }


def _encoded(colour: tuple[float, float, float]) -> list[int]:
    """L*, a* and b* as shares of their ranges, 0 to 100 and -128 to 127 (PS3.3 C.10.7.1.1)."""
    lightness, red, yellow = colour
    shares = (lightness / 100, (red + 128) / 255, (yellow + 128) / 255)
    return [round(share * 65535) for share in shares]
