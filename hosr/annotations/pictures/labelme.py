"""LabelMe: the JSON beside one picture, its points in pixels from the corner of the picture.

A circle is its centre and a point on it, a rectangle two opposite corners, and a mask the two corner
pixels of its box, both in it, with the pixels of the box as a PNG (labelme 5, `label_file.py`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.account import Unusable
from hosr.annotations.json_files import objects, points, read_json, text, whole
from hosr.annotations.pictures.png import read_png
from hosr.annotations.pictures.shapes import Shapes
from hosr.annotations.pictures.sheets import Sheet, find_sheet
from hosr.annotations.sources import Label
from hosr.annotations.stated_status import tell_flags

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source
    from hosr.findings import Point

    Reader = Callable[[Label, str, Sheet, Sequence[Point]], None]


def read(path: Path, context: Context) -> Source:
    """The shapes of one picture, on its image."""
    document = read_json(path)
    shapes = Shapes(context, path.name)
    try:
        size = (
            whole(document.get("imageWidth"), "an imageWidth"),
            whole(document.get("imageHeight"), "an imageHeight"),
        )
        entries = objects(document.get("shapes"))
        shapes.require_bearable(len(entries))
    except Unusable as refusal:
        shapes.blame(path.name, refusal)
        return shapes.source("LabelMe")
    tell_flags(document.get("flags"), path.name, context.account)
    names = [text(document.get("imagePath")), path.name]
    sheet = find_sheet(context, path.name, names, size)
    for index, entry in enumerate(entries if sheet is not None else []):
        place = f"{path.name}, shapes[{index}]"
        try:
            assert sheet is not None  # noqa: S101 (there are no entries without one)
            tell_flags(entry.get("flags"), place, context.account)
            _read_shape(entry, place, sheet, shapes)
        except Unusable as refusal:
            shapes.blame(place, refusal)
    return shapes.source("LabelMe")


def _read_shape(entry: Mapping[str, Any], place: str, sheet: Sheet, shapes: Shapes) -> None:
    label = Label(name=text(entry.get("label")))
    kind = text(entry.get("shape_type")) or "polygon"  # before version 3 there were no others
    found: list[Point] = [(x, y) for x, y in points(entry.get("points"), "points")]
    if kind == "mask":
        _read_mask(entry, _two(found, kind), (label, place, sheet), shapes)
        return
    readers: Mapping[str, Callable[[], None]] = {
        "polygon": lambda: shapes.outline(label, place, sheet, [found]),
        "rectangle": lambda: shapes.box(label, place, sheet, _two(found, kind)),
        "circle": lambda: shapes.circle(label, place, sheet, _two(found, kind)),
        "line": lambda: shapes.line(label, place, sheet, _two(found, kind)),
        "linestrip": lambda: shapes.line(label, place, sheet, found),
        "point": lambda: shapes.point(label, place, sheet, _one(found)),
    }
    if kind not in readers:
        raise Unusable(f"is a shape of the type {kind}", "draw a polygon, line, point or mask")
    readers[kind]()


def _one(found: Sequence[Point]) -> Point:
    if len(found) != 1:
        raise Unusable(f"is a point of {len(found)} points")
    return found[0]


def _two(found: Sequence[Point], kind: str) -> Sequence[Point]:
    if len(found) != 2 or found[0] == found[1]:
        raise Unusable(f"is a {kind} without two different points")
    return found


def _read_mask(
    entry: Mapping[str, Any],
    corners: Sequence[Point],
    on: tuple[Label, str, Sheet],
    shapes: Shapes,
) -> None:
    """The box is from the first pixel to the last, which is in it."""
    label, place, sheet = on
    left, top, right, bottom = (whole(value, "a corner") for point in corners for value in point)
    try:
        content = base64.b64decode(entry.get("mask") or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Unusable("has a mask that is no PNG in base64") from None
    columns, rows = right - left + 1, bottom - top + 1
    pixels = read_png(content)
    if pixels.shape != (rows, columns):
        shown = f"{pixels.shape[1]} x {pixels.shape[0]}"
        raise Unusable(f"has a mask of {shown} pixels for a box of {columns} x {rows}")
    wide, high = sheet.size or (sheet.columns, sheet.rows)
    if right >= wide or bottom >= high:
        raise Unusable("has a mask outside its picture")
    shapes.pixels(label, place, sheet, pixels > 0, (top, left))
