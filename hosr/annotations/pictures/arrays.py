"""Arrays of rows and columns (NPY, NPZ) as label maps or probabilities of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hosr.annotations.pictures.label_maps import name_of, read_map, read_parts
from hosr.annotations.pictures.refusal import Unusable
from hosr.annotations.pictures.shapes import Shapes
from hosr.annotations.pictures.sheets import find_sheet

if TYPE_CHECKING:
    import numpy.typing as npt

    from hosr.annotations.context import Context
    from hosr.annotations.pictures.sheets import Sheet
    from hosr.annotations.sources import Source


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
