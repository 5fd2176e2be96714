"""The shutter of an image: which of its pixels are seen (PS3.3 section C.7.6.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hosr.pixels.display_pipeline import Shutter
    from hosr.pixels.frames import Crop

    Seen = NDArray[np.bool_]


def seen_through(shutter: Shutter, crop: Crop, aspect: float) -> Seen:
    """Which pixels of a part of an image no shape of the shutter covers.

    Rows and columns of a shutter count from 1; `aspect` is the height of a pixel to its width.
    """
    parts = dict(shutter.parts)
    rows = np.arange(crop.top + 1, crop.top + crop.height + 1)[:, None]
    columns = np.arange(crop.left + 1, crop.left + crop.width + 1)[None, :]
    seen = np.ones((crop.height, crop.width), np.bool_)
    if "RECTANGULAR" in shutter.shapes:
        seen &= (columns >= parts["ShutterLeftVerticalEdge"][0]) & (
            columns <= parts["ShutterRightVerticalEdge"][0]
        )
        seen &= (rows >= parts["ShutterUpperHorizontalEdge"][0]) & (
            rows <= parts["ShutterLowerHorizontalEdge"][0]
        )
    if "CIRCULAR" in shutter.shapes:
        row, column = parts["CenterOfCircularShutter"]
        distances = np.hypot((rows - row) * aspect, columns - column)
        seen &= distances <= parts["RadiusOfCircularShutter"][0]
    if "POLYGONAL" in shutter.shapes:
        seen &= _inside(parts["VerticesOfThePolygonalShutter"], crop)
    return seen


def _inside(vertices: tuple[int, ...], crop: Crop) -> Seen:
    corners = [
        (column - 1 - crop.left, row - 1 - crop.top)
        for row, column in zip(vertices[::2], vertices[1::2], strict=True)
    ]
    mask = Image.new("1", (crop.width, crop.height))
    ImageDraw.Draw(mask).polygon(corners, fill=1)
    return np.asarray(mask, dtype=np.bool_)
