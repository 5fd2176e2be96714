"""`[pictures]` of labels.toml: how the picture that a model saw was made of the image.

    [pictures]                  # only where a picture is not the image, pixel by pixel
    size = [640, 640]           # columns and rows of the picture
    resized = [533, 640]        # columns and rows that the whole image became in it
    offset = [53, 0]            # the column and row of the picture at which it begins
    least_score = 0.5           # what a model scored lower counts as not found
    corners = "pixels"          # outlines through the middles of border pixels, as OpenCV has them;
                                # "indices": between them, as skimage has them; else on edges

Letterboxes come with and without rounding, and with one factor or two; the numbers differ by pixels,
so that they are asked for and never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hosr.intake.record.refusal import listing

KEYS = ("size", "resized", "offset", "least_score", "corners")

_MOST_PIXELS = 65535
_SIZE = 'write columns and rows, as in "[640, 640]"'.replace('"', "")

# What the corners of outlines are, by name: how far they are moved to count from the corner of the
# picture, and how far outwards the edge lies that they leave out, in pixels. An outline of OpenCV
# (findContours) goes through the centres of the pixels at the border: a disc of radius 20 has 1207 of its
# 1257 pixels. One of skimage (find_contours) goes between them, in the indices of pixels.
CORNERS = {"edges": (0.0, 0.0), "indices": (0.5, 0.0), "pixels": (0.5, 0.5)}

Blame = Callable[[str, str, str], None]
"""Told of a fault: the key, the problem, the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The section as values, columns before rows; None where it leaves a thing to the picture.

    Without `resized` the image fills the picture.
    """

    size: tuple[int, int] | None = None
    resized: tuple[int, int] | None = None
    offset: tuple[float, float] = (0.0, 0.0)
    least_score: float | None = None
    corners: str = ""

    @property
    def shift_and_growth(self) -> tuple[float, float]:
        """How far corners are moved, and edges lie outwards of them, in pixels of the picture."""
        return CORNERS[self.corners or "edges"]

    @property
    def is_given(self) -> bool:
        """Whether it says that pictures are not their images."""
        return self.size is not None or self.resized is not None or self.offset != (0.0, 0.0)


def read_pictures(section: Mapping[str, Any], blame: Blame) -> Pictures:
    """The values of the section; every fault of its known keys is told to `blame`."""
    size, resized = (_pair(section, key, blame, whole=True) for key in ("size", "resized"))
    offset = _pair(section, "offset", blame, whole=False)
    if offset is not None and resized is None:
        blame("offset", "is given without resized", "say what the image became: columns and rows")
    return Pictures(
        size=None if size is None else (int(size[0]), int(size[1])),
        resized=None if resized is None else (int(resized[0]), int(resized[1])),
        offset=(0.0, 0.0) if offset is None else offset,
        least_score=_score(section, blame),
        corners=_corners(section, blame),
    )


def _pair(
    section: Mapping[str, Any], key: str, blame: Blame, *, whole: bool
) -> tuple[float, float] | None:
    if key not in section:
        return None
    value = section[key]
    if isinstance(value, list) and len(value) == 2 and all(_is_number(v, whole) for v in value):
        return float(value[0]), float(value[1])
    remedy = _SIZE if whole else "write a column and a row, as in [53, 0]"
    blame(key, "is no pair of such numbers", remedy)
    return None


def _is_number(value: Any, whole: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    least = 1 if whole else -_MOST_PIXELS
    return math.isfinite(value) and least <= value <= _MOST_PIXELS


def _corners(section: Mapping[str, Any], blame: Blame) -> str:
    value = section.get("corners", "")
    if value == "" or (isinstance(value, str) and value in CORNERS):
        return str(value)
    blame("corners", "says not where outlines run", f"write {listing(tuple(CORNERS))}")
    return ""


def _score(section: Mapping[str, Any], blame: Blame) -> float | None:
    value = section.get("least_score")
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    blame("least_score", "is no score", "write a number from 0 to 1")
    return None
