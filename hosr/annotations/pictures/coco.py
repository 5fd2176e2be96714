"""COCO: the JSON of data sets, and the list of results that a model gives.

Boxes and polygons count from the corner of the picture; key points are whole indices of pixels, whose
centres lie half a pixel on; run lengths go down the columns. Categories are by name, in a list of results
by number. See https://cocodataset.org/#format-data and its maskApi.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.account import Unusable
from hosr.annotations.json_files import (
    batched_in,
    number,
    numbers,
    objects,
    pairs,
    read_json,
    text,
    whole,
)
from hosr.annotations.pictures.run_lengths import decode_columns
from hosr.annotations.pictures.shapes import Shapes
from hosr.annotations.pictures.sheets import Sheet, blame_image, find_sheet, named_images
from hosr.annotations.sources import Label
from hosr.annotations.stated_status import tell_flags
from hosr.errors import Fault, RecordRefused
from hosr.phrases import several

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source
    from hosr.findings import Place

_HALF_PIXEL = 0.5
_ABSENT, _HIDDEN = 0, 1
# How many pictures that show no image given are named.
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Category:
    label: Label
    key_points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """A picture by the name of its file, with its columns and rows where they are known."""

    name: str
    size: tuple[int, int] | None


@dataclass(slots=True)
class _File:
    """One file: its categories by number, its pictures by theirs, and where these lie."""

    context: Context
    shapes: Shapes
    categories: Mapping[int, _Category] | None
    pictures: Mapping[Any, _Picture]
    sheets: dict[Any, Sheet | None] = field(default_factory=dict)

    def category(self, entry: Mapping[str, Any]) -> _Category:
        """What an annotation is of; by its number alone where no names are given."""
        found = whole(entry.get("category_id"), "a category_id")
        if self.categories is None:
            return _Category(label=Label(name="", number=found))
        if found not in self.categories:
            raise Unusable(f"is of the category {found}, which the file does not name")
        return self.categories[found]

    def lay_pictures(self) -> None:
        """Find the image of the picture; of several, those of the images given, by their names."""
        name, account = self.shapes.name, self.context.account
        images = () if self.context.images is None else self.context.images.images
        must_be_named = len(self.pictures) > 1 and bool(images)
        shown = [
            key
            for key, picture in self.pictures.items()
            if not must_be_named or named_images(images, [picture.name])
        ]
        for key in shown:
            picture = self.pictures[key]
            place = f"{name}, {picture.name or f'image {key}'}"
            self.sheets[key] = find_sheet(self.context, place, [picture.name], picture.size)
        self._refuse_doubles()
        others = [picture.name for key, picture in self.pictures.items() if key not in self.sheets]
        if must_be_named and not shown:
            blame_image(self.context, name, others[:_MOST_NAMED], "none")
        elif others:
            named = several(others, ",", _MOST_NAMED)
            account.leave(name, f"{len(others)} of its pictures show no image given: {named}")

    def _refuse_doubles(self) -> None:
        """Two pictures of one name, as folders of two patients hold: whose the image is, nobody knows."""
        first: dict[Place, Any] = {}
        for key, sheet in self.sheets.items():
            if sheet is not None and first.setdefault(sheet.place, key) != key:
                names = (self.pictures[each].name for each in (first[sheet.place], key))
                problem = f"has two pictures of the name of one image: {' and '.join(names)}"
                remedy = "keep what is of one picture"
                self.context.account.blame(self.shapes.name, problem, remedy)

    def declare(self) -> None:
        """Every category of which a picture has nothing was searched for in it, and not found."""
        for sheet in filter(None, self.sheets.values()):
            for category in (self.categories or {}).values():
                self.shapes.declare(category.label, f"{self.shapes.name}, categories", sheet)


def read(path: Path, context: Context) -> Source:
    """The objects of a COCO file, on the images that were given."""
    document = read_json(path)
    is_results = isinstance(document, list)
    entries = objects(document if is_results else document.get("annotations"))
    shapes = Shapes(context, path.name)
    try:
        file = _File(
            context=context,
            shapes=shapes,
            categories=None if is_results else _categories(document),
            pictures=_named_by(entries) if is_results else _pictures(document),
        )
        file.lay_pictures()
        meant = [
            (index, entry)
            for index, entry in enumerate(entries)
            if _id_of(entry) not in file.pictures or _id_of(entry) in file.sheets
        ]
        shapes.require_bearable(len(meant))
    except Unusable as refusal:
        raise RecordRefused(Fault(path.name, refusal.problem, refusal.remedy)) from None
    for index, entry in meant:
        place = f"{path.name}, annotations[{index}]"
        try:
            _read_entry(entry, place, file)
        except Unusable as refusal:
            shapes.blame(place, refusal)
    file.declare()
    return shapes.source("COCO results" if is_results else "COCO")


def _id_of(entry: Mapping[str, Any]) -> Any:
    """What a picture is referred to by: a number, or in results also the name of its file."""
    given = entry.get("image_id")
    return given if isinstance(given, int | str) else None


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


def _pictures(document: Mapping[str, Any]) -> Mapping[Any, _Picture]:
    found: dict[Any, _Picture] = {}
    for entry in objects(document.get("images")):
        key = whole(entry.get("id"), "an image with an id")
        if key in found:
            raise Unusable("names an image twice", "give each image its own id")
        size = whole(entry.get("width"), "a width"), whole(entry.get("height"), "a height")
        found[key] = _Picture(name=text(entry.get("file_name")), size=size)
    if not found:
        raise Unusable("names no images", "export it with its images")
    return found


def _named_by(entries: Sequence[Mapping[str, Any]]) -> Mapping[Any, _Picture]:
    """The pictures of a list of results, which names them by their ids alone."""
    found: dict[Any, _Picture] = {}
    for entry in entries:
        key = _id_of(entry)
        if key not in found or found[key].size is None:
            found[key] = _Picture(name=text(str(key)), size=_size_of_runs(entry))
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
    category, key = file.category(entry), _id_of(entry)
    if key not in file.pictures:
        raise Unusable(f"is of the image {key}, which the file does not name")
    sheet = file.sheets.get(key)
    if sheet is None:
        return
    label = category.label
    if "score" in entry:
        score = number(entry["score"], "a score")
        if not file.shapes.is_scored_enough(label, place, score):
            return
    tell_flags(entry.get("attributes"), place, file.context.account)  # of CVAT
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
