"""The lines and words of a presentation state, as figures with their labels (PS3.3 section C.10.5).

A word labels the figure that it stands with in one item of the Graphic Annotation Sequence, where that
item has one of each; viewers write every annotation into an item of its own. Which word belongs to
which of several figures is not said anywhere, and not guessed by where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from hosr.annotations.sources import Coordinates, Figure, Form, Label, Source
from hosr.annotations.viewers.foreign import (
    read_file,
    read_foreign,
    reading,
    require_images,
)
from hosr.annotations.viewers.measurement_groups import place_of
from hosr.annotations.viewers.tools import form_of
from hosr.annotations.viewers.tree import read_points
from hosr.findings import to_graphic_precision

if TYPE_CHECKING:
    from pathlib import Path

    from hosr.annotations.context import Context

_MOST_OBJECTS = 10_000
_UNITS = {
    "DISPLAY": "is drawn in parts of the display, not in pixels",
    "MATRIX": "is drawn in pixels of a mosaic of images",
}


def read(path: Path, context: Context) -> Source:
    """The figures of a presentation state, with their labels; what cannot be used is told.

    Raises `RecordRefused` for a file that is damaged.
    """
    return read_state(read_file(path), path.name, context)


def read_state(data: bytes, name: str, context: Context) -> Source:
    """The same of the bytes of a file."""
    state = read_foreign(data, name, context.account)
    require_images(name, context)
    source = state.source("a presentation state", context.account)
    with reading(name):
        figures = tuple(_figures(state.dataset, name, context))
    return replace(source, figures=figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Annotation:
    """One item: its figures, its words, and the images that it is shown on."""

    place: str
    graphics: Sequence[Dataset]
    words: tuple[str, ...]
    images: tuple[tuple[str, int | None], ...]


def _figures(state: Dataset, name: str, context: Context) -> Iterator[Figure]:
    items = state.get("GraphicAnnotationSequence") or ()
    for number, item in enumerate(items[:_MOST_OBJECTS], start=1):
        annotation = _annotation(item, f"{name}, annotation {number}")
        if not annotation.graphics and annotation.words:
            context.account.leave(annotation.place, "is words without a figure")
        if len(annotation.images) > 1 and annotation.graphics:
            words = (
                f"is shown on {len(annotation.images)} images, and says not on which it was drawn"
            )
            context.account.leave(annotation.place, words)
            continue
        for graphic in annotation.graphics[:_MOST_OBJECTS]:
            figure = _figure(graphic, annotation, context)
            if figure is not None:
                yield figure


def _annotation(item: Dataset, place: str) -> _Annotation:
    graphics = [
        *(item.get("GraphicObjectSequence") or ()),
        *(item.get("CompoundGraphicSequence") or ()),
    ]
    texts = item.get("TextObjectSequence") or ()
    words = (" ".join(str(text.get("UnformattedTextValue", "")).split()) for text in texts)
    return _Annotation(
        place=place,
        graphics=graphics,
        words=tuple(filter(None, words)),
        images=tuple(_images(item)),
    )


def _images(item: Dataset) -> Iterator[tuple[str, int | None]]:
    for image in item.get("ReferencedImageSequence") or ():
        frame = str(image.get("ReferencedFrameNumber") or "")
        number = int(frame) if frame.isascii() and frame.isdigit() else (0 if frame else None)
        yield str(image.get("ReferencedSOPInstanceUID", "")), number


def _figure(graphic: Dataset, annotation: _Annotation, context: Context) -> Figure | None:
    account, place = context.account, annotation.place
    units = str(graphic.get("GraphicAnnotationUnits") or graphic.get("CompoundGraphicUnits") or "")
    if units in _UNITS:
        account.leave(place, f"{_UNITS[units]}: it cannot be measured")
        return None
    kind = str(graphic.get("GraphicType") or graphic.get("CompoundGraphicType") or "")
    points = read_points(graphic.get("GraphicData"), 2)
    is_alone = len(annotation.graphics) == 1 and len(annotation.words) == 1
    label = Label(name=annotation.words[0] if is_alone else "")
    form = None if points is None else _form(kind, points)
    if points is None or form is None:
        account.leave(place, f"{label} ({kind or 'of no type'}) is neither a length nor an outline")
        return None
    if len(annotation.images) != 1 or annotation.images[0][1] == 0:
        account.leave(place, f"{label} does not say on which one image it was drawn")
        return None
    if form is Form.POLYGON and points[0] == points[-1]:
        points = points[:-1]
    return Figure(
        label=label,
        place=place,
        form=form,
        points=tuple(tuple(map(to_graphic_precision, point)) for point in points),
        image=place_of(*annotation.images[0], context.images),
    )


def _form(kind: str, points: tuple[Coordinates, ...]) -> Form | None:
    """The form of a graphic; a ruler is a line with marks, a circle and an ellipse outline nothing."""
    if kind in ("CIRCLE", "ELLIPSE", "INTERPOLATED"):
        return None
    plain = "POLYLINE" if kind in ("RULER", "LINE", "RANGELINE") else kind
    is_closed = len(points) > 3 and points[0] == points[-1]
    return form_of(plain, len(points), is_closed=is_closed, tool=None)
