"""PNG label maps: a file for each structure, by its name, or one of numbers.

`HO.png` is the structure HO of the one image given, `film-3_HO.png` and `film-3/HO.png` that of the image
in the file `film-3.dcm`, and `film-3.png` a map of numbers on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hosr.annotations.pictures.label_maps import name_of, read_map
from hosr.annotations.pictures.png_pixels import read_png
from hosr.annotations.pictures.refusal import Unusable
from hosr.annotations.pictures.shapes import Shapes
from hosr.annotations.pictures.sheets import find_sheet
from hosr.intake.record.json_text import read_bytes

if TYPE_CHECKING:
    from hosr.annotations.context import Context
    from hosr.annotations.sources import Source

_MAX_BYTES = 64 * 1024 * 1024


def read(path: Path, context: Context) -> Source:
    """The structures of one picture, on its image."""
    shapes = Shapes(context, path.name)
    name = name_of(path.stem, path.resolve().parent.name, context)
    try:
        cells = read_png(read_bytes(path, _MAX_BYTES))
        size = cells.shape[1], cells.shape[0]
        sheet = find_sheet(context, path.name, name.images, size)
        if sheet is not None:
            read_map(cells, name.labels, path.name, sheet, shapes)
    except Unusable as refusal:
        shapes.blame(path.name, refusal)
    return shapes.source("PNG label map")
