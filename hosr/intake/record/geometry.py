"""Points, outlines and lengths as a record marks them on an image, held to what DICOM can keep."""

import math
import struct
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from hosr.findings import to_graphic_precision
from hosr.intake.record.leaves import UID_PATTERN, Uid
from hosr.intake.record.refusal import refuse

POINTS = "[column, row] as DICOM graphic data: (0, 0) is the top-left corner of the image."
ONE_OR_TWO = "One for both points, or a list of two across the slices of a volume."

SAME_POINT = ("marks the same point twice", "mark both ends", "E05")

LONGEST_MM = 200.0
_FARTHEST_PIXEL = 65535.0  # Rows and Columns are VR US
# Graphic Data is VR FL, whose length field in explicit VR has 16 bits: 8191 points of 8 bytes.
_MOST_CORNERS = 8190
_MOST_FRAMES = 2**31 - 1  # Number of Frames is VR IS
MOST_ISLANDS = 100

Corner = Annotated[
    list[Annotated[float, Field(ge=0, le=_FARTHEST_PIXEL, allow_inf_nan=False)]],
    Field(min_length=2, max_length=2),
]


def _rounded(points: list[list[float]]) -> list[list[float]]:
    """The points as 32-bit numbers, without a negative zero."""
    return [[to_graphic_precision(value) + 0.0 for value in point] for point in points]


def _check_ends(points: list[list[float]]) -> list[list[float]]:
    ends = _rounded(points)
    if ends[0] == ends[1]:
        raise refuse(*SAME_POINT)
    return ends


def is_same_point(points: Any) -> bool:
    """Whether these are two points, as they came, that graphic data cannot tell apart."""
    try:
        first, second = _rounded(points)
    except (TypeError, ValueError, OverflowError, struct.error):
        return False
    return first == second and all(map(math.isfinite, first))


def _check_outline(points: list[list[float]]) -> list[list[float]]:
    corners = _rounded(points)
    if corners[0] == corners[-1]:
        corners = corners[:-1]
    if len({tuple(corner) for corner in corners}) < 3:
        raise refuse("has fewer than three different corners", "outline the region")
    return corners


def check_no_repetition(words: list[Any]) -> list[Any]:
    """The words, each of which may be listed once."""
    if len(set(words)) < len(words):
        raise refuse("lists a word twice", "list each word once")
    return words


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _one_or_two(item: dict[str, Any]) -> WithJsonSchema:
    several = {"type": "array", "items": item, "minItems": 1, "maxItems": 2}
    return WithJsonSchema({"anyOf": [item, several]})


Frame = Annotated[int, Field(ge=1, le=_MOST_FRAMES)]
Ends = Annotated[list[Corner], Field(min_length=2, max_length=2), AfterValidator(_rounded)]
# On one image, the ends of a line differ; across images they may lie at the same place of each.
EndsOnImage = Annotated[
    list[Corner], Field(min_length=2, max_length=2), AfterValidator(_check_ends)
]
Outline = Annotated[
    list[Corner], Field(min_length=3, max_length=_MOST_CORNERS), AfterValidator(_check_outline)
]
Images = Annotated[
    list[Uid],
    Field(min_length=1, max_length=2),
    BeforeValidator(_as_list),
    _one_or_two({"type": "string", "pattern": UID_PATTERN, "maxLength": 64}),
]
Frames = Annotated[
    list[Frame],
    Field(min_length=1, max_length=2),
    BeforeValidator(_as_list),
    _one_or_two({"type": "integer", "minimum": 1, "maximum": _MOST_FRAMES}),
]
Uncertainty = Annotated[float, Field(ge=0, le=LONGEST_MM, allow_inf_nan=False)]
