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
    from hosr.annotations.sources import Source


def read_flat(path: Path, arrays: Mapping[str, npt.NDArray[Any]], context: Context) -> Source:
    """The structures of arrays (rows, columns), each under its name in the file; "" for the only one.

    Whole numbers are labels, floats from 0 to 1 the probability of the structure that the array is
    named for.
    """
    shapes = Shapes(context, path.name)
    for key, cells in arrays.items():
        place = f"{path.name}, {key}" if key else path.name
        try:
            _read_array(cells, path, (key, place), shapes)
        except Unusable as refusal:
            shapes.blame(place, refusal)
    return shapes.source("arrays of a picture")


def _read_array(cells: npt.NDArray[Any], path: Path, of: tuple[str, str], shapes: Shapes) -> None:
    key, place = of
    name = name_of(path.stem, path.resolve().parent.name, shapes.context)
    labels = (key, *name.labels) if key else name.labels
    if cells.dtype.kind not in "biuf":
        raise Unusable(f"holds values of the type {cells.dtype}", "save numbers")
    rows, columns = cells.shape
    sheet = find_sheet(shapes.context, place, name.images, (columns, rows))
    if sheet is None:
        return
    read_as = read_parts if cells.dtype.kind == "f" else read_map
    read_as(cells, labels, place, sheet, shapes)
