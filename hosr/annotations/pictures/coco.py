"""COCO: the JSON of data sets, and the list of results that a model gives.

Boxes and polygons count from the corner of the picture; key points are whole indices of pixels, whose
centres lie half a pixel on; run lengths go down the columns. Categories are by name, in a list of results
by number. See https://cocodataset.org/#format-data and its maskApi.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.json_files import read_json
from hosr.annotations.pictures.json_values import (
    batched_in,
    number,
    numbers,
    objects,
    pairs,
    text,
    whole,
)
from hosr.annotations.pictures.refusal import Unusable
from hosr.annotations.pictures.run_lengths import decode_columns
from hosr.annotations.pictures.shapes import Shapes
from hosr.annotations.pictures.sheets import Sheet, find_sheet, named_images
from hosr.annotations.sources import Label
from hosr.errors import Fault, RecordRefused

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source

_HALF_PIXEL = 0.5
_ABSENT, _HIDDEN = 0, 1
_NO_ID = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Category:
    label: Label
    key_points: tuple[str, ...] = ()


@dataclass(slots=True)
class _File:
    """One file: its categories by number, and the sheets of its pictures."""

    context: Context
    shapes: Shapes
    categories: Mapping[int, _Category] | None
    pictures: Mapping[int, dict[str, Any]] | None
    sheets: dict[int, Sheet | None] = field(default_factory=dict)

    def category(self, entry: Mapping[str, Any]) -> _Category:
        """What an annotation is of; by its number alone where no names are given."""
        found = whole(entry.get("category_id"), "a category_id")
        if self.categories is None:
            return _Category(label=Label(name="", number=found))
        if found not in self.categories:
            raise Unusable(f"is of the category {found}, which the file does not name")
        return self.categories[found]

    def sheet(self, entry: Mapping[str, Any]) -> Sheet | None:
        """The picture of an annotation on its image; None where it is of none that was given."""
        given = entry.get("image_id", _NO_ID)
        key = whole(given, "an image_id") if isinstance(given, int) and given >= 0 else _NO_ID
        if key not in self.sheets:
            if self.pictures is not None:
                raise Unusable(f"is of the image {given}, which the file does not name")
            place = f"{self.shapes.name}, image {given}"
            self.sheets[key] = find_sheet(self.context, place, [text(given)], _size_of_runs(entry))
        return self.sheets[key]

    def lay_pictures(self) -> None:
        """Find the image of every picture that the file names; of several, those that were given."""
        pictures, name = self.pictures or {}, self.shapes.name
        images = () if self.context.images is None else self.context.images.images
        names = {key: text(picture.get("file_name")) for key, picture in pictures.items()}
        shown = {key for key in pictures if named_images(images, [names[key]])}
        if len(pictures) > 1 and images and not shown:
            find_sheet(self.context, name, [*names.values()][:3], None)
            self.sheets.update(dict.fromkeys(pictures))
            return
        for key, picture in pictures.items():
            place = f"{name}, {names[key] or f'image {key}'}"
            if len(pictures) > 1 and images and key not in shown:
                self.context.account.leave(place, "shows no image given")
                self.sheets[key] = None
                continue
            size = whole(picture.get("width"), "a width"), whole(picture.get("height"), "a height")
            self.sheets[key] = find_sheet(self.context, place, [names[key]], size)

    def declare(self) -> None:
        """Every category of which a picture has nothing was searched for in it, and not found."""
        for sheet in self.sheets.values():
            for category in (self.categories or {}).values() if sheet is not None else ():
                assert sheet is not None  # noqa: S101 (there are no categories without one)
                self.shapes.declare(category.label, f"{self.shapes.name}, categories", sheet)


def read(path: Path, context: Context) -> Source:
    """The objects of a COCO file, on the images that were given."""
    document = read_json(path)
    is_results = isinstance(document, list)
    entries = objects(document if is_results else document.get("annotations"))
    shapes = Shapes(context, path.name)
    try:
        shapes.require_bearable(len(entries))
        file = _File(
            context=context,
            shapes=shapes,
            categories=None if is_results else _categories(document),
            pictures=None if is_results else _pictures(document),
        )
        file.lay_pictures()
    except Unusable as refusal:
        raise RecordRefused(Fault(path.name, refusal.problem, refusal.remedy)) from None
    if is_results and len({str(entry.get("image_id")) for entry in entries}) > 1:
        problem = "is a list of results for several pictures, which it does not name"
        context.account.blame(path.name, problem, "keep the results of the one that is meant")
        entries = []
    for index, entry in enumerate(entries):
        place = f"{path.name}, annotations[{index}]"
        try:
            _read_entry(entry, place, file)
        except Unusable as refusal:
            shapes.blame(place, refusal)
    file.declare()
    return shapes.source("COCO results" if is_results else "COCO")


def _categories(document: Mapping[str, Any]) -> Mapping[int, _Category] | None:
    entries = objects(document.get("categories"))
    if not entries:
        return None
    found: dict[int, _Category] = {}
    for entry in entries:
        key = whole(entry.get("id"), "a category with an id")
        if key in found:
            raise Unusable(f"names the category {key} twice", "give each category its own id")
        names = entry.get("keypoints")
        points = tuple(map(text, names)) if isinstance(names, list) else ()
        label = Label(name=text(entry.get("name")), number=key)
        found[key] = _Category(label=label, key_points=points)
    return found


def _pictures(document: Mapping[str, Any]) -> Mapping[int, dict[str, Any]]:
    entries = objects(document.get("images"))
    found = {whole(entry.get("id"), "an image with an id"): entry for entry in entries}
    if len(found) < len(entries):
        raise Unusable("names an image twice", "give each image its own id")
    if not found:
        raise Unusable("names no images", "export it with its images")
    return found


def _size_of_runs(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    """Width and height by the mask of a result, which is all that says them in a list of results."""
    outline = entry.get("segmentation")
    return _mask_size(outline)[::-1] if isinstance(outline, dict) else None


def _mask_size(outline: Mapping[str, Any]) -> tuple[int, int]:
    size = outline.get("size")
    if not isinstance(size, list) or len(size) != 2:
        raise Unusable("has run lengths without the size of their picture")
    return whole(size[0], "a size"), whole(size[1], "a size")


def _read_entry(entry: Mapping[str, Any], place: str, file: _File) -> None:
    category, sheet = file.category(entry), file.sheet(entry)
    if sheet is None:
        return
    label = category.label
    if "score" in entry:
        score = number(entry["score"], "a score")
        if not file.shapes.is_scored_enough(label, place, score):
            return
    is_read = _read_outline(entry.get("segmentation"), (label, place, sheet), file)
    is_read |= _read_key_points(entry, category, place, sheet, file)
    if is_read:
        return
    if entry.get("bbox"):
        x, y, width, height = _four(entry["bbox"])
        file.shapes.box(label, place, sheet, [(x, y), (x + width, y + height)])
    else:
        words = f"{label} has no outline, box or point"
        file.context.account.leave(place, f"{words}: a score alone says not where it is")


def _four(box: Any) -> list[float]:
    found = numbers(box, "a box")
    if len(found) != 4 or min(found[2:]) <= 0:
        raise Unusable("has a box that is not x, y, width and height")
    return found


def _read_outline(outline: Any, of: tuple[Label, str, Sheet], file: _File) -> bool:
    if not outline:
        return False
    label, place, sheet = of
    if isinstance(outline, dict):
        rows, columns = _mask_size(outline)
        if sheet.size not in (None, (columns, rows)):
            raise Unusable(f"has run lengths of a picture of {columns} x {rows} pixels")
        cells = decode_columns(_counts(outline.get("counts")), rows, columns)
        file.shapes.pixels(label, place, sheet, cells)
        return True
    if not isinstance(outline, list):
        raise Unusable("has an outline that is neither polygons nor run lengths")
    rings = [pairs(ring, "a polygon") for ring in outline]
    file.shapes.outline(label, place, sheet, rings)
    return True


def _counts(counts: Any) -> list[int] | str:
    if isinstance(counts, str):
        return counts
    return [whole(each, "a run length") for each in numbers(counts, "run lengths")]


def _read_key_points(
    entry: Mapping[str, Any], category: _Category, place: str, sheet: Sheet, file: _File
) -> bool:
    given = entry.get("keypoints")
    if not given:
        return False
    for name, x, y, seen in _key_points(given, category):
        if seen == _ABSENT:
            continue
        at = f"{place}, {name}"
        if seen == _HIDDEN:
            file.context.account.assume(at, "is marked though it is hidden")
        label = Label(name=name)
        file.shapes.point(label, at, sheet, (x + _HALF_PIXEL, y + _HALF_PIXEL))
    return True


def _key_points(given: Any, category: _Category) -> Iterator[tuple[str, float, float, int]]:
    flat = numbers(given, "key points")
    names = category.key_points
    if len(flat) % 3 or (names and len(flat) != 3 * len(names)):
        of = f" for {len(names)} names" if names else ""
        raise Unusable(f"has key points of {len(flat)} numbers{of}: each is x, y and visibility")
    for index, (x, y, seen) in enumerate(batched_in(flat, 3)):
        name = names[index] if names else f"{category.label.name or category.label.number}[{index}]"
        yield name, x, y, whole(seen, "a visibility")
