"""Label maps of a picture, as PNG or arrays: one structure in a file of its name, or a number a structure.

`HO.png` is the structure HO of the one image given, `film-3_HO.png` and `film-3/HO.png` that of the image
in the file `film-3.dcm`, and `film-3.png` a map of numbers on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.account import Unusable
from hosr.annotations.pictures.png import read_png
from hosr.annotations.pictures.rasterization import as_mask, on_image
from hosr.annotations.pictures.shapes import Shapes
from hosr.annotations.pictures.sheets import find_sheet, name_of_image
from hosr.annotations.roles import HETEROTOPIC, SKELETON
from hosr.annotations.sources import Label
from hosr.intake.record.json_text import read_bytes
from hosr.intake.record.refusal import quoted
from hosr.phrases import several
from hosr.vocabulary.terms import ImagingModality

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from hosr.annotations.context import Context
    from hosr.annotations.pictures.sheets import Sheet
    from hosr.annotations.sources import Source

    Numbers = npt.NDArray[np.integer] | npt.NDArray[np.bool_]
    Parts = npt.NDArray[np.floating]

_MAX_PNG_BYTES = 64 * 1024 * 1024

# More are the greys of a picture, and no labels.
_MOST_LABELS = 64

_OVERLAPPING = SKELETON | HETEROTOPIC


@dataclass(frozen=True, slots=True, kw_only=True)
class MapName:
    """What a file or array is called by: the names that may be its structure, and the image's."""

    labels: tuple[str, ...]
    images: tuple[str, ...]


def read(path: Path, context: Context) -> Source:
    """The structures of one PNG, on its image."""
    shapes = Shapes(context, path.name)
    name = name_of(path.stem, path.resolve().parent.name, context)
    try:
        cells = read_png(read_bytes(path, _MAX_PNG_BYTES))
        size = cells.shape[1], cells.shape[0]
        sheet = find_sheet(context, path.name, name.images, size)
        if sheet is not None:
            read_map(cells, name.labels, path.name, sheet, shapes)
    except Unusable as refusal:
        shapes.blame(path.name, refusal)
    return shapes.source("PNG label map")


def read_flat(path: Path, arrays: Mapping[str, npt.NDArray[Any]], context: Context) -> Source:
    """The structures of arrays (rows, columns), each under its name in the file; "" for the only one.

    Whole numbers are labels, floats from 0 to 1 the probability of the structure that the array is
    named for.
    """
    shapes = Shapes(context, path.name)
    sheets: dict[tuple[int, ...], Sheet | None] = {}
    for key, cells in arrays.items():
        place = f"{path.name}, {key}" if key else path.name
        name = name_of(path.stem, path.resolve().parent.name, context)
        if cells.shape not in sheets:
            size = (cells.shape[1], cells.shape[0])
            sheets[cells.shape] = find_sheet(context, place, name.images, size)
        try:
            _read_array(cells, (key, *name.labels), place, sheets[cells.shape], shapes)
        except Unusable as refusal:
            shapes.blame(place, refusal)
    return shapes.source("arrays of a picture")


def _read_array(
    cells: npt.NDArray[Any],
    names: tuple[str, ...],
    place: str,
    sheet: Sheet | None,
    shapes: Shapes,
) -> None:
    if cells.dtype.kind not in "biuf":
        raise Unusable(f"holds values of the type {cells.dtype}", "save numbers")
    if sheet is None:
        return
    read_as = read_parts if cells.dtype.kind == "f" else read_map
    read_as(cells, tuple(filter(None, names)), place, sheet, shapes)


def name_of(stem: str, folder: str, context: Context) -> MapName:
    """The names in that of a file: `HO` of the folder `film-3`, or `film-3_HO`."""
    images = () if context.images is None else context.images.images
    labels = [stem]
    found = [stem, folder]
    for image in images:
        known = name_of_image(image)
        key = known.rpartition("/")[2].partition(".")[0] if image.file is not None else known
        rest = stem[len(key) :]
        if key and stem.casefold().startswith(key.casefold()) and rest[:1] in tuple("_-. "):
            labels.append(rest.lstrip("_-. "))
            found.append(known)
    return MapName(labels=tuple(labels), images=tuple(found))


def read_map(
    cells: Numbers, names: Sequence[str], place: str, sheet: Sheet, shapes: Shapes
) -> None:
    """The structures of a map of whole numbers, of which 0 is none.

    A map that bears the name of a structure holds that alone; in any other each number is a label.
    """
    import numpy as np

    present = [int(value) for value in np.unique(cells) if value]
    named = _named(names, shapes.context)
    if len(present) > _MOST_LABELS:
        problem = f"holds {len(present)} different numbers: greys of a picture, and no labels"
        raise Unusable(problem, "save a label map; probabilities from 0 to 1 as NPY")
    if named is not None:
        if len(present) > 1:
            shown = several(map(str, present), ",", 5)
            problem = f"bears the name of the structure {named}, and holds the labels {shown}"
            raise Unusable(problem, "give each structure a picture, or the picture another name")
        shapes.pixels(named, place, sheet, cells != 0)
        return
    if not present:
        shapes.context.account.leave(place, "holds no label")
    if len(present) == 1:
        shapes.pixels(Label(name=names[0], number=present[0]), place, sheet, cells != 0)
        return
    _require_no_overlap(present, sheet, shapes.context)
    for number in present:
        label = Label(name="", number=number)
        shapes.pixels(label, f"{place}, {label}", sheet, cells == number)


def read_parts(
    parts: Parts, names: Sequence[str], place: str, sheet: Sheet, shapes: Shapes
) -> None:
    """A structure as probabilities, or whole numbers that were saved as floats."""
    import numpy as np

    if not np.isfinite(parts).all():
        raise Unusable("holds values that are no numbers (NaN or infinite)", "save it anew")
    if np.array_equal(parts, np.rint(parts)) and parts.min() >= 0 and parts.max() <= 255:
        shapes.context.account.assume(place, "holds whole numbers as floats: they are labels")
        read_map(parts.astype(np.uint8), names, place, sheet, shapes)
        return
    if parts.min() < 0 or parts.max() > 1:
        problem = f"holds values from {float(parts.min()):.3g} to {float(parts.max()):.3g}"
        raise Unusable(problem, "save probabilities from 0 to 1, or whole numbers")
    label = _named(names, shapes.context) or Label(name=names[0])
    values = on_image(parts.astype(np.float32), sheet)
    shapes.masks.append(as_mask(values, (0, 0), sheet, label, place, is_probability=True))


def _named(names: Sequence[str], context: Context) -> Label | None:
    """The name that labels.toml gives a role to; a number there is that of a label, never of a file."""
    labels = (Label(name=name) for name in names if not name.isdigit())
    return next((label for label in labels if context.labels.meaning_of(label)), None)


def _require_no_overlap(present: Sequence[int], sheet: Sheet, context: Context) -> None:
    """On a radiograph bones lie over each other, and a map has one number a pixel."""
    image = None if context.images is None else context.images.find(sheet.place.sop_instance_uid)
    if image is None or image.family is not ImagingModality.RADIOGRAPH:
        return
    roles = {context.labels.role_of(Label(name="", number=number)) for number in present}
    overlapping = _OVERLAPPING & roles
    if SKELETON & roles and len(overlapping) > 1:
        shown = " and ".join(sorted(quoted(role.value) for role in overlapping))
        problem = f"holds {shown} as numbers of one picture, and on a radiograph they overlap"
        raise Unusable(problem, "give each structure a picture of its own")
