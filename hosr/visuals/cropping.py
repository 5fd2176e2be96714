"""Which part of an image is shown: the joint with what was marked there, never less than its marks.

Lengths are in columns of the image; where a pixel is higher than wide, a row counts for more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hosr.pixels.frames import Crop
from hosr.study import half_of_pelvis
from hosr.visuals.values import MarkKind
from hosr.vocabulary.terms import View

if TYPE_CHECKING:
    from hosr.findings import Point
    from hosr.study import ImageReference
    from hosr.visuals.values import Mark
    from hosr.vocabulary.terms import Side


# A hip joint with the greater trochanter and the rim of the pelvis, by size or, where nobody
# knows the size of a pixel, as a share of the image's width.
_JOINT_MM = 140.0
_SHARES = {View.AP_PELVIS: 0.4}
_SHARE = 0.8

# The marks take at most so much of the picture; and a spacing that would show a scrap of the
# image is not believed.
_ROOM = 1.8
_LEAST_SHARE = 0.2

# Bone forms about the joint and mostly lateral of it: how far the middle of the picture may go
# from the marks toward the middle of the image, as a share of the picture.
_TOWARD_JOINT = 0.12

# Half of a pelvis is shown to this height over its width, about its middle.
_HALF_HEIGHT = 1.4

_LEAST_PIXELS, _MOST_PIXELS = 600, 1000


def crop_of(
    image: ImageReference, aspect: float, view: View, side: Side, marks: Sequence[Mark]
) -> Crop:
    """The part of an image to show of one hip; `aspect` is the height of a pixel to its width.

    A calibration object does not draw the picture to itself: it may lie between the thighs.
    """
    points = [p for m in marks if m.kind is not MarkKind.CALIBRATION for p in m.points]
    if points:
        return _around(points, image, aspect, view)
    half = half_of_pelvis(image, side) if view is View.AP_PELVIS else None
    if half is None:
        return Crop(left=0, top=0, width=image.columns, height=image.rows)
    first, last = math.floor(half[0]), math.ceil(half[1])
    height = _HALF_HEIGHT * (last - first) / aspect
    top, rows = _about(image.rows / 2, height, image.rows)
    return Crop(left=first, top=top, width=last - first, height=rows)


def is_inside(mark: Mark, crop: Crop) -> bool:
    """Whether all of a mark lies in the part that is shown."""
    right, bottom = crop.left + crop.width, crop.top + crop.height
    return all(crop.left <= x <= right and crop.top <= y <= bottom for x, y in mark.points)


def picture_size(crop: Crop, aspect: float) -> tuple[int, int]:
    """Width and height of the picture: its pixels square, its longer side of bearable size."""
    width, height = float(crop.width), crop.height * aspect
    longer = max(width, height)
    target = min(max(longer, _LEAST_PIXELS), _MOST_PIXELS)
    return max(1, round(width * target / longer)), max(1, round(height * target / longer))


def _around(points: Sequence[Point], image: ImageReference, aspect: float, view: View) -> Crop:
    columns, rows = [x for x, _ in points], [y for _, y in points]
    marked = max(max(columns) - min(columns), (max(rows) - min(rows)) * aspect)
    side = max(_joint(image, view), _ROOM * marked)
    left, width = _beside(columns, side, image.columns)
    top, height = _beside(rows, side / aspect, image.rows)
    return Crop(left=left, top=top, width=width, height=height)


def _joint(image: ImageReference, view: View) -> float:
    if image.pixel_spacing_mm is None:
        return _SHARES.get(view, _SHARE) * image.columns
    return max(_JOINT_MM / image.pixel_spacing_mm[1], _LEAST_SHARE * image.columns)


def _beside(values: Sequence[float], length: float, limit: int) -> tuple[int, int]:
    """Start and length along one direction: the joint lies from its marks toward the middle."""
    marked = (min(values) + max(values)) / 2
    shift = _TOWARD_JOINT * length
    middle = marked + min(max(limit / 2 - marked, -shift), shift)
    return _about(middle, length, limit)


def _about(middle: float, length: float, limit: int) -> tuple[int, int]:
    """Start and length about a middle, in whole pixels, moved so far that they are in the image."""
    size = min(math.ceil(length), limit)
    return min(max(math.floor(middle - size / 2), 0), limit - size), size
